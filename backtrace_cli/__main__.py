"""``python -m backtrace_cli`` and the ``backtrace`` script."""

from __future__ import annotations

import os
import sys

from backtrace_cli.cli import main as cli

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        cli(prog_name="backtrace")
    except OSError as error:  # a full disk behind standard output
        reason = (error.strerror or "no reason given").lower()
        sys.stderr.write(f"the output can't be written: {reason}\n")
        os._exit(2)  # a second flush at exit would fail again


if __name__ == "__main__":
    main()
