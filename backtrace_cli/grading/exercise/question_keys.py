"""The keys of an exercise's tables, read as questions about its graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count

from backtrace_cli.base.suggest import nearest
from backtrace_cli.grading.exercise.judging_keys import strings
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Expr, Name, size
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.questions import KINDS, Question, edges

#: A formula longer than this is not written out again in a hint.
_MOST_WRITTEN = 24

__all__ = ["TABLES", "derivation_in", "derive_in", "ends", "read_question", "suggestion"]

#: The tables of answers, with the sign between the two nodes of a key.
TABLES = {name: kind.sign for name, kind in KINDS.items() if kind.blanks}


def ends(table: str, key: str) -> tuple[str, str, bool]:
    """The two nodes of a key, the first one empty where the table needs one alone; and is it complete?

    >>> ends("messages", "b → x"), ends("gradient", " x"), ends("local", "c")
    (('b', 'x', True), ('', 'x', True), ('c', '', False))
    """
    sign = TABLES[table]
    left, mid, right = key.replace("→", "->").replace("∂", "").partition(sign) if sign else ("", "", key)
    left, right = left.strip(), right.strip()
    return left, right, not sign or bool(mid and left and right)


def read_question(
    source: Source, statement: Statement, table: str, key: str, where: Sequence[str | int]
) -> Question:
    """The question that ``key`` asks in ``table``; refuses what the graph lacks."""
    sign, graph = TABLES[table], statement.graph
    left, right, complete = ends(table, key)
    if not complete:
        source.fail(f"{key} is not a key of [{table}]", *where, hint=f"write {KINDS[table].example}")
    for name in (left, right) if sign else (right,):
        if name not in statement.names:
            source.fail(f"{name} is no node of this formula", *where, hint=suggestion(name, statement.names))
    question = Question(table, left or None, right)
    if question.kind.on_edge and not edges(graph, question):
        box = graph.find(left)
        reads = [graph.name(arg) for arg in dict.fromkeys(graph.nodes[box].args)] if box is not None else []
        nodes = [name for name in reads if name in statement.names]
        hint = f"{left} reads {', '.join(nodes)}" if nodes else f"{left} is an input and reads nothing"
        between = _between(graph, box, graph.find(right))
        if box is not None and between is not None:
            hint = _naming(statement, box, between, question)
        source.fail(f"{left} does not read {right}, so there is no edge {key}", *where, hint=hint)
    if statement.arrays:
        _refuse_arrays(source, statement, question, where)
    if question.kind.along_input and right not in graph.inputs:
        source.fail(f"a tangent is along an input, and {right} is none", *where,
                    hint=f"the inputs: {', '.join(graph.inputs)}")  # fmt: skip
    if question.kind.twice and left not in graph.inputs:
        source.fail(f"a second derivative is by two inputs, and {left} is none", *where,
                    hint=f"the inputs: {', '.join(graph.inputs)}")  # fmt: skip
    return question


def _between(graph: Graph, box: int | None, target: int | None) -> int | None:
    """The box without a name through which ``box`` reads ``target``; None where there is none."""
    waiting = [] if box is None else [*graph.nodes[box].args]
    seen: set[int] = set()
    while waiting:
        index = waiting.pop(0)
        node = graph.nodes[index]
        if index in seen or node.op is None or node.name:
            continue
        if target in node.args:
            return index
        seen.add(index)
        waiting += node.args
    return None


def _naming(statement: Statement, box: int, between: int, question: Question) -> str:
    """How to write the formula so that the box between two nodes can be asked about."""
    graph, (source, target) = statement.graph, (question.source or "", question.target)
    taken = {*statement.names, *graph.inputs, *graph.aliases, *graph.sizes}
    name = next(n for n in chain("pusqkmrbc", map("p{}".format, count(1))) if n not in taken)
    trees: list[Expr] = []
    short = True
    for node in graph.nodes[: box + 1]:
        tree = graph.definition(node.index, trees.__getitem__)
        if node.index == between:
            inner, tree = tree, Name(name)
        elif node.name and node.index != box:
            tree = graph.term(node.index)
        elif size(tree, _MOST_WRITTEN) > _MOST_WRITTEN:
            tree, short = graph.term(node.index), False
        trees.append(tree)
    sign = TABLES[question.table]
    keys = f'"{name}{sign}{target}"'
    if between in graph.nodes[box].args:
        keys = f'"{source}{sign}{name}" and {keys}'
    outer = (
        f"{source} = {to_text(trees[box], ascii=True)}" if short else f"with {name} in its place in {source}"
    )
    written = f"{name} = {to_text(inner, ascii=True)}; {outer}"
    return f"give the box between them a name, {written}, and ask for {keys}"


def _refuse_arrays(
    source: Source, statement: Statement, question: Question, where: Sequence[str | int]
) -> None:
    """Refuse what has no answer, or another than it seems, where there are arrays."""
    graph, kind = statement.graph, question.kind
    if kind.along_input:
        source.fail(
            "forward mode takes an array entry by entry", *where, hint="ask for [gradient], or numbers"
        )
    if kind.back and statement.shape(graph.name(graph.output)):
        source.fail(f"{graph.name(graph.output)} is no number, so it has no gradient", *where,
                    hint="end the formula with one: L = sum(y)")  # fmt: skip
    if kind.is_rule:
        box = graph.nodes[edges(graph, question)[0][0]]
        if box.op is not None and box.op.mixes:
            message = f'"{question.source}->{question.target}"'
            source.fail(f"{question.source} mixes the entries of {question.target}, and its local "
                        "derivative is no array of their shape", *where,
                        hint=f"ask for what is sent: [messages] {message}")  # fmt: skip


def suggestion(name: str, names: frozenset[str]) -> str:
    """What may have been meant by a name that an exercise lacks.

    >>> suggestion("xy", frozenset("xyz"))
    'did you mean x*y?'
    """
    if len(name) > 1 and all(letter in names for letter in name):
        return f"did you mean {'*'.join(name)}?"
    near = nearest(name, names)
    return f"did you mean {near}?" if near else f"its names: {', '.join(sorted(names)[:12])}"


def derivation_in(source: Source) -> tuple[str, int]:
    """The derivation that stands in a file, and the line on which it begins."""
    text = source.data.get("derivation", "")
    if not isinstance(text, str):
        source.fail("a derivation is text", "derivation", hint='write derivation = """ and a line a gradient')
    if "derivation" not in source.data:
        return "", 0
    line = source.line("derivation")
    row = source.text.split("\n")[line - 1].rstrip()
    return text, line + row.endswith(('"""', "'''"))


def derive_in(source: Source, statement: Statement) -> tuple[str, ...]:
    """What a derivation is to arrive at: by default the gradients of all variables that are not given."""
    names = strings(source, "derive")
    if not names and "derivation" in source.data:
        given = set(strings(source, "given"))
        names = tuple(name for name in statement.graph.inputs if name not in given)
    for name in names:
        if name not in statement.names:
            source.fail(
                f"{name} is no node of this formula", "derive", hint=suggestion(name, statement.names)
            )
    if names and statement.shape(statement.graph.name(statement.graph.output)):
        source.fail("the output is no number, so it has no gradient", "formula",
                    hint="end the formula with one: L = sum(y)")  # fmt: skip
    return tuple(dict.fromkeys(names))
