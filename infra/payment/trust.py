"""Whom our HTTPS clients trust: the system's authorities, and the site's own one where `infra/up` made it."""

import ssl
from pathlib import Path

import httpx


def trust(run_dir: Path) -> ssl.SSLContext:
    """A context for clients of the site and of the sandbox provider."""
    context = httpx.create_ssl_context()
    authority = run_dir / "ca.pem"
    if authority.exists():
        context.load_verify_locations(cafile=authority)
    return context
