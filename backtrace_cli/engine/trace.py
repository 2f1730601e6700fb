"""The Trace: the one record of a run, of which every table, file and question is a reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn, Self, overload

from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Backward
from backtrace_cli.engine.events import ForwardStep, Message, Note, Sent, TangentStep
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, number
from backtrace_cli.ops import in_place, rule, tangent_rule

__all__ = ["Tangent", "Trace", "local_expression", "tangent_expression"]


class View(Sequence[Any]):
    """A sequence whose items are made when they are looked at: a million rows cost no copy."""

    def __init__(self, raw: Sequence[Any], make: Callable[[int, Any], Any]) -> None:
        self.raw = raw
        self._make = make

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        return self._make(index, self.raw[index])

    def __iter__(self) -> Iterator[Any]:
        for index, raw in enumerate(self.raw):
            yield self._make(index, raw)


class Tangent(NamedTuple):
    """One forward-mode table: the direction, its rows, and the output's tangent."""

    direction: dict[str, Value]
    variable: str | None
    """The variable of a partial derivative, or one entry of it: ``h[0]``; None along a seed."""
    steps: Sequence[TangentStep]
    value: Value
    entry_of: str | None = None
    """The array of which ``variable`` is one entry; the tangents of all entries make its gradient."""


def local_expression(graph: Graph, sent: Sent) -> Expr:
    """The local derivative of one message as a formula over the nodes' names, tidied."""
    node = graph.nodes[sent.source]
    op = node.op
    assert op is not None
    count = len(node.args)
    if isinstance(sent.local, (Number, Name, Call)):
        return sent.local
    if op.mixes:
        tree = rule(op, sent.slot, count, False, node.fixed)
        return simplify(in_place(op, tree, _names(graph, node), node.fixed))
    if sent.kink >= 0 and not shape_of(sent.local):
        return number(numeral(sent.local, ascii=True))  # what is taken there is a number
    tree = rule(op, sent.slot, count)
    if isinstance(tree, Number):
        return tree
    names = _names(graph, node)
    if isinstance(tree, Name):
        return names.get(tree.name, tree)
    return simplify(substitute(tree, names))


def _names(graph: Graph, node: Node) -> dict[str, Expr]:
    """What the names in a rule of ``node``'s op stand for."""
    assert node.op is not None
    terms = (graph.term(arg) for arg in node.args)
    return {**dict(zip(node.op.params(len(node.args)), terms, strict=True)), "out": graph.term(node.index)}


def tangent_expression(graph: Graph, node: Node, slot: int) -> Expr:
    """The local derivative by which ``node`` moves with its argument ``slot``, as a formula; of an
    op that mixes entries, how it moves with the argument's tangent ``d``."""
    op = node.op
    assert op is not None
    count, names = len(node.args), _names(graph, node)
    if op.mixes:
        return simplify(in_place(op, tangent_rule(op, slot, count, node.fixed), names, node.fixed))
    return simplify(substitute(rule(op, slot, count), names))


class Trace:
    """A run of a formula at a point, numbered from the first forward step to the last message.

    ``value`` is the output's value, ``gradient`` maps each wanted variable to its
    partial derivative (for an array, an array of its shape: the gradient of the sum
    of the output's entries). ``steps`` and ``messages`` are sequences of ForwardStep
    and Message. Values are floats; fractions with ``exact``; NumPy arrays where the
    point has any; formulas where there is no point. A trace never changes: what is read
    off it stands beside it, in a Report.

    >>> from backtrace_cli import trace
    >>> trace("x^2*y", x=3, y=2).gradient
    {'x': 12.0, 'y': 9.0}
    """

    def __init__(
        self,
        graph: Graph,
        at: dict[str, Value],
        arithmetic: Arithmetic,
        values: list[Value],
        back: Backward | None,
        wrt: tuple[str, ...],
        notes: Sequence[Note] = (),
        tangents: Sequence[Tangent] = (),
        drawn: tuple[str, ...] = (),
        upstream: Value = None,
    ) -> None:
        vars(self).update(
            graph=graph, at=at, arithmetic=arithmetic, values=values, back=back, wrt=wrt,
            notes=tuple(notes), tangents=tuple(tangents), drawn=drawn, upstream=upstream,
        )  # fmt: skip

    graph: Graph
    at: dict[str, Value]
    arithmetic: Arithmetic
    values: list[Value]
    """The value of every node, by index."""
    back: Backward | None
    """What the backward pass did; None in forward mode."""
    wrt: tuple[str, ...]
    """The variables whose derivatives are wanted."""
    notes: Sequence[Note]
    tangents: Sequence[Tangent]
    drawn: tuple[str, ...]
    """Variables whose values the formula declares and nobody gave."""
    upstream: Value
    """The message at the output that was chosen in place of 1 (or ones); None where none was."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a trace is a record, and nobody writes {name} into it")

    __delattr__: Any = __setattr__

    def having(self, **parts: Any) -> Self:
        """The same record with other ``parts``: its notes, its tangents."""
        found = object.__new__(type(self))
        vars(found).update(vars(self) | parts)
        return found

    @property
    def formula(self) -> str:
        """The formula as it was written."""
        return self.graph.formula

    @property
    def output(self) -> str:
        """The output's name."""
        return self.graph.name(self.graph.output)

    @property
    def symbolic(self) -> bool:
        """Is it a trace without a point, with formulas for numbers?"""
        return self.arithmetic.symbols

    @property
    def value(self) -> Value:
        """The output's value."""
        return self.values[self.graph.output]

    @property
    def gradient(self) -> dict[str, Value]:
        """∂output/∂variable for each wanted variable; empty along a seed."""
        if self.seeded:
            return {}
        return {name: self.gradient_of(name) for name in self.wrt}

    def gradient_of(self, name: str) -> Value:
        """∂output/∂``name``, for a variable or any node; 0 where the output doesn't depend on it.

        Raises KeyError for a name the graph lacks.
        """
        index = self.graph.find(name)
        if index is None:
            raise KeyError(name)
        if self.back is not None:
            found = self.back.gradients[index]
            return self.arithmetic.empty(self.values[index]) if found is None else found
        for tangent in self.tangents:
            if tangent.variable == name:
                return self.arithmetic.fit(tangent.value, self.values[index])[0]
        entries = [tangent.value for tangent in self.tangents if tangent.entry_of == name]
        if entries:
            return self.arithmetic.gathered(entries, self.values[index])
        if name in self.wrt and not self.seeded:  # an array without entries takes no forward pass
            return self.arithmetic.empty(self.values[index])
        raise KeyError(name)

    @property
    def seeded(self) -> bool:
        """Is it a forward pass along a seed, which has a directional derivative and no gradient?"""
        return any(tangent.variable is None for tangent in self.tangents)

    def messages_to(self, name: str) -> list[Message]:
        """The messages that arrive at node ``name``, in order."""
        return [message for message in self.messages if message.target == name]

    @property
    def steps(self) -> Sequence[ForwardStep]:
        """The forward steps in order."""
        return View(self.graph.steps, self._forward_step)

    def _forward_step(self, position: int, index: int) -> ForwardStep:
        graph = self.graph
        node = graph.nodes[index]
        assert node.op is not None
        args = tuple(graph.name(arg) for arg in node.args)
        return ForwardStep(
            position + 1, graph.name(index), node.op.called, args,
            graph.definition(index), self.values[index],
        )  # fmt: skip

    @property
    def sent(self) -> list[Sent]:
        """The messages as the walk recorded them, by node index."""
        return self.back.sent if self.back else []

    @property
    def messages(self) -> Sequence[Message]:
        """The backward messages in the order they were sent."""
        return View(self.sent, self._message)

    def _message(self, position: int, sent: Sent) -> Message:
        assert self.back is not None
        of = self.back.counts[sent.target]
        return Message(
            position + 1, self.graph.name(sent.source), self.graph.name(sent.target), sent.slot,
            sent.upstream, local_expression(self.graph, sent), sent.local, sent.contribution,
            sent.total, (sent.order, of) if of > 1 else None,
        )  # fmt: skip

    @property
    def forks(self) -> dict[str, int]:
        """Nodes read more than once, with how many edges read them (constants are no forks)."""
        return {
            self.graph.name(i): len(found)
            for i, found in enumerate(self.graph.readers())
            if len(found) > 1 and not self.graph.nodes[i].is_constant
        }
