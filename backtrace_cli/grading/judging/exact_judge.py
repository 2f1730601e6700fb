"""Equality that needs no sampling: the same tree, or exact fractions on both sides."""

from __future__ import annotations

import math
from fractions import Fraction

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.arithmetics.exact import Exact
from backtrace_cli.engine.forward import forward
from backtrace_cli.grading.judging.compare import DIFFERENT, EQUAL, Judgement, Witness
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import CONSTANTS
from backtrace_cli.ops.traits import rational_function
from backtrace_cli.readings.questions import Question, expected

__all__ = ["exactly", "same_tree"]

#: Two rational functions that agree at this many random fractions are the same.
_LEAST = 4


def same_tree(statement: Statement, question: Question, graph: Graph) -> Judgement | None:
    """Equal if the answer is, letter by letter, what the symbolic trace says."""
    if question.kind.along_input or statement.names & {*CONSTANTS, "nan", "inf"}:
        return None  # a constant of a rule and a node of that name would look alike
    tree = expected(statement.symbolic, question)
    if not isinstance(tree, (Number, Name, Call)) or len(graph.steps) > 60:
        return None
    written: list[Expr] = []
    for node in graph.nodes:
        written.append(graph.definition(node.index, written.__getitem__))
    return Judgement(EQUAL) if to_text(tree) == to_text(written[graph.output]) else None


def exactly(statement: Statement, question: Question, formula: Graph) -> Judgement | None:
    """Exact fractions at random points, where both sides are rational functions; else None."""
    if question.kind.along_input or not (_is_rational(statement.graph) and _is_rational(formula)):
        return None
    agreed = 0
    for point, trace in statement.fractions:
        try:
            inputs = {
                index: trace.values[trace.graph.find(name) or 0] for name, index in formula.inputs.items()
            }
            found = forward(formula, inputs, Exact())[0][formula.output]
        except BacktraceError:
            continue
        right = expected(trace, question)
        if not isinstance(found, Fraction) or not isinstance(right, Fraction):
            continue
        if found != right:
            at = {name: float(value) for name, value in point.items()}
            return Judgement(DIFFERENT, Witness(at, _float(found), _float(right)))
        agreed += 1
    return Judgement(EQUAL) if agreed >= _LEAST else None


def _is_rational(graph: Graph) -> bool:
    for node in graph.nodes:
        if node.op is None:
            if node.literal in CONSTANTS:
                return False
        elif node.op.name == "power":
            exponent = graph.nodes[node.args[1]].literal
            if exponent is None or not exponent.lstrip("-").isdecimal() or abs(int(exponent[:9])) > 100:
                return False
        elif not rational_function(node.op):
            return False
    return True


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
