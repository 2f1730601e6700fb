"""A certificate on the page: a line a way for every entry, and what each way is blind to."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.document import GRADIENT, Block, Column, Heading, Paragraph, Table
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.second.certificate import Certificate, Way

__all__ = ["certificate_blocks"]

_MOST_DIGITS = 20


def certificate_blocks(trace: Trace, found: Certificate) -> Iterator[Block]:
    """Every way beside the others, entry by entry."""
    yield Heading("Certificate", ["the gradient by every way there is"], "Certificate")
    columns = (
        Column(math=True), Column("way"),
        Column("value", right=True, style=GRADIENT, lead="value ", math=True), Column("", keep=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for place, part in enumerate(found.parts):
            for number, way in enumerate(found.ways):
                value = way.values[place]
                shown = wording.prose("nothing") if value is None else _number(wording, value)
                left = f"{wording.partial(trace.output, part.label)} =" if number == 0 else ""
                yield left, way.name, shown, _verdict(way) if number and value is not None else ""

    def said(wording: Wording) -> Iterator[str]:
        for place, part in enumerate(found.parts):
            for way in found.ways:
                value = way.values[place]
                shown = "nothing" if value is None else _number(wording, value)
                verdict = f", {_verdict(way)}" if way is not found.ways[0] and value is not None else ""
                yield f"{wording.partial(trace.output, part.label)} by {way.name}: {shown}{verdict}"

    yield Table(columns, rows, said)
    yield Heading("What each way is blind to", said="What each way is blind to")
    blind = Column(), Column(lead=": ", keep=True)

    def lines(_: Wording) -> Iterator[tuple[str, ...]]:
        for way in found.ways:
            yield way.name, f"{way.blind}{f' ({way.reason})' if way.reason else ''}"

    yield Table(blind, lines, lambda _: (f"{a}: {b}" for a, b in lines(_)))
    words = f"the certificate holds: {found.witnesses} ways agree"
    if not found.holds:
        others = ", ".join(way.name for way in found.ways if way.agrees is False)
        words = f"the certificate does not hold: {others} says otherwise"
    elif found.witnesses == 1 or not found.parts:
        words = "nothing is certified: there is no number that another way has, too"
    yield Paragraph([(words, "" if found.holds else GRADIENT)], 2, words)


def _verdict(way: Way) -> str:
    return "agrees" if way.agrees else "differs"


def _number(wording: Wording, value: object) -> str:
    """A number, of many digits those that a line has room for."""
    if isinstance(value, (int, float)) or hasattr(value, "numerator"):
        return wording.number(value)
    text = str(value)
    mantissa, e, exponent = text.partition("e")
    more = "…" if len(mantissa) > _MOST_DIGITS and not wording.ascii else ""
    return f"{mantissa[:_MOST_DIGITS]}{more}{e}{exponent}"
