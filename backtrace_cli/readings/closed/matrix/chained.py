"""Matrix products and transposes in normal form: chains of factors, numbers in front."""

from __future__ import annotations

from fractions import Fraction

from backtrace_cli.language.tree.syntax import Call, Expr, Number
from backtrace_cli.ops.shape_functions import Shape, broadcast
from backtrace_cli.readings.closed.matrix.chains import chain_of, chain_tree
from backtrace_cli.readings.closed.matrix.lawful import MOST_TERMS, Lawful
from backtrace_cli.readings.closed.matrix.matching import laws_of_chains, match, meets, replaced
from backtrace_cli.readings.closed.matrix.sums_of_products import Term, Terms, merged, tree_of

__all__ = ["Chained"]

#: A chain's law is looked for among so many neighbours.
_NEIGHBOURS = 3


class Chained(Lawful):
    """The part of the normal form that is about rows and columns."""

    def _matmul(self, node: Call, args: list[Terms], shape: Shape) -> Terms:
        one, other = args
        if not one.terms or not other.terms:
            return Terms((), shape)
        wide = len(one.terms) * len(other.terms)
        if wide > 1 and not (self.expand and wide <= MOST_TERMS):
            one = one._replace(terms=(self._atom(one, node.args[0]),))
            other = other._replace(terms=(self._atom(other, node.args[1]),))
        elif wide > 1:
            self.said["multiplied out"] = None
        total = Terms((), shape)
        for a in one.terms:
            for b in other.terms:
                found = self._chained(node, (a, b), (one, other), shape)
                total = self._plus(total, found, 1, shape)
        return total

    def _chained(
        self, node: Call, pair: tuple[Term, Term], args: tuple[Terms, Terms], shape: Shape
    ) -> Terms:  # fmt: skip
        """The product of two terms: numbers in front, and a flat chain of factors."""
        front = Term(Fraction(1))
        sides: list[list[Expr]] = []
        for term, arg, was in zip(pair, args, node.args, strict=True):
            numbers = tuple(factor for factor in term.factors if not self.trees.shape(factor[0]))
            arrays = tuple(factor for factor in term.factors if self.trees.shape(factor[0]))
            front = Term(front.number * term.number, merged(self.trees, front.factors + numbers))
            alone = self.written(Terms((Term(Fraction(1), arrays),), arg.shape), was)
            sides.append(chain_of(alone, self.trees))
        shapes = self.trees.shape
        if len(args[0].shape) == 1 and len(shapes(sides[0][0])) == 2:
            sides[0] = self._flipped(sides[0])
        if len(args[1].shape) == 1 and len(shapes(sides[1][-1])) == 2:
            sides[1] = self._flipped(sides[1])
        chain = sides[0] + sides[1]
        if len(sides[1]) > 1:
            self.said["brackets left out"] = None
        if front != (Fraction(1), ()):
            self.said["numbers in front"] = None
        done = self._chain(chain, shape)
        return self._times(Terms((front,), ()), done, shape)

    def _chain(self, chain: list[Expr], shape: Shape) -> Terms:
        """A flat chain by the first law that fits some of its neighbours; else the chain itself."""
        count = len(chain)
        for law, pattern in laws_of_chains():
            for start in range(count - 1):
                for middle in range(start + 1, min(start + 1 + _NEIGHBOURS, count)):
                    for end in range(middle + 1, min(middle + 1 + _NEIGHBOURS, count + 1)):
                        if not self._may_stand(chain, start, middle, end):
                            continue
                        pair = Call(
                            "matmul", (chain_tree(chain[start:middle]), chain_tree(chain[middle:end]))
                        )
                        for binding in match(self.trees, pattern, pair, {}):
                            if meets(self.trees, law, binding, self.known):
                                self._step()
                                self.said[law.words] = None
                                put = replaced(law, binding)
                                return self.terms(self._around(chain[:start], put, chain[end:]))
        axes = [len(self.trees.shape(factor)) for factor in chain]
        if len(shape) == 1 and axes[0] == 1:
            self.said["transposes"] = None
            return self.terms(chain_tree(self._flipped(chain)))._replace(shape=shape)
        if not shape:
            turned = self._flipped(chain)
            chain = min((chain, turned), key=lambda one: [self._weight(part) for part in one])
        return Terms((Term(Fraction(1), ((chain_tree(chain), 1),)),), shape)

    def _may_stand(self, chain: list[Expr], start: int, middle: int, end: int) -> bool:
        """Are both parts products of their own?"""
        axes = [len(self.trees.shape(factor)) for factor in chain]
        return all(axes[place] == 2 for place in range(max(start, 1), min(end, len(chain) - 1)))

    def _around(self, left: list[Expr], middle: Expr, right: list[Expr]) -> Expr:
        """left @ middle @ right, where the middle may have become a number times a vector."""
        if right:
            middle = Call("matmul", (middle, chain_tree(right)))
        return Call("matmul", (chain_tree(left), middle)) if left else middle

    def _weight(self, tree: Expr) -> tuple[int, int]:
        return (int(isinstance(tree, Call) and tree.func == "transpose"), self.trees.number(tree))

    def _flipped(self, chain: list[Expr]) -> list[Expr]:
        """The factors of the transposed chain."""
        turned = ((self._transposed(factor, self.terms(factor)), factor) for factor in reversed(chain))
        return [self.written(terms, Call("transpose", (factor,))) for terms, factor in turned]

    def _transposed(self, tree: Expr, terms: Terms) -> Terms:
        """The transpose, term by term and factor by factor."""
        if len(terms.shape) < 2:
            return terms
        shape = terms.shape[::-1]
        total = Terms((), shape)
        for term in terms.terms:
            if any(len(self.trees.shape(base)) == 1 for base, _ in term.factors):  # a row for all rows
                whole = Call("transpose", (tree_of(self.trees, [Term(Fraction(1), term.factors)]),))
                part = Terms((Term(term.number, ((whole, 1),)),), shape)
                total = self._plus(total, part, 1, shape)
                continue
            factors = Terms((Term(term.number),), ())
            for base, exponent in term.factors:
                turned = self._turned(base)
                if exponent != 1:
                    turned = self._power(Call("power", (base, Number(str(exponent)))), [turned], turned.shape)
                factors = self._times(factors, turned, broadcast(factors.shape, turned.shape))
            total = self._plus(total, factors, 1, shape)
        return total

    def _turned(self, base: Expr) -> Terms:
        """The transpose of one factor."""
        shape = self.trees.shape(base)
        if len(shape) < 2:
            return Terms((Term(Fraction(1), ((base, 1),)),), shape)
        self._step()
        if isinstance(base, Call) and base.func == "transpose" and not base.options:
            return self.terms(base.args[0])
        if isinstance(base, Call) and base.func == "matmul":
            self.said["transposes"] = None
            return self._chain(self._flipped(chain_of(base, self.trees)), shape[::-1])
        fits = isinstance(base, Call) and all(self.trees.shape(arg) in (shape, ()) for arg in base.args)
        if fits and isinstance(base, Call) and base.func in ("add", "subtract", "multiply", "negative"):
            args = (Call("transpose", (arg,)) if self.trees.shape(arg) else arg for arg in base.args)
            return self.terms(base._replace(args=tuple(args)))
        return self._lawful(Call("transpose", (base,)), shape[::-1])
