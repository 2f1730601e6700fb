"""Second order as plain data, in the shape that docs/json.md describes."""

from __future__ import annotations

from typing import Any

from backtrace_cli.engine.event_dicts import forward_dict, message_dict
from backtrace_cli.engine.events import plain
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.second.hessian import Hessian, Route, Second
from backtrace_cli.readings.second.hessian_products import HessianProduct
from backtrace_cli.readings.second.jacobian import Jacobian

__all__ = ["hessian_dict", "jacobian_dict", "product_dict", "second_dict"]


def _sweep(trace: Trace, of: str) -> dict[str, Any]:
    return {
        "of": of, "formula": trace.formula, "output": trace.output,
        "at": {name: plain(value) for name, value in trace.at.items()}, "value": plain(trace.value),
        "gradient": {name: plain(value) for name, value in trace.gradient.items()},
        "forward": [forward_dict(step) for step in trace.steps],
        "backward": [message_dict(message) for message in trace.messages],
    }  # fmt: skip


def _route(route: Route) -> dict[str, Any]:
    return _sweep(route.trace, route.part.label)


def _formula(tree: Expr | None) -> str | None:
    return None if tree is None else to_text(tree, ascii=True)


def hessian_dict(found: Hessian) -> dict[str, Any]:
    """The matrix, its rows by name, and the sweeps."""
    return {
        "variables": [part.label for part in found.parts],
        "entries": [[plain(value) for value in row] for row in found.entries],
        "formulas": [[_formula(tree) for tree in row] for row in found.formulas],
        "symmetric": found.agrees, "gap": plain(found.gap),
        "sweeps": [_route(route) for route in found.routes],
        "notes": [note._asdict() for note in found.notes],
    }  # fmt: skip


def second_dict(found: Second) -> dict[str, Any]:
    """One entry, with the sweep of either route."""
    return {
        "row": found.row.label, "column": found.column.label, "value": plain(found.value),
        "formula": _formula(found.formula), "agree": found.agrees, "gap": plain(found.gap),
        "sweeps": [_route(route) for route in found.routes],
        "notes": [note._asdict() for note in found.notes],
    }  # fmt: skip


def product_dict(found: HessianProduct) -> dict[str, Any]:
    """The product by both walks, and the walk back."""
    return {
        "direction": {name: plain(value) for name, value in found.direction.items()},
        "value": {name: plain(value) for name, value in found.value.items()},
        "forward_over_reverse": {name: plain(value) for name, value in found.forth.items()},
        "agree": found.agrees, "gap": plain(found.gap),
        "sweep": _sweep(found.back, "slope"),
        "notes": [note._asdict() for note in found.notes],
    }  # fmt: skip


def jacobian_dict(found: Jacobian) -> dict[str, Any]:
    """The matrix, its rows and columns by name, and how it was made."""
    return {
        "rows": list(found.rows), "columns": [part.label for part in found.columns],
        "entries": [[plain(value) for value in row] for row in found.entries],
        "formulas": [[_formula(tree) for tree in row] for row in found.formulas],
        "by": "reverse" if found.by_rows else "forward", "passes": found.passes,
    }  # fmt: skip
