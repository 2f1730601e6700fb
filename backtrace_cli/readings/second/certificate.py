"""A certificate: the gradient by every way there is, side by side, with what each way is blind to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.arithmetics.big import TimeUp, big, limited
from backtrace_cli.engine.arithmetics.exact import Exact
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.events import plain
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.readings.checking.gradient_check import AGREES, DIFFERS, check
from backtrace_cli.readings.second.jacobian import jacobian
from backtrace_cli.readings.second.sweeps import Part, parts_of

__all__ = ["Certificate", "Way", "certificate"]

#: More entries than these are certified by directions of the gradient check only, not one by one.
MOST_ENTRIES = 64
_DIGITS = 50
_SECONDS = 5.0
#: Two ways of floats agree up to this, on the scale of the largest entry.
_AGREE = 1e-9


class Way(NamedTuple):
    """One way to the gradient."""

    name: str
    blind: str
    """What it can't see."""
    values: Sequence[Value]
    """An entry for each part; None where it says nothing."""
    reason: str = ""
    """Why it says nothing, or where it is uncertain."""
    agrees: bool | None = None
    """Does it agree with reverse mode? None where it says nothing."""
    gap: float = 0.0


class Certificate(NamedTuple):
    """The gradient of a trace, entry by entry, by each way."""

    parts: Sequence[Part]
    ways: Sequence[Way]

    @property
    def holds(self) -> bool:
        """Does no way disagree?"""
        return all(way.agrees is not False for way in self.ways)

    @property
    def witnesses(self) -> int:
        """How many ways agree with reverse mode, itself among them; 1 where nothing is certified."""
        return sum(way.agrees is True for way in self.ways)

    def to_dict(self) -> dict[str, Any]:
        """The certificate as plain data for JSON."""
        return {
            "entries": [part.label for part in self.parts], "holds": self.holds,
            "ways": [
                {"way": way.name, "blind_to": way.blind, "agrees": way.agrees,
                 "gap": None if way.agrees is None else plain(way.gap),
                 "values": [_written(value) for value in way.values], "reason": way.reason or None}
                for way in self.ways
            ],
        }  # fmt: skip


def _written(value: Value) -> Any:
    if value is None or isinstance(value, (int, float, Fraction)):
        return plain(value)
    return str(value)  # more digits than a double has


def certificate(trace: Trace, closed: Callable[[], Mapping[str, Expr]]) -> Certificate:
    """The certificate of a trace; ``closed`` gives the closed forms of its partials by name.

    Raises PointError for a trace without a point, in forward mode, or with too many entries.

    >>> from backtrace_cli import trace
    >>> found = certificate(trace("x^2*y", x=3, y=2), lambda: {})
    >>> [(way.name, way.agrees) for way in found.ways]  # doctest: +NORMALIZE_WHITESPACE
    [('reverse mode', True), ('forward mode', True), ('closed form', None), ('exact fractions', True),
     ('50 digits', True), ('differences', True)]
    """
    if trace.symbolic or trace.back is None:
        raise PointError("--certify compares numbers, which need a point and a walk back",
                         hint="add --at x=…, leave --mode forward out")  # fmt: skip
    parts = [part for name in trace.wrt for part in parts_of(trace, name)]
    if len(parts) > MOST_ENTRIES:
        raise PointError(f"the gradient has {len(parts):,} entries, each by six ways",
                         hint="choose variables by --wrt, or use --check")  # fmt: skip
    base = [_at(trace.gradient_of(part.variable), part) for part in parts]
    ways = [Way("reverse mode", "a wrong rule of an op, and rounding", base, agrees=True)]
    for name, blind, made in (
        ("forward mode", "the same wrong rule; it has sums and forks of its own", _forward),
        ("closed form", "the same wrong rule; it walks no graph", lambda t, p: _closed(t, p, closed())),
        ("exact fractions", "the same wrong rule; it never rounds", _exact),
        (f"{_DIGITS} digits", "the same wrong rule; rounding shows", _big),
        ("differences", "all but eight to eleven digits, and kinks; it uses no rule at all", _differences),
    ):
        ways.append(_judged(name, blind, base, *made(trace, parts)))
    return Certificate(parts, ways)


Found = tuple[list[Value], str]

_NO_NUMBER = "reverse mode has no finite number to compare with"


def _judged(name: str, blind: str, base: list[Value], values: list[Value], reason: str) -> Way:
    found = [(float(a), float(b)) for a, b in zip(base, values, strict=True) if b is not None]
    pairs = [pair for pair in found if math.isfinite(pair[0])]
    if not pairs:
        return Way(name, blind, values, _NO_NUMBER if found else reason)
    scale = max((abs(a) for pair in pairs for a in pair if math.isfinite(a)), default=0.0) or 1.0
    gap = max(0.0 if a == b or (a != a and b != b) else abs(a - b) / scale for a, b in pairs)
    if reason in (AGREES, DIFFERS):  # differences are judged by what they are certain of
        return Way(name, blind, values, "", reason == AGREES, gap)
    return Way(name, blind, values, reason, gap <= _AGREE, gap)


def _at(value: Value, part: Part) -> Value:
    return value[part.place] if part.place else value


def _forward(trace: Trace, parts: Sequence[Part]) -> Found:
    """A pass forward for each entry."""
    by_columns = jacobian(trace, by_rows=False)
    weights = [1.0] * len(by_columns.rows) if trace.upstream is None else [*_flat(trace.upstream)]
    columns = zip(*by_columns.entries, strict=True)
    return [sum(w * one for w, one in zip(weights, column, strict=True)) for column in columns], ""


def _flat(value: Value) -> Iterator[float]:
    return iter(value.ravel().tolist()) if shape_of(value) else iter([float(value)])


def _closed(trace: Trace, parts: Sequence[Part], forms: Mapping[str, Expr]) -> Found:
    """The closed forms, evaluated."""
    arithmetic: Arithmetic = Floats()
    if trace.arithmetic.arrays:
        from backtrace_cli.engine.arithmetics.arrays import Arrays

        arithmetic = Arrays()
    if trace.upstream is not None:
        return [None] * len(parts), "it is that of the output, not of g·output"
    names, place = tuple(trace.at), [arithmetic.own(_float(value)) for value in trace.at.values()]
    found: list[Value] = []
    for part in parts:
        try:
            value = arithmetic.run(arithmetic.compile(forms[part.variable], names), place)
            value = arithmetic.fit(value, trace.at[part.variable])[0]
            found.append(float(_at(value, part)))
        except (KeyError, ValueError, TypeError, ArithmeticError, AssertionError, BacktraceError):
            found.append(None)
    return found, "" if None not in found else "not every partial has one that could be evaluated here"


def _float(value: Value) -> Value:
    return value if shape_of(value) else float(value)


def _exact(trace: Trace, parts: Sequence[Part]) -> Found:
    """The walk over fractions, where every op is rational."""
    nothing: list[Value] = [None] * len(parts)
    if trace.arithmetic.arrays:
        return nothing, "arrays hold no fractions"
    if any(not math.isfinite(value) for value in trace.at.values()):
        return nothing, "a value is not finite"
    found, values = _walked(trace, Exact(), lambda value: Fraction(value), parts)
    if not all(isinstance(value, Fraction) for value in (*found, *values)):
        return nothing, "a step has no rational value"
    return found, ""


def _big(trace: Trace, parts: Sequence[Part]) -> Found:
    """The walk over numbers of many digits, in bounded time."""
    arithmetic = big(_DIGITS, trace.arithmetic.arrays)
    try:
        with limited(_SECONDS):
            found, _ = _walked(trace, arithmetic, arithmetic.own if trace.arithmetic.arrays else _real, parts)
    except TimeUp:
        return [None] * len(parts), f"it takes longer than {_SECONDS:.0f} seconds"
    except (TypeError, AttributeError, ValueError, ArithmeticError, BacktraceError):
        return [None] * len(parts), "a step here has no value of so many digits"
    return found, ""


def _real(value: Value) -> Any:
    digits = big(_DIGITS)
    if isinstance(value, Fraction):
        return digits.literal(str(value.numerator)) / digits.literal(str(value.denominator))
    return digits.numbers.real(value)  # type: ignore[attr-defined]


def _walked(
    trace: Trace, arithmetic: Arithmetic, own: Callable[[Value], Value], parts: Sequence[Part]
) -> tuple[list[Value], list[Value]]:
    """(the gradient's entries, all values) of the walk in another arithmetic."""
    graph = trace.graph
    inputs = {graph.inputs[name]: own(value) for name, value in trace.at.items()}
    values, _ = forward(graph, inputs, arithmetic)
    seed = None if trace.upstream is None else own(trace.upstream)
    back = backward(graph, values, arithmetic, {graph.inputs[name] for name in trace.wrt}, seed=seed)
    found = []
    for part in parts:
        value = back.gradients[graph.inputs[part.variable]]
        found.append(arithmetic.zero if value is None else _at(value, part))
    return found, [value for value in values if not isinstance(value, str)]


def _differences(trace: Trace, parts: Sequence[Part]) -> Found:
    """The gradient check, whose verdict counts."""
    checks = {found.name: found for found in check(trace)}
    best = [checks[part.label].best if part.label in checks else None for part in parts]
    values = [None if row is None else row.estimate for row in best]
    verdicts = {found.verdict for found in checks.values()}
    if DIFFERS in verdicts:
        return values, DIFFERS
    undecided = next((found for found in checks.values() if found.verdict != AGREES), None)
    if undecided is not None:
        kept = [value if checks[p.label].verdict == AGREES else None
                for value, p in zip(values, parts, strict=True)]  # fmt: skip
        return kept, f"{undecided.name}: {undecided.reason}"
    return values, AGREES
