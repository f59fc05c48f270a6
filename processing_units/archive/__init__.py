"""Ended orders and the audit log, read from PostgreSQL: the only unit room that may import psycopg."""
