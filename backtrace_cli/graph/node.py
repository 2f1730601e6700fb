"""A node and the graph: a flat numbered list in which every node stands after what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.graph.own_names import GRAD
from backtrace_cli.language.tree.syntax import CONSTANT, Call, Declaration, Expr, Name, Reading, number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import Op, fixed_text, place_text

__all__ = ["Graph", "Node", "Shape"]

Shape = tuple[int, ...]


class Node(NamedTuple):
    """One box. An input has a name, a constant a literal, everything else an op.

    ``args`` are the indices of the nodes it reads, one a slot: ``a*a`` reads a twice.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody wants of a node
    op: Op | None
    args: tuple[int, ...]
    name: str | None
    literal: str | None
    span: Span | None = None
    """Where it stands in the formula's text, if it has one."""
    fixed: tuple[Any, ...] = ()
    """The values of the op's options, in their order: the axis of a sum, the place of an index."""

    @property
    def is_input(self) -> bool:
        """Is it a variable whose value comes from outside?"""
        return self.op is None and self.literal is None

    @property
    def is_constant(self) -> bool:
        """Is it a literal number or a named constant such as pi?"""
        return self.literal is not None


class Graph:
    """A formula as a graph. ``nodes`` are in topological order; ``output`` is an index.

    >>> from backtrace_cli.graph import build
    >>> [build("x^2*y").name(i) for i in range(5)]
    ['x', '2', 'v1', 'y', 'f']
    """

    def __init__(
        self,
        source: str | None,
        nodes: list[Node],
        output: int,
        output_name: str = "f",
        aliases: Mapping[str, int] = {},  # noqa: B006
        unused: tuple[str, ...] = (),
        declared: tuple[Declaration, ...] = (),
        sizes: tuple[tuple[str, int], ...] = (),
        readings: tuple[Reading, ...] = (),
    ) -> None:
        self.source = source
        """The text that it was built from; None of a graph that was not born as text."""
        self.nodes = nodes
        self.output = output
        self.aliases = dict(aliases)
        """Every name the formula gives, with the node it stands for."""
        self.unused = unused
        """Named intermediates that the output never reads."""
        self.declared = {line.name: line for line in declared}
        """The formula's own ``param`` and ``data`` lines, by the variable's name."""
        self.sizes = dict(sizes)
        """Names given from outside that only loops and numbered names use."""
        self.readings = readings
        """How the formula was read where somebody could have meant otherwise."""
        self.shapes: list[Shape] | None = None
        """The shape of every node, once the inputs' shapes are known."""
        self.before: Graph | None = None
        """Where a grad(f, x) was written out: the graph in which it stands as it is."""
        self.over_numbers = False
        """Was it written out as if everything were a number?"""
        self.hold(nodes, self._give_names(output_name))

    def hold(self, nodes: list[Node], names: list[str] | None = None) -> None:
        """Take ``nodes`` for its own, called ``names`` (as before, where that is None). For graph/ alone."""
        self.nodes = nodes
        self.before = None
        self.inputs: dict[str, int] = {node.name: node.index for node in nodes if node.is_input and node.name}
        self.steps: list[int] = [node.index for node in nodes if node.op is not None]
        """Indices of the nodes that compute something, in order; step k is ``steps[k-1]``."""
        self._names: list[str] = self._names if names is None else names
        self._step_of: dict[int, int] | None = None

    def _give_names(self, output_name: str) -> list[str]:
        taken = {node.name for node in self.nodes if node.name}
        names: list[str] = []
        count = 0
        last = self.nodes[self.output]
        for node in self.nodes:
            if node.name:
                names.append(node.name)
            elif node is last:
                names.append(_free(output_name, taken))
            elif node.literal is not None:
                names.append(node.literal)
            else:
                count += 1
                while f"v{count}" in taken:
                    count += 1
                names.append(f"v{count}")
        return names

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def mixes(self) -> bool:
        """Has it an op that works on arrays?"""
        return any(node.op is not None and node.op.mixes for node in self.nodes)

    @property
    def has_grads(self) -> bool:
        """Does a ``grad(f, x)`` stand in it that waits for the shapes?"""
        return any(node.op is not None and node.op.name == GRAD for node in self.nodes)

    @property
    def lists(self) -> bool:
        """Has it a list of numbers for a constant?"""
        return any(node.literal is not None and node.literal[:1] == "[" for node in self.nodes)

    @property
    def formula(self) -> str:
        """The formula as it was written; of a graph that was not born as text, written from its boxes.

        >>> from backtrace_cli.ops import OPS
        >>> x = Node(0, None, (), "x", None)
        >>> boxes = Node(1, OPS["square"], (0,), "a", None), Node(2, OPS["sin"], (1,), None, None)
        >>> Graph(None, [x, *boxes], 2).formula
        'a = square(x); f = sin(a)'
        """
        if self.source is not None:
            return self.source
        lines = (f"{self.name(i)} = {to_text(self.definition(i), ascii=True)}" for i in self.steps)
        return "; ".join(lines) or self.name(self.output)

    def name(self, index: int) -> str:
        """What node ``index`` is called: its own name, or ``v1, v2, …``; a constant is its literal."""
        return self._names[index]

    def step(self, index: int) -> int | None:
        """The number of the forward step that computes node ``index``, or None."""
        if self._step_of is None:
            self._step_of = {node: step for step, node in enumerate(self.steps, 1)}
        return self._step_of.get(index)

    def find(self, name: str) -> int | None:
        """The node called ``name``, by its own name or another that the formula gave it."""
        if name in self.aliases:
            return self.aliases[name]
        for index, known in enumerate(self._names):
            if known == name and not self.nodes[index].is_constant:
                return index
        return None

    def written_out(self, most: int) -> int:
        """How many parts the definitions have, each at most ``most``, with unnamed nodes written out."""
        sizes: list[int] = []
        total = 0
        for node in self.nodes:
            size = min(1 + sum(sizes[arg] for arg in node.args), most)
            if node.op is not None and (node.name or node.index == self.output):
                total += size
                size = 1
            sizes.append(size)
        return total

    def readers(self) -> list[list[int]]:
        """For every node, who reads it: one entry an edge, in the order of the readers."""
        found: list[list[int]] = [[] for _ in self.nodes]
        for node in self.nodes:
            for arg in node.args:
                found[arg].append(node.index)
        return found

    def picks(self, index: int) -> bool:
        """Does node ``index`` only say which entries are meant, so that no gradient goes to it?"""
        slots = [(node.op, slot) for node in self.nodes for slot, arg in enumerate(node.args) if arg == index]
        return bool(slots) and all(op is not None and not op.sends(slot) for op, slot in slots)

    def leads_from(self, targets: set[int]) -> list[bool]:
        """For every node, does it depend on one of ``targets`` (or is one)?"""
        found = [False] * len(self.nodes)
        for node in self.nodes:
            found[node.index] = node.index in targets or any(found[arg] for arg in node.args)
        return found

    def term(self, index: int) -> Expr:
        """How node ``index`` is written where it is read: its name, or its literal."""
        node = self.nodes[index]
        if node.literal is not None:
            named = node.literal.isidentifier()
            return Name(node.literal, CONSTANT) if named or node.literal[0] == "[" else number(node.literal)
        return Name(self._names[index])

    def definition(self, index: int, term: Callable[[int], Expr] | None = None) -> Expr:
        """What node ``index`` computes, over its arguments' names (or ``term`` of them)."""
        node = self.nodes[index]
        term = term or self.term
        if node.op is None:
            return self.term(index)
        if node.op.name == "identity":
            return term(node.args[0])
        args = tuple(term(arg) for arg in node.args)
        if not node.op.mixes:
            return Call(node.op.name, args)
        options = tuple(
            (name, place_text(value) if name == "at" else fixed_text(value))
            for name, value, usual in zip(
                node.op.option_names, node.fixed, node.op.option_defaults, strict=True
            )
            if value != usual
        )
        return Call(node.op.called, args, options=options)


def _free(name: str, taken: set[str]) -> str:
    """``name``, or another for the output where the formula uses it already."""
    for candidate in (name, "out", "output"):
        if candidate not in taken:
            return candidate
    count = 1
    while f"{name}{count}" in taken:
        count += 1
    return f"{name}{count}"
