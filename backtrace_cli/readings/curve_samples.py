"""f and its derivative at many points of an interval, and where it is not smooth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from backtrace_cli.base.errors import DomainError, PointError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace

__all__ = ["Curve", "Mark", "Sample", "curve_of", "read_interval"]

#: So often an interval between two samples is halved to find what lies in it.
_HALVINGS = 50
#: A function that breaks more often than this is not looked at break by break.
_MOST_MARKS = 40
#: And where so many places looked as if, it is left at that.
_MOST_TRIED = 150
#: Values beyond this are taken for a pole's.
_HUGE = 1e6
#: So far beside a kink its slopes are taken, as a share of the interval.
_BESIDE = 1e-7


class Sample(NamedTuple):
    """One point of the curve; nan where there is no value, or no slope."""

    x: float
    value: float
    slope: float

    @property
    def defined(self) -> bool:
        """Is there a finite value?"""
        return math.isfinite(self.value)


class Mark(NamedTuple):
    """A place where the function is not smooth."""

    x: float
    kind: str
    """``kink``, ``jump``, ``pole``, ``hole`` (no value at one point), ``edge`` (values on one side)."""
    left: Sample
    right: Sample


class Curve(NamedTuple):
    """A function over an interval."""

    variable: str
    output: str
    low: float
    high: float
    samples: list[Sample]
    marks: list[Mark]
    at: Sample | None
    """The point of the tangent, where one was asked for."""

    def range(self) -> tuple[float, float]:
        """The values that are worth drawing: all, or where there are poles those that are not far out."""
        return _range([s.value for s in self.samples], any(m.kind == "pole" for m in self.marks))

    def slopes(self) -> tuple[float, float]:
        """The same for the derivative."""
        steep = any(mark.kind in ("pole", "edge") for mark in self.marks)
        return _range([s.slope for s in self.samples], steep)

    def broken(self, left: float, right: float, kinks: bool = False) -> bool:
        """Does the curve (with ``kinks``, its slope) break between two points?"""
        return any(left <= m.x <= right and (kinks or m.kind != "kink") for m in self.marks)


def read_interval(text: str) -> tuple[str, float, float]:
    """``x=-3..3`` as (name, low, high). Raises PointError."""
    name, equals, rest = text.partition("=")
    low, dots, high = rest.partition("..")
    hint = "write --plot x=-3..3"
    if not equals or not dots or not name.strip():
        raise PointError("--plot names a variable and an interval", hint=hint)
    ends = []
    for end in (low, high):
        try:
            ends.append(float(end.replace("−", "-").strip()))
        except ValueError:
            raise PointError("an end of the interval is no number", hint=hint) from None
    if (
        not all(math.isfinite(end) for end in ends)
        or not ends[0] < ends[1]
        or not math.isfinite(ends[1] - ends[0])
    ):
        raise PointError("the interval goes from a smaller number to a larger one", hint=hint)
    return name.strip(), ends[0], ends[1]


def curve_of(
    trace: Trace, variable: str, low: float, high: float, count: int, at: float | None = None
) -> Curve:
    """The curve of ``trace``'s formula over ``variable``, everything else as it is in the trace.

    ``count`` points are looked at, and what lies between two of them where that is no smooth piece.
    Raises PointError where the variable or the output is an array.
    """
    if trace.symbolic:
        raise PointError("a curve needs values for the other variables", hint="add --at")
    evaluate = _evaluator(trace, variable)
    samples = [evaluate(low + (high - low) * n / (count - 1)) for n in range(count)]
    marks = list(_marks(samples, evaluate, high - low))
    tangent = evaluate(at) if at is not None else None
    return Curve(variable, trace.output, low, high, samples, marks, tangent)


def _evaluator(trace: Trace, variable: str) -> Callable[[float], Sample]:
    graph, arithmetic = trace.graph, trace.arithmetic
    index = graph.inputs.get(variable)
    if index is None:
        raise PointError(f"--plot names {variable}, which is no variable of the formula",
                         hint=f"its variables: {', '.join(graph.inputs) or 'none'}")  # fmt: skip
    inputs: dict[int, Value] = {graph.inputs[name]: value for name, value in trace.at.items()}
    for node in (index, graph.output):
        if getattr(trace.values[node], "shape", ()):
            raise PointError("a curve is drawn of a number over a number, and here is an array",
                             hint="take an entry or a sum")  # fmt: skip

    def evaluate(x: float) -> Sample:
        try:
            values, bad = forward(graph, {**inputs, index: arithmetic.own(x)}, arithmetic)
            refuse_undefined(graph, values, bad, arithmetic)
        except DomainError:
            return Sample(x, math.nan, math.nan)
        value = float(values[graph.output])
        if not math.isfinite(value):
            return Sample(x, math.nan, math.nan)
        slope = backward(graph, values, arithmetic, {index}).gradients[index]
        return Sample(x, value, float(slope) if slope is not None else 0.0)

    return evaluate


def _marks(samples: list[Sample], evaluate: Callable[[float], Sample], span: float) -> Iterable[Mark]:
    """What breaks between neighbouring samples, each found by halving."""
    finite = [s.value for s in samples if s.defined]
    if not finite:
        return
    tall = (max(finite) - min(finite)) or 1.0
    found: list[Mark] = []
    tried = 0
    for n, (a, b) in enumerate(zip(samples, samples[1:], strict=False)):
        if len(found) >= _MOST_MARKS or tried >= _MOST_TRIED:
            break
        worse: Callable[[Sample, Sample], float]
        if found and found[-1].right.x > a.x:
            continue  # found at the sample before
        if a.defined != b.defined:
            worse = _ends
        elif a.defined and _misses(a, b) > 1e-3 * tall:
            worse = _misses
        elif a.defined and abs(b.slope - a.slope) > 3 * _bend(samples, n) + 1e-9 * tall / span:
            worse = _turns
        else:
            continue
        tried += 1
        mark = _halved(a, b, evaluate, worse, span)
        if mark is not None and not (found and _same(found[-1], mark, span)):
            found.append(mark)
    yield from found


def _ends(a: Sample, b: Sample) -> float:
    """Does the function begin or end between two samples?"""
    return float(a.defined != b.defined)


def _same(a: Mark, b: Mark, span: float) -> bool:
    """Are they one place, met from both sides?"""
    return a.kind == b.kind and abs(a.x - b.x) < 1e-6 * span


def _turns(a: Sample, b: Sample) -> float:
    """By how much the slope changes."""
    return abs(b.slope - a.slope)


def _bend(samples: list[Sample], n: int) -> float:
    """How much the slope changes beside the gap behind sample ``n``, on the side where it is smoother."""
    around = samples[max(0, n - 1) : n + 1], samples[n + 1 : n + 3]
    pairs = [(p[0].slope, p[1].slope) for p in around if len(p) == 2]
    return min((abs(q - p) for p, q in pairs if math.isfinite(p) and math.isfinite(q)), default=0.0)


def _misses(a: Sample, b: Sample) -> float:
    """By how much the slopes fail to explain the step from one value to the next."""
    step = b.value - a.value
    told = (b.x - a.x) * (a.slope + b.slope) / 2
    return abs(step - told) if math.isfinite(told) else abs(step)


def _halved(
    a: Sample,
    b: Sample,
    evaluate: Callable[[float], Sample],
    worse: Callable[[Sample, Sample], float],
    span: float,
) -> Mark | None:
    """What lies between two samples: halve where it is worse, until nothing is between them."""
    for _ in range(_HALVINGS):
        middle = evaluate((a.x + b.x) / 2)
        if middle.x in (a.x, b.x):
            break
        if middle.defined != a.defined or middle.defined != b.defined:
            left = middle.defined != a.defined
        else:
            left = worse(a, middle) > worse(middle, b)
        a, b = (a, middle) if left else (middle, b)
    x = (a.x + b.x) / 2
    if a.defined and b.defined:  # at a kink itself some slope is taken; a little beside it is the true one
        beside = _BESIDE * max(abs(x), span)
        a, b = evaluate(x - beside), evaluate(x + beside)
        nearer = _turns(evaluate(x - beside / 16), evaluate(x + beside / 16))
        if _kind(a, b) == "kink" and nearer < _turns(a, b) / 2:
            return None  # the slope turns fast, and does not break
    kind = _kind(a, b)
    if kind == "edge":
        beside = _BESIDE * max(abs(x), span)
        around = evaluate(x - beside), evaluate(x + beside)
        kind, (a, b) = ("hole", around) if around[0].defined and around[1].defined else (kind, (a, b))
    return Mark(float(f"{x:.9g}") if abs(x) > 1e-9 * span else 0.0, kind, a, b) if kind else None


def _kind(a: Sample, b: Sample) -> str:
    """What two samples with next to nothing between them tell."""
    if a.defined != b.defined:
        defined = a if a.defined else b
        return "pole" if abs(defined.value) > _HUGE else "edge"
    if max(abs(a.value), abs(b.value)) > _HUGE:
        return "pole"
    if _misses(a, b) > 1e-6 * max(1.0, abs(a.value)):
        return "jump"
    steep = max(1.0, abs(a.slope), abs(b.slope))
    return "kink" if abs(b.slope - a.slope) > 1e-4 * steep else ""


def _range(values: list[float], clipped: bool) -> tuple[float, float]:
    finite = sorted(value for value in values if math.isfinite(value))
    if not finite:
        return 0.0, 1.0
    low, high = finite[0], finite[-1]
    if clipped:
        low, high = finite[len(finite) // 10], finite[-1 - len(finite) // 10]
        low, high = low - 0.2 * (high - low), high + 0.2 * (high - low)
    if low == high:
        return low - 1, high + 1
    return low, high
