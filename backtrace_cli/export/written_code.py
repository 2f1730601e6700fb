"""A formula's value and gradient as code that a person could have written: forward, then every message back.

It follows the walk of a trace, box by box, with the rules as they are printed; comments say which rule a
message comes from and where messages add up. What is written runs without backtrace.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.export.code_trees import CodeTrees, literal
from backtrace_cli.export.dialect import Dialect, call
from backtrace_cli.graph import Node
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import Call, Expr, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import in_place, rule, text_rule

__all__ = ["written_code"]


def written_code(trace: Trace, dialect: Dialect) -> str:
    """The file that computes ``trace``'s output and gradient in a dialect.

    Raises BacktraceError where the dialect has no arrays and the trace has, or lacks an op.

    >>> from backtrace_cli import trace
    >>> from backtrace_cli.export.code import dialect
    >>> written_code(trace("x^2*y", x=3, y=2), dialect("python")).splitlines()[11].strip()
    'd_v1 = d_f * y  # f = v1·y, ∂f/∂v1 = y'
    """
    return _Writer(trace, dialect).file()


class _Writer:
    def __init__(self, trace: Trace, dialect: Dialect) -> None:
        self.trace, self.dialect = trace, dialect
        self.graph = trace.graph
        self.trees = CodeTrees(trace, dialect)
        self.arrays = hasattr(trace.arithmetic, "dtype")
        if self.arrays and dialect.arrays is None:
            raise BacktraceError(f"{dialect.title} has no arrays", hint="write it for NumPy: --to numpy")
        self.names = self.trees.names
        self.rules = Rules(self.graph, trace.values, trace.arithmetic)

    # -- the file -------------------------------------------------------------

    def file(self) -> str:
        """The whole text."""
        forward, backward = self._forward(), self._backward()
        inputs = [self.names[index] for index in self.graph.inputs.values()]
        results = ", ".join(
            f"{name!r}: {self._gradient_of(self.graph.inputs[name])}" for name in self.trace.wrt
        )
        output = self.names[self.graph.output]
        body = [
            f"def value_and_gradient({', '.join(inputs)}):",
            *self._documented(),
            *(["    # forward"] if forward else []), *[f"    {line}" for line in forward],
            f"    # backward: d_v is ∂{self.graph.name(self.graph.output)}/∂v",
            *[f"    {line}" for line in backward],
            f"    return {output}, {{{results}}}",
        ]  # fmt: skip
        loss = self._loss(inputs, forward, output) if self.dialect.autodiff else []
        helpers = [self.trees.helpers.sources[name] for name in self.trees.helpers.sources]
        parts = [
            f'"""{self._title()}"""', "\n".join(self._imports(helpers)), *helpers, "\n".join(body),
            *(["\n".join(loss)] if loss else []), "\n".join(self._tried(inputs)),
        ]  # fmt: skip
        return "\n\n\n".join(parts).replace('"""\n\n\nimport', '"""\n\nimport', 1) + "\n"

    def _imports(self, helpers: list[str]) -> list[str]:
        """The dialect's imports, and ``math`` where a helper calls it."""
        needs = any("math." in helper for helper in helpers) and "import math" not in self.dialect.imports
        return [*(["import math", ""] if needs else []), *self.dialect.imports]

    def _title(self) -> str:
        formula = self.trace.formula.strip().replace("\\", "\\\\").replace('"""', "'''")
        return f"Value and gradient of {formula}, in {self.dialect.title}."

    def _documented(self) -> list[str]:
        if not self.arrays:
            return []
        shapes = [f"{self.names[index]} {self._shape_words(index)}" for index in self.graph.inputs.values()]
        return [f'    """Shapes: {"; ".join(shapes)}."""']

    def _shape_words(self, index: int) -> str:
        shape = shape_of(self.trace.values[index])
        return "×".join(map(str, shape)) if shape else "a number"

    def _tried(self, inputs: Iterable[str]) -> list[str]:
        values = [self._literal(self.trace.values[index]) for index in self.graph.inputs.values()]
        args = ", ".join(f"{name}={value}" for name, value in zip(inputs, values, strict=True))
        return ['if __name__ == "__main__":', f"    print(value_and_gradient({args}))"]

    def _literal(self, value: object) -> str:
        shape = shape_of(value)
        if not shape:
            return repr(float(value))  # type: ignore[arg-type]
        return f"{self.dialect.arrays}.{self.dialect.array}({value.tolist()}{self.dialect.double})"  # type: ignore[attr-defined]

    def _loss(self, inputs: list[str], forward: list[str], output: str) -> list[str]:
        total = output if not shape_of(self.trace.value) else f"{output}.sum()"
        args = ", ".join(inputs)
        by_itself = self.dialect.autodiff.format(inputs=args, count=len(inputs)).splitlines()
        lines = [f"    {line}" for line in forward]
        return [f"def loss({args}):", *lines, f"    return {total}", "", "", *by_itself]

    # -- forward and back -----------------------------------------------------

    def _forward(self) -> list[str]:
        lines = []
        for index in self.graph.steps:
            node = self.graph.nodes[index]
            assert node.op is not None
            args = [self.trees.read(arg) for arg in node.args]
            tree = call(node.op, args, node.fixed, self.trees.helpers)
            lines.append(_assigned(self.names[index], tree))
        return lines

    def _backward(self) -> list[str]:
        trace, graph, lines = self.trace, self.graph, []
        back = trace.back
        assert back is not None
        output = graph.output
        self.reached = {output}
        seed = self.dialect.one
        if shape_of(trace.value):
            seed = f"{self.dialect.arrays}.ones_like({self.names[output]})"
        if back.sent or output in graph.inputs.values():
            lines.append(f"d_{self.names[output]} = {seed}")
        for sent in back.sent:
            node = graph.nodes[sent.source]
            target = f"d_{self.names[sent.target]}"
            if sent.source not in self.reached:
                continue
            tree = self._message(node, sent.slot)
            if tree is None:
                continue
            first = sent.target not in self.reached
            self.reached.add(sent.target)
            of = back.counts[sent.target]
            source, name = graph.name(sent.source), graph.name(sent.target)
            comment = f"{source} = {to_text(graph.definition(sent.source))}"
            if node.op and not node.op.mixes:
                comment += f", ∂{source}/∂{name} = {to_text(local_expression(graph, sent._replace(kink=-1)))}"
            if of > 1:
                comment = f"(*) {sent.order} of {of} to {name}: {comment}"
            if not first:
                tree = ast.BinOp(ast.Name(target, ast.Load()), ast.Add(), tree)
            lines.append(_assigned(target, tree) + f"  # {comment}")
        return lines

    def _message(self, node: Node, slot: int) -> ast.expr | None:
        """The expression of one message, in the shape of what it goes to; None where it is 0 everywhere."""
        op, graph = node.op, self.graph
        assert op is not None
        count = len(node.args)
        names: dict[str, Expr] = dict(
            zip(op.params(count), (graph.term(arg) for arg in node.args), strict=True)
        )
        names |= {"out": graph.term(node.index), "g": Name(f"d_{graph.name(node.index)}")}

        def sent(tree: Expr) -> ast.expr:
            """The message that a rule's tree gives, over the names of nodes."""
            placed = in_place(op, tree, names, node.fixed)
            message = placed if op.messages else Call("multiply", (names["g"], placed))
            return self.trees.tree(simplify(message))

        def text(words: str) -> Expr:
            return text_rule(op, op.fill(words, slot, count, node.fixed), count)

        written = sent(rule(op, slot, count, False, node.fixed))
        for kink in reversed(op.kinks):
            taken = kink.taken[min(slot, len(kink.taken) - 1)]
            if taken is None or self._says_so(node, kink.when, taken, slot):
                continue
            when = self.trees.tree(in_place(op, text(kink.when), names, node.fixed))
            written = self._chosen(when, sent(text(taken)), written)
        nothing = isinstance(written, ast.Constant) and written.value == 0
        return None if nothing else self._fitted(node, slot, written)

    def _says_so(self, node: Node, when: str, taken: str, slot: int) -> bool:
        """Does the rule's own text give, at every kink tried, what is taken there (or is none ever met)?"""
        op, count = node.op, len(node.args)
        assert op is not None
        constants = [self.graph.nodes[arg].literal for arg in node.args]
        if op.mixes:
            return False
        from itertools import product

        from backtrace_cli.engine.arithmetics.base import Floats

        floats = Floats()
        grid = [
            (-1.0, 0.0, 1.0, 2.0) if text is None or text[0] == "[" else (floats.literal(text),)
            for text in constants
        ]
        for point in product(*grid):
            assert op.float is not None
            at = [*point, op.float(*point)]
            if floats.truth(floats.run(floats.text(op, when, slot, count), at)):
                plain = floats.run(floats.partial(op, slot, count), at)
                if plain != floats.run(floats.text(op, taken, slot, count), at):
                    return False
        return True

    def _chosen(self, when: ast.expr, taken: ast.expr, otherwise: ast.expr) -> ast.expr:
        if self.dialect.arrays is None:
            return ast.IfExp(when, taken, otherwise)
        where = ast.Attribute(ast.Name(self.dialect.arrays, ast.Load()), "where", ast.Load())
        return ast.Call(where, [when, taken, otherwise], [])

    def _fitted(self, node: Node, slot: int, tree: ast.expr) -> ast.expr:
        """Summed over the axes along which the argument was spread."""
        target = node.args[slot]
        shape = shape_of(self.trace.values[target])
        if not self.arrays or self.trace.back is None:
            return tree
        values = self.trace.values
        upstream = self.trace.back.gradients[node.index]
        _, sent, _ = self.rules.message(
            node, slot, upstream, [*(values[arg] for arg in node.args), values[node.index]]
        )
        wide = shape_of(sent)
        if wide == shape:
            return tree
        np = ast.Name("np", ast.Load())
        _, axes = self.trace.arithmetic.fit(sent, values[target])
        if not axes:
            spread = ast.Attribute(np, "broadcast_to", ast.Load())
            return self._said(ast.Call(spread, [tree, literal(shape)], []))
        lead = len(wide) - len(shape)
        plain = axes == tuple(range(lead)) and wide[lead:] == shape
        axis = ast.keyword("axis", literal(axes if len(axes) > 1 else axes[0]))
        kept = [] if plain else [ast.keyword("keepdims", ast.Constant(True))]
        found: ast.expr = ast.Call(ast.Attribute(np, "sum", ast.Load()), [tree], [axis, *kept])
        if not plain and lead:
            reshape = ast.Attribute(np, "reshape", ast.Load())
            found = ast.Call(reshape, [found, literal(shape)], [])
        return self._said(found)

    def _said(self, tree: ast.expr) -> ast.expr:
        """A tree that speaks NumPy in the dialect's own words."""
        rewrite = self.dialect.rewrite
        found: ast.expr = rewrite(tree) if rewrite else tree
        return found

    def _gradient_of(self, index: int) -> str:
        if index in self.reached:
            return f"d_{self.names[index]}"
        if shape_of(self.trace.values[index]):
            return f"{self.dialect.arrays}.zeros_like({self.names[index]})"
        return "0.0"


def _assigned(name: str, tree: ast.expr) -> str:
    return f"{name} = {ast.unparse(ast.fix_missing_locations(tree))}"
