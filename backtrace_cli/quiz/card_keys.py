"""What is remembered of an answer: a mistake at a kind of box, a rule that was not known, or adding up."""

from __future__ import annotations

from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.places.fault import Edge, Fault, arrivals
from backtrace_cli.ops import find
from backtrace_cli.readings.cells import Cell

__all__ = ["ADDING_UP", "Key", "box_of", "could_be_made", "name_of", "op_of", "rules_of", "touched"]

#: What is remembered and scheduled: a mistake (empty for one without a name) and the box's op
#: (empty for a mistake of adding up).
Key = tuple[str, str]
#: The key of a partial that nobody can put together, where no mistake says why.
ADDING_UP: Key = ("", "")


def could_be_made(graph: Graph, key: Key) -> bool:
    """Is there a place in ``graph`` at which that mistake could be made at all?

    >>> from backtrace_cli.graph import build
    >>> graph = build("f = x*y")
    >>> could_be_made(graph, ("lost path", "")), could_be_made(graph, ("sign", "multiply"))
    (False, True)
    """
    mistake, op = key
    if key == ADDING_UP:
        return any(len(edges) > 1 for edges in arrivals(graph).values())
    if not mistake:
        return any(name_of(graph, index) == op for index in graph.steps)
    return any(fault.mistake == mistake and op_of(graph, fault) == op for fault in faults_in(graph))


def name_of(graph: Graph, index: int) -> str:
    """The op of a box; of one that stands for it at some shapes, the one that the formula writes."""
    op = graph.nodes[index].op
    if op is None:
        return ""
    written = find(op.spelled) if op.spelled else None
    return written.name if written is not None else op.name


def rules_of(graph: Graph, cell: Cell) -> tuple[Key, ...]:
    """What somebody doesn't know who can't answer a cell at all: the rule of its box, or adding up.

    >>> from backtrace_cli.graph import build
    >>> graph = build("f = x*y")
    >>> rules_of(graph, Cell("local", "f", "x")), rules_of(graph, Cell("gradient", None, "x"))
    ((('', 'multiply'),), (('', ''),))
    """
    op = box_of(graph, cell)
    return (("", op),) if op else (ADDING_UP,) if cell.kind.is_sum else ()


def box_of(graph: Graph, cell: Cell) -> str:
    """The op of the box that a cell belongs to; empty for a sum at a fork, and for an input."""
    name = cell.source or ("" if cell.kind.slope else cell.target)
    index = graph.find(name) if name else None
    return name_of(graph, index) if index is not None else ""


def touched(fault: Fault) -> list[Edge]:
    """The edges at which a fault changes a rule."""
    return [edge for edge in fault.edges if edge not in fault.lost]


def op_of(graph: Graph, fault: Fault) -> str:
    """The op at which a mistake is practised; empty where it is about adding up or about reading."""
    boxes = [index for index, _ in (*touched(fault), *fault.crossed)]
    return name_of(graph, boxes[0]) if boxes and fault.read_as is None else ""
