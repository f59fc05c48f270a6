"""Paying: starting at a provider, hearing what became of it, and the wait until that is durable."""
