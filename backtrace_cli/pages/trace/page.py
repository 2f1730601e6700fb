"""The page of a trace: title, graph, forward, backward, notes, and the answer last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.base.numerals import DIGITS
from backtrace_cli.engine.trace import Tangent, Trace
from backtrace_cli.pages.layout import (
    GRADIENT,
    HARD_SPACE,
    HEADING,
    QUIET,
    VALUE,
    Column,
    Screen,
    heading,
    held,
    line,
    paragraph,
    table,
)
from backtrace_cli.pages.wording import LEAVES, Wording
from backtrace_cli.readings.check_verdict import KINK
from backtrace_cli.readings.gradient_check import AGREES, DIFFERS, VariableCheck

if TYPE_CHECKING:
    from backtrace_cli.readings.closed.closed_form import ClosedForm

__all__ = ["Options", "at_words", "print_backward", "print_graph", "print_trace", "verdict_words"]


#: So many entries that the check can't decide are named one by one.
_NAMED = 3


class Options(NamedTuple):
    """What the reader asked to see."""

    view: str = "steps"
    digits: int = DIGITS
    ascii: bool = False
    full: bool = False
    sweep: bool = False
    """Show every step of the gradient check?"""
    unchecked: str = ""
    """Why the gradient stands without a check, where it does."""


def print_trace(screen: Screen, trace: Trace, options: Options) -> None:
    """Print the whole page."""
    wording = Wording(options.digits, options.ascii, options.full, matrices=True)
    screen.parts([])
    _title(screen, wording, trace)
    if options.view == "sheet" and trace.back is not None:
        from backtrace_cli.pages.trace.sheet import print_sheet

        print_sheet(screen, wording, trace)
    else:
        print_graph(screen, wording, trace)
        _forward(screen, wording, trace)
        if trace.back is not None:
            print_backward(screen, wording, trace)
    for tangent in trace.tangents:
        _tangent(screen, wording, trace, tangent)
    if options.sweep:
        from backtrace_cli.pages.trace.sweep import print_sweep

        print_sweep(screen, wording, trace)
    if trace.expansions:
        from backtrace_cli.pages.trace.zoom import print_expansions

        print_expansions(screen, wording, trace.output, trace.expansions, full=options.full)
    if trace.costs:
        from backtrace_cli.pages.trace.cost_table import print_costs

        print_costs(screen, wording, trace)
    _notes(screen, trace)
    if trace.closed:
        _closed(screen, wording, trace)
    _answer(screen, wording, trace, options, {form.variable: form for form in trace.closed})


def _title(screen: Screen, wording: Wording, trace: Trace) -> None:
    paragraph(
        screen, [(title_words(screen, wording, trace), HEADING), (at_words(screen, wording, trace), "")]
    )


def title_words(screen: Screen, wording: Wording, trace: Trace) -> str:
    """The formula as a title, which is folded between two statements and not inside one that fits a line."""
    room = screen.width - 4
    return ";  ".join(
        part.replace(" ", HARD_SPACE) if width_of(part) <= room else part
        for part in wording.title(trace).split(";  ")
    )


def at_words(screen: Screen, wording: Wording, trace: Trace) -> str:
    """``at  x = 1   y = 0`` to stand behind a title; nothing for a trace without a point."""
    if not trace.at:
        return ""
    point = [held(text, screen.width - 4) for text in wording.point(trace)]
    return f"     at{HARD_SPACE * 2}" + "   ".join(point)


def print_graph(screen: Screen, wording: Wording, trace: Trace) -> None:
    """Who reads whom, forks marked."""
    if not trace.graph.inputs and not trace.graph.steps:
        return
    heading(screen, "Graph")
    columns = (
        Column(), Column(style=QUIET, keep=True), Column(keep=True), Column(style=QUIET), Column(keep=True),
    )  # fmt: skip
    table(screen, columns, (
        (row.name, row.shape, row.definition if row.definition in LEAVES else f"= {row.definition}",
         row.readers, wording.mark if row.fork else "")
        for row in wording.graph(trace)
    ))  # fmt: skip


def _forward(screen: Screen, wording: Wording, trace: Trace) -> None:
    if not trace.graph.steps:
        return
    heading(screen, "Forward")
    columns = (
        Column(right=True), Column(keep=True), Column(), Column(style=QUIET, keep=True),
        Column(right=not trace.symbolic, style=VALUE, lead="= "),
    )  # fmt: skip
    table(screen, columns, (
        (row.step, f"{row.name} = {row.definition}", f"= {row.numbers}" if row.numbers else "", row.shape,
         row.value)
        for row in wording.forward(trace)
    ))  # fmt: skip


def print_backward(screen: Screen, wording: Wording, trace: Trace) -> None:
    """The messages in the order they were sent, each with its running total."""
    if not trace.sent:
        return
    output = trace.output
    legend = "   g is the upstream gradient" if trace.graph.mixes else ""
    heading(screen, "Backward", f"{wording.partial(output, output)} = 1{legend}")
    right = not trace.symbolic
    columns = (
        Column(right=True), Column("through", keep=True), Column("to", lead="to "),
        Column(style=QUIET, keep=True),
        Column("upstream", right=right, style=GRADIENT, keep=True, lead=": "),
        Column(f"{wording.dot} local", keep=True),
        Column("value", right=right, style=VALUE, keep=True, lead="= ", below=True),
        Column("adds", right=right, style=GRADIENT, lead="adds "),
        Column("total", right=right, style=GRADIENT, lead=", total ", keep=True),
        Column("", keep=True),
    )  # fmt: skip
    table(screen, columns, (
        (row.step if row.first else "", row.through if row.first else "", row.target, row.shape,
         row.upstream, f"{wording.onward if row.whole else wording.dot} {row.local}", row.local_value,
         row.adds, row.total, row.fork)
        for row in wording.backward(trace)
    ))  # fmt: skip


def _tangent(screen: Screen, wording: Wording, trace: Trace, tangent: Tangent) -> None:
    along = "   ".join(f"d{n} = {wording.number(v)}" for n, v in tangent.direction.items())
    heading(screen, "Forward mode", f"along {tangent.variable}" if tangent.variable else along)
    columns = (
        Column(right=True), Column(keep=True), Column(style=QUIET, keep=True), Column(), Column(),
        Column(right=not trace.symbolic, style=GRADIENT, lead="= "),
    )  # fmt: skip
    table(screen, columns, (
        (row.step, row.left, row.shape, f"= {row.rule}" if row.rule else "",
         f"= {row.numbers}" if row.numbers and row.numbers != row.value else "", row.value)
        for row in wording.tangent(trace, tangent)
    ))  # fmt: skip


def _notes(screen: Screen, trace: Trace) -> None:
    if not trace.notes:
        return
    heading(screen, "Notes")
    for note in trace.notes:
        line(screen, f"- {note.message}", indent=2)


def _closed(screen: Screen, wording: Wording, trace: Trace) -> None:
    heading(screen, "Closed form", "entry by entry" if trace.arithmetic.arrays else "")
    for form in trace.closed:
        left = wording.partial(trace.output, form.variable)
        paths = wording.plain(form.paths).replace("·", wording.dot)
        hang = len(left) + 3
        if paths:
            paragraph(screen, [(f"{left} = ", ""), (paths, "")], indent=2, hang=hang)
        for number, step in enumerate(form.lines):
            sign = " " * len(left) if paths or number else left
            text = wording.expr(step.text)
            style = GRADIENT if number == len(form.lines) - 1 else ""
            remark = wording.plain(f"    {step.why}") if step.why else ""
            fits = len(f"  {sign} = {text}{remark}") <= screen.width
            paragraph(screen, [(f"{sign} = ", ""), (text, style), (remark if fits else "", QUIET)], 2, hang)
            if remark and not fits:
                paragraph(screen, [(remark.strip(), QUIET)], indent=2 + hang + 2)
        if form.note:
            line(screen, form.note, QUIET, indent=2)


def _answer(
    screen: Screen,
    wording: Wording,
    trace: Trace,
    options: Options,
    closed: dict[str, ClosedForm],
) -> None:
    """The value and the gradient, beside what differences say."""
    if trace.seeded:
        heading(screen, "Directional derivative")
        paragraph(
            screen, [(f"d{trace.output} = ", ""), (wording.number(trace.tangents[0].value), GRADIENT)], 2
        )
        return
    heading(screen, "Gradient")
    if not trace.wrt:
        line(screen, f"{trace.output} = {wording.number(trace.value)}, {wording.nothing(trace)}", indent=2)
        return
    verdicts: dict[str, list[VariableCheck]] = {}
    for found in trace.checks:
        verdicts.setdefault(found.variable, []).append(found)
    columns = (
        Column(), Column(right=True, style=QUIET, keep=True),
        Column(right=not trace.symbolic, style=GRADIENT, keep=True), Column(),
        Column("differences", style=QUIET, lead="differences "),
    )  # fmt: skip
    rows = []
    shaped = any(wording.shape(trace, trace.graph.inputs[name]) for name in trace.wrt)
    for name in trace.wrt:
        total = wording.cell(trace.gradient_of(name))
        parts = wording.sum(trace, name)
        if trace.symbolic and name in closed:
            total, parts = wording.expr(closed[name].result), ""
        left, shape = wording.partial(trace.output, name), wording.shape(trace, trace.graph.inputs[name])
        rows.append((
            *((left, f"{shape} =".lstrip()) if shaped else (f"{left} =", "")), total,
            f"= {parts}" if parts and parts != total else "", verdict_words(verdicts.get(name, [])),
        ))  # fmt: skip
    table(screen, columns, rows)
    if options.unchecked:
        line(screen, options.unchecked, QUIET, indent=2)


def verdict_words(checks: list[VariableCheck]) -> str:
    """What the differences say about one variable, in a few words."""
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
