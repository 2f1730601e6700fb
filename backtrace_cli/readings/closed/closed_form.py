"""The closed form of a partial: the messages written down, added up, and written out, line by line.

The lines are a reading of one symbolic backward pass. What a variable is sent is
added up as it stands; then the intermediates are written out, the latest first;
the last line is the shortest that the same thing can be written.
"""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.symbols import Symbols
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.symbolic import SymbolicRules
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.factors import in_order
from backtrace_cli.language.tree.simplify import simplify, written_sum
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, size
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.closed.shortest import departure, shortest
from backtrace_cli.readings.closed.written_chain import MOST_PARTS, SHORT, ClosedForm, Line, WrittenChain

__all__ = ["ClosedForm", "Line", "closed_form"]

#: So many nodes are measured, and so many tidied, in all the messages of one pass together.
_MEASURED, _TIDIED = 200_000, 60_000


def closed_form(graph: Graph, variable: str) -> ClosedForm:
    """∂output/∂``variable`` as a formula over the inputs, with the lines that lead there.

    It holds wherever the output is smooth; at a kink the trace says what is taken.
    Raises KeyError for a name the graph lacks.

    >>> from backtrace_cli.graph import build
    >>> found = closed_form(build("x^2 - (x+y)*y + y^2"), "y")
    >>> found.paths
    '∂f/∂v5·∂v5/∂y + ∂f/∂v3·∂v3/∂y + ∂f/∂v2·∂v2/∂y'
    >>> for line in found.lines:
    ...     print(f"= {to_text(line.text):<12} {line.why}".rstrip())
    = 2·y − v2 − y
    = y − v2       collected
    = y − (x + y)  v2 = x + y
    = −x           simplified
    """
    index = graph.find(variable)
    if index is None:
        raise KeyError(variable)
    if index == graph.output:
        return ClosedForm(variable, "", (Line(Number("1"), ""),), None)
    chain = _Chain(graph, index)
    if not chain.parts:
        reads = graph.leads_from({index})[graph.output]
        note = f"{graph.name(graph.output)} does not depend on {variable}"
        if reads:
            note = f"{variable} only decides a condition, and no gradient passes one"
        return ClosedForm(variable, "", (Line(Number("0"), ""),), note)
    return chain.form(variable)


class _Tidy(Symbols):
    """Formulas for numbers, tidied only up to ``most`` nodes: tidying a long one takes long."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def times(self, upstream: Value, local: Value) -> Value:
        if isinstance(local, Number) and local.text == "1":
            return upstream
        return self.tidy(Call("multiply", (upstream, local)))

    def plus(self, total: Value, contribution: Value) -> Value:
        return self.tidy(written_sum([total, contribution]))

    def tidy(self, tree: Expr) -> Expr:
        """``tree`` simplified, if it is short."""
        return simplify(tree) if size(tree, self.most) <= self.most else tree


class _Rules(SymbolicRules):
    """The symbolic rules over names that no formula can hold: node 3 is ``#3``, its gradient ``∂#3``.

    So a variable that is called ``e`` or ``g`` is never taken for something else.
    A gradient that grows long is called by its name, and its messages are kept.
    """

    def __init__(self, graph: Graph) -> None:
        # The longer the graph, the less is spent on each of its messages.
        tidied = max(12, min(SHORT // 4, _TIDIED // len(graph)))
        super().__init__(graph, _Tidy(tidied), max(40, min(MOST_PARTS, _MEASURED // len(graph))))
        self.values = [
            graph.term(node.index) if node.is_constant else Name(f"#{node.index}") for node in graph.nodes
        ]
        self.parts: dict[int, list[Expr]] = {}

    def at_kink(self, node: Node, slot: int, at: list[Value], value: Value) -> tuple[Value, int]:
        """The partial itself, as no formula stands at a kink; of two that may tie, with the share of each."""
        op = node.op
        if op is not None and op.tied is not None and len(node.args) == len(set(node.args)) == 2:
            return self.arithmetic.run(self.arithmetic.text(op, op.tied, slot, 2), at), -1
        return value, -1

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        """The running total, or the gradient's name from where it has grown long."""
        self.parts.setdefault(node, []).append(contribution)
        name = Name(f"∂#{node}")
        if isinstance(total, Name) and total.name == name.name:
            return name
        tree = contribution if order == 1 else self.arithmetic.plus(total, contribution)
        return tree if size(tree, self.most) <= self.most else name


class _Chain(WrittenChain):
    """One variable's messages on their way to a closed form."""

    def __init__(self, graph: Graph, index: int) -> None:
        rules = _Rules(graph)
        sent = backward(graph, rules.values, rules.arithmetic, {index}, rules).sent
        super().__init__(graph, index, sent, rules.values, rules.parts)

    def form(self, variable: str) -> ClosedForm:
        """The lines, from the messages' sum to the shortest form over the inputs."""
        lines = list(self.collected())
        order = self.reachable(lines[-1].text)
        if self.written_size(lines[-1].text, order) > MOST_PARTS:
            note: str | None = (
                f"left over the intermediates: over the inputs it has more than {MOST_PARTS:,} parts"
            )
        else:
            lines += self.written_out(lines[-1].text, order)
            last = lines[-1].text
            best = shortest(last, self.shown)
            note = best.note
            ops = [op for sent in self.sent if (op := self.graph.nodes[sent.source].op)]
            if any(op.kinks for op in ops):
                note = departure(self.graph, self.index, last) or note
            if any(op.selects for op in ops):
                note = note or "a branch not taken counts as 0, even where it has no value"
            if to_text(in_order(best.tree)) != to_text(in_order(last)):
                lines.append(Line(best.tree, "simplified"))
        shown = tuple(Line(self.display(self.as_written(line.text)), line.why) for line in lines)
        return ClosedForm(variable, self.paths(variable), shown, note)

    def as_written(self, tree: Expr) -> Expr:
        """``tree`` with its factors in the order in which a person writes them, if it is short."""
        return in_order(tree, self.place) if size(tree, SHORT) <= SHORT else tree

    def place(self, name: str) -> tuple[int, str]:
        """Variables by the alphabet, then what is computed from them, the earlier the sooner."""
        computed = name.startswith("#") and self.graph.nodes[int(name[1:])].op is not None
        return (1, f"{int(name[1:]):09}") if computed else (0, self.shown(name))

    def collected(self) -> Iterator[Line]:
        """The messages added up as they stand, and tidied where that changes anything."""
        first = written_sum(self.parts)
        long = size(first, MOST_PARTS) > MOST_PARTS
        tidied = simplify(first) if size(first, SHORT) <= SHORT else self.folded()
        if tidied is None or not long:
            yield Line(first, "")
        if tidied is not None and to_text(tidied) != to_text(first):
            yield Line(tidied, "collected")

    def folded(self) -> Expr | None:
        """The sum of many messages, tidied as it grows, as long as it stays short."""
        total = self.parts[0]
        for part in self.parts[1:]:
            total = simplify(written_sum([total, part]))
            if size(total, SHORT // 4) > SHORT // 4:
                return None
        return total
