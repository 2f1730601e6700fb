"""What differences say about the gradient: in a few words, and step by step, where the error draws a V."""

from __future__ import annotations

import math as maths
from collections.abc import Iterator, Sequence

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.document import (
    GRADIENT,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Paragraph,
    Partial,
    Rows,
    Said,
    Table,
    Words,
    math,
)
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.checking.check_verdict import AGREES, DIFFERS, KINK, VariableCheck

__all__ = ["sweep_blocks", "verdict_words"]

#: So many entries that the check can't decide are named one by one.
_NAMED = 3


def sweep_blocks(trace: Trace, checks: Sequence[VariableCheck]) -> Iterator[Block]:
    """For every variable: step, difference quotient, error and a bar of the agreeing digits."""
    columns = (
        Column("h", style=QUIET), Column("difference", right=True, style=VALUE, keep=True),
        Column("error", right=True, style=GRADIENT, lead="error "), Column("digits", keep=True),
        Column(keep=True),
    )  # fmt: skip
    for found in checks:
        f, x = trace.output, found.name.partition(", ")[0]
        quotient = math(f"({f}({x}+h) − {f}({x}−h)) / 2h")
        name = math(Partial(trace.output, found.name))
        yield Heading(math("Check of ", *name.parts), [quotient], _said(found, name))
        yield Table(columns, _rows(found))
        yield Paragraph([(words, "") for words in _verdict(found)], indent=2)


def _said(found: VariableCheck, name: Words) -> Said:
    def said(wording: Wording) -> Iterator[str]:
        yield f"Check of {wording.words(name)}"
        for row in found.rows:
            yield f"h {row.h:.0e}: difference {wording.number(row.estimate)}, error {row.error:.1e}"
        yield "".join(map(wording.words, _verdict(found)))

    return said


def _rows(found: VariableCheck) -> Rows:
    scale = max(abs(found.gradient), *(abs(row.estimate) for row in found.rows[:1]), 1e-300)

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for row in found.rows:
            step, bar = wording.number(float(f"{row.h:.0e}")), _bar(row.error / scale, wording)
            best = "best" if row is found.best else ""
            yield step, wording.number(row.estimate), f"{row.error:.1e}", bar, best

    return rows


def _bar(relative: float, wording: Wording) -> str:
    """One sign for each digit that agrees."""
    if not maths.isfinite(relative):
        return "no value"
    digits = 16 if relative == 0 else max(0, min(16, int(-maths.log10(relative))))
    return ("#" if wording.ascii else "▪") * digits or "-"


def _verdict(found: VariableCheck) -> list[Words]:
    """The verdict as a sentence."""
    best: list[Words] = [", best at h = ", math(float(f"{found.best.h:.0e}"))] if found.best else []
    if found.verdict == AGREES:
        return [f"agrees to {found.digits} digits", *best]
    if found.verdict == DIFFERS:
        return ["DISAGREES: the engine says ", math(found.gradient), *best]
    return [f"cannot decide here: {found.reason}"]


def verdict_words(checks: Sequence[VariableCheck], variable: str) -> str:
    """What the differences say about one variable, in a few words."""
    checks = [found for found in checks if found.variable == variable]
    if not checks:
        return ""
    wrong = [found for found in checks if found.verdict == DIFFERS]
    if wrong:
        return f"disagree at {wrong[0].name}"
    undecided = [found for found in checks if found.verdict != AGREES]
    agreeing = [found for found in checks if found.verdict == AGREES]
    if undecided and agreeing:
        return f"{_undecided_words(undecided)}; {_others_words(agreeing)}"
    if undecided:
        return f"cannot decide here: {undecided[0].reason}"
    return f"agree to {min(found.digits for found in checks)} digits"


def _undecided_words(undecided: list[VariableCheck]) -> str:
    """``a[0], a[3]: at a kink``; the entries of another reason follow."""
    reasons: dict[str, list[str]] = {}
    for found in undecided:
        reasons.setdefault("at a kink" if found.reason == KINK else found.reason, []).append(found.name)
    return "; ".join(
        ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        + f": {reason}" for reason, names in reasons.items()
    )  # fmt: skip


def _others_words(agreeing: list[VariableCheck]) -> str:
    """What the entries do that the check can decide."""
    digits = min(found.digits for found in agreeing)
    if agreeing[0].name.startswith(f"{agreeing[0].variable}, "):
        return f"the others agree to {digits} digits"
    count = f"{len(agreeing)} agree" if len(agreeing) > 1 else "agrees"
    return f"the other {count} to {digits} digits"
