"""Registering, signing in and out: accounts in the grid, sessions in signed tokens."""
