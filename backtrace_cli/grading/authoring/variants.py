"""Variants: every student has a point, and a formula of a family, of their own.

Which one is drawn follows from the course's key, the student's name and the
exercise's name alone, so the grader draws the same, and nobody without the key can
tell what another student has. Only points at which mistakes show are drawn.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import scalar
from backtrace_cli.grading.authoring.answers import questions_of
from backtrace_cli.grading.exercise.exercise import Exercise, read_exercise
from backtrace_cli.grading.exercise.lists import list_text
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.choose_point import Showing, showing
from backtrace_cli.runs.point import read_point

__all__ = [
    "Variant",
    "drawn",
    "exercise_id",
    "handed_out",
    "has_variants",
    "point_of",
    "variants_of",
    "with_variant",
]

#: So many points of a family's formula are looked at.
_MOST_POINTS = 160
#: A range with more values than this is refused.
_MOST_VALUES = 1_000
_MOST_FORMULAS = 100
#: A point at which this share of the mistakes that can show at all does show is good enough.
_GOOD = 0.9
_NUMBER = re.compile(r"-?\d{1,12}(/\d{1,12}|\.\d{1,12})?")
_RANGE = re.compile(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*")


class Variant(NamedTuple):
    """One statement that a student may get."""

    formula: str
    at: tuple[tuple[str, Any], ...]
    """The point as TOML has it: numbers, and fractions as text."""


def has_variants(source: Source) -> bool:
    """Has the exercise a statement of their own for each student?"""
    return "variants" in source.data


def exercise_id(path: str) -> str:
    """The name that an exercise is drawn by: its file's, without folder and ending.

    >>> exercise_id("exercises/04_forks/two_paths.toml")
    'two_paths'
    """
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".toml")


def drawn(source: Source, student: str, key: str | bytes = "", exercise: str | None = None) -> Source:
    """The statement of ``student``: ``source`` with their formula and point, and without its variants.

    ``key`` is the course's secret; ``exercise`` the name to draw by (see ``exercise_id``).
    An exercise without variants comes back as it is. Raises BacktraceError where the
    variants can't be read, or none of them has a trace.

    >>> text = 'formula = "f = x^2*y"\\nat = {x=3, y=4}\\n[variants]\\nx = "2..6"\\n[gradient]\\nx = ""'
    >>> drawn(Source("square.toml", text), "ann", "secret").data["at"]
    {'x': 5, 'y': 4}
    """
    if not has_variants(source):
        return source
    found = variants_of(source)
    name = unicodedata.normalize("NFC", student.strip())
    secret = key.encode() if isinstance(key, str) else key
    message = "\0".join((exercise or exercise_id(source.path), name)).encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return with_variant(source, found[int.from_bytes(digest, "big") % len(found)])


def handed_out(source: Source, student: str, key: str | bytes = "", exercise: str | None = None) -> str:
    """The text of the exercise file for ``student``: comments and blanks stay, the statement is theirs."""
    import tomlkit

    theirs = drawn(source, student, key, exercise)
    if theirs is source:
        return source.text
    document = tomlkit.parse(source.toml)
    document["formula"] = theirs.data["formula"]
    if theirs.data["at"]:
        point = tomlkit.inline_table()
        point.update(theirs.data["at"])
        document["at"] = point
    del document["variants"]
    return tomlkit.dumps(document)


def with_variant(source: Source, variant: Variant) -> Source:
    """``source`` with this statement in it, and without its variants."""
    found = copy.copy(source)
    found.data = {name: value for name, value in source.data.items() if name != "variants"}
    found.data |= {"formula": variant.formula, "at": dict(variant.at)}
    return found


# -- which there are -------------------------------------------------------------------


def variants_of(source: Source) -> tuple[Variant, ...]:
    """Every statement that a student may get: those of the family at whose points mistakes show.

    >>> text = 'formula = "f = x^2"\\nat = {x=3}\\n[variants]\\nx = "1..4"\\n[gradient]\\nx = ""'
    >>> [dict(variant.at)["x"] for variant in variants_of(Source("x.toml", text))]
    [2, 3, 4]
    """
    return _variants(source.path, source.text)


@lru_cache(maxsize=256)
def _variants(path: str, text: str) -> tuple[Variant, ...]:
    source = Source(path, text)
    formulas, coordinates = _family(source)
    found: list[Variant] = []
    for formula in formulas:
        found += _good_points(source, formula, coordinates)
    return tuple(found)


def _family(source: Source) -> tuple[list[str], dict[str, list[Fraction]]]:
    """The formulas, and for each name that varies the values it may take."""
    table = source.data["variants"]
    if not isinstance(table, dict) or not table:
        source.fail("variants is a table", "variants", hint='write [variants] and x = "2..5" below it')
    if "lines" in source.data:
        source.fail("a worked solution holds at one point only", "variants", hint="take the variants out")
    formulas = table.get("formula", source.data.get("formula"))
    if not isinstance(formulas, list):
        formulas = [formulas]
    if not formulas or len(formulas) > _MOST_FORMULAS or not all(isinstance(text, str) for text in formulas):
        source.fail("the formulas of a family are a list of texts", "variants", "formula",
                    hint='write formula = ["f = x^2*y", "f = x^3*y"]')  # fmt: skip
    return formulas, {
        name: _values(source, name, value) for name, value in table.items() if name != "formula"
    }


def _values(source: Source, name: str, raw: Any) -> list[Fraction]:
    """The values that ``name`` may take: ``"2..5"``, or a list of numbers and fractions."""
    hint = f'write {name} = "2..5", or {name} = [1, 2, "1/2"]'
    if isinstance(raw, str) and (ends := _RANGE.fullmatch(raw)):
        low, high = (int(end[:12]) for end in ends.groups())
        if not 0 <= high - low < _MOST_VALUES:
            source.fail(f"the range of {name} is empty or has more than {_MOST_VALUES:,} values",
                        "variants", name, hint=hint)  # fmt: skip
        return [Fraction(value) for value in range(low, high + 1)]
    found = [_value(item) for item in raw] if isinstance(raw, list) else []
    kept = [value for value in found if value is not None]
    if not kept or len(kept) != len(found) or len(kept) > _MOST_VALUES:
        source.fail(f"{name} takes no values that can be read", "variants", name, hint=hint)
    return kept


def _value(item: Any) -> Fraction | None:
    """A number or a fraction of moderate length; anything else is None."""
    written = item if isinstance(item, str) else str(item) if type(item) in (int, float) else ""
    try:
        return Fraction(written) if _NUMBER.fullmatch(written) else None
    except ZeroDivisionError:
        return None


def _good_points(
    source: Source, formula: str, coordinates: Mapping[str, list[Fraction]]
) -> Iterator[Variant]:
    """The points of one formula at which the most mistakes show, or nearly."""
    exercise: Exercise | None = None
    problem: BacktraceError | None = None
    shown: list[tuple[Variant, Showing]] = []
    for variant in _points(source, formula, coordinates):
        if exercise is None:
            try:
                exercise = read_exercise(with_variant(source, variant))
            except BacktraceError as error:
                problem = problem or error
                continue
        graph = exercise.statement.graph
        point = point_of(graph, variant)
        found = showing(graph, point, questions_of(exercise)) if point is not None else None
        if found is not None:
            shown.append((variant, found))
    if not shown:
        if problem is not None:
            raise problem
        source.fail("none of the variants has a trace away from kinks", "variants",
                    hint="choose other values")  # fmt: skip
    most = max(found.of - found.invisible for _, found in shown)
    for variant, found in shown:
        if found.of - found.invisible >= _GOOD * most:
            yield variant


def _points(source: Source, formula: str, coordinates: Mapping[str, list[Fraction]]) -> Iterator[Variant]:
    """The points of the family, or a sample of them where they are many, the same one every time."""
    base = _base(source)
    names = list(coordinates)
    total = 1
    for values in coordinates.values():
        total *= len(values)
    if total <= _MOST_POINTS:
        chosen: Iterator[tuple[Fraction, ...]] = product(*coordinates.values())
    else:
        chosen = (
            tuple(
                values[
                    int.from_bytes(hashlib.sha256(f"{number}/{name}".encode()).digest(), "big") % len(values)
                ]
                for name, values in coordinates.items()
            )
            for number in range(_MOST_POINTS)
        )
    for point in dict.fromkeys(chosen):
        written = {name: _written(value) for name, value in zip(names, point, strict=True)}
        yield Variant(formula, tuple((base | written).items()))


def _base(source: Source) -> dict[str, Any]:
    """The exercise's own point, as TOML has it."""
    at = source.data.get("at", {})
    if isinstance(at, str):
        try:
            return {name: given.text for name, given in read_point([at]).items()}
        except BacktraceError as error:
            raise source.mend(error, error.source or "", "at") from None
    return dict(at) if isinstance(at, dict) else {}


def _written(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)


def point_of(graph: Graph, variant: Variant) -> dict[str, Any] | None:
    """The variant's point for a graph whose first point has been read already; arrays stay as they are."""
    from backtrace_cli.engine.arithmetics.base import Floats
    from backtrace_cli.runs.point import Given, bind, value_of

    try:
        texts = ((name, list_text(raw) if isinstance(raw, list) else raw) for name, raw in variant.at)
        given = {
            name: read_point([f"{name}={raw}"])[name] if isinstance(raw, str) else Given(repr(raw), raw)
            for name, raw in texts
        }
        return {name: scalar(value_of(name, item, Floats())) for name, item in bind(graph, given).items()}
    except (BacktraceError, KeyError):
        return None
