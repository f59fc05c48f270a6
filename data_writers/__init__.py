"""What writes to PostgreSQL: changes with their position, documents, the audit log; migrations; the jobs that follow."""
