"""The same formula over arrays that are all square, in which every product fits."""

from __future__ import annotations

import random

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.grading.statement import Statement

__all__ = ["squared"]

_SIDE = 3


def squared(statement: Statement) -> Statement | None:
    """``statement`` with every axis of every variable made equally long; None where its formula fixes sizes.

    >>> squared(Statement("y = W @ x; L = sum(y)", "W=[[1,2]],x=[1,2]")).shape("W")
    (3, 3)
    """
    draw = random.Random(1)

    def written(axes: int) -> str:
        if not axes:
            return repr(draw.choice((-1, 1)) * draw.randint(3, 17) / 8)
        return f"[{', '.join(written(axes - 1) for _ in range(_SIDE))}]"

    point = ",".join(f"{name}={written(len(shape_of(value)))}" for name, value in statement.at.items())
    try:
        return Statement(statement.formula, point)
    except BacktraceError:
        return None
