"""Where a provider may send a shopper back to: this site and nowhere else."""

import re
from urllib.parse import SplitResult, urlsplit

LENGTH_MAX = 2_000

# Browsers drop tabs and line breaks from addresses and read a backslash as a slash: none of them may stand in one.
_PLAIN = re.compile(r"[!-\[\]-~]+", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ForeignAddressError(ValueError):
    """Not an address on this site; the text says why, for the client."""


class ReturnAddresses:
    """Judges return addresses for a site such as `https://tickets.example`."""

    def __init__(self, site: str) -> None:
        self._origin = _origin(urlsplit(site))
        self._site = f"{urlsplit(site).scheme}://{urlsplit(site).netloc}"

    def on_this_site(self, given: str) -> str:
        """The whole address of a path (`/orders/…`) or an address on this site; ForeignAddressError for everything else.

        The answer is put together anew from the site and the parsed path, so that nobody downstream reads `given` otherwise.
        """
        if len(given) > LENGTH_MAX:
            raise ForeignAddressError(f"must not be longer than {LENGTH_MAX} characters")
        if not _PLAIN.fullmatch(given):
            raise ForeignAddressError("must be an address in printable ASCII without spaces and backslashes")
        if given.startswith("//"):
            raise ForeignAddressError("must name this site")
        try:
            parts = urlsplit(given)
            known = given.startswith("/") or _origin(parts) == self._origin
        except ValueError:
            known = False
        if not known or "@" in parts.netloc:
            raise ForeignAddressError("must be on this site")
        path = parts.path or "/"
        if path.startswith("//"):
            raise ForeignAddressError("must be on this site")
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return f"{self._site}{path}{query}{fragment}"


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port; ValueError where one is missing or senseless."""
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    if not parts.hostname or port is None:
        raise ValueError("not a web address")
    return parts.scheme, parts.hostname, port
