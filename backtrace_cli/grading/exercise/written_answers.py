"""An answer as people write it: ``dh*h*(1-h)``, ``∂L/∂y @ W``, ``→ g·x``."""

from __future__ import annotations

import re

from backtrace_cli.base.caret import Span
from backtrace_cli.base.collector import steady
from backtrace_cli.base.errors import FormulaError, ShapeError
from backtrace_cli.grading.exercise.lists import INFINITE, too_deep
from backtrace_cli.grading.exercise.question_keys import suggestion
from backtrace_cli.grading.exercise.spellings import spellings_of
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.graph.builder import built
from backtrace_cli.graph.own_names import callable_in
from backtrace_cli.graph.surgery import renamed
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.language.tree.syntax import Assign, Expr, Name, rebuild
from backtrace_cli.readings.questions import Question

__all__ = ["read_expression"]

#: The upstream gradient as the rules of the boxes call it.
_UPSTREAM = re.compile(r"(?<![\w.])g(?![\w(])")
_SLOPE = r"(?:∂|d|\\partial\s*)"


def read_expression(statement: Statement, question: Question, text: str) -> Graph:
    """``text`` as a graph whose inputs are names of the exercise, with its shapes where there are arrays
    that fit. Raises FormulaError.

    >>> from backtrace_cli.readings.questions import Question
    >>> statement = Statement("h = w*x; L = h^2", "w=2,x=3")
    >>> list(read_expression(statement, Question("gradient", None, "w"), "dh*x").inputs)
    ['h', 'x']
    """
    if text in INFINITE and not statement.names & {"inf", "oo"}:
        text = INFINITE[text]
    if too_deep(text):
        raise FormulaError("its brackets are nested too deeply", span=Span(0, len(text)), source=text)
    arriving = {} if statement.arrays else _arriving(statement, question)
    names = statement.names | statement.upstream_names(question).keys()
    text = _plainly(statement, question, text, names | arriving.keys())
    spelled = spellings_of(names)
    bound = names | spelled.keys() | arriving.keys()
    with steady():
        program = parse(text, functions=callable_in(text, bound), bound=bound, tuples=True)
        first = program.statements[0]
        if len(program.statements) > 1 or not isinstance(first, Assign) or first.name:
            raise FormulaError("one expression is expected, without = and ;",
                               span=Span(0, len(text)), source=text,
                               hint="write only what stands after the =")  # fmt: skip
        if arriving:
            value = rebuild(first.value, lambda tree: _arrived(tree, arriving))
            program = program._replace(statements=(first._replace(value=value),))
        graph = renamed(built(program, bound=bound), spelled)
    for name, index in graph.inputs.items():
        if name not in names:
            raise FormulaError(f"{name} is no name of this exercise", span=graph.nodes[index].span,
                               source=text, hint=suggestion(name, names))  # fmt: skip
    if statement.arrays:
        try:
            return statement.fitted(question, graph)
        except ShapeError:
            return graph  # the judge says what doesn't fit
    if graph.mixes or graph.lists:
        raise FormulaError("a number is asked for, not a list", span=Span(0, len(text)), source=text)
    return graph


def _arriving(statement: Statement, question: Question) -> dict[str, Expr]:
    """``dh`` and what it stands for, ∂L/∂h as a formula, for each node h computed from what is asked."""
    target = statement.graph.find(question.target)
    if not question.kind.back or target is None:
        return {}
    after = statement.graph.leads_from({target})
    found: dict[str, Expr] = {}
    for name in statement.names:
        index = statement.graph.find(name)
        if index is not None and index != target and after[index] and f"d{name}" not in statement.names:
            found[f"d{name}"] = statement.symbolic.gradient_of(name)
    return found


def _arrived(tree: Expr, arriving: dict[str, Expr]) -> Expr:
    return arriving.get(tree.name, tree) if isinstance(tree, Name) else tree


def _plainly(statement: Statement, question: Question, text: str, names: frozenset[str] | set[str]) -> str:
    """``text`` without the arrow before it, with dy for ∂L/∂y, and for g in a message from y."""
    text = re.sub(r"^\s*(?:→|->|=)\s*", "", text).replace("∞", "inf")
    output = re.escape(statement.graph.name(statement.graph.output))

    def named(found: re.Match[str]) -> str:
        name = f"d{found[1]}"
        return name if name in names else found[0]

    text = re.sub(rf"(?<![\w.]){_SLOPE}{output}\s*/\s*{_SLOPE}(\w+)", named, text)
    text = re.sub(rf"\\frac\{{{_SLOPE}{output}\}}\{{{_SLOPE}(\w+)\}}", named, text)
    if question.source and "g" not in names and f"d{question.source}" in names:
        text = _UPSTREAM.sub(f"d{question.source}", text)
    return text
