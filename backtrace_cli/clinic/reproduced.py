"""One line of Python that shows what an engine makes of a graph."""

from __future__ import annotations

from typing import Any

from backtrace_cli.clinic.battery import called_by, exponents
from backtrace_cli.clinic.bedside.held import METHODS
from backtrace_cli.clinic.bedside.patient import Found
from backtrace_cli.clinic.prepared_case import Prepared, plain
from backtrace_cli.graph import Node

__all__ = ["reproduced"]

#: A graph of more boxes has no line that anybody would type.
_MOST = 16


def reproduced(case: Prepared, point: int, of: str, engine: str, found: Found) -> str:
    """The line; ``of`` is the variable whose gradient it shows, "" for the value.

    >>> from backtrace_cli.clinic.battery import Case
    >>> from backtrace_cli.clinic.bedside.patient import Names
    >>> found = Found(Names("data", "grad", "backward"), "", False, ())
    >>> reproduced(Prepared(Case("mul", "f = x*x", ("x=3",))), 0, "x", "Value", found)
    'x = Value(3); f = x * x; f.backward(); print(x.grad)'
    """
    graph, trace = case.own.graph, case.own.traces[point]
    if len(graph) > _MOST:
        return ""
    made = [f"{name} = {engine}({_number(plain(value))})" for name, value in trace.at.items()]
    texts: list[str] = []
    lines: list[str] = []
    for node in graph.nodes:
        text = _written(case, node, texts, engine, found)
        if node.op is not None and (node.name or node.index == graph.output):
            lines.append(f"{graph.name(node.index)} = {text}")
            text = graph.name(node.index)
        texts.append(text)
    out, names = texts[graph.output], found.names
    back = f"{names.backward}({out})" if found.free else f"{out}.{names.backward}()"
    clear = (
        f"{out}.{names.zero}()" if names.zero else "; ".join(f"{n}.{names.gradient} = 0" for n in trace.at)
    )
    again = {"once": [], "afresh": [clear, *lines, back], "same": [clear, back]}[case.case.rounds]
    show = f"print({of}.{names.gradient})" if of else f"print({out}.{names.data})"
    return "; ".join([*made, *lines, back, *again, show])


def _written(case: Prepared, node: Node, texts: list[str], engine: str, found: Found) -> str:
    graph = case.own.graph
    if node.op is None:
        return node.literal or graph.name(node.index)
    args = []
    for arg, fixed in zip(node.args, exponents(graph, node), strict=True):
        constant = graph.nodes[arg].is_constant
        bare = fixed or case.case.plain or not constant
        text = texts[arg] if bare else f"{engine}({texts[arg]})"
        boxed = graph.nodes[arg].op is not None and not graph.nodes[arg].name
        args.append(f"({text})" if boxed or text.startswith("-") else text)
    names = called_by(node)
    if names[0] == "neg":
        return f"-{args[0]}"
    if names[0] in METHODS:
        return f" {names[0]} ".join(args)
    usual = zip(node.op.option_names, node.fixed, node.op.option_defaults, strict=True)
    options = [f"{name}={value}" for name, value, default in usual if value != default]
    name = next((one for one in names if one in found.offers), names[0])
    if name == "T":
        return f"{args[0]}.T"
    return f"{args[0]}.{name}({', '.join([*args[1:], *options])})"


def _number(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_number, value)) + "]"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
