"""The boxes: every op the language knows, each one declaration, and how to find it.

A family is a file with a tuple ``OPS``; its name in FAMILIES is all it takes to join.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from backtrace_cli.formula.parser import parse_expression
from backtrace_cli.formula.syntax import Expr, names_in
from backtrace_cli.formula.text import PRETTY_NAMES
from backtrace_cli.ops.spec import Domain, Kink, Op

__all__ = ["FUNCTIONS", "OPS", "Domain", "Kink", "Op", "find", "families", "rule", "text_rule"]

FAMILIES = ("arithmetic", "exponential", "trigonometric", "activations", "piecewise")


def families() -> dict[str, tuple[Op, ...]]:
    """The ops by family, in the order of the documentation."""
    return {name: import_module(f"{__name__}.{name}").OPS for name in FAMILIES}


#: Every op by its own name.
OPS: dict[str, Op] = {op.name: op for ops in families().values() for op in ops}

_BY_NAME: dict[str, list[Op]] = {}
for _op in OPS.values():
    for _name in (_op.name, *_op.aliases):
        _BY_NAME.setdefault(_name, []).append(_op)
    if _op.pretty:
        PRETTY_NAMES[_op.name] = (_op.pretty, _op.typed or _op.name)

#: Every name that can be called in a formula.
FUNCTIONS: frozenset[str] = frozenset(
    name for name, ops in _BY_NAME.items() if not all(op.internal for op in ops)
)

#: Constants that a formula may name unless it binds the name itself.
CONSTANTS: dict[str, float] = {"pi": 3.141592653589793, "π": 3.141592653589793, "e": 2.718281828459045}


def find(name: str, count: int | None = None) -> Op | None:
    """The op called ``name`` that takes ``count`` arguments (any number if None).

    >>> find("log", 2).name
    'log_base'
    """
    for op in _BY_NAME.get(name, ()):
        if count is None or op.accepts(count):
            return op
    return None


@lru_cache(maxsize=4096)
def rule(op: Op, slot: int, count: int, stable: bool = False) -> Expr:
    """The parsed partial (or message) of ``op`` for argument ``slot`` of ``count``."""
    return text_rule(op, op.rule_text(slot, count, stable=stable), count)


def text_rule(op: Op, text: str, count: int) -> Expr:
    """``text`` of a declaration, parsed; ValueError if it names what it can't use."""
    expr = parse_expression(text, functions=_BY_NAME)
    unknown = names_in(expr) - {*op.params(count), "out", "g", "pi", "nan"}
    if unknown:
        raise ValueError(f"{op.name}: {text!r} names {sorted(unknown)}, which it has no access to")
    return expr
