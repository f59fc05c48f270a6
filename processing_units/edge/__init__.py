"""What every call has in common: problem documents, validation, sessions' tokens, identity, limits per address, the OpenAPI document."""
