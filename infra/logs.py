"""One line of JSON per log record, to standard output; the supervisor rotates the files.

A record's message is its machine key (`hold_refused`, `pump_waits`); ids and figures go into `extra={"data": {...}}`.
Nothing personal and no secret is ever put there: accounts appear by number only. What an exception says is left out, because libraries
quote in it what they were given; its class and where it was raised are told.
"""

import json
import logging
import sys
import time
import traceback
from types import TracebackType
from typing import Any

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class JsonLines(logging.Formatter):
    """`at` (UTC, milliseconds), `level`, `room`, `what`, the record's data, and `fault`: the traceback, where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "room": record.name,
            "what": record.getMessage(),
        }
        data = getattr(record, "data", None)
        if isinstance(data, dict):
            line |= data
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's name
        """The traceback without what the exceptions say: each by its class, the first cause first."""
        told: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = "".join(traceback.format_tb(error.__traceback__))
            told.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nfrom which came\n".join(reversed(told))


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard output as JSON lines; libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("hazelcast", "httpx", "httpcore", "procrastinate", "psycopg", "uvicorn.access"):
        logging.getLogger(library).setLevel(logging.WARNING)
