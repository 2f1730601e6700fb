"""The lines of a closed form: the messages' names written out, one intermediate a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from backtrace_cli.engine.events import Sent
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.simplify import substitute, written_sum
from backtrace_cli.language.tree.syntax import Expr, Name, names_in, rebuild, size, walk
from backtrace_cli.language.tree.text import to_text

__all__ = ["MOST_PARTS", "SHORT", "ClosedForm", "Line", "WrittenChain"]

#: A partial longer than this over the inputs is left over the intermediates.
MOST_PARTS = 2000
#: Up to this length a tree is tidied, and intermediates are written out one a line …
SHORT = 250
#: … for so many lines; the rest follow in one.
MOST_LINES = 40
#: Messages beyond so many are counted, not listed.
MOST_PATHS = 20


class Line(NamedTuple):
    """One line of the chain and what led to it: ``collected``, ``v2 = x + y``, ``simplified``."""

    text: Expr
    why: str


class ClosedForm(NamedTuple):
    """The closed form of ∂output/∂variable, and the way there.

    ``paths`` is the sum over the messages that arrive, such as ``∂f/∂v1·∂v1/∂x +
    ∂f/∂v2·∂v2/∂x``; empty where it would say no more than ``∂f/∂x``. Each of
    ``lines`` equals the one before. ``note`` says what the last line does not.
    """

    variable: str
    paths: str
    lines: tuple[Line, ...]
    note: str | None

    @property
    def result(self) -> Expr:
        """The closed form itself: the last line."""
        return self.lines[-1].text


class WrittenChain:
    """One variable's messages over names that no formula can hold: node 3 is ``#3``, its gradient ``∂#3``.

    So a variable that is called ``e`` or ``g`` is never taken for something else.
    """

    def __init__(
        self, graph: Graph, index: int, sent: Sequence[Sent], values: Sequence[Expr],
        messages: Mapping[int, Sequence[Expr]],
    ) -> None:  # fmt: skip
        self.graph = graph
        self.index = index
        self.sent = sent
        self.values = values
        """How each node is written: its name or its literal."""
        self.messages = messages
        """Per node, what it is sent."""
        self.parts = list(messages.get(index, ()))

    def definition(self, name: str) -> Expr | None:
        """What ``#3`` computes or ``∂#3`` adds up to; None for an input and a constant."""
        if name.startswith("∂#"):
            return written_sum(list(self.messages[int(name[2:])]))
        if not name.startswith("#") or self.graph.nodes[int(name[1:])].op is None:
            return None
        return self.graph.definition(int(name[1:]), self.values.__getitem__)

    def reachable(self, tree: Expr) -> dict[str, Expr]:
        """Every name that ``tree`` leads to, with its definition, each after what it reads."""
        found: dict[str, Expr] = {}
        stack = list(names_in(tree))
        while stack:
            name = stack.pop()
            meaning = None if name in found else self.definition(name)
            if meaning is not None:
                found[name] = meaning
                stack.extend(names_in(meaning))
        return {name: found[name] for name in sorted(found, key=_rank)}

    def written_size(self, tree: Expr, order: dict[str, Expr]) -> int:
        """How many nodes ``tree`` has over the inputs alone."""
        sizes: dict[str, int] = {}
        for name, meaning in order.items():
            sizes[name] = min(_measure(meaning, sizes), MOST_PARTS + 1)
        return _measure(tree, sizes)

    def written_out(self, tree: Expr, order: dict[str, Expr]) -> Iterator[Line]:
        """``tree`` with one intermediate more replaced by its definition in every line."""
        for count, name in enumerate(reversed(order)):
            if count >= MOST_LINES or size(tree, SHORT) > SHORT:
                break
            if name in names_in(tree):
                tree = substitute(tree, {name: order[name]})
                yield Line(tree, f"{self.shown(name)} = {to_text(self.display(order[name]))}")
        if any(name in order for name in names_in(tree)):
            whole: dict[str, Expr] = {}
            for name, meaning in order.items():
                whole[name] = substitute(meaning, whole)
            yield Line(substitute(tree, whole), "the rest written out")

    def shown(self, name: str) -> str:
        """How a name of ours is shown: ``#3`` by the node's name, ``∂#3`` as ``∂f/∂v3``."""
        if name.startswith("∂#"):
            return f"∂{self.graph.name(self.graph.output)}/∂{self.graph.name(int(name[2:]))}"
        return self.graph.name(int(name[1:])) if name.startswith("#") else name

    def display(self, tree: Expr) -> Expr:
        """``tree`` over the names that are shown."""
        return rebuild(tree, lambda node: Name(self.shown(node.name)) if isinstance(node, Name) else node)

    # -- words ----------------------------------------------------------------

    def paths(self, variable: str) -> str:
        """The sum over the messages by path: ``∂f/∂v1·∂v1/∂x + …``."""
        graph, output = self.graph, self.graph.name(self.graph.output)
        sources = [(s.source, s.slot) for s in self.sent if s.target == self.index]
        if len(sources) == 1 and sources[0][0] == graph.output:
            return ""
        often = Counter(source for source, _ in sources)
        terms = []
        for source, slot in sources[:MOST_PATHS]:
            name = graph.name(source)
            term = f"∂{output}/∂{name}·∂{name}/∂{variable}"
            marks = [] if source != graph.output else ["directly"]
            if source == graph.output:
                term = f"∂{output}/∂{variable}"
            if often[source] > 1:
                marks.append(f"argument {slot + 1}")
            terms.append(f"{term} ({', '.join(marks)})" if marks else term)
        if len(sources) > MOST_PATHS:
            terms.append(f"… ({len(sources):,} messages)")
        return " + ".join(terms)


def _rank(name: str) -> tuple[bool, int]:
    """Nodes in their order, then their gradients in the reverse order: each after what it reads."""
    return (True, -int(name[2:])) if name.startswith("∂") else (False, int(name[1:]))


def _measure(tree: Expr, sizes: dict[str, int]) -> int:
    """The size of ``tree`` with the names in ``sizes`` counted by what they stand for."""
    return sum(sizes.get(node.name, 1) if isinstance(node, Name) else 1 for node in walk(tree))
