"""Shapes given in place of values, ``W=2x3,h=3``, and a guess where neither is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.shape_text import shape_in
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.literals import literal_shape
from backtrace_cli.graph.shape_fitting import fit_shapes, result_shape
from backtrace_cli.language.tokens.lexer import normal_name
from backtrace_cli.ops.shape_functions import Shape

__all__ = ["fit_named", "guessed_shapes", "likely_shapes", "read_shapes", "stand_in"]

#: Sizes that are tried, all different, so that what fits is no chance.
_SIZES = (3, 2, 4)
#: So many boxes are looked at for it.
_MOST_TRIED = 20_000
#: Sizes for letters, in their order.
_LETTERS = (3, 2, 4, 5, 7, 6)
_LETTER = re.compile(r"(?<![^\W\d_])[^\W\d_](?![^\W\d_])")


def read_shapes(text: str) -> dict[str, Shape]:
    """The shapes that ``text`` names, by sizes or by letters for sizes. Raises PointError.

    >>> read_shapes("W=2x3, h=3, c=()")
    {'W': (2, 3), 'h': (3,), 'c': ()}
    >>> read_shapes("A=m,n; x=n; b=m")
    {'A': (3, 2), 'x': (2,), 'b': (3,)}
    """
    parts = [part.strip() for part in text.split(";" if ";" in text else ",") if part.strip()]
    if ";" not in text and text.count("=") == 1:
        parts = [text.strip()]  # A=m,n
    found: dict[str, Shape] = {}
    letters: dict[str, int] = {}
    for part in parts:
        name, equals, size = part.partition("=")
        shape = shape_in(size) if size.strip() else None
        if shape is None and size.strip():
            shape = shape_in(_LETTER.sub(lambda found: _size_of(found[0], letters), size))
        if shape is None or 0 in shape or not name.strip().isidentifier() or not equals:
            raise PointError(f"{shorten(part, 24)} is no shape",
                             hint='write --shapes W=2x3,h=3 or "W=m,n; h=n"; c=() for a number')  # fmt: skip
        found[normal_name(name.strip())] = shape
    return found


def _size_of(letter: str, letters: dict[str, int]) -> str:
    """A size of its own for every letter."""
    return str(letters.setdefault(letter, _LETTERS[len(letters) % len(_LETTERS)]))


def fit_named(graph: Graph, shapes: Mapping[str, Shape]) -> Graph:
    """``graph`` with the shapes of its variables by name. Raises PointError for one that is missing or none
    of its own, ShapeError where they don't fit.

    >>> fit_named(build("A @ x"), {"A": (3, 2), "x": (2,)}).shapes
    [(3, 2), (2,), (3,)]
    """
    for name in shapes:
        if name not in graph.inputs:
            raise PointError(f"--shapes names {shorten(name, 24)}, which is not a variable of the formula",
                             hint=f"the variables: {', '.join(graph.inputs)}")  # fmt: skip
    missing = [name for name in graph.inputs if name not in shapes]
    if missing:
        raise PointError(f"{missing[0]} has no shape", hint=f"add {missing[0]}=… to --shapes")
    return fit_shapes(graph, {graph.inputs[name]: shape for name, shape in shapes.items()})


def guessed_shapes(formula: str) -> dict[str, Shape]:
    """Shapes at which ``formula`` fits together: capitals as matrices and small letters as vectors where
    they can be, numbers where the formula knows no arrays. Raises PointError where none is found.

    >>> guessed_shapes("sum((A @ x - b)^2)")
    {'A': (3, 2), 'x': (2,), 'b': (3,)}
    >>> guessed_shapes("x*y")
    {'x': (), 'y': ()}
    """
    found = likely_shapes(build(formula))
    if found is None:
        raise PointError("the shapes of its arrays can't be guessed",
                         hint="give a point with --at, or --shapes W=2x3,h=3")  # fmt: skip
    return found


def likely_shapes(graph: Graph) -> dict[str, Shape] | None:
    """The same for a graph; None where none is found."""
    if not graph.mixes and not graph.lists:
        return dict.fromkeys(graph.inputs, ())
    for sort in _SORTS:
        for found in islice(_fitting(graph, sort), _MOST_TRIED // (1 + len(graph))):
            if found is not None and (not sort.number or _is_number(graph, found)):
                return found
    return None


class _Sort(NamedTuple):
    """Which shapes are looked for."""

    capitals: bool
    """Are capitals matrices, and small letters none, and what is usually taken of a square matrix of one?"""
    vectors: bool
    """Are small letters rather vectors than numbers?"""
    number: bool
    """Is the value a number?"""


_SORTS = (
    _Sort(True, True, True), _Sort(True, False, True), _Sort(True, True, False),
    _Sort(False, True, True), _Sort(False, True, False),
)  # fmt: skip


def _fitting(graph: Graph, sort: _Sort) -> Iterator[dict[str, Shape] | None]:
    """Shapes at which the graph fits together, variable by variable; None for each try that doesn't."""
    names = list(graph.inputs)
    waiting: list[dict[str, Shape]] = [{}]
    while waiting:
        known = waiting.pop()
        if not _fits_so_far(graph, known, sort.capitals):
            yield None
        elif len(known) == len(names):
            yield known
        else:
            name = names[len(known)]
            waiting += [{**known, name: shape} for shape in reversed([*_likely(name, sort)])]


def _fits_so_far(graph: Graph, known: Mapping[str, Shape], usual: bool) -> bool:
    """Do the boxes fit whose variables all have shapes?"""
    shapes: list[Shape | None] = []
    for node in graph.nodes:
        given = [shapes[arg] for arg in node.args]
        sizes = [shape for shape in given if shape is not None]
        if node.op is None:
            shapes.append(
                literal_shape(node.literal) if node.literal is not None else known.get(node.name or "")
            )
        elif len(sizes) < len(given):
            shapes.append(None)
        elif usual and node.op.usually_square and len(set(sizes[0])) > 1:
            return False
        else:
            try:
                shapes.append(result_shape(node.op, sizes, node.fixed))
            except (BacktraceError, IndexError):
                return False
    return True


def stand_in(shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Values of these shapes, none alike and all between 0.2 and 1, where most functions have a value."""
    import numpy as np

    found: dict[str, Any] = {}
    for place, (name, shape) in enumerate(shapes.items()):
        numbers = np.round(np.random.default_rng([place, *shape]).uniform(0.2, 1.0, shape), 2)
        found[name] = numbers if shape else float(numbers)
    return found


def _likely(name: str, sort: _Sort) -> Iterator[Shape]:
    matrices = [(a, b) for a in _SIZES for b in _SIZES if a != b] + [(a, a) for a in _SIZES]
    vectors: list[Shape] = [(a,) for a in _SIZES]
    if name[:1].isupper():
        yield from matrices if sort.capitals else [*matrices, *vectors, ()]
        return
    yield from [*vectors, ()] if sort.vectors else [(), *vectors]
    yield from () if sort.capitals else matrices


def _is_number(graph: Graph, shapes: Mapping[str, Shape]) -> bool:
    try:
        fitted = fit_named(graph, shapes)
    except BacktraceError:
        return False
    assert fitted.shapes is not None
    return fitted.shapes[fitted.output] == ()
