"""Which functions a formula may call: those that the language has, less those whose name it uses itself."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from backtrace_cli.ops import FUNCTIONS, YIELDING

__all__ = ["GRAD", "callable_in"]

#: ``grad(f, x)`` is no op: what it stands for is written in its place.
GRAD = "grad"
_CALLABLE, _GIVING_WAY = FUNCTIONS | {GRAD}, YIELDING | {GRAD}
#: A name that the formula itself gives to a value (``det = …``) or to a function (``hinge(t) = …``).
_OWN_NAME = re.compile(r"\b(\w+)\b\s*(?:\([\w\s,]*\)\s*)?=(?!=)")


def callable_in(source: str, bound: Collection[str]) -> frozenset[str]:
    """The functions of the formula ``source``, in which ``bound`` are variables.

    >>> "det" in callable_in("det(A)", ()), "det" in callable_in("det = 2; det(x + 1)", ())
    (True, False)
    """
    return _CALLABLE - (_GIVING_WAY & {*bound, *_own(source)})


@lru_cache(maxsize=8)
def _own(source: str) -> frozenset[str]:
    """The names that a formula gives; asked for at each of its definitions, worked out once."""
    return frozenset(_OWN_NAME.findall(source))
