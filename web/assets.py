"""Scripts, styles and pictures, kept in memory: read and compressed once when a unit starts, a tenth of the price of a file's read.

A shopper's first page brings a dozen of them, in the very minute in which a sale opens. What is not in the directory then is
not there, whatever an address looks like.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from processing_units.edge.problems import not_found

SECONDS_MAX = 600  # scripts and styles change with a release; the modules of one page may not stay apart for long
_COMPRESSED = frozenset({"text/css", "text/javascript", "application/json", "image/svg+xml", "text/plain", "text/markdown"})
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json", ".woff2": "font/woff2"}


class Asset(NamedTuple):
    """A file as it is sent; `gzipped` is None where compressing gains nothing."""

    body: bytes
    gzipped: bytes | None
    headers: dict[str, str]


class Assets:
    """All files below a directory."""

    def __init__(self, directory: Path) -> None:
        files = sorted(path for path in directory.rglob("*") if path.is_file())
        self._assets = {path.relative_to(directory).as_posix(): _asset(path) for path in files}

    async def show(self, request: Request) -> Response:
        """The file that the path names; Problem `not_found`."""
        asset = self._assets.get(request.path_params["path"])
        if asset is None:
            raise not_found()
        if request.headers.get("if-none-match", "").removeprefix("W/") == asset.headers["etag"]:
            return Response(status_code=304, headers=asset.headers)
        if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.gzipped, headers=asset.headers | {"content-encoding": "gzip"})
        return Response(asset.body, headers=asset.headers)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = {
        "content-type": f"{kind}; charset=utf-8" if kind in _COMPRESSED else kind,
        "cache-control": f"public, max-age={SECONDS_MAX}",
        "etag": f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    return Asset(body, gzip.compress(body, mtime=0) if kind in _COMPRESSED else None, headers)
