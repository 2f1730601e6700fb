"""A line of a derivation as a graph over the formula's names, and what it comes to at a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtrace_cli.base.collector import steady
from backtrace_cli.base.errors import BacktraceError, ShapeError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.derivation.steps import Derivation, Step
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.graph.builder import built
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.language.tree.syntax import Assign, Expr, Name, Program, names_in, rebuild
from backtrace_cli.language.tree.text import to_text

__all__ = ["Known", "Lines", "value_at"]

#: Versions that stand for something known, and its name: ``dh`` for ``dh'1``, ``h`` for ``h'1``.
Known = Mapping[str, str]


class Lines:
    """The lines of a derivation, written out over what is known; the rest is put in as it stands there."""

    def __init__(self, statement: Statement, derivation: Derivation) -> None:
        self.statement = statement
        self.steps = derivation.by_version

    def reads(self, tree: Expr, known: Known) -> list[str]:
        """The versions that go into ``tree``, those that are known among them but nothing behind those;
        each one after all that go into it."""
        found: list[str] = []
        settled: set[str] = set()
        opened: set[str] = set()
        waiting = sorted(name for name in names_in(tree) if name in self.steps)
        while waiting:
            name = waiting[-1]
            value = None if name in known else self.steps[name].value
            if name not in opened and value is not None:
                opened.add(name)
                waiting += sorted(one for one in names_in(value) if one in self.steps and one not in settled)
                continue
            waiting.pop()
            if name not in settled:
                settled.add(name)
                found.append(name)
        return found

    def within(self, step: Step, known: Known) -> frozenset[int]:
        """The boxes that a line works at, and those that read what it gives, whose messages it may leave
        out."""
        graph = self.statement.graph
        target = graph.find(step.target)
        readers = {node.index for node in graph.nodes if target in node.args}
        return self.places(step.value, known) | readers if step.value is not None else frozenset(readers)

    def places(self, tree: Expr, known: Known) -> frozenset[int]:
        """The boxes that ``tree`` works at: those from the gradients that it uses, or the output, down."""
        graph = self.statement.graph
        used = {self.steps[one].target for one in self.reads(tree, known) if one in known} - {""}
        found = (graph.find(name) for name in used) if used else iter([graph.output])
        places = [index for index in found if index is not None]
        below: set[int] = set()
        while places:
            index = places.pop()
            if index not in below:
                below.add(index)
                places += graph.nodes[index].args
        return frozenset(below)

    def graph(self, tree: Expr, known: Known, shapes: Mapping[str, tuple[int, ...]] | None = None) -> Graph:
        """``tree`` as a graph over names of the formula and of its gradients, with shapes where they fit.

        ``shapes`` are those of what is known under a name that the formula lacks. Raises FormulaError.
        """

        def meant(part: Expr) -> Expr:
            return (
                part._replace(name=known.get(part.name, _plain(part.name)))
                if isinstance(part, Name)
                else part
            )

        statements: list[Assign] = []
        for version in self.reads(tree, known):
            value = self.steps[version].value
            if version not in known and value is not None:
                statements.append(Assign(_plain(version), rebuild(value, meant), value.span))
        statements.append(Assign("", rebuild(tree, meant), tree.span))
        bound = {*self.statement.names, *known.values()}
        with steady():
            graph = built(Program(_written(statements), tuple(statements), None), bound=bound)
        return self._fitted(graph, shapes or {})

    def _fitted(self, graph: Graph, open_shapes: Mapping[str, tuple[int, ...]]) -> Graph:
        statement = self.statement
        if not statement.arrays:
            return graph
        shapes = {}
        for name, index in graph.inputs.items():
            here = name if statement.graph.find(name) is not None else name[1:]
            shapes[index] = open_shapes[name] if name in open_shapes else statement.shape(here)
        try:
            return fit_shapes(graph, shapes)
        except ShapeError:
            return graph


def _plain(version: str) -> str:
    """A version as a name that a formula may have."""
    return version.replace("'", "__")


def _written(statements: Sequence[Assign]) -> str:
    """What a line says, with all that goes into it."""
    return "; ".join(
        f"{one.name} = {to_text(one.value, ascii=True)}" if one.name else to_text(one.value, ascii=True)
        for one in statements
    )


def value_at(graph: Graph, trace: Trace, extra: Mapping[str, Value] | None = None) -> Value | None:
    """What a line comes to over the values and gradients of ``trace``; None where it has no value.

    ``extra`` are the values of names that the formula lacks.
    """
    arithmetic, inputs = trace.arithmetic, {}
    if graph.shapes is None and arithmetic.arrays:
        return None
    for name, index in graph.inputs.items():
        place = trace.graph.find(name)
        if extra and name in extra:
            inputs[index] = extra[name]
        else:
            inputs[index] = trace.values[place] if place is not None else trace.gradient_of(name[1:])
    try:
        values, bad = forward(graph, inputs, arithmetic)
        refuse_undefined(graph, values, bad, arithmetic)
    except BacktraceError:
        return None
    found = values[graph.output]
    if arithmetic.bad(found):
        return None
    return found if shape_of(found) else float(found)
