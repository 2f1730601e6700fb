"""Gradients judged by the trace of a formula, and the mistake of the catalogue that explains all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, close
from backtrace_cli.engine.trace import Trace
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.diagnose import Diagnoser, Diagnosis
from backtrace_cli.readings.questions import Question
from backtrace_cli.runs.prepared_gradient import given_values
from backtrace_cli.runs.run import run

__all__ = ["diagnosed", "trace_of"]

#: Points beside the given one at which a gradient that can be called is asked again.
_BESIDE = ((1.0, 0.0), (1.1, 0.05), (0.9, -0.03))


def trace_of(formula: str, at: Mapping[str, Value], wrt: Sequence[str]) -> Trace:
    """The trace at ``at``. Raises BacktraceError."""
    return run(formula, given_values(at), wrt=wrt)


def diagnosed(
    trace: Trace, mine: Mapping[str, Value],
    again: Callable[[Mapping[str, Value]], Mapping[str, Value]] | None, tolerance: float,
) -> Diagnosis | None:  # fmt: skip
    """The one mistake that explains every gradient of ``mine``, else that of the first wrong one.

    ``again`` gives the gradients at another point, where they can be had there.
    """
    points = [(dict(trace.at), dict(mine))]
    for factor, off in _BESIDE[1:] if again else ():
        assert again is not None
        at = {name: value * factor + off for name, value in trace.at.items()}
        try:
            points.append((at, dict(again(at))))
        except Exception:  # the function need not have a value there
            continue
    try:
        faults = list(faults_in(trace.graph))
        whole = Diagnoser(trace.graph, faults=faults)
        scenes = [(whole.scene(at), gradients) for at, gradients in points]
        rights = {name: trace.gradient_of(name) for name in mine}
        wrong = [name for name, value in mine.items() if not _same(rights[name], value, tolerance)]
        together = [
            fault for number, fault in enumerate(faults)
            if all(
                _same(scene.says(Question("gradient", None, name), number), gradients[name], tolerance)
                for scene, gradients in scenes for name in mine
            )
        ]  # fmt: skip
        for thought_of in (together, faults) if together else (faults,):
            diagnoser = Diagnoser(trace.graph, faults=thought_of)
            for name in wrong:
                evidence = [(at, _float(gradients[name])) for at, gradients in points]
                found = diagnoser.diagnose(Question("gradient", None, name), evidence, tolerance)
                if found is not None:
                    return found
    except BacktraceError:
        return None
    return None


def _same(right: Value, mine: Value, tolerance: float) -> bool:
    return shape_of(right) == shape_of(mine) and close(right, mine, tolerance)


def _float(value: Value) -> Value:
    return np.asarray(value, dtype=float) if shape_of(value) else float(value)
