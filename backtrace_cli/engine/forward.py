"""The forward pass: every node's value in order, and what has no value."""

from __future__ import annotations

from collections.abc import Mapping

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import BacktraceError, DomainError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.operands import operands
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import text_rule

__all__ = ["forward", "refuse_undefined", "taken"]


def forward(
    graph: Graph, inputs: Mapping[int, Value], arithmetic: Arithmetic
) -> tuple[list[Value], list[int]]:
    """The value of every node at ``inputs``, and the nodes whose value is infinite or nan.

    >>> from backtrace_cli.engine.arithmetics.base import Floats
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
        try:
            if op is not None:
                value = function(op)(*[values[arg] for arg in node.args], *node.fixed)
            elif node.literal is not None:
                value = literal(node.literal)
            else:
                value = inputs[node.index]
        except BacktraceError as error:
            raise _placed(error, graph, node) from None
        values.append(value)
        if op is not None and is_bad(value):
            bad.append(node.index)
    if bad:  # what came from outside matters only where something went wrong
        bad = sorted(
            bad + [node.index for node in graph.nodes if node.op is None and is_bad(values[node.index])]
        )
    return values, bad


def _placed(error: BacktraceError, graph: Graph, node: Node) -> BacktraceError:
    """An arithmetic's complaint, with the place in the formula."""
    place = "" if node.op is None else f", at {graph.name(node.index)}"
    return type(error)(
        error.message + place,
        span=node.span, source=graph.source, hint=error.hint,
    )  # fmt: skip


def taken(node: Node, values: list[Value], arithmetic: Arithmetic) -> tuple[bool, ...]:
    """For each argument, is it taken? Only an op that selects leaves one out."""
    count = len(node.args)
    if node.op is None or not node.op.selects or arithmetic.symbols:
        return (True,) * count
    at = [*(values[arg] for arg in node.args), values[node.index]]
    return (True,) + tuple(
        arithmetic.truth(arithmetic.run(arithmetic.partial(node.op, slot, count), at))
        for slot in range(1, count)
    )


def refuse_undefined(graph: Graph, values: list[Value], bad: list[int], arithmetic: Arithmetic) -> None:
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
                mixed = node.op is not None and node.op.selects and arithmetic.arrays
                if used and not (mixed and arg != node.args[0]):
                    needed[arg] = 1
    for index in bad:
        node = graph.nodes[index]
        if needed[index] and _outside(node, values, arithmetic):
            raise _refusal(graph, node, values, arithmetic)


def _refusal(graph: Graph, node: Node, values: list[Value], arithmetic: Arithmetic) -> DomainError:
    """The complaint about ``node``, its caret under the argument that is at fault."""
    assert node.op is not None
    assert node.op.domain is not None
    slot, broken = _fault(node, values, arithmetic)
    args = operands(graph, node.index)
    hint = "choose another point, or guard it: where(condition, this, something else)"
    if graph.nodes[node.args[slot]].is_constant:
        here = shorten(to_text(Call(node.op.name, tuple(args))), 60)
        hint = "that has no real value; write another number there"
    else:
        told = {node.args[slot]: args[slot]} if node.op.mixes else dict(zip(node.args, args, strict=True))
        here = ", ".join(
            _entry(tree, values[arg], broken) for arg, tree in told.items()
            if not graph.nodes[arg].is_constant
        ) + _others(broken)  # fmt: skip
    return DomainError(
        f"{node.op.domain.words}; here {here}",
        span=Span(*args[slot].span) if graph.source else None, source=graph.source, hint=hint,
    )  # fmt: skip


def _entry(tree: Expr, value: Value, broken: Value) -> str:
    """``x = −1``; of an array the entry at the first place that is ``broken``: ``x[6] = 1.5``."""
    text = shorten(to_text(tree), 40)
    if not shape_of(value):
        return f"{text} = {numeral(value)}"
    if len(shape_of(broken)) < len(shape_of(value)):  # whole lines are at fault, as a singular matrix is
        return f"{text} = {shorten(_listed(value), 60)}"
    import numpy as np

    first = np.argwhere(broken)[0][-value.ndim :]  # the axes in front were spread
    place = tuple(int(at) if size > 1 else 0 for at, size in zip(first, value.shape, strict=True))
    label = text if isinstance(tree, (Name, Number)) else f"({text})"
    return f"{label}[{','.join(map(str, place))}] = {numeral(float(value[place]))}"


def _listed(value: Value) -> str:
    """``[[1, 2], [2, 4]]``."""
    return f"[{', '.join(map(_listed, value))}]" if shape_of(value) else numeral(float(value))


def _others(broken: Value) -> str:
    """How many entries more there are at which the condition is ``broken``."""
    count = int(broken.sum()) - 1 if shape_of(broken) else 0
    return f", and {count:,} more such {'entry' if count == 1 else 'entries'}" if count else ""


def _fault(node: Node, values: list[Value], arithmetic: Arithmetic) -> tuple[int, Value]:
    """Which argument breaks the domain: the first that the first broken condition names. And where it
    breaks it: over the entries of the value, or of the argument itself where the op mixes entries."""
    op, count = node.op, len(node.args)
    assert op is not None
    assert op.domain is not None
    conditions: list[Expr] = [text_rule(op, op.fill(op.domain.holds, 0, count), count)]
    while isinstance(conditions[0], Call) and conditions[0].func == "multiply":
        conditions[:1] = conditions[0].args
    at = [*(values[arg] for arg in node.args), values[node.index], None, *node.fixed]
    for condition in conditions:
        broken = arithmetic.run(arithmetic.compile(condition, op.params(count), op.option_names), at) == 0
        if arithmetic.truth(broken):
            if not op.mixes and shape_of(values[node.index]):
                import numpy as np

                broken = np.broadcast_to(broken, shape_of(values[node.index]))
            named = names_in(condition)
            return next((slot for slot, name in enumerate(op.params(count)) if name in named), 0), broken
    return 0, False


def _outside(node: Node, values: list[Value], arithmetic: Arithmetic) -> bool:
    """Is ``node`` nan because its arguments (themselves numbers) lie outside the domain?"""
    op, value = node.op, values[node.index]
    if op is None or op.domain is None or not arithmetic.undefined(value):
        return False
    args = [values[arg] for arg in node.args]
    if any(arithmetic.undefined(arg) for arg in args):
        return False
    program = arithmetic.text(op, op.domain.holds, 0, len(args), node.fixed)
    holds = arithmetic.run(program, [*args, value, None, *node.fixed])
    return arithmetic.truth(holds == 0)
