"""What stops a command of infra/: said in one line, without a trace."""

import sys
from collections.abc import Callable


class Stop(Exception):  # noqa: N818  # it ends the command, it does not describe a defect
    """The command cannot go on; the text says what is wrong and what helps, in one line."""


def run_command(name: str, body: Callable[[], int]) -> None:
    """Run a command's body and leave with its exit code: 1 and one line for a `Stop`, 130 for Ctrl-C."""
    try:
        sys.exit(body())
    except Stop as reason:
        print(f"{name}: {reason}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
