"""What every call has in common: problem documents, validation, identity, limits per address, the OpenAPI document."""
