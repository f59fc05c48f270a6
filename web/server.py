"""A unit with the pages on it: `python -m web.server`. The pages are the outermost room, so they put themselves on top."""

from processing_units import server
from web.pages import routes


def main() -> None:
    server.main(pages=routes)


if __name__ == "__main__":
    main()
