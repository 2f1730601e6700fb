"""A gradient check that takes long: how far it is, and what is done when somebody stops it."""

from __future__ import annotations

import sys

from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.checking.gradient_check import VariableCheck, check_count, checks

__all__ = ["STOPPED", "watched_check"]

#: What a shell takes for: stopped by Ctrl-C.
STOPPED = 130


def watched_check(trace: Trace) -> tuple[list[VariableCheck], str]:
    """The checks of ``trace``, and, where Ctrl-C stopped them, how many of how many are done."""
    from backtrace_cli.pages.progress_bar import Counted

    count = check_count(trace)
    bar = Counted("gradient check", count, sys.stderr)
    found: list[VariableCheck] = []
    try:
        for one in checks(trace):
            found.append(one)
            bar.step()
    except KeyboardInterrupt:
        return found, f"stopped: {len(found)} of {count} are checked"
    finally:
        bar.close()
    return found, ""
