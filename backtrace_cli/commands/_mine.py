"""What follows ``--mine``: a derivative, a derivation, or files of either."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backtrace_cli.commands import _shared as shared
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.own_work.mine import Mine, judge_mine

__all__ = ["judged"]

#: How a file that holds a derivation, and no numbers, ends.
_TEXTS = (".bt", ".txt", ".py", ".md")
#: ``W = @dW.npy``, ``@grads.npz``
_FILE = re.compile(r"(?:(?P<name>[^=@]+?)\s*=)?\s*@\s*(?P<path>.+)")


def judged(trace: Trace, texts: Sequence[str], assume: Sequence[str]) -> Mine:
    """Everything that was given behind ``--mine``, judged beside ``trace``. Raises BacktraceError."""
    written: list[str] = []
    derivations: list[str] = []
    files: list[tuple[str, str]] = []
    for text in texts:
        plain = text.strip()
        file = _FILE.fullmatch(plain)
        if plain.startswith("-f "):
            derivations.append(shared.read_formula(None, plain[3:].strip()))
        elif file is not None and not file["name"] and file["path"].endswith(_TEXTS):
            derivations.append(shared.read_formula(None, file["path"]))
        elif file is not None:
            files.append((file["name"] or "", file["path"]))
        else:
            written.append(text)
    if not files:
        return judge_mine(trace, written, assume, derivations)
    from backtrace_cli.grading.own_work.gradient_arrays import judge_arrays

    arrays = judge_arrays(trace, files)
    if not (written or derivations):
        return arrays
    mine = judge_mine(trace, written, assume, derivations)
    return mine._replace(arrays=arrays.arrays, first_wrong=mine.first_wrong or arrays.first_wrong,
                         remarks=arrays.remarks)  # fmt: skip
