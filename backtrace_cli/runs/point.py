"""Where to evaluate: ``x=1, y=pi/2, W=[[1,2],[3,4]], b=@b.npy`` read into values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import BacktraceError, FormulaError, PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.plain_values import Given, as_float
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.graph import Graph
from backtrace_cli.graph.arity import refusal
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tokens.lexer import normal_name, tokenize
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, names_in, walk
from backtrace_cli.ops import CONSTANTS, FUNCTIONS, find
from backtrace_cli.runs.files.array_files import FROM_FILE, as_floats, read_array, read_arrays
from backtrace_cli.runs.spelled_names import other_spellings, typeset_name
from backtrace_cli.runs.unknown_names import check_names

if TYPE_CHECKING:
    from backtrace_cli.engine.arithmetics.base import Arithmetic

__all__ = [
    "Given", "as_floats", "bind", "is_array", "is_param", "nearest", "other_spellings",
    "read_point", "sizes_in", "value_of",
]  # fmt: skip

_PROBES = {"inf", "nan"}
_MOST_AXES = 32


def read_point(texts: Iterable[str], origin: str = "--at") -> dict[str, Given]:
    """The values named in ``texts``, each ``name=value`` pairs separated by commas.

    ``@file.npz`` alone gives all the arrays that the file names. ``origin`` is the option
    that the texts come from. Raises PointError, whose caret points into the text.

    >>> sorted(read_point(["x=1,y=pi/2", "z=-3"]))
    ['x', 'y', 'z']
    """
    point: dict[str, Given] = {}
    for text in texts:
        for place in _pieces(text):
            if text[place.start] == "@":
                point |= read_arrays(text[place.start + 1 : place.end].strip())
                continue
            name, given = _pair(text, place, origin)
            if name in point:
                raise PointError(f"{shorten(name, 24)} is given twice", span=place, source=text,
                                 origin=origin, hint="give it once")  # fmt: skip
            point[name] = given
    return point


def _pieces(text: str) -> list[Span]:
    """Where the comma-separated parts of ``text`` stand; commas in brackets don't count."""
    depth, start = 0, 0
    found: list[Span] = []
    for index, char in enumerate(text + ","):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and (depth <= 0 or index == len(text)):
            piece = text[start:index]
            if piece.strip():
                found.append(Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
            start = index + 1
    return found


def _pair(text: str, place: Span, origin: str) -> tuple[str, Given]:
    name, equals, value = text[place.start : place.end].partition("=")
    offset = place.start + len(name) + 1 + len(value) - len(value.lstrip())
    name, value = name.strip(), value.strip()
    shown = shorten(name, 24)

    def fail(message: str, hint: str, span: Span = place) -> NoReturn:
        raise PointError(message, span=span, source=text, origin=origin, hint=hint)

    if not name.isascii():
        try:
            tokenize(name)
        except FormulaError as error:
            raise _moved(error, place.start, text, origin) from None
    before, colon, after = name.partition(":")
    if colon and before.strip().isidentifier():
        fail("a value is given with =", f"write {before.strip()}={after.strip() or value or 1}")
    if not equals and name.isdigit():
        fail(f"{shown} has no name", "a decimal point is a dot: x=1.5")
    if not equals and not name.isidentifier():
        fail(f"{shown} has no name", "write name=value, as in x=1,y=0")
    name = typeset_name(name) if any(sign in name for sign in "\\{^'") else normal_name(name)
    if not name.isidentifier():
        fail(f"{shown or 'this'} is not a variable's name", "write name=value, as in x=1,y=0")
    if not value:
        fail(f"{shown} has no value", f"write {shown}=1")
    if value.startswith("="):
        rest = shorten(value.lstrip("= "), 24)
        fail("one = is enough", f"write {shown}={rest or 1}", Span(offset, offset + 1))
    if value.startswith("@"):
        return name, Given(value, read_array(name, value[1:].strip()))
    return name, Given(value, _read_value(shown, value, text, offset, origin))


def _moved(error: FormulaError, offset: int, text: str, origin: str) -> PointError:
    """A complaint about a part of ``text`` that begins at ``offset``."""
    span = error.span and Span(error.span.start + offset, error.span.end + offset)
    also = error.also and Span(error.also.start + offset, error.also.end + offset)
    return PointError(error.message, span=span, also=also, source=text, origin=origin, hint=error.hint)


#: The next value, in a text where a comma before it is missing or stands in an open bracket.
#: Compiled when first needed, as start-up counts.
_NEXT = r"(?s)(.*?)(?<![\s,;])[\s,;]++([^\W\d]\w*+)\s*+="


def _read_value(name: str, value: str, text: str, offset: int, origin: str) -> Expr:
    try:
        expr = parse_expression(value, functions=FUNCTIONS, tuples=True)
    except FormulaError as error:
        following = re.match(_NEXT, value)
        if following:
            _read_value(name, following[1], text, offset, origin)
            at = offset + following.start(2)
            raise PointError(
                f"a comma is missing before {shorten(following[2], 24)}", origin=origin, source=text,
                span=Span(at, at + len(following[2])), hint="separate the values with commas: x=1,y=0",
            ) from None  # fmt: skip
        complaint, whole = error, Span(0, len(value))
        if ";" in value or "\n" in value:
            complaint = FormulaError("a value is one number or expression", span=whole,
                                     hint="separate the values with commas: x=1,y=0")  # fmt: skip
        raise _moved(complaint, offset, text, origin) from None
    for node in walk(expr):
        if isinstance(node, Name) and node.name not in CONSTANTS and node.name not in _PROBES:
            near = {"infinity": "inf", "infty": "inf"}.get(node.name.lower(), node.name.lower())
            hint = f"the value of {name} is a number or a constant expression, such as pi/2"
            if near in CONSTANTS or near in _PROBES:
                hint = f"did you mean {near}?"
            raise PointError(
                f"{shorten(node.name, 24)} is not a number", source=text, origin=origin, hint=hint,
                span=Span(offset + node.span.start, offset + node.span.end),
            )  # fmt: skip
    return expr


def is_array(given: Given) -> bool:
    """Is the value a list or an array, rather than one number?"""
    value = given.value
    if isinstance(value, Call):
        return value.func == "stack"
    return bool(getattr(value, "shape", ())) or (isinstance(value, (list, tuple)) and not _is_tree(value))


def _is_tree(value: Any) -> bool:
    return hasattr(value, "span")


def value_of(name: str, given: Given, arithmetic: Arithmetic) -> Any:
    """``given`` as a value of ``arithmetic``. Raises PointError for a ragged list."""
    value = given.value
    if not _is_tree(value):
        return _from_python(name, value, arithmetic)
    if not (isinstance(value, Call) and value.func == "stack"):
        return _computed(name, value, given.text, arithmetic)
    import numpy as np

    try:
        return np.array(_nested(name, value, given.text, arithmetic, 0), dtype=float)
    except ValueError:
        sizes = [len(row.args) if isinstance(row, Call) and row.func == "stack" else 0 for row in value.args]
        odd = next((row for row, size in zip(value.args, sizes, strict=True) if size != sizes[0]), value)
        raise PointError(
            f"the rows of {shorten(name, 24)} differ in length", span=Span(*odd.span), source=given.text,
            hint="every row of a matrix has as many entries",
        ) from None  # fmt: skip


def _nested(name: str, expr: Expr, text: str, arithmetic: Arithmetic, depth: int) -> Any:
    if isinstance(expr, Call) and expr.func == "stack":
        if depth >= _MOST_AXES:
            raise PointError(f"a list goes at most {_MOST_AXES} brackets deep")
        return [_nested(name, arg, text, arithmetic, depth + 1) for arg in expr.args]
    return as_float(_computed(name, expr, text, arithmetic))


def _computed(name: str, expr: Expr, text: str, arithmetic: Arithmetic) -> Any:
    """The number that a constant expression of the point stands for."""

    def fail(message: str, hint: str | None, place: Expr) -> NoReturn:
        raise PointError(message, span=Span(*place.span), source=text, hint=hint)

    for node in walk(expr):
        op = find(node.func, len(node.args)) if isinstance(node, Call) else None
        if op is not None and op.mixes and op.called != "stack":
            fail(f"{op.called} works on arrays, and the value of {name} is one number or a list of numbers",
                 "compute it in the formula", node)  # fmt: skip
        if isinstance(node, Call) and node.func == "stack":
            fail("a list can't be part of a calculation here", f"give the finished list: {name}=[1,2]", node)
        if isinstance(node, Call) and find(node.func, len(node.args)) is None:
            fail(*refusal(node.func, len(node.args)), node)
    try:
        value = arithmetic.run(arithmetic.compile(expr), ())
    except BacktraceError as error:
        fail(error.message, error.hint, expr)
    if value != value and "nan" not in names_in(expr):
        hint = f"give {name} another value, or nan to see what that does"
        fail(f"{shorten(text, 24)} has no value", hint, expr)
    return value


def sizes_in(point: Mapping[str, Given]) -> dict[str, int]:
    """The values of ``point`` that are whole numbers, to which a loop may run."""
    found: dict[str, int] = {}
    for name, given in point.items():
        value = given.value
        if isinstance(value, Number) and value.text.isdecimal() and len(value.text) < 10:
            found[name] = int(value.text)
        elif isinstance(value, int) and not isinstance(value, bool):
            found[name] = value
    return found


def _from_python(name: str, value: Any, arithmetic: Arithmetic) -> Any:
    """A number or array that Python code handed over."""
    from fractions import Fraction

    if is_array(Given("", value)):
        try:
            return as_floats(value).copy()  # the record is not to change when the caller's array does
        except (ValueError, TypeError, OverflowError, RuntimeError):  # the last is PyTorch's
            raise PointError(f"{name} is not an array of numbers") from None
    try:
        if hasattr(value, "item"):  # a NumPy scalar
            value = value.item()
        if arithmetic.exact and value - value == 0:
            return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        return float(value)
    except (TypeError, ValueError):
        raise PointError(f"{name} is not a number but of type {type(value).__name__}") from None
    except OverflowError:
        return as_float(value)


def bind(graph: Graph, point: Mapping[str, Given], seed: int = 0) -> dict[str, Given]:
    """``point`` under the formula's own names, in the order in which it was given, then the
    parameters that the formula draws for itself, by ``seed``.

    Raises PointError for a name the formula lacks and for a variable without a value.
    """
    bound: dict[str, Given] = {}
    for name, given in point.items():
        match = next((n for n in (name, *sorted(other_spellings(name))) if n in graph.inputs), None)
        if match is None and (name in graph.sizes or given.text == FROM_FILE):
            continue
        if match is None:
            check_names(graph, point, guess=False)
            raise _unknown(graph, name)
        if match in bound:
            first = next(n for n in point if n == match or match in other_spellings(n))
            raise PointError(f"{shorten(first, 24)} and {shorten(name, 24)} are the same variable here, "
                             "and both are given", hint="give it once")  # fmt: skip
        bound[match] = given
    for name in graph.inputs:
        if name not in bound and is_param(graph, name):
            from backtrace_cli.runs.first_values import drawn

            bound[name] = drawn(graph.declared[name], graph.formula, seed)
    missing = [name for name in graph.inputs if name not in bound]
    if missing:
        check_names(graph, point)
        short = [shorten(name, 24) for name in missing[:6]]
        hint = "add --at " + ",".join(f"{name}=1" for name in short[:4]) + (",…" if len(missing) > 4 else "")
        if "T" in missing and "T" not in point and ("^T" in graph.formula or "**T" in graph.formula):
            hint = f"for the transpose of A write A.T; for a variable T {hint}"
        if missing[0] in FUNCTIONS:
            hint = f"for the function write {missing[0]}(…); for a variable of that name {hint}"
        some = ", ".join(short) + (" …" if len(missing) > 6 else "")
        have = "has no value" if len(missing) == 1 else "have no value"
        raise PointError(f"{some} {have}", span=graph.nodes[graph.inputs[missing[0]]].span,
                         source=graph.source, hint=hint)  # fmt: skip
    return bound


def is_param(graph: Graph, name: str) -> bool:
    """Does the formula declare ``name`` as a parameter, with its first value?"""
    return name in graph.declared and graph.declared[name].kind == "param"


def _unknown(graph: Graph, name: str) -> PointError:
    shown = shorten(name, 24)
    if name in graph.aliases or name in graph.unused:
        span = graph.nodes[graph.aliases[name]].span if name in graph.aliases else None
        hint = f"take {shown} out of --at, or out of the formula"
        message = f"{shown} is computed by the formula, so it takes no value"
        return PointError(message, span=span, source=graph.source, hint=hint)
    return PointError(f"the formula has no variable {shown}", hint=nearest(graph, name))


def nearest(graph: Graph, name: str) -> str:
    """A hint for somebody who named a variable that the formula lacks."""
    return nearest_of(name, graph.inputs, "its variables:") if graph.inputs else "it has no variables"
