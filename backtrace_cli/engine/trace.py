"""The Trace: the one record of a run, of which every table, file and question is a reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Backward
from backtrace_cli.engine.events import ForwardStep, Message, Note, Sent, TangentStep, plain
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import in_place, rule, tangent_rule
from backtrace_cli.readings.check_verdict import VariableCheck

if TYPE_CHECKING:
    from backtrace_cli.readings.closed.closed_form import ClosedForm
    from backtrace_cli.readings.opened.terms import Expansion, StepCost

__all__ = ["SCHEMA_VERSION", "Tangent", "Trace", "local_expression", "tangent_expression"]

#: The version of the dict form. It only ever grows: fields are added, never changed.
SCHEMA_VERSION = 1


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
    point has any; formulas where there is no point.

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
        checks: Sequence[VariableCheck] = (),
    ) -> None:
        self.graph = graph
        self.at = at
        self.arithmetic = arithmetic
        self.values = values
        """The value of every node, by index."""
        self.back = back
        """What the backward pass did; None in forward mode."""
        self.wrt = wrt
        """The variables whose derivatives are wanted."""
        self.drawn: tuple[str, ...] = ()
        """Variables whose values the formula declares and nobody gave."""
        self.notes = list(notes)
        self.tangents = list(tangents)
        self.checks = list(checks)
        self.closed: Sequence[ClosedForm] = ()
        """Closed forms, costs and opened messages, where somebody asked for them."""
        self.costs: Sequence[StepCost] = ()
        self.expansions: Sequence[Expansion] = ()
        self.mine: Sequence[dict[str, Any]] = ()
        """What somebody worked out by hand, judged, where it was given."""

    @property
    def formula(self) -> str:
        """The formula as it was written."""
        return self.graph.source

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

    def to_dict(self) -> dict[str, Any]:
        """The whole record as plain data, in the shape that docs/json.md describes."""
        return {key: list(part) if isinstance(part, Iterator) else part for key, part in self._parts()}

    def json_chunks(self) -> Iterator[str]:
        """The record as strict JSON, in pieces, so that a long one streams."""
        import json

        opening = "{"
        for key, part in self._parts():
            yield f"{opening}{json.dumps(key)}: "
            opening = ",\n"
            if isinstance(part, Iterator):
                start = "["
                for item in part:
                    yield f"{start}\n  {_dumps(item)}"
                    start = ","
                yield "[]" if start == "[" else "\n]"
            else:
                yield _dumps(part)
        yield "}\n"

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """The dict form in order; what may be long comes as an iterator."""
        yield "schema_version", SCHEMA_VERSION
        yield "formula", self.formula
        yield "mode", "forward" if self.back is None else "reverse"
        yield "arithmetic", self.arithmetic.name
        yield "at", {name: plain(value) for name, value in self.at.items()}
        yield "output", self.output
        yield "value", plain(self.value)
        yield "gradient", {name: plain(value) for name, value in self.gradient.items()}
        yield "forward", (_forward_dict(step) for step in self.steps)
        yield "backward", (_message_dict(message) for message in self.messages)
        yield "notes", [note._asdict() for note in self.notes]
        if self.tangents:
            yield "tangent", (_tangent_dict(tangent) for tangent in self.tangents)
        if self.checks:
            yield "check", (check.to_dict() for check in self.checks)
        if self.costs:
            yield "cost", (cost._asdict() for cost in self.costs)
        if self.expansions:
            yield "expand", (expansion.to_dict() for expansion in self.expansions)
        if self.mine:
            yield "mine", iter(self.mine)
        if self.closed:
            yield "closed_form", (_closed_dict(form) for form in self.closed)


def _dumps(item: Any) -> str:
    import json

    return json.dumps(item, ensure_ascii=False, allow_nan=False)


def _forward_dict(step: ForwardStep) -> dict[str, Any]:
    return {
        "step": step.step, "node": step.node, "op": step.op, "args": list(step.args),
        "expression": to_text(step.expression, ascii=True), "value": plain(step.value),
        **_shape(step.value),
    }  # fmt: skip


def _message_dict(message: Message) -> dict[str, Any]:
    local = {"expression": to_text(message.local_expression, ascii=True), "value": plain(message.local)}
    fork = None if message.fork is None else {"index": message.fork[0], "of": message.fork[1]}
    return {
        "step": message.step, "from": message.source, "to": message.target, "slot": message.slot,
        "upstream": plain(message.upstream), "local": local,
        "contribution": plain(message.contribution), "total": plain(message.total), "fork": fork,
        **_shape(message.total),
    }  # fmt: skip


def _shape(value: Value) -> dict[str, Any]:
    """The shape of an array, which a nested list does not always tell."""
    return {"shape": list(value.shape)} if hasattr(value, "shape") else {}


def _closed_dict(form: ClosedForm) -> dict[str, Any]:
    return {
        "variable": form.variable,
        "paths": form.paths,
        "lines": [{"expression": to_text(line.text, ascii=True), "why": line.why} for line in form.lines],
        "result": to_text(form.result, ascii=True),
        "note": form.note,
    }


def _tangent_dict(tangent: Tangent) -> dict[str, Any]:
    rows = [
        {
            "step": step.step, "node": step.node,
            "terms": [
                {"to": arg, "local": {"expression": to_text(expr, ascii=True), "value": plain(local)},
                 "tangent": plain(value)}
                for expr, local, arg, value in step.terms
            ],
            "value": plain(step.value),
        }
        for step in tangent.steps
    ]  # fmt: skip
    direction = {name: plain(value) for name, value in tangent.direction.items()}
    return {"direction": direction, "steps": rows, "value": plain(tangent.value)}
