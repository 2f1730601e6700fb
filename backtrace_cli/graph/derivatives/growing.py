"""A graph to which boxes are added: what a rule's text says becomes boxes, equal ones once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from backtrace_cli.base.caret import Span
from backtrace_cli.graph.literals import literal_shape
from backtrace_cli.graph.node import Graph, Node, Shape
from backtrace_cli.graph.shape_fitting import result_shape
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import CONSTANT, Call, Expr, Name, Number, number
from backtrace_cli.ops import OPS, Op, find, fixed, read_place

__all__ = ["Growing"]

#: In a tree, ``#3`` stands for box 3: no variable is called so.
_BOX = "#"


class Growing:
    """The boxes of ``graph``, and what is added to them. Every box stands after what it reads.

    >>> from backtrace_cli.graph import build
    >>> boxes = Growing(build("x*y"))
    >>> boxes.made(Call("multiply", (boxes.tree(0), boxes.tree(1)))), boxes.made(Number("3"))
    (2, 3)
    """

    def __init__(self, graph: Graph) -> None:
        self.start = graph
        self.nodes: list[Node] = list(graph.nodes)
        self.names: list[str | None] = [graph.name(index) for index in range(len(graph))]
        self.shapes: list[Shape] | None = None if graph.shapes is None else list(graph.shapes)
        self._shared: dict[tuple[Any, ...], int] = {}
        for node in graph.nodes:
            if node.op is not None:
                self._shared.setdefault((node.op.name, node.args, node.fixed), node.index)
            elif node.literal is not None:
                self._shared.setdefault(("", node.literal), node.index)

    @classmethod
    def emptied(cls, graph: Graph) -> Growing:
        """No boxes yet, where those of ``graph`` are to be written anew."""
        found = cls(graph)
        found.nodes, found.names, found._shared = [], [], {}
        found.shapes = None if graph.shapes is None else []
        return found

    def copied(self, node: Node, args: tuple[int, ...], shape: Shape) -> int:
        """A box of the graph it began with, reading ``args``."""
        index = self._add(node.op, args, node.literal, node.fixed, node.span, shape)
        self.nodes[index] = self.nodes[index]._replace(name=node.name)
        self.names[index] = node.name
        if node.op is not None:
            self._shared.setdefault((node.op.name, args, node.fixed), index)
        elif node.literal is not None:
            self._shared.setdefault(("", node.literal), index)
        return index

    def called(self, index: int, name: str, span: Span | None) -> int:
        """The box ``index`` under ``name``: itself, where it computes something and bears none."""
        if self.nodes[index].op is None or self.names[index] is not None:
            index = self._passed_on(index)
        self.names[index] = name
        self.nodes[index] = self.nodes[index]._replace(name=name, span=span)
        return index

    def rewritten(self, place: Sequence[int]) -> Graph:
        """The graph it began with, each of whose boxes now stands at ``place``; inputs stay."""
        start, output = self.start, place[self.start.output]
        if self.nodes[output].op is None and start.nodes[start.output].op is not None:
            output = self._passed_on(output)  # the output is a box of its own, whatever it comes to
        kept = self._needed(output)
        nodes = [
            self.nodes[old]._replace(index=new, args=tuple(kept[arg] for arg in self.nodes[old].args))
            for old, new in kept.items()
        ]
        aliases = {name: kept[place[at]] for name, at in start.aliases.items() if place[at] in kept}
        found = Graph(
            start.source, nodes, kept[output], start.name(start.output), aliases, start.unused,
            tuple(start.declared.values()), tuple(start.sizes.items()), start.readings,
        )  # fmt: skip
        if self.shapes is not None:
            found.shapes = [self.shapes[old] for old in kept]
        return found

    def whole(self) -> Graph:
        """The graph of all boxes, which has many results and no output of note."""
        found = Graph(None, self.nodes, len(self.nodes) - 1)
        found.shapes = self.shapes
        return found

    def _needed(self, output: int) -> dict[int, int]:
        """Where each box that ``output`` needs will stand, and each input of the graph it began with."""
        needed = bytearray(len(self.nodes))
        needed[output] = 1
        for node in reversed(self.nodes):
            if needed[node.index]:
                for arg in node.args:
                    needed[arg] = 1
            elif node.is_input and node.index < len(self.start):
                needed[node.index] = 1
        return {old: new for new, old in enumerate(at for at, needs in enumerate(needed) if needs)}

    def shape(self, index: int) -> Shape:
        """The shape of a box; of a graph without shapes everything is a number."""
        return () if self.shapes is None else self.shapes[index]

    def fresh(self, index: int) -> bool:
        """Was the box added here, and has nobody named it yet?"""
        return index >= len(self.start) and self.names[index] is None and self.nodes[index].op is not None

    def tree(self, index: int) -> Expr:
        """How a box is written in a rule: a literal as itself, so that it is folded."""
        literal = self.nodes[index].literal
        if literal is None or literal[0] == "[":
            return Name(f"{_BOX}{index}")
        return Name(literal, CONSTANT) if literal.isidentifier() else number(literal)

    def place(self, tree: Name) -> int:
        """The box that ``tree`` stands for."""
        return int(tree.name[len(_BOX) :]) if tree.name.startswith(_BOX) else self.constant(tree.name)

    def constant(self, text: str) -> int:
        """The box of a literal."""
        key = ("", text)
        if key not in self._shared:
            self._shared[key] = self._add(None, (), text, (), None, literal_shape(text))
        return self._shared[key]

    def variable(self, name: str, shape: Shape) -> int:
        """A new input, called ``name`` or, where that is taken, something like it."""
        while name in self.names:
            name += "_"
        index = self._add(None, (), None, (), None, shape)
        self.names[index] = name
        self.nodes[index] = self.nodes[index]._replace(name=name)
        return index

    def made(self, tree: Expr, span: Span | None = None) -> int:
        """The box that computes ``tree``, and before it whatever it reads that is not there yet."""
        done: list[int] = []
        stack: list[tuple[Expr, bool]] = [(simplify(tree), False)]
        while stack:
            node, ready = stack.pop()
            if isinstance(node, Number):
                done.append(self.constant(node.text))
            elif isinstance(node, Name):
                done.append(self.place(node))
            elif ready:
                count = len(node.args)
                args = tuple(done[len(done) - count :])
                del done[len(done) - count :]
                done.append(self._called(node, args, span))
            elif node.func == "negative" and isinstance(node.args[0], Number):
                done.append(self.constant("-" + node.args[0].text))
            else:
                stack.append((node, True))
                stack.extend((arg, False) for arg in reversed(node.args))
        return done[0]

    def _called(self, node: Call, args: tuple[int, ...], span: Span | None) -> int:
        op = find(node.func, len(args))
        assert op is not None, f"{node.func} with {len(args)} arguments is no op"
        if not op.variadic and len(args) < op.arity:
            args += tuple(self.constant(text) for text in op.defaults[len(args) - op.arity :])
        values = dict(zip(op.option_names, op.option_defaults, strict=True))
        for name, text in node.options:
            values[name] = read_place(text) if name == "at" else fixed(text)
        return self.box(op, args, tuple(values.values()), span)

    def box(
        self, op: Op, args: tuple[int, ...], options: tuple[Any, ...] = (), span: Span | None = None
    ) -> int:
        """The box that computes ``op`` of ``args``, the variant that fits their shapes."""
        shape: Shape = ()
        if self.shapes is not None:
            shapes = [self.shapes[arg] for arg in args]
            shape = result_shape(op, shapes, options)
            if op.ranks is not None:
                op = OPS[op.ranks(*shapes, *options)]
        key = (op.name, args, options)
        if key not in self._shared:
            self._shared[key] = self._add(op, args, None, options, span, shape)
        return self._shared[key]

    def _add(
        self, op: Op | None, args: tuple[int, ...], literal: str | None, options: tuple[Any, ...],
        span: Span | None, shape: Shape,
    ) -> int:  # fmt: skip
        index = len(self.nodes)
        self.nodes.append(Node(index, op, args, None, literal, span, options))
        self.names.append(literal)
        if self.shapes is not None:
            self.shapes.append(shape)
        return index

    def name(self, index: int, name: str) -> None:
        """Call a fresh box ``name``, unless something else bears it."""
        if self.fresh(index) and name not in self.names:
            self.names[index] = name
            self.nodes[index] = self.nodes[index]._replace(name=name)

    def fitted(self, index: int, target: int) -> int:
        """The box ``index`` in the shape of ``target``: summed over the axes along which that was spread,
        or spread where it is narrower."""
        have, want = self.shape(index), self.shape(target)
        if have == want:
            return index
        tree = self.tree(index)
        wider = len(have) >= len(want) and all(
            b in (1, a) for a, b in zip(have[::-1], want[::-1], strict=False)
        )
        if not wider:
            index = self.made(Call("multiply", (tree, Call("ones_like", (self.tree(target),)))))
            return self.fitted(index, target) if self.shape(index) != want else index
        if not want:
            return self.made(Call("sum", (tree,)))
        lead = len(have) - len(want)
        inner = [at for at in range(lead, len(have)) if want[at - lead] != have[at]]
        for axes, keep in ((inner, "true"), (list(range(lead)), "false")):
            if axes:
                options = (("axis", str(axes if len(axes) > 1 else axes[0])), ("keepdims", keep))
                tree = Call("sum", (tree,), options=options)
        return self.made(tree)

    def graph(self, output: int, name: str) -> Graph:
        """The graph with box ``output`` for its output, called ``name``, without what that never reads;
        inputs stay, so that a point of the graph it began with is one of this."""
        if self.names[output] != name:
            name = next(each for each in (name, f"{name}_", f"grad_{name}") if each not in self.names)
            if not self.fresh(output):
                output = self._passed_on(output)
            self.name(output, name)
        place = self._needed(output)
        kept = [
            self.nodes[old]._replace(index=new, args=tuple(place[arg] for arg in self.nodes[old].args))
            for old, new in place.items()
        ]
        start = self.start
        found = Graph(
            None, kept, place[output], name,
            {known: place[at] for known, at in start.aliases.items() if at in place},
            declared=tuple(start.declared.values()), sizes=tuple(start.sizes.items()),
        )  # fmt: skip
        found.hold(kept, self._all_names(place))
        if self.shapes is not None:
            found.shapes = [self.shapes[index] for index in place]
        return found

    def _passed_on(self, index: int) -> int:
        """A box of its own that passes box ``index`` on, as ``a = x`` is one."""
        shape = self.shape(index)
        return self._add(OPS["identity"], (index,), None, (), None, shape)

    def _all_names(self, kept: Iterable[int]) -> list[str]:
        """The names of the ``kept`` boxes: those added since go on counting v1, v2, …"""
        taken = {name for name in self.names if name}
        free = (f"v{count}" for count in range(1, len(self.nodes) + len(taken) + 1))
        fresh = (name for name in free if name not in taken)
        return [self.names[index] or next(fresh) for index in kept]
