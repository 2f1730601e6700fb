"""``python -m backtrace_cli`` and the ``backtrace`` script."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys

# Nearly everything a command makes lives until it ends; looking for garbage while the libraries
# load finds none, and takes some 3 ms of 75.
gc.set_threshold(50_000, 20, 50)

#: What a shell takes for: stopped by Ctrl-C.
_STOPPED = 130

# Ctrl-C before anything runs: there is nothing to put in order, and nothing to say.
_LISTENING = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _LISTENING:
    try:
        signal.signal(signal.SIGINT, lambda *_: os._exit(_STOPPED))
    except ValueError:  # imported beside the main thread, which alone may listen
        _LISTENING = False

from backtrace_cli.cli import main as cli  # noqa: E402

if _LISTENING:
    signal.signal(signal.SIGINT, signal.default_int_handler)

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        cli(prog_name="backtrace")
    except KeyboardInterrupt:  # before or after click, which says nothing of it where it listens
        os._exit(_STOPPED)
    except OSError as error:  # a full disk behind standard output, or behind standard error
        reason = (error.strerror or "no reason given").lower()
        with contextlib.suppress(OSError, AttributeError):
            sys.stderr.write(f"the output can't be written: {reason}\n")
            sys.stderr.flush()
        os._exit(2)  # a second flush at exit would fail again


if __name__ == "__main__":
    main()
