"""The page of ``backtrace chain``: who reads whom, the messages, and the sums over paths."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.pages.layout import GRADIENT, HEADING, Screen, heading, paragraph
from backtrace_cli.pages.trace.page import print_backward, print_graph
from backtrace_cli.pages.trace.plain import backward_lines, graph_lines
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.closed.open_chain import Chain

__all__ = ["chain_json", "chain_lines", "print_chain"]


def print_chain(screen: Screen, chain: Chain, *, ascii: bool = False) -> None:
    """Print the whole page; the last thing on it is the chain rule of every variable."""
    wording = Wording(ascii=ascii)
    screen.parts([])
    paragraph(screen, [(" ".join(chain.trace.formula.split()), HEADING)])
    print_graph(screen, wording, chain.trace)
    print_backward(screen, wording, chain.trace)
    heading(screen, "Chain rule")
    for variable in chain.trace.wrt:
        left = wording.plain(chain.left(variable))
        parts = [(f"{left} = ", ""), (_sum(chain, variable, wording), GRADIENT)]
        paragraph(screen, parts, indent=2, hang=len(left) + 1)


def chain_lines(chain: Chain) -> Iterator[str]:
    """The page as plain sentences in ASCII."""
    return map(ascii_text, _sentences(chain))


def _sentences(chain: Chain) -> Iterator[str]:
    wording = Wording(ascii=True)
    yield f"Functions: {' '.join(chain.trace.formula.split())}"
    yield from graph_lines(wording, chain.trace)
    yield from backward_lines(wording, chain.trace)
    yield "Chain rule"
    for variable in chain.trace.wrt:
        yield f"{chain.left(variable)} = {_sum(chain, variable, wording)}"


def chain_json(chain: Chain) -> Iterator[str]:
    """The trace as JSON, with the factors of every path."""
    import json

    *chunks, last = chain.trace.json_chunks()
    yield from chunks
    yield f',\n"paths": {json.dumps(chain.paths, ensure_ascii=False)}{last}'


def _sum(chain: Chain, variable: str, wording: Wording) -> str:
    text = chain.sum(variable, wording.dot)
    return wording.plain(text)
