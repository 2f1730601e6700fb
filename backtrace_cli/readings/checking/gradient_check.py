"""The gradient check: central differences over a sweep of steps, and an honest verdict.

(f(x+h) − f(x−h)) / 2h has a truncation error that falls with h² and a rounding
error that grows with 1/h: plotted against h the error is a V. The verdict never
looks at the engine's gradient to choose its step; it takes the step at which the
differences themselves are most certain (see docs/reading.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, as_float
from backtrace_cli.engine.backward import Backward, backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.checking.along_lines import (
    MOST_ENTRIES,
    Lines,
    entry_count,
    summed,
    weighted,
)
from backtrace_cli.readings.checking.check_verdict import (
    AGREES,
    DIFFERS,
    KINK,
    NEAR,
    UNDECIDED,
    CheckRow,
    VariableCheck,
    decide,
)
from backtrace_cli.readings.entry_names import entry, first_few

__all__ = [
    "Sweep",
    "AGREES",
    "DIFFERS",
    "UNDECIDED",
    "CheckRow",
    "VariableCheck",
    "check",
    "check_count",
    "check_line",
    "checks",
    "check_cost",
    "directions",
    "path_scales",
    "steps_of",
]

_EPS = 2.0**-52
#: Below the smallest normal number rounding is absolute.
_TINY = 2.0**-1022
_STEPS = 13
_WHOLE = "it is read as a whole number, which can't be moved a little"
_DIRECTIONS = 3
#: The shortest step is so many powers of ten below what is moved.
_BELOW = 6
#: So many of the longest steps may meet a kink without deciding anything.
_FAR = 3


class Sweep(Protocol):
    """A function of a step along one direction, which knows at which steps it met a kink or left a branch."""

    met: set[float]
    crossed: set[float]

    def __call__(self, h: float, /) -> float:
        """The output there."""
        ...


def check(trace: Trace) -> list[VariableCheck]:
    """Check every wanted variable of a numeric trace against central differences.

    >>> from backtrace_cli import trace
    >>> [found.verdict for found in check(trace("x^2*y", x=3, y=2))]
    ['agrees', 'agrees']
    """
    return list(checks(trace))


def check_count(trace: Trace) -> int:
    """How many checks ``checks`` will give, at most: numbers, entries, or directions of large arrays."""
    sizes = [entry_count(trace.at[name]) for name in trace.wrt]
    return sum(size if size <= MOST_ENTRIES else _DIRECTIONS + 1 for size in sizes)


def checks(trace: Trace) -> Iterator[VariableCheck]:
    """The checks of ``check`` one by one, as each is made."""
    trace = _of_a_number(_in_double(trace))
    lines = Lines(trace)
    back = trace.back or _reverse(trace)
    scales, noise = path_scales(trace), _noise(trace, back)
    for name in trace.wrt:
        base, gradient = lines.point[name], as_float(trace.gradient_of(name))
        kinked = lines.kinked(name)
        if kinked is not None:
            yield _at_kinks(name, kinked, gradient)
        for label, direction in directions(name, base, kinked):
            line = lines.along(name, direction)
            slope = summed(weighted(gradient, direction))
            size = summed(weighted(scales.get(name, 0.0), abs(direction)))
            # x + h and x − h are rounded too
            moving = summed(abs(weighted(weighted(gradient, base), direction)))
            blur = noise + (moving if math.isfinite(moving) else 0.0)
            try:
                whole = _counts(trace.graph, trace.graph.inputs[name])
                line(0.5)
            except ShapeError:  # only an index that is a fraction fails here, where the trace itself did not
                whole = True
            if whole:
                yield VariableCheck(label, slope, (), None, UNDECIDED, 0, _WHOLE, name)
                continue
            yield check_line(
                name,
                label,
                line,
                steps_of(base, direction),
                slope,
                size,
                blur,
                partial(lines.sway, name, direction),
            )


def _of_a_number(trace: Trace) -> Trace:
    """A trace from a chosen message at the output as that of the output weighed with it."""
    if trace.upstream is None:
        return trace
    from backtrace_cli.engine.second_order import weighed

    graph, arithmetic = weighed(trace.graph, trace.upstream), trace.arithmetic
    values, _ = forward(graph, {graph.inputs[name]: value for name, value in trace.at.items()}, arithmetic)
    wanted = {graph.inputs[name] for name in trace.wrt}
    return Trace(graph, trace.at, arithmetic, values, backward(graph, values, arithmetic, wanted), trace.wrt)


def _in_double(trace: Trace) -> Trace:
    """A trace of single precision again in double: the check is of the rules, not of the rounding."""
    if not getattr(trace.arithmetic, "single", False):
        return trace
    from backtrace_cli.engine.arithmetics.arrays import Arrays

    graph, arithmetic = trace.graph, Arrays(guarded=trace.arithmetic.guarded)  # type: ignore[attr-defined]
    at = {name: arithmetic.own(value) for name, value in trace.at.items()}
    values, _ = forward(graph, {graph.inputs[name]: value for name, value in at.items()}, arithmetic)
    wanted = {graph.inputs[name] for name in trace.wrt}
    back = backward(graph, values, arithmetic, wanted, seed=trace.upstream)
    return Trace(graph, at, arithmetic, values, back, trace.wrt, upstream=trace.upstream)


def check_cost(trace: Trace) -> int:
    """About how many op evaluations ``check`` would take; a thousand entries count as one more."""
    entries = sum(
        count if (count := entry_count(trace.at[name])) <= MOST_ENTRIES else _DIRECTIONS for name in trace.wrt
    )
    steps = len(trace.graph.steps)
    if trace.arithmetic.arrays:
        steps += sum(entry_count(value) for value in trace.values) // 1000
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
        sizes[sent.target] = part if sent.order == 1 else arithmetic.plus(sizes[sent.target], part)
    zero = arithmetic.zero
    return {name: as_float(sizes.get(trace.graph.inputs[name], zero)) for name in trace.wrt}


def _reverse(trace: Trace) -> Backward:
    """The messages of a trace that was made in forward mode: the sizes of paths are theirs."""
    wanted = {trace.graph.inputs[name] for name in trace.wrt}
    return backward(trace.graph, trace.values, trace.arithmetic, wanted)


def _counts(graph: Graph, index: int) -> bool:
    """Is a node read as a whole number by an elementwise op, such as the order of a polygamma?"""
    readers = (node for node in graph.nodes if node.op is not None and node.op.counts and index in node.args)
    return any(not node.op.sends(node.args.index(index)) for node in readers if node.op is not None)


def _noise(trace: Trace, back: Backward) -> float:
    """A first-order bound on the rounding error of one evaluation, in units of _EPS."""
    total = summed(abs(as_float(trace.value)))
    for index, gradient in enumerate(back.gradients):
        if gradient is not None and trace.graph.nodes[index].op is not None:
            part = summed(weighted(abs(as_float(gradient)), abs(as_float(trace.values[index])) + _TINY))
            total += part if math.isfinite(part) else 0.0
    return total


def directions(name: str, base: Value, kinked: Value) -> Iterator[tuple[str, Value]]:
    """What to move: the number itself; each entry of an array; or random signs of a large one,
    whose ``kinked`` entries stay."""
    shape = shape_of(base)
    if not shape:
        yield name, 1.0
        return
    import numpy as np

    if base.size <= MOST_ENTRIES:
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
    return VariableCheck(label, summed(weighted(gradient, kinked)), (), None, UNDECIDED, 0, KINK, name)


def steps_of(base: Value, direction: Value) -> list[float]:
    """The steps of the sweep, powers of ten from the scale of the variable to far below what moves."""
    most = least = _largest(base)
    if shape_of(base):
        least = _largest(weighted(base, abs(direction))) or most
    if not math.isfinite(most):
        return []
    top = 10.0 ** math.floor(math.log10(max(most, 1.0)))
    steps = [top * 10.0**-k for k in range(1, _STEPS + 1)]
    if least > 0:
        low = 10.0 ** math.floor(math.log10(least))
        steps += [h for k in range(1, _BELOW + 1) if 0 < (h := low * 10.0**-k) < steps[-1]]
    return steps


def _largest(value: Value) -> float:
    return float(abs(value)) if not shape_of(value) else float(abs(value).max(initial=0.0))


def check_line(
    variable: str,
    label: str,
    line: Sweep,
    steps: list[float],
    gradient: float,
    size: float,
    noise: float,
    own: Callable[[], float],
) -> VariableCheck:
    """The sweep along ``line``, which keeps the steps that met a kink; ``noise`` is in units of 2⁻⁵²."""
    rows: list[CheckRow] = []
    for h in steps:
        high, low = line(h), line(-h)
        estimate = (high - low) / (2 * h)
        error = abs(estimate - gradient)
        rows.append(CheckRow(h, estimate, error, _EPS * max(noise, abs(high), abs(low), _TINY) / h))
    kinked = any(h in line.met for h in steps[_FAR:])
    finite = [row for row in rows if math.isfinite(row.estimate)]
    # A kink that only long steps reach, of a unit that is off, leaves the short ones.
    usable = finite if kinked else [row for row in finite if row.h not in line.met | line.crossed]
    if len(usable) < 2 <= len(finite) and line.crossed:
        return VariableCheck(label, gradient, tuple(rows), None, UNDECIDED, 0, NEAR, variable)
    best = min(usable, key=lambda row: row.error, default=None) if math.isfinite(gradient) else None
    verdict, digits, reason = decide(usable, line, gradient, size, kinked, own)
    return VariableCheck(label, gradient, tuple(rows), best, verdict, digits, reason, variable)
