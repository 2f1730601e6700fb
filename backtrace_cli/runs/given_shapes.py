"""Shapes given in place of values, ``W=2x3,h=3``, and a guess where neither is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.shape_text import shape_in
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.shapes import fit_shapes
from backtrace_cli.language.tokens.lexer import normal_name
from backtrace_cli.ops.shapes import Shape

__all__ = ["guessed_shapes", "read_shapes", "stand_in"]

#: Sizes that are tried, all different, so that what fits is no chance.
_SIZES = (3, 2, 4)
_MOST_TRIED = 20_000


def read_shapes(text: str) -> dict[str, Shape]:
    """The shapes that ``text`` names. Raises PointError.

    >>> read_shapes("W=2x3, h=3, c=()")
    {'W': (2, 3), 'h': (3,), 'c': ()}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, size = part.partition("=")
        shape = shape_in(size) if size.strip() else None
        if shape is None or 0 in shape or not name.strip().isidentifier():
            raise PointError(f"{shorten(part, 24)} is no shape",
                             hint="write --shapes W=2x3,h=3, and c=() for a number")  # fmt: skip
        found[normal_name(name.strip())] = shape
    return found


def guessed_shapes(formula: str) -> dict[str, Shape]:
    """Shapes at which ``formula`` fits together: capitals as matrices and small letters as vectors where
    they can be, numbers where the formula knows no arrays. Raises PointError where none is found.

    >>> guessed_shapes("sum((A @ x - b)^2)")
    {'A': (3, 2), 'x': (2,), 'b': (3,)}
    >>> guessed_shapes("x*y")
    {'x': (), 'y': ()}
    """
    graph = build(formula)
    if not graph.mixes and not graph.lists:
        return dict.fromkeys(graph.inputs, ())
    names = list(graph.inputs)
    for number, shapes in enumerate(product(*map(_likely, names))):
        if number > _MOST_TRIED:
            break
        found = dict(zip(names, shapes, strict=True))
        if _fits(graph, found):
            return found
    raise PointError("the shapes of its arrays can't be guessed",
                     hint="give a point with --at, or --shapes W=2x3,h=3")  # fmt: skip


def stand_in(shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Values of these shapes, none alike and all between 0.2 and 1, where most functions have a value."""
    import numpy as np

    found: dict[str, Any] = {}
    for place, (name, shape) in enumerate(shapes.items()):
        numbers = np.round(np.random.default_rng([place, *shape]).uniform(0.2, 1.0, shape), 2)
        found[name] = numbers if shape else float(numbers)
    return found


def _likely(name: str) -> Iterator[Shape]:
    matrices = [(a, b) for a in _SIZES for b in _SIZES if a != b] + [(a, a) for a in _SIZES]
    vectors: list[Shape] = [(a,) for a in _SIZES]
    yield from [*matrices, *vectors, ()] if name[:1].isupper() else [*vectors, (), *matrices]


def _fits(graph: Graph, shapes: Mapping[str, Shape]) -> bool:
    try:
        fitted = fit_shapes(graph, {graph.inputs[name]: shape for name, shape in shapes.items()})
    except BacktraceError:
        return False
    assert fitted.shapes is not None
    return fitted.shapes[fitted.output] == ()
