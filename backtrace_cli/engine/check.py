"""The gradient check: central differences over a sweep of steps, and an honest verdict.

(f(x+h) − f(x−h)) / 2h has a truncation error that falls with h² and a rounding
error that grows with 1/h: plotted against h the error is a V. The verdict never
looks at the engine's gradient to choose its step; it takes the step at which the
differences themselves are most certain (see docs/reading.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from backtrace_cli.engine.arithmetic import Arithmetic, Floats
from backtrace_cli.engine.events import Value
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace, plain
from backtrace_cli.formula.numerals import shape_of

__all__ = ["AGREES", "DIFFERS", "UNDECIDED", "CheckRow", "VariableCheck", "check", "check_cost", "path_scales"]

AGREES, DIFFERS, UNDECIDED = "agrees", "differs", "undecided"

_EPS = 2.0**-52
#: Below the smallest normal number rounding is absolute.
_TINY = 2.0**-1022
_STEPS = 13
#: A difference counts as disagreement beyond this many times its own uncertainty.
_SURE = 10.0
#: Differences less certain than this, relative to the paths' contributions, decide nothing.
_BLURRED = 1e-3
#: An array with more entries than this is checked along random directions instead.
_MOST_ENTRIES = 64


class CheckRow(NamedTuple):
    """One step of the sweep."""

    h: float
    estimate: float
    error: float
    """|estimate − the engine's derivative|."""
    rounding: float
    """How far rounding alone may have moved the estimate."""


class VariableCheck(NamedTuple):
    """The check of one variable (or of one entry, or one direction, of an array)."""

    name: str
    gradient: float
    rows: tuple[CheckRow, ...]
    best: CheckRow | None
    """The row of the sweep with the smallest error."""
    verdict: str
    """``agrees``, ``differs`` or ``undecided``."""
    digits: int
    """How many digits agree, on the scale of the paths' contributions."""
    reason: str
    """Why the check cannot decide, where it can't."""

    def to_dict(self) -> dict[str, Any]:
        """The check as plain data for JSON."""
        return {
            "variable": self.name, "gradient": plain(self.gradient), "verdict": self.verdict,
            "digits": self.digits, "reason": self.reason or None,
            "best_step": plain(self.best.h) if self.best else None,
            "sweep": [
                {"h": plain(r.h), "difference": plain(r.estimate), "error": plain(r.error)}
                for r in self.rows
            ],
        }  # fmt: skip


def check(trace: Trace) -> list[VariableCheck]:
    """Check every wanted variable of a numeric trace against central differences.

    >>> from backtrace_cli import trace
    >>> [found.verdict for found in check(trace("x^2*y", x=3, y=2))]
    ['agrees', 'agrees']
    """
    arithmetic = Floats() if trace.arithmetic.name == "exact" else trace.arithmetic
    point = {name: _float(value) for name, value in trace.at.items()}
    scales, noise = path_scales(trace), _noise(trace)
    kinked = _kinked(trace)
    found = []
    for name in trace.wrt:
        base, gradient = point[name], _float(trace.gradient_of(name))
        for label, direction in _directions(name, base):
            function = _along(trace, arithmetic, point, name, direction)
            slope = _sum(_times(gradient, direction))
            size = _sum(_times(scales.get(name, 0.0), abs(direction)))
            moving = _sum(abs(_times(_times(gradient, base), direction)))  # x + h and x − h are rounded too
            blur = noise + (moving if math.isfinite(moving) else 0.0)
            found.append(
                _check_one(label, function, _steps(base), slope, size, blur, name in kinked)
            )
    return found


def check_cost(trace: Trace) -> int:
    """About how many op evaluations ``check`` would take."""
    entries = sum(min(_MOST_ENTRIES, _count(trace.at[name])) for name in trace.wrt)
    return len(trace.graph.steps) * entries * 4 * _STEPS


def path_scales(trace: Trace) -> dict[str, Value]:
    """Per variable: the sum over all paths of the absolute product of local derivatives.

    It is the scale on which agreement is judged, so that paths that cancel can't make
    the tolerance vanish.
    """
    if trace.back is None:
        return {name: abs(_float(trace.gradient_of(name))) for name in trace.wrt}
    arithmetic = trace.arithmetic
    sizes: dict[int, Value] = {trace.graph.output: abs(arithmetic.seed(trace.value))}
    for sent in trace.sent:
        if sent.local is None:
            part = abs(sent.contribution)
        else:
            part = arithmetic.times(sizes[sent.source], abs(sent.local))
        part, _ = arithmetic.fit(part, trace.values[sent.target])
        sizes[sent.target] = part if sent.order == 1 else sizes[sent.target] + part
    zero = arithmetic.zero
    return {name: _float(sizes.get(trace.graph.inputs[name], zero)) for name in trace.wrt}


def _noise(trace: Trace) -> float:
    """A first-order bound on the rounding error of one evaluation, in units of _EPS."""
    total = _sum(abs(_float(trace.value)))
    if trace.back is not None:
        for index, gradient in enumerate(trace.back.gradients):
            if gradient is not None and trace.graph.nodes[index].op is not None:
                part = _sum(_times(abs(_float(gradient)), abs(_float(trace.values[index])) + _TINY))
                total += part if math.isfinite(part) else 0.0
    return total


def _kinked(trace: Trace) -> set[str]:
    """Variables that a message through a kink, a jump or an undefined slope reached."""
    graph = trace.graph
    kinks: set[int] = set()
    for sent in trace.sent:
        node = graph.nodes[sent.source]
        if sent.kink >= 0 and node.op and node.op.kinks[sent.kink].kind != "limit":
            kinks.add(sent.target)
    if not kinks:
        return set()
    below = set(kinks)
    for node in reversed(graph.nodes):
        if node.index in below:
            below.update(node.args)
    return {name for name in trace.wrt if graph.inputs[name] in below}


def _directions(name: str, base: Value) -> Iterator[tuple[str, Value]]:
    """What to move: the number itself; each entry of an array; or random signs of a large one."""
    shape = shape_of(base)
    if not shape:
        yield name, 1.0
        return
    import numpy as np

    if base.size <= _MOST_ENTRIES:
        for place in np.ndindex(*shape):
            direction = np.zeros(shape)
            direction[place] = 1.0
            yield f"{name}[{','.join(str(i) for i in place)}]", direction
        return
    signs = np.random.default_rng(0)
    for number in range(1, 4):
        yield f"{name}, random direction {number}", signs.choice([-1.0, 1.0], size=shape)


def _along(
    trace: Trace, arithmetic: Arithmetic, point: dict[str, Value], name: str, direction: Value
) -> Callable[[float], float]:
    """The output (an array's sum) as a function of a step along ``direction``."""
    graph = trace.graph

    def moved(h: float) -> float:
        inputs = {graph.inputs[n]: v for n, v in point.items()}
        inputs[graph.inputs[name]] = point[name] + h * direction
        values, _ = forward(graph, inputs, arithmetic)
        return _sum(_float(values[graph.output]))

    return moved


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
    name: str,
    function: Callable[[float], float],
    steps: list[float],
    gradient: float,
    size: float,
    noise: float,
    kinked: bool,
) -> VariableCheck:
    rows: list[CheckRow] = []
    for h in steps:
        high, low = function(h), function(-h)
        estimate = (high - low) / (2 * h)
        error = abs(estimate - gradient)
        rows.append(CheckRow(h, estimate, error, _EPS * max(noise, abs(high), abs(low), _TINY) / h))
    usable = [row for row in rows if math.isfinite(row.estimate)]
    best = min(usable, key=lambda row: row.error, default=None) if math.isfinite(gradient) else None
    verdict, digits, reason = _verdict(usable, function, gradient, size, kinked)
    return VariableCheck(name, gradient, tuple(rows), best, verdict, digits, reason)


def _verdict(
    rows: list[CheckRow],
    function: Callable[[float], float],
    gradient: float,
    size: float,
    kinked: bool,
) -> tuple[str, int, str]:
    """(verdict, agreeing digits, reason)."""
    if not math.isfinite(gradient):
        return UNDECIDED, 0, "the derivative is not a finite number here"
    if kinked:
        return UNDECIDED, 0, "at a kink the two sides differ, so differences can't decide"
    if len(rows) < 2:
        return UNDECIDED, 0, "no step stays where the formula has a value"
    row, doubt = _most_certain(rows)
    scale = max(size, abs(gradient), abs(row.estimate))
    if size == gradient == 0:  # flat here: the scale is the slope nearby
        beside = abs(function(rows[0].h) - function(0.0)) / rows[0].h
        scale = max(beside, *(abs(other.estimate) for other in rows))
    if scale == 0:
        return AGREES, 15, ""
    if doubt > _BLURRED * scale:
        return UNDECIDED, 0, "rounding hides the answer at every step"
    closest = min(other.error for other in rows)
    digits = min(15, max(0, int(-math.log10(max(closest / scale, 1e-15)))))
    if row.error <= _SURE * doubt:
        return AGREES, digits, ""
    if _two_slopes(rows, row, function, scale):
        return UNDECIDED, 0, "the slopes on the two sides differ: a kink lies within the steps"
    if not _settled(rows, row, function):
        return UNDECIDED, 0, "the differences don't settle as the step shrinks"
    return DIFFERS, digits, ""


def _most_certain(rows: list[CheckRow]) -> tuple[CheckRow, float]:
    """The row whose estimate the next smaller step confirms best, and how uncertain it is.

    A row at a smaller step that rounding can't explain away overrules a larger one.
    """
    doubts = [
        abs(row.estimate - after.estimate) + row.rounding + after.rounding
        for row, after in zip(rows, rows[1:], strict=False)
    ]
    start = 0
    while True:
        at = min(range(start, len(doubts)), key=doubts.__getitem__)
        against = [
            later
            for later in range(at + 1, len(doubts))
            if abs(rows[later].estimate - rows[at].estimate)
            > _SURE * (doubts[at] + rows[later].rounding + rows[later + 1].rounding)
        ]
        if not against:
            return rows[at], doubts[at]
        start = against[0]


def _settled(rows: list[CheckRow], row: CheckRow, function: Callable[[float], float]) -> bool:
    """Do the smaller steps say the same? Not where the formula swings faster than the steps,
    nor where rounding is as large as the values themselves."""
    if row.rounding * row.h > _BLURRED * max(abs(function(row.h)), abs(function(-row.h))):
        return False
    near = rows[rows.index(row) :]
    return all(
        abs(one.estimate - two.estimate) <= max(0.1 * abs(one.estimate), 2 * (one.rounding + two.rounding))
        for one, two in pairwise(near)
    )


def _two_slopes(
    rows: list[CheckRow], row: CheckRow, function: Callable[[float], float], scale: float
) -> bool:
    """Do the one-sided slopes stay apart as the step shrinks?"""
    middle = function(0.0)
    gaps = []
    for later in rows[rows.index(row) :]:
        if later.rounding > 1e-4 * scale:
            break
        h = later.h
        gaps.append(abs((function(h) - middle) / h - (middle - function(-h)) / h))
    return len(gaps) > 1 and gaps[-1] > 1e-2 * scale and gaps[-1] > gaps[0] / 3


def _float(value: Value) -> Value:
    """A fraction as a float; anything else as it is."""
    return float(value) if hasattr(value, "numerator") and not shape_of(value) else value


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
