"""A trace as rows of text: what every view prints, worked out once.

``Wording`` holds the choices (digits, Unicode or ASCII); its methods turn events
into words. Tables, plain sentences and the sheet only arrange them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import DIGITS, numeral, shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.events import Sent, TangentStep
from backtrace_cli.engine.trace import Tangent, Trace, local_expression
from backtrace_cli.language.tree.simplify import join, simplify, substitute, written_sum
from backtrace_cli.language.tree.syntax import OPERATORS, PRODUCT, Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.pages.document import Factor, Kept, Partial, Sum, Words
from backtrace_cli.pages.rows import BackwardRow, ForwardRow, GraphRow, TangentRow

__all__ = ["Wording"]

#: More readers, or more terms of a sum, than this are counted instead of listed.
MOST_LISTED = 12
#: A graph with more steps than this, or written out longer than that, is titled by its source.
MOST_TITLED, MOST_WRITTEN = 200, 400
#: An array with more entries than this is summarised: a 4×4 matrix stands in a line of 80 columns.
MOST_ENTRIES = 16


class Wording(NamedTuple):
    """How numbers and formulas are written."""

    digits: int = DIGITS
    ascii: bool = False
    full: bool = False
    matrices: bool = False
    """Write a small matrix row under row, where a cell may have several lines?"""

    # -- words ----------------------------------------------------------------

    @property
    def minus(self) -> str:
        return "-" if self.ascii else "−"

    @property
    def dot(self) -> str:
        return "*" if self.ascii else "·"

    @property
    def arrow(self) -> str:
        return "<-" if self.ascii else "←"

    @property
    def onward(self) -> str:
        """What stands before a message that is no product: upstream → message."""
        return "->" if self.ascii else "→"

    @property
    def mark(self) -> str:
        """The sign of a fork."""
        return "(*)"

    def name(self, name: str) -> str:
        """A node's name."""
        return name

    def prose(self, text: str) -> str:
        """A word that stands where a formula could."""
        return text

    def partial(self, top: str, bottom: str, sign: str = "∂") -> str:
        """∂top/∂bottom; with ²f and x∂y for them ∂²f/∂x∂y."""
        text = f"{sign}{top}/{sign}{bottom}"
        return text.replace("∂", "d").replace("²", "2") if self.ascii else text

    def number(self, value: Value) -> str:
        """A value: digits, a fraction, a formula, an array or its summary."""
        if value is None:
            return ""
        if isinstance(value, (Number, Name, Call)):
            return self.expr(value)
        shape = shape_of(value)
        if not shape:
            return numeral(value, self.digits, ascii=self.ascii)
        if not self.summarised(value):
            return numeral(value, self.digits, ascii=self.ascii)
        low, high = (numeral(float(x), self.digits, ascii=self.ascii) for x in (value.min(), value.max()))
        return f"{self.sides(shape)} from {low} to {high}"

    def summarised(self, value: Value) -> bool:
        """Is ``value`` an array too large to be written whole?"""
        return bool(shape_of(value)) and value.size > MOST_ENTRIES and not self.full

    def sides(self, shape: tuple[int, ...]) -> str:
        """A shape: ``3×2``, a vector ``(3)``, a number nothing."""
        return (sides(shape).replace("×", "x") if self.ascii else sides(shape)) if shape else ""

    def cell(self, value: Value) -> str:
        """A value in a table: a small matrix row under row, a large array without its shape."""
        shape = shape_of(value)
        if len(shape) != 2 or not self.matrices or not all(shape):
            text = self.number(value)
            return text.removeprefix(self.sides(shape)).lstrip() if shape and self.matrices else text
        if self.summarised(value):
            return self.number(value).removeprefix(self.sides(shape)).lstrip()
        rows = [[numeral(entry, self.digits, ascii=self.ascii) for entry in row] for row in value]
        widths = [max(len(row[place]) for row in rows) for place in range(shape[1])]
        return "\n".join(
            f"[{'  '.join(text.rjust(width) for text, width in zip(row, widths, strict=True))}]"
            for row in rows
        )

    def words(self, words: Words) -> str:
        """What stands in a line: plain words, a formula made of parts, or pieces in their order."""
        if isinstance(words, str):
            return words
        if isinstance(words, Kept):
            return words.before + words.between.join(words.pieces(self))
        return "".join([self._part(part) for part in words.parts])

    def _part(self, part: Any) -> str:
        if isinstance(part, str):
            return self.sign(part)
        if isinstance(part, Partial):
            return self.partial(part.top, part.bottom, part.sign)
        if isinstance(part, Sum):
            return self.added([self.number(value) for value in part.parts])
        if isinstance(part, Factor):
            trees = isinstance(part.part, (Number, Name, Call))
            text = self.factor(part.part) if trees else self.number(part.part)
            return f"({text})" if text.startswith(self.minus) else text
        return self.number(part)

    def sign(self, text: str) -> str:
        """The signs between the parts of a formula."""
        return self.plain(text).replace("·", self.dot) if self.ascii else text

    def expr(self, tree: Expr) -> str:
        """A formula as text."""
        return self.plain(to_text(tree, ascii=self.ascii))

    def plain(self, text: str) -> str:
        """``text``, with ∂ as d where only ASCII can be printed."""
        return text.replace("∂", "d") if self.ascii else text

    def factor(self, tree: Expr) -> str:
        """A formula as text, in brackets where it could not stand beside a ``·``."""
        text = self.expr(tree)
        if isinstance(tree, Call) and tree.func in OPERATORS and OPERATORS[tree.func].level < PRODUCT:
            return f"({text})"
        return text

    # -- sections ---------------------------------------------------------------

    def title(self, trace: Trace) -> str:
        """The formula as one line."""
        return ";  ".join(self.statements(trace))

    def statements(self, trace: Trace) -> list[str]:
        """The formula: the output and every named intermediate, written out."""
        graph = trace.graph.before or trace.graph
        if len(graph.steps) > MOST_TITLED or graph.written_out(10 * MOST_WRITTEN) > MOST_WRITTEN:
            source = " ".join(trace.formula.split())
            return [self.prose(part) for part in shorten(source, MOST_WRITTEN).split(";  ")]
        trees: list[Expr] = []
        lines: list[str] = []
        for node in graph.nodes:
            tree = graph.definition(node.index, trees.__getitem__)
            if node.op is not None and (node.name or node.index == graph.output):
                lines.append(f"{self.name(graph.name(node.index))} = {self.expr(tree)}")
                tree = graph.term(node.index)
            trees.append(tree)
        return lines or [self.name(trace.output)]

    def point(self, trace: Trace) -> list[str]:
        """``x = 1`` for each variable."""
        given = (name for name in trace.at if name not in trace.drawn)
        shown = [f"{self.name(name)} = {self.number(trace.at[name])}" for name in given]
        if trace.drawn:
            shown.append(self.prose(f"{', '.join(trace.drawn[:MOST_LISTED])} as declared"))
        return shown

    def graph(self, trace: Trace) -> Iterator[GraphRow]:
        """Who reads whom."""
        graph = trace.graph
        readers = graph.readers()
        for index in (*graph.inputs.values(), *graph.steps):
            found = readers[index]
            names = [graph.name(reader) for reader in found[:MOST_LISTED]]
            names = [f"{n} {'x' if self.ascii else '×'}{names.count(n)}" if names.count(n) > 1 else n
                     for n in dict.fromkeys(names)]  # fmt: skip
            if len(found) > MOST_LISTED:
                names = [*names[:3], f"{'...' if self.ascii else '…'} ({len(found):,} readings)"]
            listed = f"read by {', '.join(names)}" if names else "read by nobody"
            if index == graph.output:
                listed = "the output"
            shown = self.expr(graph.definition(index))
            if graph.nodes[index].is_input:
                line = graph.declared.get(graph.name(index))
                shown = "parameter" if line is not None and line.kind == "param" else "variable"
            yield GraphRow(
                self.name(graph.name(index)), shown, listed, len(found) > 1, self.shape(trace, index)
            )

    def shape(self, trace: Trace, index: int) -> str:
        """The shape of a node in a trace of arrays."""
        return self.shaped(trace, trace.values[index])

    def shaped(self, trace: Trace, value: Value) -> str:
        """The shape of a value in a trace of arrays."""
        return self.sides(shape_of(value)) if trace.arithmetic.arrays else ""

    def forward(self, trace: Trace) -> Iterator[ForwardRow]:
        """The forward steps."""
        return (self.forward_row(trace, index, str(n)) for n, index in enumerate(trace.graph.steps, 1))

    def forward_row(self, trace: Trace, index: int, step: str = "") -> ForwardRow:
        """One forward step; its numbers where they say something new."""
        graph = trace.graph
        definition = self.expr(graph.definition(index))
        numbers = ""
        if trace.arithmetic.scalar:
            numbers = self.expr(graph.definition(index, lambda i: self.value_tree(trace, i)))
        value = self.cell(trace.values[index])
        if numbers == definition or value in (numbers, definition):
            numbers = ""
        name = self.name(graph.name(index))
        return ForwardRow(step, name, definition, numbers, value, self.shape(trace, index))

    def value_tree(self, trace: Trace, index: int) -> Expr:
        """The value of a node as a tree, so that it gets brackets where it needs them."""
        node = trace.graph.nodes[index]
        if node.literal is not None:
            return trace.graph.term(index)
        text = numeral(trace.values[index], self.digits, ascii=True)
        top, slash, bottom = text.lstrip("-").partition("/")
        tree: Expr = Name(top)
        if slash:
            tree = Call("divide", (tree, Name(bottom)))
        return Call("negative", (tree,)) if text.startswith("-") else tree

    def backward(self, trace: Trace) -> Iterator[BackwardRow]:
        """The messages."""
        graph = trace.graph
        counts = trace.back.counts if trace.back else []
        last = -1
        through = ""
        for sent in trace.sent:
            first = sent.source != last
            if first:
                last = sent.source
                through = self.expr(graph.definition(last))
            local, value = self.local(trace, sent)
            of = counts[sent.target]
            yield BackwardRow(
                str(graph.step(last)), f"{self.name(graph.name(last))} = {through}", graph.name(last),
                self.name(graph.name(sent.target)), self.upstream(sent), local, value,
                self.cell(sent.contribution),
                self.cell(sent.total) if of > 1 or not shape_of(sent.total) else "",
                f"{self.mark} {sent.order} of {of}" if of > 1 else "", first,
                graph.nodes[sent.source].op.mixes, self.shape(trace, sent.target),  # type: ignore[union-attr]
            )  # fmt: skip

    def upstream(self, sent: Sent) -> str:
        """The upstream gradient, in brackets where it is a sum of formulas."""
        if isinstance(sent.upstream, (Number, Name, Call)):
            return self.factor(sent.upstream)
        return self.cell(sent.upstream)

    def local(self, trace: Trace, sent: Sent) -> tuple[str, str]:
        """The local derivative as formula, and as number where the formula is none."""
        tree = local_expression(trace.graph, sent)
        op = trace.graph.nodes[sent.source].op
        if op is not None and op.mixes:
            return self.expr(tree), ""
        text = self.factor(tree)
        if trace.symbolic:
            return text, ""
        value = self.cell(sent.local)
        return text, "" if value == text else value

    def nothing(self, trace: Trace) -> str:
        """Why there is no gradient to show."""
        if trace.graph.inputs:
            return "and no gradient goes to what it only counts or picks by"
        return "and there is no variable"

    def sum(self, trace: Trace, name: str) -> str:
        """``0 − 1 + 0``: what arrived at a variable, where several messages did."""
        index = trace.graph.inputs[name]
        if trace.back is None or trace.back.counts[index] < 2 or shape_of(trace.at.get(name)):
            return ""
        if trace.back.counts[index] > MOST_LISTED:
            return f"the sum of {trace.back.counts[index]:,} messages"
        parts = [sent.contribution for sent in trace.sent if sent.target == index]
        if trace.symbolic:
            return self.expr(written_sum(parts))
        return self.added([self.number(part) for part in parts])

    def added(self, numbers: list[str]) -> str:
        """Numbers joined by + and −."""
        text = numbers[0]
        for number in numbers[1:]:
            negative = number.startswith(self.minus)
            text += f" {self.minus} {number[1:]}" if negative else f" + {number}"
        return text

    def tangent(self, trace: Trace, tangent: Tangent) -> Iterator[TangentRow]:
        """The rows of one forward-mode table, the variables' own tangents first."""
        seeds = tangent.direction
        for name, index in trace.graph.inputs.items():
            value = seeds.get(name, 0)
            if tangent.variable == name:
                value = trace.arithmetic.seed(trace.values[index])
            if tangent.entry_of and name != tangent.entry_of:
                continue  # the tangents of the other variables are 0
            shown = self.cell(value)
            yield TangentRow("", self.tangent_name(tangent, name), "", "", shown, self.shape(trace, index))
        for step in tangent.steps:
            yield self._tangent_row(trace, tangent, step)

    def tangent_name(self, tangent: Tangent, node: str) -> str:
        """∂c/∂x in the direction of x; dc along a seed."""
        return self.partial(node, tangent.variable) if tangent.variable else self.name(f"d{node}")

    def _tangent_row(self, trace: Trace, tangent: Tangent, step: TangentStep) -> TangentRow:
        rule: Expr | None = None
        numbers: list[str] = []
        whole = not any(self.summarised(part) for _, value, _, dot in step.terms for part in (value, dot))
        for local, value, arg, dot in step.terms:
            moving = Name(f"∂{arg}/∂{tangent.variable}" if tangent.variable else f"d{arg}")
            mixes = value is None  # then the rule says where the tangent goes
            term = substitute(local, {"d": moving}) if mixes else simplify(Call("multiply", (local, moving)))
            rule = term if rule is None else join(rule, term)
            if not trace.symbolic and not mixes and whole:
                numbers.append(self._product(self.number(value), self.number(dot)))
        shown = self.expr(rule) if rule is not None else "0"
        return TangentRow(
            str(step.step), self.tangent_name(tangent, step.node), shown,
            " + ".join(numbers), self.cell(step.value), self.shaped(trace, step.value),
        )  # fmt: skip

    def _product(self, left: str, right: str) -> str:
        """Two numbers multiplied, the second in brackets where it is negative."""
        if right.startswith(self.minus):
            right = f"({right})"
        if left.startswith(self.minus):
            left = f"({left})"
        return f"{left}{self.dot}{right}"
