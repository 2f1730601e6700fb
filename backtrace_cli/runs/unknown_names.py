"""Names that were surely meant as something else: ``xy`` as x·y, ``sinx`` as sin(x), ``w1x1`` as w1·x1."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.graph import Graph
from backtrace_cli.ops import FUNCTIONS

__all__ = ["check_names", "meant"]

#: Letters that people use for one variable each, so that a run of them reads as a product.
_LETTERS = frozenset("abcdhkmnpqrstuvwxyz")
#: Function names worth looking for at the start of a word.
_CALLED = sorted((name for name in FUNCTIONS if name.isalpha() and len(name) > 1), key=len, reverse=True)
#: Short words that people use as one name: Greek letters by their names, and a small step of one thing.
_NAMES = frozenset(("mu", "nu", "xi", "pi", "tau", "chi", "psi", "phi", "rho", "eta", "lam"))
_STEPS = frozenset(f"d{letter}" for letter in "hqrstuvwxyz")
_LONGEST = 64


def check_names(graph: Graph, point: Collection[str], guess: bool = True) -> None:
    """Refuse a name that no value was given for and that was surely meant as a product or a call.

    With ``guess`` also one whose parts are not otherwise in use. Raises FormulaError.
    """
    known = (set(graph.inputs) | set(point)) - {"e"}
    for name, index in graph.inputs.items():
        if name in point or len(name) < 2:
            continue
        better = meant(name, known - {name}, guess)
        if better is not None:
            shown = shorten(name, 24)
            raise FormulaError(
                f"{shown} is one name here, and it has no value", span=graph.nodes[index].span,
                source=graph.source,
                hint=f"did you mean {shorten(better, 48)}{_or_matrix(better)}? "
                f"(to use it as one name, give it a value: --at {shown}=1)",
            )  # fmt: skip


def _or_matrix(product: str) -> str:
    """``W*h`` may well be meant as a matrix times a vector."""
    left, star, right = product.partition("*")
    return f", or {left} @ {right} for a matrix" if star and left.isupper() and right.islower() else ""


def meant(name: str, known: Collection[str], guess: bool = True) -> str | None:
    """What ``name`` was probably meant to be, given the other names in use; None for a name as such.

    >>> meant("xy", {"x", "y"}), meant("sinx", {"x"}), meant("w1x1", set()), meant("net", {"x"})
    ('x*y', 'sin(x)', 'w1*x1', None)
    >>> meant("mu", {"x"}), meant("dt", {"x"}), meant("mu", {"m", "u"})
    (None, None, 'm*u')
    """
    if len(name) > _LONGEST:
        return None
    pieces = _split(name, {*known, "e"} | {"π", "pi"})
    if pieces is not None:
        return "*".join(pieces)
    if name in _NAMES or name in _STEPS:
        return None
    for function in _CALLED:
        rest = name[len(function) :]
        if name.startswith(function) and rest and (rest in known or (guess and rest in _LETTERS)):
            return f"{function}({rest})"
    if not guess:
        return None
    if re.fullmatch(r"(?:[A-Za-z]\d+){2,}", name):
        return "*".join(re.findall(r"[A-Za-z]\d+", name))
    if name.isalpha() and len(name) == 2 and _greek(name[0]) and name[1].isascii():
        return f"{name[0]}*{name[1]}"
    if len(name) <= 3 and set(name) <= _LETTERS and len(set(name)) == len(name):
        return "*".join(name)
    return None


def _greek(char: str) -> bool:
    """A Greek letter that people multiply by; Δx and δx are names of their own."""
    return char not in "Δδ∂" and unicodedata.name(char, "").startswith("GREEK")


def _split(name: str, known: Collection[str]) -> list[str] | None:
    """``name`` as two or more known names in a row, the longest first at each place; None if it isn't."""
    best: list[list[str] | None] = [[]] + [None] * len(name)
    for end in range(1, len(name) + 1):
        for start in range(end):
            before = best[start]
            if before is not None and name[start:end] in known:
                found = [*before, name[start:end]]
                current = best[end]
                if current is None or len(found) < len(current):
                    best[end] = found
    whole = best[-1]
    return whole if whole is not None and len(whole) > 1 else None
