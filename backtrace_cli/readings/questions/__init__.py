"""The kinds of question, a file each: a kind is a file here with a ``KIND`` in it."""

from __future__ import annotations

import os
from importlib import import_module

from backtrace_cli.readings.questions.question import (
    Edge,
    Kind,
    Numbers,
    Parts,
    Question,
    edges,
    expected,
    read,
)

__all__ = ["KINDS", "Edge", "Kind", "Numbers", "Parts", "Question", "edges", "expected", "read"]

_FILES = {name.partition(".")[0] for folder in __path__ for name in os.listdir(folder)}
_FOUND: list[Kind] = [
    import_module(f"{__name__}.{name}").KIND
    for name in sorted(_FILES - {"question"})
    if not name.startswith("_")
]
#: Every kind by the name of its table, in the order in which an exercise file has them.
KINDS = {kind.name: kind for kind in sorted(_FOUND, key=lambda kind: kind.place)}
