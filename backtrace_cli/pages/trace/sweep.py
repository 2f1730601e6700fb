"""The gradient check step by step: the error against the step draws a V."""

from __future__ import annotations

import math

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.layout import GRADIENT, QUIET, VALUE, Column, Screen, heading, line, table
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.gradient_check import AGREES, DIFFERS, VariableCheck

__all__ = ["print_sweep", "verdict_line"]


def print_sweep(screen: Screen, wording: Wording, trace: Trace) -> None:
    """For every variable: step, difference quotient, error and a bar of the agreeing digits."""
    for found in trace.checks:
        f, x = trace.output, found.name.partition(", ")[0]
        heading(
            screen, f"Check of {wording.partial(trace.output, found.name)}",
            f"({f}({x}+h) {wording.minus} {f}({x}{wording.minus}h)) / 2h",
        )  # fmt: skip
        columns = (
            Column("h", style=QUIET), Column("difference", right=True, style=VALUE, keep=True),
            Column("error", right=True, style=GRADIENT, lead="error "), Column("digits", keep=True),
            Column(keep=True),
        )  # fmt: skip
        scale = max(abs(found.gradient), *(abs(row.estimate) for row in found.rows[:1]), 1e-300)
        table(screen, columns, (
            (wording.number(float(f"{row.h:.0e}")), wording.number(row.estimate), f"{row.error:.1e}",
             bar(row.error / scale, wording), "best" if row is found.best else "")
            for row in found.rows
        ))  # fmt: skip
        line(screen, verdict_line(found, wording), indent=2)


def bar(relative: float, wording: Wording) -> str:
    """One sign for each digit that agrees."""
    if not math.isfinite(relative):
        return "no value"
    digits = 16 if relative == 0 else max(0, min(16, int(-math.log10(relative))))
    return ("#" if wording.ascii else "▪") * digits or "-"


def verdict_line(found: VariableCheck, wording: Wording) -> str:
    """The verdict as a sentence."""
    best = f", best at h = {wording.number(float(f'{found.best.h:.0e}'))}" if found.best else ""
    if found.verdict == AGREES:
        return f"agrees to {found.digits} digits{best}"
    if found.verdict == DIFFERS:
        return f"DISAGREES: the engine says {wording.number(found.gradient)}{best}"
    return f"cannot decide here: {found.reason}"
