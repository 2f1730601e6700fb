"""Names as students spell them: β for beta, x₁ or x_{1} for x_1, as points accept them, too."""

from __future__ import annotations

from collections.abc import Iterable

from backtrace_cli.ops import CONSTANTS, FUNCTIONS
from backtrace_cli.runs.point import other_spellings

__all__ = ["spellings_of"]


def spellings_of(names: Iterable[str]) -> dict[str, str]:
    """Other spelling -> name, for those that have no meaning of their own.

    >>> spellings_of(["x_1", "beta", "sigma"])
    {'β': 'beta', 'x1': 'x_1'}
    """
    known = set(names)
    taken = known | set(FUNCTIONS) | set(CONSTANTS)
    return {other: name for name in sorted(known) for other in sorted(other_spellings(name) - taken)}
