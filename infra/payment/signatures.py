"""How the sandbox provider and the shop know each other: HMAC-SHA256 over a time and the raw bytes, in one header.

    front-row-sandbox-signature: t=1790000000,v1=<64 hexadecimal digits>

The time is the sending's, not the payment's: a notification repeated a day later is signed anew and genuine, while one that
was overheard is worthless after five minutes (and harmless before: notifications may be repeated at will).
"""

import hashlib
import hmac
import re

HEADER = "front-row-sandbox-signature"
WINDOW_SECONDS = 300

_FORM = re.compile(r"t=(0|[1-9][0-9]{0,11}),v1=([0-9a-f]{64})", re.ASCII)


def sign(secret: bytes, body: bytes, now: float) -> str:
    """The header's value for these bytes, sent at `now` (seconds since the epoch)."""
    at = int(now)
    return f"t={at},v1={_digest(secret, at, body)}"


def genuine(secret: bytes, header: str | None, body: bytes, now: float) -> bool:
    """Whether the bytes were signed with the secret, at most five minutes from now on either side."""
    match = _FORM.fullmatch(header or "")
    if match is None:
        return False
    at = int(match[1])
    same = hmac.compare_digest(match[2], _digest(secret, at, body))
    return same and abs(now - at) <= WINDOW_SECONDS


def request_bytes(method: str, target: str, body: bytes) -> bytes:
    """What is signed of a call of the shop: the method and the path stand before the body, so that none can be put on another."""
    return f"{method} {target}\n".encode() + body


def _digest(secret: bytes, at: int, body: bytes) -> str:
    return hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
