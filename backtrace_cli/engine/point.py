"""Where to evaluate: ``x=1, y=pi/2, W=[[1,2],[3,4]], b=@b.npy`` read into values."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from backtrace_cli.errors import FormulaError, PointError, Span
from backtrace_cli.formula.lexer import normal_name
from backtrace_cli.formula.parser import parse_expression
from backtrace_cli.formula.syntax import Call, Expr, names_in
from backtrace_cli.graph import Graph
from backtrace_cli.ops import CONSTANTS, FUNCTIONS, find

if TYPE_CHECKING:
    from backtrace_cli.engine.arithmetic import Arithmetic

__all__ = ["Given", "bind", "check_names", "is_array", "other_spellings", "read_point", "value_of"]

_PROBES = {"inf", "nan"}
_MOST_AXES = 32


class Given(NamedTuple):
    """One value of the point, as it was given: a tree, or something Python handed over."""

    text: str
    value: Any


def read_point(texts: Iterable[str]) -> dict[str, Given]:
    """The values named in ``texts``, each ``name=value`` pairs separated by commas.

    Raises PointError, whose caret points into the text.

    >>> sorted(read_point(["x=1,y=pi/2", "z=-3"]))
    ['x', 'y', 'z']
    """
    point: dict[str, Given] = {}
    for text in texts:
        for start, end in _pieces(text):
            name, given = _pair(text, start, end)
            if name in point:
                raise PointError(f"{name} is given twice", span=Span(start, end), source=text,
                                 origin="--at", hint="give it once")  # fmt: skip
            point[name] = given
    return point


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where the comma-separated parts of ``text`` start and end; commas in brackets don't count."""
    depth, start = 0, 0
    found: list[tuple[int, int]] = []
    for index, char in enumerate(text + ","):
        depth += (char in "([") - (char in ")]")
        if char == "," and (depth <= 0 or index == len(text)):
            if text[start:index].strip():
                found.append((start, index))
            start = index + 1
    return found


def _pair(text: str, start: int, end: int) -> tuple[str, Given]:
    piece = text[start:end]
    name, equals, value = piece.partition("=")
    place = Span(start, end)
    if not equals:
        hint = "write name=value, as in x=1,y=0"
        if piece.strip().isdigit():
            hint = "a decimal point is a dot: x=1.5"
        raise PointError(f"{piece.strip()} has no name", span=place, source=text, origin="--at",
                         hint=hint)  # fmt: skip
    name = normal_name(name.strip())
    if not name.isidentifier():
        raise PointError(f"{name or 'this'} is not a variable's name", span=place, source=text,
                         origin="--at", hint="write name=value, as in x=1,y=0")  # fmt: skip
    value = value.strip()
    if not value:
        raise PointError(f"{name} has no value", span=place, source=text, origin="--at",
                         hint=f"write {name}=1")  # fmt: skip
    if value.startswith("@"):
        return name, Given(value, _read_file(name, value[1:]))
    offset = text.index(value, start + piece.index("=") + 1)
    return name, Given(value, _read_value(name, value, text, offset))


def _read_value(name: str, value: str, text: str, offset: int) -> Expr:
    try:
        expr = parse_expression(value, functions=FUNCTIONS)
    except FormulaError as error:
        span = error.span and Span(error.span.start + offset, error.span.end + offset)
        also = error.also and Span(error.also.start + offset, error.also.end + offset)
        hint = error.hint
        if " " in value and "=" in value:
            hint = "separate the values with commas: x=1,y=0"
        raise PointError(error.message, span=span, also=also, source=text, origin="--at",
                         hint=hint) from None  # fmt: skip
    strangers = names_in(expr) - set(CONSTANTS) - _PROBES
    if strangers:
        raise PointError(f"{sorted(strangers)[0]} is not a number", origin="--at", source=text,
                         span=Span(offset, offset + len(value)),
                         hint=f"the value of {name} is a number or a constant expression, such as pi/2")  # fmt: skip
    return expr


def _read_file(name: str, path: str) -> Any:
    """An array from .npy, .csv or .json; nothing in a file is ever executed."""
    import json
    from pathlib import Path

    import numpy as np

    file = Path(path)
    ways = {".npy": "NumPy", ".csv": "CSV", ".json": "JSON"}
    if file.suffix not in ways:
        raise PointError(f"{name} comes from {path}, which is not .npy, .csv or .json",
                         hint=f"write {name}=@values.csv")  # fmt: skip
    try:
        if file.suffix == ".npy":
            array = np.load(file, allow_pickle=False)
        elif file.suffix == ".csv":
            array = np.loadtxt(file, delimiter=",", ndmin=1)
        else:
            array = np.asarray(json.loads(file.read_text(encoding="utf-8")))
        return np.asarray(array, dtype=float)
    except FileNotFoundError:
        raise PointError(f"there is no file {path}", hint=f"{name}=@FILE reads it from here") from None
    except OSError as error:
        raise PointError(f"{path} can't be read: {error.strerror or 'no reason given'}") from None
    except (ValueError, TypeError, RecursionError, MemoryError, EOFError):
        raise PointError(f"{path} does not hold one array of numbers that {ways[file.suffix]} can read",
                         hint="numbers only, every row of the same length") from None  # fmt: skip


def is_array(given: Given) -> bool:
    """Is the value a list or an array, rather than one number?"""
    value = given.value
    if isinstance(value, Call):
        return value.func == "stack"
    return bool(getattr(value, "shape", ())) or isinstance(value, (list, tuple)) and not _is_tree(value)


def _is_tree(value: Any) -> bool:
    return hasattr(value, "span")


def value_of(name: str, given: Given, arithmetic: Arithmetic) -> Any:
    """``given`` as a value of ``arithmetic``. Raises PointError for a ragged list."""
    value = given.value
    if not _is_tree(value):
        return _from_python(name, value, arithmetic)
    if isinstance(value, Call) and value.func == "stack":
        import numpy as np

        try:
            return np.array(_nested(value, arithmetic, 0), dtype=float)
        except ValueError:
            raise PointError(f"the rows of {name} differ in length", hint="every row of a matrix has as many entries") from None
    for node in (value,):
        _check_calls(name, node)
    return arithmetic.run(arithmetic.compile(value), ())


def _check_calls(name: str, expr: Expr) -> None:
    from backtrace_cli.formula.syntax import walk

    for node in walk(expr):
        if isinstance(node, Call) and find(node.func, len(node.args)) is None:
            raise PointError(f"the value of {name} can't be computed: {node.func} does not take {len(node.args)} values here")


def _nested(expr: Expr, arithmetic: Arithmetic, depth: int) -> Any:
    if isinstance(expr, Call) and expr.func == "stack":
        if depth >= _MOST_AXES:
            raise PointError(f"a list goes at most {_MOST_AXES} brackets deep")
        return [_nested(arg, arithmetic, depth + 1) for arg in expr.args]
    _check_calls("a list", expr)
    return float(arithmetic.run(arithmetic.compile(expr), ()))


def _from_python(name: str, value: Any, arithmetic: Arithmetic) -> Any:
    """A number or array that Python code handed over."""
    from fractions import Fraction

    if is_array(Given("", value)):
        import numpy as np

        try:
            return np.asarray(value, dtype=float)
        except (ValueError, TypeError):
            raise PointError(f"{name} is not an array of numbers") from None
    try:
        if hasattr(value, "item"):  # a NumPy scalar
            value = value.item()
        if arithmetic.name == "exact" and value - value == 0:
            return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        return float(value)
    except (TypeError, ValueError):
        raise PointError(f"{name} is not a number but of type {type(value).__name__}") from None
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def other_spellings(name: str) -> set[str]:
    """How else ``name`` may be written: ``beta`` and ``β``, ``x_1`` and ``x1``.

    >>> other_spellings("beta")
    {'β'}
    """
    found = set()
    if len(name) == 1 and not name.isascii():
        title = unicodedata.name(name, "")
        if title.startswith("GREEK SMALL LETTER "):
            found.add(title.rpartition(" ")[2].lower().replace("lamda", "lambda"))
    elif name.isalpha() and name.isascii():
        spelled = name.upper().replace("LAMBDA", "LAMDA")  # Unicode's own spelling
        try:
            found.add(unicodedata.lookup(f"GREEK SMALL LETTER {spelled}"))
        except KeyError:
            pass
    head, underscore, tail = name.rpartition("_")
    if underscore and head and tail.isdigit():
        found.add(head + tail)
    stem = name.rstrip("0123456789")
    if stem and stem != name and not stem.endswith("_"):
        found.add(f"{stem}_{name[len(stem) :]}")
    return found


def bind(graph: Graph, point: Mapping[str, Given]) -> dict[str, Given]:
    """``point`` under the formula's own names, in the order in which it was given.

    Raises PointError for a name the formula lacks and for a variable without a value.
    """
    bound: dict[str, Given] = {}
    for name, given in point.items():
        match = next((n for n in (name, *sorted(other_spellings(name))) if n in graph.inputs), None)
        if match is None:
            raise _unknown(graph, name)
        if match in bound:
            raise PointError(f"{match} is given twice, also as {name}", hint="give it once")
        bound[match] = given
    missing = [name for name in graph.inputs if name not in bound]
    if missing:
        check_names(graph, point)
        example = ",".join(f"{name}=1" for name in missing[:4])
        some = ", ".join(missing[:6]) + (" …" if len(missing) > 6 else "")
        have = "has no value" if len(missing) == 1 else "have no value"
        where = graph.nodes[graph.inputs[missing[0]]].span
        raise PointError(f"{some} {have}", span=where, source=graph.source,
                         hint=f"add --at {example}")  # fmt: skip
    return bound


def _unknown(graph: Graph, name: str) -> PointError:
    if name in graph.unused:
        return PointError(f"{name} is not read by the output, so it needs no value")
    from difflib import get_close_matches

    near = get_close_matches(name, graph.inputs, 1, 0.5)
    has = ", ".join(list(graph.inputs)[:8]) or "none"
    hint = f"did you mean {near[0]}?" if near else f"its variables: {has}"
    return PointError(f"the formula has no variable {name}", hint=hint)


#: Letters that people use for one variable each, so that a run of them reads as a product.
_LETTERS = frozenset("abcdhkmnpqrstuvwxyz")


def check_names(graph: Graph, point: Collection[str]) -> None:
    """Refuse a name such as ``xy`` that was surely meant as a product."""
    known = (set(graph.inputs) | set(point)) - {"e"}
    for name, index in graph.inputs.items():
        if name in point or len(name) < 2 or not name.isalpha():
            continue
        letters = all(char in known for char in name)
        if letters or (len(name) <= 3 and set(name) <= _LETTERS and len(set(name)) == len(name)):
            raise FormulaError(
                f"{name} is one name here, and it has no value", span=graph.nodes[index].span,
                source=graph.source,
                hint=f"did you mean {'*'.join(name)}? (to use it as one name, give it a value: --at {name}=1)",
            )  # fmt: skip
