"""The normal form of a tree with shapes: like terms collected, numbers in front, the laws applied."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from backtrace_cli.language.tree.simplify import rational
from backtrace_cli.language.tree.syntax import Call, Expr, Number
from backtrace_cli.ops import Op
from backtrace_cli.ops.nothing import ADDED, AVERAGED, MOVED
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.ops.traits import linear, product_of_two, reads_shape
from backtrace_cli.readings.closed.matrix.chained import Chained
from backtrace_cli.readings.closed.matrix.shaped_trees import op_of
from backtrace_cli.readings.closed.matrix.sums_of_products import Term, Terms, scaled

__all__ = ["Normal", "gives_away"]

_MOST_EXPONENT = 12


class Normal(Chained):
    """Brings trees to normal form; with ``expand`` products of sums are multiplied out.

    ``said`` gathers the words of the laws that were used.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees
    >>> normal = Normal(ShapedTrees({"A": (3, 2), "x": (2,), "b": (3,)}))
    >>> to_text(normal.tree(parse_expression("A.T @ (2*(A @ x - b))")))
    '2·A.T @ (A @ x − b)'
    """

    def _make(self, node: Expr, args: list[Terms]) -> Terms:
        number = self.trees.number(node)
        if number not in self._done:
            self._step()
            found = self._node(node, args)
            self._done[number] = self._product_laws(found, node)
        return self._done[number]

    def _node(self, node: Expr, args: list[Terms]) -> Terms:
        shape = self.trees.shape(node)
        value = rational(node) if isinstance(node, Number) else None
        if value is not None:
            return Terms((Term(value),) if value else (), ())
        if not isinstance(node, Call):
            return Terms((Term(Fraction(1), ((node, 1),)),), shape)
        if node.func in ("add", "subtract"):
            return self._plus(args[0], args[1], 1 if node.func == "add" else -1, shape)
        if node.func == "negative":
            return Terms(tuple(scaled(term, Fraction(-1)) for term in args[0].terms), shape)
        if node.func in ("multiply", "divide"):
            return self._times(args[0], self._inverted(args[1]) if node.func == "divide" else args[1], shape)
        if node.func == "power":
            return self._power(node, args, shape)
        if node.func == "matmul" and max(len(arg.shape) for arg in args) < 3:
            return self._matmul(node, args, shape)
        if node.func == "transpose" and not node.options and len(args[0].shape) < 3:
            return self._transposed(node.args[0], args[0])
        return self._call(node, args, shape)

    def _power(self, node: Call, args: list[Terms], shape: Shape) -> Terms:
        exponent = rational(node.args[1])
        if (
            exponent is None
            or exponent.denominator != 1
            or abs(exponent) > _MOST_EXPONENT
            or not args[0].terms
        ):
            return self._call(node, args, shape)
        power = int(exponent)
        term = self._atom(args[0], node.args[0])
        if power == 0:
            return Terms((Term(Fraction(1)),), shape)
        factors = tuple((base, each * power) for base, each in term.factors)
        return Terms((Term(term.number**power, factors),), shape)

    def _call(self, node: Call, args: list[Terms], shape: Shape) -> Terms:
        """A function: what it is linear in gives its numbers away, then its laws are looked for."""
        op = op_of(node, [arg.shape for arg in args])
        for slot, arg in enumerate(args):
            if not gives_away(op, slot):
                continue
            if not arg.terms:
                return Terms((), shape)
            if len(arg.terms) == 1 or self.expand:
                outer = [self._outer(node, slot, term, args) for term in arg.terms]
                if len(outer) > 1:
                    self.said["multiplied out"] = None
                    return self._sum(outer, shape)
                if outer[0] is not None and outer[0][0] != (Fraction(1), ()):
                    return self._sum(outer, shape)
            elif (front := self._atom(arg, node.args[slot])).number != 1:
                inner = front._replace(number=Fraction(1))
                return self._sum([(Term(front.number), self._put(node, slot, inner, args))], shape)
        written = [self.written(arg, was) for arg, was in zip(args, node.args, strict=True)]
        call = Call(node.func, tuple(written), options=node.options)
        if op.arity == 1 and reads_shape(op, 0):
            call = self._of_its_shape(call)
        return self._lawful(self._from_the_front(call, shape), shape)

    def _of_its_shape(self, call: Call) -> Call:
        """ones_like(tanh(x)) as ones_like(x): a shorter argument of the same shape."""
        arg = call.args[0]
        while isinstance(arg, Call):
            shapes = [self.trees.shape(each) for each in arg.args]
            inner = next((each for each, shape in zip(arg.args, shapes, strict=True)
                          if shape == self.trees.shape(arg)), None)  # fmt: skip
            if inner is None or op_of(arg, shapes).mixes:
                break
            self.said["only its shape is read"] = None
            arg = inner
        return call._replace(args=(arg,))

    def _from_the_front(self, call: Call, shape: Shape) -> Call:
        """The same with its axis counted from the front: axis=1 of a matrix for axis=-1."""
        axes = len(self.trees.shape(call.args[0])) if call.args else 0
        for place, (name, text) in enumerate(call.options):
            if name == "axis" and text[:1] == "-" and text[1:].isdecimal():
                option = (name, str(axes + int(text)))
                other = call._replace(options=(*call.options[:place], option, *call.options[place + 1 :]))
                return other if self.trees.shape(other) == shape else call
        return call

    def _outer(self, node: Call, slot: int, term: Term, args: list[Terms]) -> tuple[Term, Expr]:
        """What stands in front of the call, and the call without it."""
        shape = self.trees.shape
        front = tuple(factor for factor in term.factors if not shape(factor[0]))
        inner = Term(Fraction(1), tuple(factor for factor in term.factors if shape(factor[0])))
        if not args[slot].shape:
            front, inner = (), term._replace(number=Fraction(1))
        return Term(term.number, front), self._put(node, slot, inner, args)

    def _put(self, node: Call, slot: int, term: Term, args: list[Terms]) -> Expr:
        """The call with ``term`` in place of one argument."""
        alone = args[slot]._replace(terms=(term,))
        written = [self.written(alone if place == slot else arg, node.args[place])
                   for place, arg in enumerate(args)]  # fmt: skip
        return node._replace(args=tuple(written))

    def _sum(self, parts: Sequence[tuple[Term, Expr]], shape: Shape) -> Terms:
        """Σ front · tree."""
        total = Terms((), shape)
        for front, tree in parts:
            if front != (Fraction(1), ()):
                self.said["numbers in front"] = None
            found = self._times(Terms((front,), ()), self.terms(tree), shape)
            total = self._plus(total, found, 1, shape)
        return total


def gives_away(op: Op, slot: int) -> bool:
    """Does a number at argument ``slot`` come out in front, and a sum there fall apart?"""
    if not op.mixes or not op.sends(slot):
        return False
    if product_of_two(op, slot):
        return True
    alone = sum(op.sends(each) for each in range(op.arity)) == 1 and not op.variadic
    return alone and op.entries in (ADDED, MOVED, AVERAGED) and linear(op)
