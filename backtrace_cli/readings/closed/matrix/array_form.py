"""The closed form of a gradient over arrays of known shapes, and the lines that lead there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.symbols import Symbols
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.shaped import summed
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.simplify import written_sum
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, rebuild, size, walk
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS, Op, in_place, rule, text_rule
from backtrace_cli.ops.matrix_algebra import ones, zeros
from backtrace_cli.readings.assumptions import Assumption
from backtrace_cli.readings.closed.matrix.lawful import TooLong
from backtrace_cli.readings.closed.matrix.normal import Normal
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees
from backtrace_cli.readings.closed.matrix.shorter import shorter
from backtrace_cli.readings.closed.matrix.witness import Witness
from backtrace_cli.readings.closed.written_chain import MOST_PARTS, SHORT, ClosedForm, Line, WrittenChain

__all__ = ["array_form"]

#: Seconds after which nothing more is tried to shorten one form.
_SECONDS = 3.0


def array_form(
    graph: Graph, variable: str, assume: Mapping[str, Assumption] = {}, given: Mapping[str, Value] = {},  # noqa: B006
) -> ClosedForm:  # fmt: skip
    """The gradient of (the sum of) the output in ``variable``, for a graph whose shapes are known.

    ``assume`` is what may be taken for granted of variables, ``given`` a point that is tried too.
    Raises KeyError for a name the graph lacks.

    >>> from backtrace_cli.graph import build
    >>> from backtrace_cli.graph.shape_fitting import fit_shapes
    >>> graph = fit_shapes(build("sum((A @ x - b)^2)"), {0: (3, 2), 1: (2,), 3: (3,)})
    >>> for line in array_form(graph, "x").lines:
    ...     print(f"= {to_text(line.text):<22} {line.why}".rstrip())
    = A.T @ (2·v2)
    = 2·A.T @ v2             simplified: numbers in front
    = 2·A.T @ (v1 − b)       v2 = v1 − b
    = 2·A.T @ (A @ x − b)    v1 = A @ x
    """
    index = graph.find(variable)
    if index is None:
        raise KeyError(variable)
    until = time.monotonic() + _SECONDS
    witness = Witness(graph, index, assume, given)
    chain = _ArrayChain(graph, index, assume, witness, until)
    if witness.enough and chain.parts and not chain.believed:
        stable = _ArrayChain(graph, index, assume, witness, until, stable=True)
        chain = stable if stable.believed else chain
    return chain.form(variable)


class _ShapedRules(Rules):
    """The rules of the ops over formulas, in the nodes' shapes; what arrives is tidied where it adds up."""

    def __init__(self, graph: Graph, normal: Normal, most: int, stable: bool) -> None:
        values: list[Any] = [graph.term(node.index) if node.is_constant else Name(f"#{node.index}")
                             for node in graph.nodes]  # fmt: skip
        super().__init__(graph, values, Symbols())
        assert graph.shapes is not None
        self.shapes = graph.shapes
        self.normal = normal
        self.most = most
        self.stable = stable
        """Take the rules in the form that has a value wherever the derivative has one?"""
        self.parts: dict[int, list[Expr]] = {}

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        """The op's own text with the arguments put in, summed back to the argument's shape."""
        op = node.op
        assert op is not None
        names = dict(zip(op.params(len(node.args)), at[:-1], strict=True)) | {"out": at[-1], "g": upstream}
        text = (rule(op, slot, len(node.args), True, node.fixed) if self.stable else
                _rule_at_kinks(op, slot, len(node.args), node.fixed))  # fmt: skip
        tree = in_place(op, text, names, node.fixed)
        if _is_one(upstream):
            tree = rebuild(tree, _without_ones)
        if not op.messages:
            tree = upstream if _is_one(tree) else Call("multiply", (upstream, tree))
        shape, target = self.normal.trees.shape(tree), self.shapes[node.args[slot]]
        return None, summed(tree, shape, target) if len(shape) >= len(target) else tree, -1

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        self.parts.setdefault(node, []).append(contribution)
        name = Name(f"∂#{node}")
        if total == name:
            return name
        tree = contribution if order == 1 else written_sum([total, contribution])
        if size(tree, self.most) <= self.most:
            with suppress(TooLong, BacktraceError, RecursionError):
                tree = self.normal.tree(tree)
        return tree if size(tree, self.most) <= self.most else name


def _without_ones(node: Expr) -> Expr:
    """1·b as b."""
    return (
        node.args[1] if isinstance(node, Call) and node.func == "multiply" and _is_one(node.args[0]) else node
    )


def _is_one(tree: Expr) -> bool:
    return isinstance(tree, Number) and tree.text == "1"


def _rule_at_kinks(op: Op, slot: int, count: int, fixed: tuple[Any, ...]) -> Expr:
    """The rule's text; where the text at a kink is the rule elsewhere too, such as a tie's shares, that."""
    if op.tied is not None and count == 2:
        return text_rule(op, op.fill(op.tied, slot, count, fixed), count)
    for kink in op.kinks:
        taken = kink.taken[min(slot, len(kink.taken) - 1)]
        if op.messages and taken and "g" in taken:
            return text_rule(op, op.fill(taken, slot, count, fixed), count)
    return rule(op, slot, count, False, fixed)


class _ArrayChain(WrittenChain):
    """One variable's messages on their way to a closed form over arrays."""

    def __init__(
        self, graph: Graph, index: int, assume: Mapping[str, Assumption], witness: Witness, until: float,
        stable: bool = False,
    ) -> None:  # fmt: skip
        assert graph.shapes is not None
        self.until = until
        self.left_over = False
        """Is it too long to be written over the variables?"""
        shapes = {f"{sign}#{place}": shape for place, shape in enumerate(graph.shapes) for sign in ("", "∂")}
        self.trees = ShapedTrees(shapes)
        self.facts = {f"#{graph.inputs[name]}": one.facts for name, one in assume.items()}
        self.witness = witness
        rules = _ShapedRules(graph, Normal(self.trees, self.facts, until=until), SHORT // 2, stable)
        last: Any = rules.values[graph.output]
        seed = ones(last) if graph.shapes[graph.output] else Number("1")
        sent = backward(graph, rules.values, rules.arithmetic, {index}, rules, seed).sent
        super().__init__(graph, index, sent, rules.values, rules.parts)

    @property
    def believed(self) -> bool:
        """Is the sum of the messages the trace's gradient at ordinary points?"""
        return self.witness.departures(self._spread(written_sum(self.parts))) is not None

    def form(self, variable: str) -> ClosedForm:
        """The lines, from the messages' sum to the shortest form over the inputs."""
        name = Name(f"#{self.index}")
        if not self.parts:
            if self.index == self.graph.output:
                return self._closed(variable, [Line(ones(name), "")], None)
            words = f"{self.graph.name(self.graph.output)} does not depend on {variable}, or not smoothly"
            return self._closed(variable, [Line(zeros(name), "")], words)
        lines = list(self._lines())
        note = None
        last = lines[-1].text
        odd = self.witness.departures(last)
        if self.left_over:
            note = f"left over the intermediates: over the inputs it has more than {MOST_PARTS:,} parts"
        elif not self.witness.enough:
            note = "not held against numbers: no point was found at which the formula has a value"
        elif odd is None:
            note = "numbers at random points don't bear this out: it loses all digits, or has no value there"
        elif odd:
            note = self.witness.words(last, odd)
        return self._closed(variable, lines, self._uncallable(last) or note)

    def _closed(self, variable: str, lines: list[Line], note: str | None) -> ClosedForm:
        shown = tuple(Line(self.display(line.text), line.why) for line in lines)
        return ClosedForm(variable, self.paths(variable) if self.parts else "", shown, note)

    def _lines(self) -> Iterator[Line]:
        first = self._spread(written_sum(self.parts))
        yield Line(first, "")
        tree = self._shorter(first, whole=False)
        if tree is not None:
            yield tree
        last = first if tree is None else tree.text
        order = self.reachable(last)
        if self.written_size(last, order) > MOST_PARTS:
            self.left_over = True
            return
        for line in self.written_out(last, order):
            yield line
            last = line.text
        tree = self._shorter(last, whole=True)
        if tree is not None:
            yield tree

    def _spread(self, tree: Expr) -> Expr:
        """``tree`` in the variable's own shape."""
        like = self.values[self.index]
        if self.trees.shape(tree) == self.trees.shape(like):
            return tree
        return Call("multiply", (tree, ones(like)))

    def _shorter(self, tree: Expr, whole: bool) -> Line | None:
        """``tree`` made shorter, and the laws by which; None where it stays as it is."""
        was = self.witness.departures(tree)
        if was is None or not self.witness.enough:
            return None

        def holds(other: Expr) -> bool:
            found = self.witness.departures(other)
            return found is not None and found <= was

        def measure(other: Expr) -> int:
            return self.written_size(other, self.reachable(other))

        way = shorter(
            tree, self.trees, self.facts, self.until, holds, self.values[self.index], measure, whole
        )
        if to_text(way.tree) == to_text(tree):
            return None
        return Line(way.tree, "simplified: " + ", ".join(way.words) if way.words else "simplified")

    def _uncallable(self, tree: Expr) -> str | None:
        """What to say of ops in ``tree`` that only rules call."""
        found = sorted({node.func for node in walk(tree) if isinstance(node, Call)
                        and node.func not in FUNCTIONS and node.func not in _SIGNS})  # fmt: skip
        return f"only rules call {' and '.join(found)}, so this can't be typed back" if found else None


_SIGNS = frozenset({"index", "stack", "transpose"})
