"""A message opened into its scalar sums: the Jacobian where it is small, then each entry's terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backtrace_cli.language.tree.syntax import Number
from backtrace_cli.pages.document import (
    GRADIENT,
    QUIET,
    Block,
    Column,
    Factor,
    Heading,
    Math,
    Paragraph,
    Partial,
    Said,
    Side,
    Steps,
    Table,
    math,
)
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.opened.terms import Expansion, Term

__all__ = ["expansion_blocks"]

#: A Jacobian with more rows or columns than this is left out; so are further entries and terms.
MOST_SIDES, MOST_SUMS, MOST_TERMS = 6, 12, 12
#: So many terms stand before the … of a long sum.
_FIRST = 3


def expansion_blocks(output: str, found: Sequence[Expansion], *, full: bool) -> Iterator[Block]:
    """Every message of ``found``, opened; as sentences always in full."""
    for expansion in found:
        title = f"{expansion.target} through {expansion.source}"
        yield Heading("Expand", [title], f"Expand {title}")
        yield from _jacobian(expansion)
        for place, (entry, terms, total) in enumerate(expansion.entries):
            left, whole = math(Partial(output, entry)), _said(output, entry, terms, total)
            if full or place < MOST_SUMS:
                yield Steps(left, _sums(output, terms, total, full=full), whole, flowing=True)
            else:
                yield Steps(left, (), whole)
        more = len(expansion.entries) - MOST_SUMS
        if more > 0 and not full:
            yield Paragraph([(f"and {more:,} more entries: --full prints them", QUIET)], 2)


def _said(output: str, entry: str, terms: list[Term], total: float) -> Said:
    def said(wording: Wording) -> Iterator[str]:
        sides = (wording.words(side.words) for side in _sums(output, terms, total, full=True))
        yield " = ".join([wording.partial(output, entry), *sides])

    return said


def _sums(output: str, terms: list[Term], total: float, *, full: bool) -> list[Side]:
    """``∂L/∂y[0]·W[0,2] + …``, ``6·1 + 14·3`` and ``48``, each with its style."""
    if not terms:
        return [Side("0", GRADIENT)]
    listed = terms if full else _chosen(terms)
    left = len(terms) - len(listed)
    silent = left and sum(map(_adds, terms)) == sum(map(_adds, listed))
    more = f"… ({left:,} more terms{', each 0' if silent else ''})" if left else ""
    return [
        Side(_summed([_written(output, term) for term in listed], more)),
        Side(_summed([[Factor(t.upstream), "·", Factor(t.slope)] for t in listed], more), QUIET),
        Side(math(total), GRADIENT),
    ]


def _adds(term: Term) -> bool:
    return term.upstream * term.slope != 0


def _chosen(terms: list[Term]) -> list[Term]:
    """The first terms and the last of a long sum; what adds nothing is left out first."""
    if len(terms) <= MOST_TERMS:
        return terms
    adding = [term for term in terms if _adds(term)] or terms
    return adding if len(adding) <= MOST_TERMS else [*adding[:_FIRST], adding[-1]]


def _summed(terms: list[list[Any]], more: str) -> Math:
    """The terms with + between them; what is left out stands before the last of several."""
    if more:
        terms = [*terms[:-1], [more], terms[-1]] if len(terms) > 1 else [*terms, [more]]
    parts = terms[0]
    for term in terms[1:]:
        parts = [*parts, " + ", *term]
    return math(*parts)


def _written(output: str, term: Term) -> list[Any]:
    """A term in letters: what arrived, times the local derivative."""
    if isinstance(term.local, Number) and term.local.text == "1":
        return [Partial(output, term.entry) if term.entry != output else "1"]
    return [Partial(output, term.entry), "·", Factor(term.local)] if term.entry != output else [term.local]


def _jacobian(expansion: Expansion) -> Iterator[Block]:
    """The Jacobian as a table, formulas over numbers, where both sides are small and neither is 1."""
    sides = len(expansion.rows), len(expansion.entries)
    if min(sides) < 2 or max(sides) > MOST_SIDES:
        return
    columns = [Column(f"∂{expansion.source}/∂{expansion.target}", style=QUIET, math=True)]
    columns += [Column(entry, right=True, math=True) for entry, _, _ in expansion.entries]

    def rows(wording: Wording) -> Iterator[list[str]]:
        for label, row in zip(expansion.rows, expansion.jacobian, strict=True):
            formulas = [wording.expr(tree) for tree, _ in row]
            numbers = [wording.number(value) for _, value in row]
            yield [wording.name(label), *formulas]
            if formulas != numbers:
                yield ["", *numbers]

    yield Table(columns, rows, whole=True)
