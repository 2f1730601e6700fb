"""The forward pass: every node's value in order, and what has no value."""

from __future__ import annotations

from collections.abc import Mapping

from backtrace_cli.engine.arithmetic import Arithmetic
from backtrace_cli.engine.events import Value
from backtrace_cli.errors import BacktraceError, DomainError
from backtrace_cli.formula.numerals import numeral
from backtrace_cli.formula.text import to_text
from backtrace_cli.graph import Graph, Node

__all__ = ["forward", "refuse_undefined", "taken"]


def forward(
    graph: Graph, inputs: Mapping[int, Value], arithmetic: Arithmetic
) -> tuple[list[Value], list[int]]:
    """The value of every node at ``inputs``, and the nodes whose value is infinite or nan.

    >>> from backtrace_cli.engine.arithmetic import Floats
    >>> from backtrace_cli.graph import build
    >>> graph = build("x^2")
    >>> forward(graph, {graph.inputs["x"]: 3.0}, Floats())[0]
    [3.0, 2.0, 9.0]
    """
    values: list[Value] = []
    bad: list[int] = []
    is_bad, function, literal = arithmetic.bad, arithmetic.function, arithmetic.literal
    for node in graph.nodes:
        op = node.op
        if op is not None:
            try:
                value = function(op)(*[values[arg] for arg in node.args])
            except BacktraceError as error:
                raise _placed(error, graph, node) from None
        elif node.literal is not None:
            value = literal(node.literal)
        else:
            value = inputs[node.index]
        values.append(value)
        if is_bad(value):
            bad.append(node.index)
    return values, bad


def _placed(error: BacktraceError, graph: Graph, node: Node) -> BacktraceError:
    """An arithmetic's complaint, with the place in the formula."""
    return type(error)(
        f"{error.message}, at {graph.name(node.index)}",
        span=node.span, source=graph.source, hint=error.hint,
    )  # fmt: skip


def taken(node: Node, values: list[Value], arithmetic: Arithmetic) -> tuple[bool, ...]:
    """For each argument, is it taken? Only an op that selects leaves one out."""
    count = len(node.args)
    if node.op is None or not node.op.selects or arithmetic.name == "symbolic":
        return (True,) * count
    at = [*(values[arg] for arg in node.args), values[node.index]]
    return (True,) + tuple(
        arithmetic.truth(arithmetic.run(arithmetic.partial(node.op, slot, count), at))
        for slot in range(1, count)
    )


def refuse_undefined(
    graph: Graph, values: list[Value], bad: list[int], arithmetic: Arithmetic
) -> None:
    """Raise DomainError at the first step outside its op's domain, if the output needs it.

    A step that only a branch not taken reads may be undefined.
    """
    first = next((index for index in bad if _outside(graph.nodes[index], values, arithmetic)), None)
    if first is None:
        return
    needed = bytearray(len(graph))
    needed[graph.output] = 1
    for node in reversed(graph.nodes):
        if needed[node.index]:
            for arg, used in zip(node.args, taken(node, values, arithmetic), strict=True):
                mixed = node.op is not None and node.op.selects and arithmetic.name == "numpy"
                if used and not (mixed and arg != node.args[0]):
                    needed[arg] = 1
    for index in bad:
        node = graph.nodes[index]
        if needed[index] and _outside(node, values, arithmetic):
            assert node.op is not None and node.op.domain is not None
            culprit = graph.nodes[node.args[0]]
            shown = to_text(graph.definition(culprit.index))
            here = ", ".join(
                f"{to_text(graph.term(arg)) if graph.nodes[arg].name else to_text(graph.definition(arg))}"
                f" = {numeral(values[arg])}"
                for arg in dict.fromkeys(node.args)
                if not graph.nodes[arg].is_constant
            )
            raise DomainError(
                f"{node.op.domain.words}; here {here or shown + ' is not'}",
                span=culprit.span if culprit.op or culprit.literal else node.span,
                source=graph.source,
                hint="choose another point, or guard it: where(condition, this, something else)",
            )


def _outside(node: Node, values: list[Value], arithmetic: Arithmetic) -> bool:
    """Is ``node`` nan because its arguments (themselves numbers) lie outside the domain?"""
    op, value = node.op, values[node.index]
    if op is None or op.domain is None or not arithmetic.undefined(value):
        return False
    args = [values[arg] for arg in node.args]
    if any(arithmetic.undefined(arg) for arg in args):
        return False
    program = arithmetic.text(op, op.domain.holds, 0, len(args))
    holds = arithmetic.run(program, [*args, value])
    return arithmetic.truth(holds == 0)
