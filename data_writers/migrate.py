"""Bring both databases up to date: `python -m data_writers.migrate`. Doing it again changes nothing.

The migrations are plain SQL files, run in order by yoyo, each in a transaction. Two processes that migrate at once take
turns by an advisory lock, which ends with its session: yoyo's own lock outlives a killed process.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from yoyo import get_backend, read_migrations

from infra.logs import configure
from infra.settings import of_process

MIGRATIONS = Path(__file__).parent / "migrations"
logger = logging.getLogger("data_writers.migrate")


def migrate(url: str, family: str) -> int:
    """Apply what is missing of the family ("main" or "audit") to the database; the number of migrations applied."""
    with psycopg.connect(url, autocommit=True) as turn:
        turn.execute("SELECT pg_advisory_lock(hashtext('front_row_migrate'))")
        backend = get_backend(_yoyo_url(url))  # type: ignore[no-untyped-call]
        try:
            missing = backend.to_apply(read_migrations(str(MIGRATIONS / family)))  # type: ignore[no-untyped-call]
            backend.apply_migrations(missing)
            return len(missing)
        finally:
            backend.connection.close()


def _yoyo_url(url: str) -> str:
    # yoyo chooses its driver by the scheme; the plain one means psycopg2.
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"{parts.scheme!r} is no PostgreSQL address")
    return urlunsplit(parts._replace(scheme="postgresql+psycopg"))


def main() -> None:
    configure()
    settings = of_process()
    for family, url in (("main", settings.database_url), ("audit", settings.audit_database_url)):
        logger.info("migrated", extra={"data": {"database": family, "applied": migrate(url, family)}})


if __name__ == "__main__":
    main()
