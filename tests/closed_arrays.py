"""Closed forms of random array formulas against the trace's gradients: python -m tests.closed_arrays 2000 1

What is printed is typed back, at random points and at odd ones (whole numbers, zeros, ones). It says how many
are wrong anywhere, how many can't be typed back, how long the slowest took, and how long each form is.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.graph import build
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.language.tree.syntax import size
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.closed.matrix.array_form import array_form
from backtrace_cli.readings.closed.matrix.witness import evaluated
from backtrace_cli.readings.closed.written_chain import ClosedForm
from backtrace_cli.runs.point import Given
from backtrace_cli.runs.run import run

SHAPES: dict[str, Shape] = {
    "A": (3, 2), "B": (2, 3), "S": (3, 3), "X": (3, 2), "x": (2,), "u": (2,), "y": (3,), "b": (3,), "s": (),
}  # fmt: skip
NUMBERS: list[Shape] = [(2,), (3,), (3, 2), (2, 3), (3, 3)]
SMOOTH = ["tanh({})", "exp({})", "σ({})", "sin({})", "({})^2", "sqrt({0}^2 + 1)", "log({0}^2 + 1)", "-({})",
          "2*({})", "1/(1 + ({})^2)", "softplus({})"]  # fmt: skip
BENT = ["relu({})", "abs({})", "max({0}, 0)", "where({0} > 0, {0}, 2*({0}))", "clip({}, -1, 1)"]

#: Values beyond this come from a matrix that is singular but for rounding.
_ILL = 1e10


def grown(dice: random.Random, shape: Shape, depth: int) -> str:
    """A formula whose value has this shape."""

    def of(*sizes: int) -> str:
        return grown(dice, sizes, depth - 1)

    names = [name for name, known in SHAPES.items() if known == shape]
    if depth <= 0 or dice.random() < 0.12:
        return dice.choice(names) if names else str(dice.choice([2, 3, 0.5]))
    kind = dice.random()
    if kind < 0.2:
        return dice.choice(SMOOTH if dice.random() < 0.8 else BENT).format(of(*shape))
    if kind < 0.45:
        sign = dice.choice(["{} + {}", "({}) - ({})", "({})*({})", "({})/(1 + ({})^2)", "s*({1})"])
        return f"({sign.format(of(*shape), of(*shape))})"
    if not shape:
        inner = dice.choice(NUMBERS)
        return dice.choice([
            "sum({})", "sum({})", "mean({})", "norm({})", "sum(({})^2)", "logsumexp({})", "max({})",
            f"({of(3)}) @ ({of(3)})", f"({of(2)}) @ ({of(2)})", f"trace({of(3, 3)})",
            f"({of(3)}) @ ({of(3, 2)}) @ ({of(2)})", f"trace(({of(3, 2)}) @ ({of(2, 3)}))",
            f"logdet(({of(3, 3)}) @ S.T + 9*eye(3))", f"det({of(3, 3)})", f"mse({of(3)}, y)",
            f"-sum(b*log(softmax({of(3)})))", f"huber({of(3)}, y)",
        ]).format(of(*inner))  # fmt: skip
    if len(shape) == 1:
        n, m = shape[0], 5 - shape[0]
        return dice.choice([
            f"(({of(n, m)}) @ ({of(m)}))", f"(({of(m)}) @ ({of(m, n)}))", f"softmax({of(n)})",
            f"sum({of(n, m)}, axis=1)", f"sum({of(m, n)}, axis=0)", f"(s*({of(n)}))", f"cumsum({of(n)})",
            f"(({of(n)}) - mean({of(n)}))", f"(({of(m, n)})[0])", f"mean({of(m, n)}, axis=0)",
            f"(({of(n)})/norm({of(n)}))", f"log_softmax({of(n)})",
            *([f"diag({of(3, 3)})", f"(({of(3, 3)}) @ ({of(3)}))", f"solve(S, {of(3)})"] if n == 3 else []),
        ])  # fmt: skip
    n, m = shape
    k = dice.choice([2, 3]) if n == m == 3 else 3
    return dice.choice([
        f"(({of(m, n)}).T)", f"outer({of(n)}, {of(m)})", f"(({of(n, m)}) + ({of(m)}))",
        f"softmax({of(n, m)})", f"outer({of(n)}, {of(m)})",
        f"(({of(n, m)})*({of(m)}))", f"(({of(n, m)}) - mean({of(n, m)}, axis=0))", f"(s*({of(n, m)}))",
        *([f"({of(n, k)} @ {of(k, m)})"] if (n, k) in NUMBERS and (k, m) in NUMBERS else []),
        *([f"inv({of(3, 3)})", f"diag({of(3)})", f"(({of(3, 3)}) @ ({of(3, 3)}))"] if n == m == 3 else []),
    ])  # fmt: skip


def points(names: list[str], seed: int) -> Iterator[tuple[dict[str, Any], bool]]:
    """Points, and whether each is odd."""
    dice = np.random.default_rng(seed)
    for sort in ("positive", "signed", "signed", "whole", "zeros", "ones"):
        at: dict[str, Any] = {}
        for name in names:
            shape = SHAPES[name]
            if sort == "positive":
                value = dice.uniform(0.2, 1.5, shape)
                value = value + 2 * np.eye(3) if name == "S" else value
            elif sort == "signed":
                value = dice.normal(size=shape)
            elif sort == "whole":
                value = dice.integers(-2, 3, shape).astype(float)
            else:
                value = np.full(shape, float(sort == "ones"))
            at[name] = value if shape else float(value)
        yield at, sort in ("whole", "zeros", "ones")


class Judged(NamedTuple):
    """One closed form, and what was found wrong with it."""

    formula: str
    variable: str
    form: ClosedForm
    seconds: float
    fault: str
    typed: bool


def typed_back(form: ClosedForm, at: dict[str, Any]) -> tuple[Any, bool]:
    """The value of what is printed, and whether a formula can call it."""
    if "only rules call" in (form.note or ""):
        return evaluated(form.result, at, Arrays()), False
    text = to_text(form.result)
    try:
        used = build(text, bound=SHAPES).inputs
        return run(text, {n: Given("", v) for n, v in at.items() if n in used}, wrt=()).value, True
    except BacktraceError:
        return np.nan, True


def judged(formula: str, seed: int) -> Iterator[Judged]:
    """Each closed form of a formula, held against the trace."""
    graph = build(formula, bound=SHAPES)
    graph = fit_shapes(graph, {index: SHAPES[name] for name, index in graph.inputs.items()})
    for variable in graph.inputs:
        start = time.process_time()
        form = array_form(graph, variable)
        seconds = time.process_time() - start
        fault, typed = "", True
        for at, odd in points(list(graph.inputs), seed):
            try:
                trace = run(formula, {name: Given("", value) for name, value in at.items()}, wrt=[variable])
            except BacktraceError:
                continue
            if max(float(np.max(np.abs(value), initial=0.0)) for value in trace.values) > _ILL:
                continue  # next to singular: the trace's own digits are gone
            wanted = np.asarray(trace.gradient[variable])
            found, typed = typed_back(form, at)
            there = np.isfinite(wanted)
            scale = float(np.max(np.abs(wanted[there]), initial=0.0))
            with np.errstate(all="ignore"):
                right = np.shape(found) == wanted.shape and bool(
                    np.all(np.abs(np.asarray(found) - wanted)[there] <= 1e-6 * scale + 1e-8)
                )
            if not right and not (form.note and (odd or np.isnan(found).any())):
                fault = f"at {at}: {np.asarray(found).tolist()} for {wanted.tolist()}"
                break
        yield Judged(formula, variable, form, seconds, fault, typed)


def formulas(count: int, seed: int) -> Iterator[str]:
    """Random formulas whose value is a number and that read an array."""
    dice = random.Random(seed)
    made = 0
    while made < count:
        formula = grown(dice, (), dice.choice([1, 2, 2, 3, 3, 4]))
        try:
            graph = build(formula, bound=SHAPES)
            fit_shapes(graph, {index: SHAPES[name] for name, index in graph.inputs.items()})
        except BacktraceError:
            continue
        if graph.mixes and graph.inputs:
            made += 1
            yield formula


def main(count: int, seed: int) -> int:
    """The figures of ``count`` formulas; how many forms are wrong."""
    found = []
    for number, formula in enumerate(formulas(count, seed)):
        for one in judged(formula, number):
            found.append(one)
            if one.fault:
                print(
                    f"WRONG {one.formula}  ∂{one.variable} = {to_text(one.form.result)}\n   {one.fault[:300]}"
                )
            if one.seconds > 5:
                print(f"SLOW {one.seconds:.1f} s {one.formula}  ∂{one.variable}")
    wrong = sum(bool(one.fault) for one in found)
    print(f"{count} formulas, {len(found)} closed forms: {wrong} wrong, "
          f"{sum(not one.typed for one in found)} that formulas can't call, "
          f"{sum(one.form.note is not None for one in found)} with a note")  # fmt: skip
    slowest = sorted(one.seconds for one in found)
    print(f"seconds: median {slowest[len(slowest) // 2]:.2f}, 99% {slowest[len(slowest) * 99 // 100]:.2f}, "
          f"slowest {slowest[-1]:.2f}")  # fmt: skip
    print("notes:", Counter((one.form.note or "")[:60] for one in found).most_common(8))
    sizes = sorted(size(one.form.result) for one in found)
    print(f"nodes: median {sizes[len(sizes) // 2]}, 99% {sizes[len(sizes) * 99 // 100]}")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
