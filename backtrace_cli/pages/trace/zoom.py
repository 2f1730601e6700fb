"""A message opened into its scalar sums: the Jacobian where it is small, then each entry's terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.language.tree.syntax import Number
from backtrace_cli.pages.layout import GRADIENT, QUIET, Column, Screen, fits, heading, line, paragraph, table
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.opened.terms import Expansion, Term

__all__ = ["expansion_lines", "print_expansions"]

#: A Jacobian with more rows or columns than this is left out; so are further entries and terms.
MOST_SIDES, MOST_SUMS, MOST_TERMS = 6, 12, 12
#: So many terms stand before the … of a long sum.
_FIRST = 3


def print_expansions(
    screen: Screen, wording: Wording, output: str, found: Sequence[Expansion], *, full: bool
) -> None:
    """Print every message of ``found``, opened."""
    for expansion in found:
        title = f"{expansion.target} through {expansion.source}"
        heading(screen, "Expand", title)
        _jacobian(screen, wording, expansion)
        shown = expansion.entries if full else expansion.entries[:MOST_SUMS]
        for entry, terms, total in shown:
            left = wording.partial(output, entry)
            parts = _sums(wording, output, terms, total, full=full)
            if width_of("".join([left, *(f" = {text}" for text, _ in parts)])) + 2 <= screen.width:
                pieces = [(left, ""), *((f" = {text}", style) for text, style in parts)]
                paragraph(screen, pieces, indent=2)
                continue
            for number, (text, style) in enumerate(parts):
                front = left if number == 0 else " " * len(left)
                paragraph(screen, [(f"{front} = ", ""), (text, style)], indent=2, hang=len(left) + 3)
        if len(shown) < len(expansion.entries):
            more = len(expansion.entries) - len(shown)
            line(screen, f"and {more:,} more entries: --full prints them", QUIET, indent=2)


def expansion_lines(wording: Wording, output: str, found: Sequence[Expansion]) -> Iterator[str]:
    """The same as plain sentences, one an entry."""
    for expansion in found:
        yield f"Expand {expansion.target} through {expansion.source}"
        for entry, terms, total in expansion.entries:
            parts = [text for text, _ in _sums(wording, output, terms, total, full=True)]
            yield " = ".join([wording.partial(output, entry), *parts])


def _sums(
    wording: Wording, output: str, terms: list[Term], total: float, *, full: bool
) -> list[tuple[str, str]]:
    """``∂L/∂y[0]·W[0,2] + …``, ``6·1 + 14·3`` and ``48``, each with its style."""
    if not terms:
        return [("0", GRADIENT)]
    listed = terms if full else _chosen(terms)
    left = len(terms) - len(listed)
    silent = left and sum(map(_adds, terms)) == sum(map(_adds, listed))
    dot = wording.dot
    numbers = [f"{_bracketed(wording, t.upstream)}{dot}{_bracketed(wording, t.slope)}" for t in listed]
    more = (
        f"{'...' if wording.ascii else '…'} ({left:,} more terms{', each 0' if silent else ''})"
        if left
        else ""
    )
    return [
        (_summed([_written(wording, output, term) for term in listed], more), ""),
        (_summed(numbers, more), QUIET),
        (wording.number(total), GRADIENT),
    ]


def _adds(term: Term) -> bool:
    return term.upstream * term.slope != 0


def _chosen(terms: list[Term]) -> list[Term]:
    """The first terms and the last of a long sum; what adds nothing is left out first."""
    if len(terms) <= MOST_TERMS:
        return terms
    adding = [term for term in terms if _adds(term)] or terms
    return adding if len(adding) <= MOST_TERMS else [*adding[:_FIRST], adding[-1]]


def _summed(parts: list[str], more: str) -> str:
    """The parts with + between them; what is left out stands before the last of several."""
    if not more:
        return " + ".join(parts)
    return " + ".join([*parts[:-1], more, parts[-1]] if len(parts) > 1 else [*parts, more])


def _written(wording: Wording, output: str, term: Term) -> str:
    upstream = wording.partial(output, term.entry) if term.entry != output else "1"
    if term.local == Number("1"):
        return upstream
    if upstream == "1":
        return wording.expr(term.local)
    return f"{upstream}{wording.dot}{_guarded(wording, wording.factor(term.local))}"


def _guarded(wording: Wording, text: str) -> str:
    return f"({text})" if text.startswith(wording.minus) else text


def _bracketed(wording: Wording, value: float) -> str:
    return _guarded(wording, wording.number(value))


def _jacobian(screen: Screen, wording: Wording, expansion: Expansion) -> None:
    """The Jacobian as a table, formulas over numbers, where both sides are small and neither is 1."""
    rows, columns = len(expansion.rows), len(expansion.entries)
    if not (1 < rows <= MOST_SIDES and 1 < columns <= MOST_SIDES):
        return
    corner = wording.partial(expansion.source, expansion.target)
    titles = [Column(corner, style=QUIET), *(Column(entry, right=True) for entry, _, _ in expansion.entries)]
    body = []
    for label, row in zip(expansion.rows, expansion.jacobian, strict=True):
        formulas = [wording.expr(tree) for tree, _ in row]
        numbers = [wording.number(value) for _, value in row]
        body.append([label, *formulas])
        if formulas != numbers:
            body.append(["", *numbers])
    if not fits(screen, titles, body):
        return  # the sums below hold the same, entry by entry
    table(screen, titles, body)
    screen.parts([])
