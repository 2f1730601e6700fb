"""The gradient check: central differences over a sweep of steps, and an honest verdict.

(f(x+h) − f(x−h)) / 2h has a truncation error that falls with h² and a rounding
error that grows with 1/h: plotted against h the error is a V. The verdict never
looks at the engine's gradient to choose its step; it takes the step at which the
differences themselves are most certain (see docs/reading.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.backward import Backward, backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.check_verdict import (
    AGREES,
    DIFFERS,
    KINK,
    UNDECIDED,
    CheckRow,
    VariableCheck,
    decide,
)
from backtrace_cli.readings.entry_names import entry, first_few
from backtrace_cli.readings.kinks import entries_that_move, meets, standing

__all__ = [
    "AGREES",
    "DIFFERS",
    "UNDECIDED",
    "CheckRow",
    "VariableCheck",
    "check",
    "check_cost",
    "path_scales",
]

_EPS = 2.0**-52
#: Below the smallest normal number rounding is absolute.
_TINY = 2.0**-1022
_STEPS = 13
_WHOLE = "an index is a whole number and can't be moved a little"
#: An array with more entries than this is checked along random directions instead.
_MOST_ENTRIES = 64
_DIRECTIONS = 3
#: So many of the longest steps may meet a kink without deciding anything.
_FAR = 3


def check(trace: Trace) -> list[VariableCheck]:
    """Check every wanted variable of a numeric trace against central differences.

    >>> from backtrace_cli import trace
    >>> [found.verdict for found in check(trace("x^2*y", x=3, y=2))]
    ['agrees', 'agrees']
    """
    trace = _in_double(trace)
    lines = _Lines(trace)
    back = trace.back or _reverse(trace)
    scales, noise = path_scales(trace), _noise(trace, back)
    found = []
    for name in trace.wrt:
        base, gradient = lines.point[name], _float(trace.gradient_of(name))
        kinked = lines.kinked(name)
        if kinked is not None:
            found.append(_at_kinks(name, kinked, gradient))
        for label, direction in _directions(name, base, kinked):
            line = lines.along(name, direction)
            slope = _sum(_times(gradient, direction))
            size = _sum(_times(scales.get(name, 0.0), abs(direction)))
            moving = _sum(abs(_times(_times(gradient, base), direction)))  # x + h and x − h are rounded too
            blur = noise + (moving if math.isfinite(moving) else 0.0)
            try:
                line(0.5)
            except ShapeError:  # only an index that is a fraction fails here, where the trace itself did not
                found.append(VariableCheck(label, slope, (), None, UNDECIDED, 0, _WHOLE, name))
                continue
            found.append(_check_one(name, label, line, _steps(base), slope, size, blur))
    return found


def _in_double(trace: Trace) -> Trace:
    """A trace of single precision again in double: the check is of the rules, not of the rounding."""
    if not getattr(trace.arithmetic, "single", False):
        return trace
    from backtrace_cli.engine.arithmetics.arrays import Arrays

    graph, arithmetic = trace.graph, Arrays(guarded=trace.arithmetic.guarded)  # type: ignore[attr-defined]
    at = {name: arithmetic.own(value) for name, value in trace.at.items()}
    values, _ = forward(graph, {graph.inputs[name]: value for name, value in at.items()}, arithmetic)
    wanted = {graph.inputs[name] for name in trace.wrt}
    return Trace(graph, at, arithmetic, values, backward(graph, values, arithmetic, wanted), trace.wrt)


def check_cost(trace: Trace) -> int:
    """About how many op evaluations ``check`` would take; a thousand entries count as one more."""
    entries = sum(
        count if (count := _count(trace.at[name])) <= _MOST_ENTRIES else _DIRECTIONS for name in trace.wrt
    )
    steps = len(trace.graph.steps)
    if trace.arithmetic.arrays:
        steps += sum(_count(value) for value in trace.values) // 1000
    return steps * entries * 4 * _STEPS


def path_scales(trace: Trace) -> dict[str, Value]:
    """Per variable: the sum over all paths of the absolute product of local derivatives.

    It is the scale on which agreement is judged, so that paths that cancel can't make
    the tolerance vanish.
    """
    arithmetic = trace.arithmetic
    sizes: dict[int, Value] = {trace.graph.output: abs(arithmetic.seed(trace.value))}
    for sent in (trace.back or _reverse(trace)).sent:
        if sent.local is None:
            part = abs(sent.contribution)
        else:
            part = arithmetic.times(sizes[sent.source], abs(sent.local))
        part, _ = arithmetic.fit(part, trace.values[sent.target])
        sizes[sent.target] = part if sent.order == 1 else sizes[sent.target] + part
    zero = arithmetic.zero
    return {name: _float(sizes.get(trace.graph.inputs[name], zero)) for name in trace.wrt}


def _reverse(trace: Trace) -> Backward:
    """The messages of a trace that was made in forward mode: the sizes of paths are theirs."""
    wanted = {trace.graph.inputs[name] for name in trace.wrt}
    return backward(trace.graph, trace.values, trace.arithmetic, wanted)


def _noise(trace: Trace, back: Backward) -> float:
    """A first-order bound on the rounding error of one evaluation, in units of _EPS."""
    total = _sum(abs(_float(trace.value)))
    for index, gradient in enumerate(back.gradients):
        if gradient is not None and trace.graph.nodes[index].op is not None:
            part = _sum(_times(abs(_float(gradient)), abs(_float(trace.values[index])) + _TINY))
            total += part if math.isfinite(part) else 0.0
    return total


def _directions(name: str, base: Value, kinked: Value) -> Iterator[tuple[str, Value]]:
    """What to move: the number itself; each entry of an array; or random signs of a large one,
    whose ``kinked`` entries stay."""
    shape = shape_of(base)
    if not shape:
        yield name, 1.0
        return
    import numpy as np

    if base.size <= _MOST_ENTRIES:
        for place in np.ndindex(*shape):
            direction = np.zeros(shape)
            direction[place] = 1.0
            yield entry(name, place), direction
        return
    signs = np.random.default_rng(0)
    if kinked is not None and kinked.all():
        return
    for number in range(1, _DIRECTIONS + 1):
        direction = signs.choice([-1.0, 1.0], size=shape)
        yield (
            f"{name}, random direction {number}",
            (direction if kinked is None else np.where(kinked, 0.0, direction)),
        )


def _at_kinks(name: str, kinked: Value, gradient: Value) -> VariableCheck:
    """What is said of the entries of a large array that stay because they would meet a kink."""
    label = f"{name}, all {kinked.size:,} entries" if kinked.all() else first_few(name, kinked)
    return VariableCheck(label, _sum(_times(gradient, kinked)), (), None, UNDECIDED, 0, KINK, name)


class _Lines:
    """The output along any line through the point, and whether it meets a kink on the way."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.arithmetic = Floats() if trace.arithmetic.exact else trace.arithmetic
        self.point = {name: _float(value) for name, value in trace.at.items()}
        self.places = standing(trace.graph, trace.values, trace.arithmetic)
        self.values = trace.values if self.arithmetic is trace.arithmetic else self.at(self.point)
        large = [name for name in trace.wrt if _count(trace.at[name]) > _MOST_ENTRIES]
        self.moving = (
            entries_that_move(trace.graph, self.places, trace.values, trace.arithmetic, large)
            if large and self.places else {}
        )  # fmt: skip

    def at(self, point: dict[str, Value]) -> list[Value]:
        """Every value at ``point``."""
        graph = self.trace.graph
        return forward(graph, {graph.inputs[n]: v for n, v in point.items()}, self.arithmetic)[0]

    def kinked(self, name: str) -> Value:
        """The entries of a large array that meet a kink; None where none does, and for small ones."""
        found = self.moving.get(name)
        return found if found is not None and found.any() else None

    def along(self, name: str, direction: Value) -> _Line:
        """The line on which ``name`` moves along ``direction``."""
        return _Line(self, name, direction)


class _Line:
    """The output (an array's sum) as a function of a step along one direction."""

    def __init__(self, lines: _Lines, name: str, direction: Value) -> None:
        self.lines, self.name, self.direction = lines, name, direction
        self.met: set[float] = set()
        """The steps at which a box that stands at a kink has changed."""

    def __call__(self, h: float) -> float:
        lines = self.lines
        values = lines.at({**lines.point, self.name: lines.point[self.name] + h * self.direction})
        if lines.places and meets(lines.trace.graph, lines.places, lines.values, values):
            self.met.add(abs(h))
        return _sum(_float(values[lines.trace.graph.output]))


def _steps(base: Value) -> list[float]:
    """The steps of the sweep, powers of ten on the scale of the variable."""
    size = float(abs(base)) if not shape_of(base) else 1.0
    if not math.isfinite(size):
        return []
    top = 10.0 ** math.floor(math.log10(max(size, 1.0)))
    steps = [top * 10.0**-k for k in range(1, _STEPS + 1)]
    if 0 < size < 1e-6:
        low = 10.0 ** math.floor(math.log10(size))
        steps += [h for k in range(1, 7) if (h := low * 10.0**-k) < steps[-1] and h > 0]
    return steps


def _check_one(
    variable: str, label: str, line: _Line, steps: list[float], gradient: float, size: float, noise: float
) -> VariableCheck:
    rows: list[CheckRow] = []
    for h in steps:
        high, low = line(h), line(-h)
        estimate = (high - low) / (2 * h)
        error = abs(estimate - gradient)
        rows.append(CheckRow(h, estimate, error, _EPS * max(noise, abs(high), abs(low), _TINY) / h))
    kinked = any(h in line.met for h in steps[_FAR:])
    finite = [row for row in rows if math.isfinite(row.estimate)]
    # A kink that only long steps reach, of a unit that is off, leaves the short ones.
    usable = finite if kinked else [row for row in finite if row.h not in line.met]
    best = min(usable, key=lambda row: row.error, default=None) if math.isfinite(gradient) else None
    verdict, digits, reason = decide(usable, line, gradient, size, kinked)
    return VariableCheck(label, gradient, tuple(rows), best, verdict, digits, reason, variable)


def _float(value: Value) -> Value:
    """A fraction as a float, inf where it is too large for one; anything else as it is."""
    if shape_of(value) or not hasattr(value, "numerator"):
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _sum(value: Value) -> float:
    if not shape_of(value):
        return float(value)
    import numpy as np

    with np.errstate(all="ignore"):
        return float(value.sum())


def _times(value: Value, factor: Value) -> Value:
    """value · factor, an entry that is not moved being 0 even where the value is infinite."""
    if not shape_of(factor):
        return value * factor
    import numpy as np

    with np.errstate(all="ignore"):
        return np.where(factor == 0, 0.0, value * factor)


def _count(value: Value) -> int:
    return math.prod(shape_of(value))
