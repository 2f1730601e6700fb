"""``python -m backtrace_cli`` and the ``backtrace`` script."""

from __future__ import annotations

import gc
import os
import sys

# Nearly everything a command makes lives until it ends; looking for garbage while the libraries
# load finds none, and takes a tenth of the start.
gc.set_threshold(50_000, 20, 50)

from backtrace_cli.cli import main as cli  # noqa: E402

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
