"""What people type into forms."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from processing_units.edge.problems import malformed
from processing_units.edge.validation import read_bytes

FORM_BYTES_MAX = 16 * 1024  # the longest form has eight fields, a return address among them
FIELDS_MAX = 32
_FORM = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a posted form, of a repeated one the last; Problem `malformed` for what no form of ours sends."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in {_FORM, ""}:
        raise malformed("The content type must be that of a form.")
    body = await read_bytes(request.receive, FORM_BYTES_MAX)
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
    except ValueError:
        raise malformed("The form cannot be read.") from None
