"""Orders and availability: what shoppers do with the seats of an event."""
