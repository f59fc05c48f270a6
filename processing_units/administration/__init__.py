"""What administrators make and edit: artists, halls, events; and the audit log they read."""
