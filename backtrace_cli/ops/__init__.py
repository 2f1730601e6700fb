"""The boxes: every op the language knows, each one declaration, and how to find it.

A family is a file with a tuple ``OPS``; its name in FAMILIES is all it takes to join.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.syntax import (
    ARGUMENTS,
    KEYWORDS,
    LEFT_OUT,
    LIBRARY_NAMES,
    Call,
    Expr,
    Name,
    names_in,
    number,
    rebuild,
)
from backtrace_cli.language.tree.text import LATEX, PRETTY_NAMES
from backtrace_cli.ops.library_names import argument_names, left_out, library_names
from backtrace_cli.ops.spec import Domain, Kink, Op, fixed, fixed_text

__all__ = [
    "BY_NAME", "FUNCTIONS", "OPS", "YIELDING", "Domain", "Kink", "Op", "families", "find", "fixed",
    "fixed_text",
    "in_place", "place_text", "read_place", "rule", "tangent_rule", "text_rule",
]  # fmt: skip

FAMILIES = (
    "arithmetic", "exponential", "trigonometric", "activations", "piecewise", "special",
    "linalg", "diagonals", "linear_systems", "reductions", "cumulative", "ordering",
    "entries", "rearranging", "repeating",
    "convolution", "pooling", "normalisation", "losses", "regression", "dropout",
)  # fmt: skip


def families() -> dict[str, tuple[Op, ...]]:
    """The ops by family, in the order of the documentation."""
    return {name: import_module(f"{__name__}.{name}").OPS for name in FAMILIES}


#: Every op by its own name.
OPS: dict[str, Op] = {op.name: op for ops in families().values() for op in ops}

#: The ops that bear a name, in the order in which they are tried.
BY_NAME: dict[str, list[Op]] = {}
for _op in OPS.values():
    for _name in (_op.name, *_op.aliases):
        BY_NAME.setdefault(_name, []).append(_op)
        ARGUMENTS.setdefault(_name, {}).update(argument_names(_op))
        if left_out(_op):
            LEFT_OUT[_name] = left_out(_op)
        if _op.options:
            KEYWORDS[_name] = tuple(dict.fromkeys((*KEYWORDS.get(_name, ()), *_op.option_names)))
    if _op.pretty:
        PRETTY_NAMES[_op.name] = (_op.pretty, _op.typed or _op.name)
    for _name in (_op.called, *_op.aliases) if _op.latex else ():
        LATEX[_name, 0 if _op.variadic else _op.arity] = (_op.latex or "", _op.arg_names)

LIBRARY_NAMES.update(
    {name: op.called for op in OPS.values() for name in library_names(op) if name not in BY_NAME}
)

#: Every name that can be called in a formula.
FUNCTIONS: frozenset[str] = frozenset(
    name for name, ops in BY_NAME.items() if not all(op.internal for op in ops)
)

#: Those that give way to a variable or a function that the formula itself calls so.
YIELDING: frozenset[str] = frozenset().union(*(op.yielding for op in OPS.values()))

#: Constants that a formula may name unless it binds the name itself.
CONSTANTS: dict[str, float] = {"pi": 3.141592653589793, "π": 3.141592653589793, "e": 2.718281828459045}


def find(name: str, count: int | None = None) -> Op | None:
    """The op called ``name`` that takes ``count`` arguments (any number if None).

    >>> find("log", 2).name
    'log_base'
    """
    for op in BY_NAME.get(name, ()):
        if count is None or op.accepts(count):
            return op
    return None


@lru_cache(maxsize=4096)
def rule(op: Op, slot: int, count: int, stable: bool = False, fixed: tuple[Any, ...] = ()) -> Expr:
    """The parsed partial (or message) of ``op`` for argument ``slot`` of ``count``."""
    return text_rule(op, op.rule_text(slot, count, stable=stable, fixed=fixed), count)


@lru_cache(maxsize=4096)
def tangent_rule(op: Op, slot: int, count: int, fixed: tuple[Any, ...] = (), stable: bool = False) -> Expr:
    """How ``op`` moves with the tangent ``d`` of argument ``slot``, parsed."""
    return text_rule(op, op.tangent_text(slot, count, fixed, stable=stable), count)


def text_rule(op: Op, text: str, count: int) -> Expr:
    """``text`` of a declaration, parsed; ValueError if it names what it can't use."""
    expr = parse_expression(text, functions=BY_NAME)
    unknown = names_in(expr) - {*op.params(count), *op.option_names, "out", "g", "d", "pi", "nan"}
    if unknown:
        raise ValueError(f"{op.name}: {text!r} names {sorted(unknown)}, which it has no access to")
    return expr


def in_place(op: Op, tree: Expr, names: dict[str, Expr], fixed: tuple[Any, ...]) -> Expr:
    """``tree``, a rule of ``op``, over what stands in ``names``, with the options' values written in
    (those left out that are what the function takes anyway).

    >>> from backtrace_cli.language.tree.text import to_text
    >>> total = find("sum")
    >>> tree = rule(total, 0, 1, False, (0, False))
    >>> to_text(in_place(total, tree, {"a": Name("X")}, (0, False)), ascii=True)
    'expand_dims(g, axis=0)*ones_like(X)'
    """
    values = dict(zip(op.option_names, fixed, strict=True))

    def write(node: Expr) -> Expr:
        if isinstance(node, Name):
            if values.get(node.name, ()) != ():
                return number(values[node.name])
            return names.get(node.name, node)
        if isinstance(node, Call) and node.options:
            return node._replace(options=_written_options(node, values))
        return node

    return rebuild(tree, write)


def _written_options(node: Call, values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    inner = find(node.func, len(node.args))
    defaults = dict(zip(inner.option_names, inner.option_defaults, strict=True)) if inner else {}
    found = []
    for name, text in node.options:
        value = values[text] if text in values else fixed(text)
        if value == ():
            found.append((name, text))  # nobody has said it: a page about the op shows its name
        elif name not in defaults or value != defaults[name]:
            found.append((name, place_text(value) if name == "at" else fixed_text(value)))
    return tuple(found)


def place_text(place: Any) -> str:
    """An index as it is written between brackets: ``0, 1:3``.

    >>> place_text((0, ("slice", 1, 3, None)))
    '0, 1:3'
    """
    parts = place if isinstance(place, tuple) else (place,)
    return ", ".join(_slice_text(part) if isinstance(part, tuple) else str(part) for part in parts)


def read_place(text: str) -> tuple[Any, ...]:
    """The place that ``place_text`` wrote.

    >>> read_place("0, 1:3")
    (0, ('slice', 1, 3, None))
    """
    found: list[Any] = []
    for part in text.split(","):
        bounds = [int(bound) if bound.strip() else None for bound in part.split(":")]
        found.append(("slice", *bounds, *[None] * (3 - len(bounds))) if ":" in part else bounds[0])
    return tuple(found)


def _slice_text(part: tuple[Any, ...]) -> str:
    low, high, step = ("" if bound is None else str(bound) for bound in part[1:])
    return f"{low}:{high}" + (f":{step}" if step else "")
