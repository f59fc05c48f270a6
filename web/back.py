"""Where a form leads when it is done: back to where the shopper came from, on this site and nowhere else."""

from urllib.parse import urlsplit

from starlette.requests import Request

from processing_units.parts import parts_of
from processing_units.payments.return_address import ForeignAddressError

HOME = "/"


def back_of(request: Request, given: str | None) -> str:
    """The path and query of a return address; the list of concerts for none, and for one that is not a path of this site."""
    if not given or not given.startswith("/"):
        return HOME
    try:
        whole = urlsplit(parts_of(request).payments.return_addresses.on_this_site(given))
    except ForeignAddressError:
        return HOME
    return whole.path + (f"?{whole.query}" if whole.query else "")
