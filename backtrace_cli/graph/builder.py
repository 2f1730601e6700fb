"""Syntax tree -> graph: names resolved, functions inlined, equal subexpressions shared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.collector import steady
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.graph.arity import count_words, refusal
from backtrace_cli.graph.literals import list_of
from backtrace_cli.graph.node import Graph, Node
from backtrace_cli.graph.options import Options, fixed_place, sliced
from backtrace_cli.graph.own_names import GRAD, callable_in
from backtrace_cli.graph.whole_numbers import whole_number
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.language.tree.ordering import in_order, refuse_circles
from backtrace_cli.language.tree.syntax import Assign, Call, Define, Expr, Name, Number, Program, names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import CONSTANTS, OPS, Op, find
from backtrace_cli.ops.pairs import pair_entries

__all__ = ["build", "built"]

#: Functions of the user's own are written out in place; this stops a doubling chain of them.
MOST_UNFOLDED = 250_000


def build(
    source: str,
    *,
    bound: Collection[str] = (),
    share: bool = True,
    sizes: Mapping[str, int] | None = None,
) -> Graph:
    """The graph of the formula ``source``.

    ``bound`` are the names given in ``--at``: they are variables, whatever they look
    like; ``sizes`` those that are whole numbers, which a loop may run to.
    ``share=False`` keeps equal subexpressions apart. Raises FormulaError.

    >>> len(build("x*y + x*y").steps), len(build("x*y + x*y", share=False).steps)
    (2, 3)
    """
    with steady():
        program = parse(source, functions=callable_in(source, bound), bound=bound, sizes=sizes)
        return built(program, bound=bound, share=share)


def built(program: Program, *, bound: Collection[str] = (), share: bool = True) -> Graph:
    """The graph of a program, whatever it was read from. Raises FormulaError.

    >>> from backtrace_cli.language.reading.parser import parse
    >>> len(built(parse("x*y")).steps)
    1
    """
    try:
        return _Builder(program, frozenset(bound), share).graph()
    except FormulaError:
        if len(program.statements) < 2:
            raise
        ordered = in_order(program)
        if [each.name for each in ordered.statements] == [each.name for each in program.statements]:
            raise
        return _Builder(ordered, frozenset(bound), share).graph()


class _Builder:
    def __init__(self, program: Program, bound: frozenset[str], share: bool) -> None:
        self.program = program
        self.bound = bound
        self.share = share
        self.nodes: list[Node] = []
        self.shared: dict[tuple[object, ...], int] = {}
        self.known: dict[tuple[str, int], tuple[Op, tuple[str, ...]]] = {}
        self.leaves: dict[str, int] = {}
        self.assigned: dict[str, int] = {}
        self.functions: dict[str, Define] = {}
        self.calls: dict[tuple[object, ...], int] = {}
        self.first_use: dict[str, Span] = {}
        self.prepared: Callable[[Graph], Graph] | None = None
        """What settles each grad(f, x), where there is one."""
        self.root = Span(0, 0)
        """Where the statement at hand stands."""
        self.env: dict[str, int] = {}
        """The arguments of the function of the user's own that is being written out."""
        self.most = len(program.source) + MOST_UNFOLDED
        """Each node that is not unfolded from a function takes a character at least."""

    def graph(self) -> Graph:
        output = 0
        if self.program.declared:
            from backtrace_cli.graph.declared import check_declared

            check_declared(self.program.declared, self.program.source)
        for name, span in self.params():
            self.leaves[name] = self.add(None, (), name, None, span)
        for statement in self.program.statements:
            if isinstance(statement, Define):
                self.define(statement)
        refuse_circles(self.functions, self.program.source)
        for statement in self.program.statements:
            if isinstance(statement, Assign):
                output = self.expression(statement.value)
                if statement.name:
                    output = self.assign(statement, output)
        self.shared.clear()
        return self.compact(output) if self.prepared is None else self.prepared(self.compact(output))

    def params(self) -> list[Name]:
        """What the head f(x, y) = … names; f(w, x) over w_0, w_1 … names families, which are no variables."""
        if not self.program.params:
            return []
        used: set[str] = set()
        for statement in self.program.statements:
            used |= names_in(statement.body if isinstance(statement, Define) else statement.value)
        stems = {name.rstrip("0123456789").rstrip("_") for name in used if name[-1:].isdecimal()}
        return [param for param in self.program.params if param.name in used or param.name not in stems]

    def define(self, statement: Define) -> None:
        name = statement.name
        if name in callable_in(self.program.source, self.bound):
            self.fail(f"{name} is already a function", statement.span, "give yours another name")
        if name in self.functions:
            self.fail(f"{name} is defined twice", statement.span, "give the second another name")
        self.functions[name] = statement

    def assign(self, statement: Assign, index: int) -> int:
        """Give node ``index`` the statement's name; the node that bears it."""
        name, span = statement.name, statement.span
        if any(line.name == name for line in self.program.declared):
            self.fail(f"{name} is declared above, and assigned here", span, "give the new value another name")
        if name in self.assigned:
            looped = sum(other.span == span for other in self.program.statements) > 1
            self.fail(f"{name} is assigned twice; each name is assigned once", span,
                      f"number it with the loop's counter, as in {shorten(name, 24)}{{k}} = …" if looped
                      else "give the second another name")  # fmt: skip
        if name in self.first_use:
            if name in names_in(statement.value):
                self.fail(f"{name} is used in its own definition; each name is assigned once", span,
                          f"give the new value a name of its own: {name}2 = …")  # fmt: skip
            self.fail(f"{name} is used before it is assigned", span)  # unless the definitions can be sorted
        node = self.nodes[index]
        if node.op is None:  # a = x: a box of its own that passes x on
            index = self.add(OPS["identity"], (index,), name, None, node.span)
        elif node.name is None:
            self.nodes[index] = node._replace(name=name)
        else:  # b = x*y after a = x*y: two names are two boxes
            index = self.add(node.op, node.args, name, None, node.span, node.fixed)
        self.assigned[name] = index
        return index

    def expression(self, root: Expr) -> int:
        """The node of ``root``, children first, with a stack of our own."""
        self.root = Span(*root.span)
        done: list[int] = []
        env: dict[str, int] = {}
        stack: list[tuple[Expr | tuple[object, ...], dict[str, int], bool]] = [(root, env, False)]
        while stack:
            item, env, ready = stack.pop()
            if isinstance(item, Number):
                done.append(self.constant(item.text, item.span))
            elif isinstance(item, Name):
                done.append(self.name(item, env))
            elif not isinstance(item, Call):
                self.calls[item] = done[-1]
            elif not ready:
                if item.func == "negative" and isinstance(item.args[0], Number):
                    done.append(self.constant("-" + item.args[0].text, item.span))
                    continue
                stack.append((item, env, True))
                for arg in reversed(item.args[:1] if sliced(item) else item.args):
                    stack.append((arg, env, False))
            else:
                self.env = env
                count = 1 if sliced(item) else len(item.args)
                args = tuple(done[len(done) - count :])
                del done[len(done) - count :]
                own = self.functions.get(item.func)
                if own is None:
                    done.append(self.operation(item, args))
                elif (key := (item.func, *args)) in self.calls and self.share:
                    done.append(self.calls[key])
                else:
                    self.check_arity(own, item)
                    stack.append((key, env, True))
                    stack.append((own.body, dict(zip(own.params, args, strict=True)), False))
        return done[0]

    def check_arity(self, own: Define, item: Call) -> None:
        if len(own.params) != len(item.args):
            wants, given = len(own.params), len(item.args)
            name = shorten(own.name, 24)
            raise FormulaError(
                f"{name} takes {count_words([wants])}, {given} given", span=item.span, also=own.span,
                source=self.program.source, hint=f"it is defined as {name}({', '.join(own.params)}) = …",
            )  # fmt: skip

    def op(self, item: Call, count: int) -> tuple[Op, tuple[str, ...]]:
        """The op that ``item`` calls, and the literals for the arguments it leaves out."""
        key = (item.func, count)
        if key not in self.known:
            op = find(*key)
            if op is None:
                self.refuse(item, count)
            least = op.arity - len(op.defaults)
            self.known[key] = (op, op.defaults[count - least :])
        return self.known[key]

    def operation(self, item: Call, args: tuple[int, ...]) -> int:
        if item.func == GRAD:
            from backtrace_cli.graph.derivatives.grad_calls import gradient_call, prepared

            self.prepared = prepared
            return self.box(*gradient_call(self, item, args), (), item.span)
        if item.func == "stack" and (text := list_of([self.nodes[arg].literal for arg in args])):
            return self.constant(text, item.span)
        if item.func == "index":
            if len(item.args) == 1:
                self.fail("entries are picked with square brackets", item.span, "write x[0] or x[1:3]")
            place = fixed_place(self, item)
            if place is not None:
                return self.box(OPS["index"], args[:1], (place,), item.span)
            item = self.index_by_variable(item, args)
            if len(args) == 3:
                return pair_entries(lambda op, of, fixed: self.box(op, of, fixed, item.span), args)
        elif len(args) == 1 and (op := find(item.func, 1)) is not None and op.lists:
            item, args = self.joined(item, args)
        op, missing = self.op(item, len(args))
        if missing:
            args += tuple(self.constant(text, item.span) for text in missing)
        fixed: tuple[object, ...] = ()
        if op.options or item.options:
            args, fixed = Options(self, item, op).split(args)
        return self.box(op, args, fixed, item.span)

    def box(self, op: Op, args: tuple[int, ...], fixed: tuple[object, ...], span: Span) -> int:
        """The node that computes ``op`` of ``args``, one for all equal ones where they are shared."""
        key = (op.name, *args, fixed) if fixed else (op.name, *args)
        found = self.shared.get(key) if self.share else None
        if found is not None:
            return found
        index = self.add(op, args, None, None, span, fixed)
        self.shared[key] = index
        return index

    def index_by_variable(self, item: Call, args: tuple[int, ...]) -> Call:
        from backtrace_cli.graph.masks import is_mask, mask_refused

        for tree, arg in zip(
            item.args[1:], args[1:], strict=False
        ):  # of an index with slices the array alone
            if is_mask(self.nodes, arg):
                message, hint = mask_refused(to_text(item.args[0]), tree)
                self.fail(message, Span(*tree.span), hint)
        if len(item.args) > 3 or sliced(item):
            self.fail("an index by a variable goes along the first axis only", item.span,
                      "for two numbers write a[i][j]; along rows sum(a*one_hot(j, 3), axis=1)")  # fmt: skip
        return item._replace(func="take")

    def joined(self, item: Call, args: tuple[int, ...]) -> tuple[Call, tuple[int, ...]]:
        """``concat([a, b])`` is ``concat(a, b)``."""
        inner, node = item.args[0], self.nodes[args[0]]
        if isinstance(inner, Call) and inner.func == "stack" and node.op is not None:
            return item._replace(args=inner.args), node.args
        return item, args

    def refuse(self, item: Call, given: int) -> NoReturn:
        message, hint = refusal(item.func, given)
        self.fail(message, item.span, hint)

    def name(self, item: Name, env: dict[str, int]) -> int:
        name = item.name
        if name in env:
            return env[name]
        if name in self.assigned:
            return self.assigned[name]
        self.first_use.setdefault(name, item.span)
        if (name in CONSTANTS or name == "inf") and name not in self.bound and name not in self.leaves:
            return self.constant(name, item.span)
        if name not in self.leaves:
            self.leaves[name] = self.add(None, (), name, None, item.span)
        return self.leaves[name]

    def constant(self, text: str, span: Span) -> int:
        key = " " + text
        if key not in self.leaves:
            self.leaves[key] = self.add(None, (), None, text, span)
        return self.leaves[key]

    def whole(self, name: str) -> int | None:
        """The whole number that a name of the formula stands for, n in ``n = 3`` or ``n = k + 1``."""
        start = self.env.get(name, self.assigned.get(name))
        return None if start is None else whole_number(self.nodes, start)

    def add(
        self,
        op: Op | None,
        args: tuple[int, ...],
        name: str | None,
        literal: str | None,
        span: Span | None,
        fixed: tuple[object, ...] = (),
    ) -> int:
        index = len(self.nodes)
        if index >= self.most:
            self.fail(f"written out, this has more than {MOST_UNFOLDED:,} steps", self.root,
                      "a function that calls another twice doubles its steps")  # fmt: skip
        self.nodes.append(Node(index, op, args, name, literal, span, fixed))
        return index

    def compact(self, output: int) -> Graph:
        """The graph without what the output never reads; inputs stay, to be told about."""
        needed = bytearray(len(self.nodes))
        needed[output] = 1
        for node in reversed(self.nodes):
            if needed[node.index]:
                for arg in node.args:
                    needed[arg] = 1
            elif node.is_input:
                needed[node.index] = 1
        name = self.program.output or "f"
        more = (self.program.declared, self.program.sizes, self.program.readings)
        if all(needed):
            return Graph(self.program.source, self.nodes, output, name, dict(self.assigned), (), *more)
        place = [-1] * len(self.nodes)
        kept: list[Node] = []
        for node in self.nodes:
            if needed[node.index]:
                place[node.index] = len(kept)
                args = tuple([place[arg] for arg in node.args])
                kept.append(node._replace(index=len(kept), args=args))
        aliases = {name: place[i] for name, i in self.assigned.items() if place[i] >= 0}
        unused = tuple(name for name, i in self.assigned.items() if place[i] < 0 and self.whole(name) is None)
        return Graph(self.program.source, kept, place[output], name, aliases, unused, *more)

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        raise FormulaError(message, span=span, source=self.program.source, hint=hint)
