"""What is chosen from a catalogue by a text such as ``adam, beta1=0.8``: its name, and its own options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.simplify import substitute
from backtrace_cli.language.tree.syntax import Expr, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS

__all__ = ["Bound", "Entry", "chosen", "in_words", "sign_of", "tree_of"]

#: How the names in rules are written on a page.
_SIGNS = {
    "lr": "α", "g": "∇L", "mu": "μ", "beta1": "β₁", "beta2": "β₂", "rho": "ρ", "eps": "ε", "e": "epoch",
    "E": "epochs",
}  # fmt: skip


class Bound(NamedTuple):
    """The values that an option of an entry may have."""

    usual: float
    """What it is where nobody says."""
    low: float = 0.0
    high: float = math.inf
    """The end that it stays below."""
    open: bool = False
    """Is the lower end left out, too?"""

    def holds(self, value: float) -> bool:
        """Is ``value`` one of them?"""
        return self.low <= value < self.high and not (self.open and value == self.low)

    @property
    def words(self) -> str:
        """The values in words."""
        first = f"above {self.low:g}" if self.open else f"from {self.low:g}"
        return f"a number {first}" + (f" and below {self.high:g}" if self.high < math.inf else "")


class Entry(NamedTuple):
    """An entry of a catalogue: an optimiser or a schedule."""

    name: str
    doc: str
    """One line for ``--help`` and the docs."""
    rule: tuple[tuple[str, str], ...]
    """What is computed in turn: a name, and a formula over the names before it and the options."""
    options: Mapping[str, Bound] = {}  # noqa: RUF012
    state: tuple[str, ...] = ()
    """The names that are kept, an array of the parameter's shape each, from 0; of an optimiser."""
    lr: float = 0.1
    """The length of a step where nobody says; of an optimiser."""

    def usual(self) -> dict[str, float]:
        """Every option as it is where nobody says."""
        return {name: bound.usual for name, bound in self.options.items()}


def chosen(text: str, catalogue: Mapping[str, Entry], option: str) -> tuple[Entry, dict[str, float]]:
    """The entry that ``text`` names, and its options with what the text says of them. Raises PointError.

    >>> tall = Entry("tall", "", (), {"by": Bound(0.5, 0, 1)})
    >>> chosen("tall, by=0.25", {"tall": tall}, "--schedule")[1]
    {'by': 0.25}
    """
    name, *parts = [part.strip() for part in text.split(",")]
    entry = catalogue.get(name)
    if entry is None:
        raise PointError(f"{option} knows no {shorten(name, 24) or 'entry without a name'}",
                         hint=nearest_of(name, catalogue, "it knows"))  # fmt: skip
    found = entry.usual()
    for part in filter(None, parts):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in entry.options:
            known = [*entry.options]
            hint = nearest_of(key, known, "it has") if known else f"write {option} {name}"
            raise PointError(f"{name} has no option {shorten(key, 24) or 'without a name'}", hint=hint)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        bound = entry.options[key]
        if not bound.holds(number):
            raise PointError(f"{key} of {name} is {bound.words}, not {shorten(value, 24) or 'nothing'}",
                             hint=f'write {option} "{name}, {key}={bound.usual:g}"')  # fmt: skip
        found[key] = number
    return entry, found


@lru_cache(maxsize=256)
def tree_of(text: str) -> Expr:
    """The tree of a rule's formula."""
    return parse_expression(text, functions=FUNCTIONS)


def in_words(text: str) -> str:
    """A rule's formula as people write it.

    >>> in_words("mu*v + g")
    'μ·v + ∇L'
    """
    names: dict[str, Expr] = {name: Name(sign) for name, sign in _SIGNS.items()}
    return to_text(substitute(tree_of(text), names))


def sign_of(name: str) -> str:
    """How an option's name is written on a page."""
    return _SIGNS.get(name, name)
