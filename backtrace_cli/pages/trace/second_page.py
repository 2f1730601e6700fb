"""Second order on the page: the sweeps through the gradient's graph, the Hessian, Jacobians, products."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from backtrace_cli.base.plain_values import Value
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.events import Note as Remark
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.pages.document import (
    GRADIENT,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Note,
    Paragraph,
    Partial,
    Table,
    math,
)
from backtrace_cli.pages.trace.certificate_page import certificate_blocks
from backtrace_cli.pages.trace.page import backward_blocks
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.report import Report
from backtrace_cli.readings.second.hessian import Hessian, Second
from backtrace_cli.readings.second.hessian_products import HessianProduct
from backtrace_cli.readings.second.jacobian import Jacobian

__all__ = ["second_blocks"]

#: More sweeps than these are shown only where everything is asked for.
_MOST_SWEEPS = 4
#: A matrix of more columns is summarised.
_MOST_COLUMNS = 8


def second_blocks(report: Report, full: bool) -> Iterator[Block]:
    """Whatever of second order was asked for."""
    if report.certificate is not None:
        yield from certificate_blocks(report.trace, report.certificate)
    if report.jacobian is not None:
        yield from _jacobian(report.trace, report.jacobian, full)
    if report.second is not None:
        yield from _entry(report.trace, report.second)
    if report.product is not None:
        yield from _product(report.trace, report.product)
    if report.hessian is not None:
        yield from _hessian(report.trace, report.hessian, full)


def _sweep(first: Trace, sweep: Trace, of: Partial | str) -> Iterator[Block]:
    """A walk through the graph of the gradient: the boxes that are new, and every message back."""
    known = {first.graph.name(index) for index in first.graph.steps}
    name = sweep.output
    words = math(name, " = ", of) if isinstance(of, Partial) else math(f"{name} = {of}")
    yield Heading("The gradient as a graph", [words], ["The gradient as a graph: ", words])
    columns = (
        Column(right=True), Column(keep=True, math=True), Column(math=True), Column(style=QUIET, keep=True),
        Column(right=not sweep.symbolic, style=VALUE, lead="= ", math=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for index, row in zip(sweep.graph.steps, wording.forward(sweep), strict=True):
            if sweep.graph.name(index) not in known:
                numbers = f"= {row.numbers}" if row.numbers else ""
                yield row.step, f"{row.name} = {row.definition}", numbers, row.shape, row.value

    def said(wording: Wording) -> Iterator[str]:
        for index, row in zip(sweep.graph.steps, wording.forward(sweep), strict=True):
            if sweep.graph.name(index) not in known:
                numbers = f" = {row.numbers}" if row.numbers else ""
                yield f"step {row.step}: {row.name} = {row.definition}{numbers} = {row.value}"

    yield Table(columns, rows, said)
    yield from backward_blocks(sweep)


def _twice(output: str, one: str, other: str) -> Partial:
    """∂²f/∂x∂y."""
    return Partial(f"²{output}", f"{one}²" if one == other else f"{one}∂{other}")


def _written(wording: Wording, output: str, one: str, other: str) -> str:
    found = _twice(output, one, other)
    return wording.partial(found.top, found.bottom)


def _entry(first: Trace, found: Second) -> Iterator[Block]:
    """One entry: its sweep, the other route, and that both agree."""
    for route in found.routes:
        yield from _sweep(first, route.trace, Partial(first.output, route.part.label))
    yield from _remarks(found.notes)
    yield Heading("Second derivative", said="Second derivative")
    row, column = found.row.label, found.column.label
    left = math(_twice(first.output, row, column), " = ")
    parts = [] if found.formula is None or first.symbolic else [math(found.formula, " = ")]
    value = math(found.value if found.formula is None or not first.symbolic else found.formula)
    yield Paragraph(
        [(left, ""), *((part, "") for part in parts), (value, GRADIENT)], 2, [left, *parts, value]
    )
    if len(found.routes) > 1:
        yield from _agreement(found.agrees, found.gap, first.symbolic, row, column)


def _agreement(agrees: bool, gap: float, symbolic: bool, row: str, column: str) -> Iterator[Block]:
    if symbolic:
        return
    words = (
        f"both routes agree: the sweep from d{row} to {column}, and the one from d{column} to {row}"
        if agrees
        else f"the two routes differ by {gap:.1g}: something is not smooth here, or not right"
    )
    yield Paragraph([(words, QUIET)], 2, words)


def _remarks(notes: Sequence[Remark]) -> Iterator[Block]:
    if notes:
        yield Heading("Notes on the second sweep")
        yield from (Note(note.message, f"Note: {visible(note.message)}") for note in notes)


def _hessian(first: Trace, found: Hessian, full: bool) -> Iterator[Block]:
    shown = found.routes if full or len(found.routes) <= _MOST_SWEEPS else ()
    for route in shown:
        yield from _sweep(first, route.trace, Partial(first.output, route.part.label))
    yield from _remarks(found.notes)
    labels = [part.label for part in found.parts]
    yield Heading("Hessian", ["a row from each sweep"], "Hessian")
    if len(labels) == 1 or any(tree is not None for row in found.formulas for tree in row):
        pairs = [(i, j) for i in range(len(labels)) for j in range(i, len(labels))]

        def name(wording: Wording, pair: tuple[int, int]) -> str:
            return _written(wording, first.output, labels[pair[0]], labels[pair[1]])

        yield _listed(first, [
            (pair, name, found.formulas[pair[0]][pair[1]], found.entries[pair[0]][pair[1]]) for pair in pairs
        ])  # fmt: skip
    if not first.symbolic and len(labels) > 1:
        yield from _matrix([f"d{label}" for label in labels], labels, found.entries, full)
    if not first.symbolic and len(labels) > 1:
        words = (
            "symmetric: each entry off the diagonal was reached by two routes, and both agree"
            if found.agrees
            else f"two routes to the same entry differ by {found.gap:.1g}: something is not smooth here"
        )
        yield Paragraph([(words, QUIET)], 2, words)
    if found.routes and not shown:
        words = f"{len(found.routes)} sweeps; --second {labels[0]},{labels[-1]} shows one, --full all"
        yield Paragraph([(words, QUIET)], 2, words)


Item = tuple[tuple[int, int], Callable[[Wording, tuple[int, int]], str], "Expr | None", Value]


def _listed(trace: Trace, items: Sequence[Item]) -> Table:
    """Entries as formulas and numbers."""
    columns = (
        Column(math=True), Column(math=True), Column(right=True, style=GRADIENT, keep=True, math=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for place, name, tree, value in items:
            formula = "" if tree is None else wording.expr(tree)
            number = wording.cell(value) if not trace.symbolic or tree is None else ""
            if number and (formula == number or not formula):
                formula, number = "", number
            yield f"{name(wording, place)} =", formula, f"= {number}" if formula and number else number

    def said(wording: Wording) -> Iterator[str]:
        for row in rows(wording):
            yield " ".join(filter(None, row))

    return Table(columns, rows, said)


def _matrix(
    rows: Sequence[str], columns: Sequence[str], entries: Sequence[Sequence[Value]], full: bool
) -> Iterator[Block]:
    """The numbers under the variables they belong to; a large matrix is only described."""
    if len(columns) > _MOST_COLUMNS and not full:
        words = f"{len(rows)}×{len(columns)} entries; --full or --json shows them"
        yield Paragraph([(words, QUIET)], 2, words)
        return
    heads = (Column(math=True), *(Column(label, right=True, style=GRADIENT, math=True) for label in columns))

    def lines(wording: Wording) -> Iterator[tuple[str, ...]]:
        for label, row in zip(rows, entries, strict=True):
            yield wording.name(label), *(wording.cell(value) for value in row)

    def said(wording: Wording) -> Iterator[str]:
        for label, row in zip(rows, entries, strict=True):
            numbers = (f"{c} {wording.number(value)}" for c, value in zip(columns, row, strict=True))
            yield f"row {label}: {', '.join(numbers)}"

    yield Table(heads, lines, said)


def _product(first: Trace, found: HessianProduct) -> Iterator[Block]:
    """The Hessian times a direction, by the walk back and by forward mode."""
    yield from _sweep(first, found.back, "the slope along v")
    yield from _remarks(found.notes)
    yield Heading("Hessian times v", ["back from the slope along v, and forward through the gradient"],
                  "Hessian times v")  # fmt: skip
    columns = (
        Column(math=True), Column("v", right=True, math=True),
        Column("back", right=True, style=GRADIENT, lead="back ", math=True),
        Column("forward", right=True, style=GRADIENT, lead="forward ", math=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for name, value in found.value.items():
            yield (wording.name(name), wording.cell(found.direction[name]), wording.cell(value),
                   wording.cell(found.forth[name]))  # fmt: skip

    def said(wording: Wording) -> Iterator[str]:
        for name, value in found.value.items():
            direction = wording.number(found.direction[name])
            yield f"{name}: v {direction}, Hessian times v {wording.number(value)}"

    yield Table(columns, rows, said)
    words = (
        "both walks agree"
        if found.agrees
        else f"the two walks differ by {found.gap:.1g}: something is not smooth here"
    )
    yield Paragraph([(words, QUIET)], 2, words)


def _jacobian(first: Trace, found: Jacobian, full: bool) -> Iterator[Block]:
    """∂yᵢ/∂xⱼ as formulas and numbers, and which way was the shorter."""
    way = "a row a pass, by reverse mode" if found.by_rows else "a column a pass, by forward mode"
    passes = f"{found.passes} {'pass' if found.passes == 1 else 'passes'}"
    size = f"{len(found.rows)}×{len(found.columns)}"
    yield Heading("Jacobian", [f"{size}, {passes}: {way}"], f"Jacobian: {size}, {passes}: {way}")
    labels = [part.label for part in found.columns]
    if any(tree is not None for row in found.formulas for tree in row):
        pairs = [(i, j) for i in range(len(found.rows)) for j in range(len(labels))]

        def name(wording: Wording, pair: tuple[int, int]) -> str:
            return wording.partial(found.rows[pair[0]], labels[pair[1]])

        if len(pairs) <= 64 or full:
            yield _listed(first, [
                (pair, name, found.formulas[pair[0]][pair[1]], found.entries[pair[0]][pair[1]])
                for pair in pairs
            ])  # fmt: skip
    if len(found.rows) * len(labels) > 1:
        yield from _matrix(found.rows, labels, found.entries, full)
