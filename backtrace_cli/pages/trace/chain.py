"""The page of ``backtrace chain``: who reads whom, the messages, and the sums over paths."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    Block,
    Heading,
    Paragraph,
    Side,
    Space,
    Steps,
    partials,
)
from backtrace_cli.pages.trace.page import backward_blocks, graph_blocks
from backtrace_cli.readings.closed.open_chain import Chain
from backtrace_cli.readings.report import Report

__all__ = ["chain_json", "chain_page"]


def chain_page(chain: Chain, *, brief: bool = False) -> Iterator[Block]:
    """The whole page, or the sums alone; the last thing on it is the chain rule of every variable."""
    title = " ".join(chain.trace.formula.split())
    yield Space()
    yield Paragraph([(title, HEADING)], said=f"Functions: {title}")
    if not brief:
        yield from graph_blocks(chain.trace)
        yield from backward_blocks(chain.trace)
    yield from rule_blocks(chain)


def rule_blocks(chain: Chain) -> Iterator[Block]:
    """The chain rule of every variable."""
    yield Heading("Chain rule", said="Chain rule")
    for variable in chain.trace.wrt:
        left, total = partials(chain.left(variable)), partials(chain.sum(variable))
        yield Steps(left, [Side(total, GRADIENT)], [left, " = ", total])


def chain_json(chain: Chain) -> Iterator[str]:
    """The trace as JSON, with the factors of every path."""
    import json

    *chunks, last = Report(chain.trace).json_chunks()
    yield from chunks
    yield f',\n"paths": {json.dumps(chain.paths, ensure_ascii=False)}{last}'
