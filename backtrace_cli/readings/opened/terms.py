"""What else may be read off a trace: a message opened into its terms, the cost of a step."""

from __future__ import annotations

from typing import Any, NamedTuple

from backtrace_cli.engine.events import plain
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.text import to_text

__all__ = ["Expansion", "StepCost", "Term"]


class Term(NamedTuple):
    """One product of a sum: ∂L/∂y[0] · W[0,2]."""

    entry: str
    """The entry of the source: ``y[0]``."""
    upstream: float
    local: Expr
    """∂source entry/∂target entry as a formula over entries."""
    slope: float
    """Its value."""


class Expansion(NamedTuple):
    """One message to a node, entry by entry."""

    source: str
    target: str
    entries: list[tuple[str, list[Term], float]]
    """(the target's entry, the terms that are not 0 throughout, their sum)."""
    rows: list[str]
    """The source's entries, by which the Jacobian's rows are named."""
    jacobian: list[list[tuple[Expr, float]]]
    """A row for each entry of the source, a column for each of the target."""

    def to_dict(self) -> dict[str, Any]:
        """The expansion as plain data for JSON."""
        return {
            "from": self.source, "to": self.target,
            "entries": [
                {"entry": entry, "value": plain(total), "terms": [
                    {"through": term.entry, "upstream": plain(term.upstream),
                     "local": {"expression": to_text(term.local, ascii=True), "value": plain(term.slope)},
                     "contribution": plain(term.upstream * term.slope)}
                    for term in terms]}
                for entry, terms, total in self.entries
            ],
        }  # fmt: skip


class StepCost(NamedTuple):
    """One box: its multiply-adds on the way forward, and those of its messages on the way back."""

    step: int
    node: str
    forward: int
    backward: int
