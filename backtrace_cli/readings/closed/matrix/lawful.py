"""Terms by the laws of matrix algebra: which law fits, and what it makes of a term."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from fractions import Fraction

from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops.matrix_algebra import Law, is_ones, ones, zeros
from backtrace_cli.ops.shape_functions import Shape, broadcast
from backtrace_cli.readings.closed.matrix.matching import (
    Facts,
    laws_of_calls,
    laws_of_products,
    match,
    match_factors,
    meets,
    replaced,
)
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees, fold
from backtrace_cli.readings.closed.matrix.sums_of_products import (
    Term,
    Terms,
    collected,
    merged,
    plus,
    scaled,
    tree_of,
)

__all__ = ["MOST_TERMS", "Lawful", "TooLong"]

#: A product of sums is multiplied out to so many terms at most.
MOST_TERMS = 40
#: So many laws are applied to one formula at most.
_MOST_STEPS = 2_000


class TooLong(Exception):
    """Simplifying took too long; the formula stays as it is."""


class Lawful(ABC):
    """What every part of the normal form stands on: terms, products of terms, and the laws."""

    def __init__(
        self, trees: ShapedTrees, facts: Facts = {}, expand: bool = False, until: float | None = None,  # noqa: B006
    ) -> None:  # fmt: skip
        self.trees = trees
        self.facts = facts
        self.expand = expand
        self.until = until
        """The clock's time at which to give up."""
        self.said: dict[str, None] = {}
        self._done: dict[int, Terms] = {}
        self._symmetric: dict[int, bool] = {}
        self._asking: set[int] = set()
        self._steps = 0

    def tree(self, tree: Expr, like: Expr | None = None) -> Expr:
        """The normal form in the shape of ``tree``, or of ``like``, which is shorter. Raises TooLong."""
        return self.written(self.terms(tree), tree if like is None else like)

    def terms(self, tree: Expr) -> Terms:
        """The same as terms."""
        return fold(tree, self._make)

    @abstractmethod
    def _make(self, node: Expr, args: list[Terms]) -> Terms:
        """The normal form of a node whose arguments have theirs."""

    @abstractmethod
    def _power(self, node: Call, args: list[Terms], shape: Shape) -> Terms:
        """The normal form of a power."""

    @abstractmethod
    def _transposed(self, tree: Expr, terms: Terms) -> Terms:
        """The transpose of a tree, whose terms are known."""

    def written(self, terms: Terms, like: Expr) -> Expr:
        """``terms`` as a tree of the shape that ``like`` has."""
        tree = tree_of(self.trees, terms.terms)
        if self.trees.shape(tree) == terms.shape:
            return tree
        if not terms.terms:
            return zeros(like)
        spread = self.terms(ones(like)).terms[0].factors
        found = (Term(each.number, merged(self.trees, each.factors + spread)) for each in terms.terms)
        return tree_of(self.trees, list(found))

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS or (self.until is not None and time.monotonic() > self.until):
            raise TooLong

    def _atom(self, terms: Terms, like: Expr) -> Term:
        """A sum as one factor, with what its terms share in front."""
        if len(terms.terms) == 1:
            return terms.terms[0]
        lead = next((term.number for term in terms.terms if term.number > 0), terms.terms[0].number)
        sizes = {abs(term.number) for term in terms.terms}
        number = abs(lead) if len(sizes) == 1 else Fraction(1)
        if lead < 0:
            number = -number
        inner = tuple(scaled(term, 1 / number) for term in terms.terms)
        return Term(number, ((tree_of(self.trees, inner), 1),))

    def _plus(self, one: Terms, other: Terms, sign: int, shape: Shape) -> Terms:
        """one ± other, like terms together."""
        found = plus(self.trees, one, other, sign, shape)
        if len(found.terms) < len(one.terms) + len(other.terms):
            self.said["collected"] = None
        return self._without_ones(found)

    def _without_ones(self, terms: Terms) -> Terms:
        """1 + x for ones_like(x) + x: a term that is smaller is spread."""
        shapes = self.trees.shape
        full = [any(shapes(base) == terms.shape for base, _ in term.factors if not is_ones(base))
                for term in terms.terms]  # fmt: skip
        if not terms.shape or len(full) < 2 or not any(full) or all(full):
            return terms
        kept = []
        for term, whole in zip(terms.terms, full, strict=True):
            ones_in = [base for base, power in term.factors if is_ones(base)]
            if not whole and ones_in:
                self.said["ones left out"] = None
                term = term._replace(factors=tuple(f for f in term.factors if not is_ones(f[0])))
            kept.append(term)
        return Terms(collected(self.trees, kept), terms.shape)

    def _times(self, one: Terms, other: Terms, shape: Shape) -> Terms:
        """The product entry by entry; sums are multiplied out where that is wanted, or costs nothing."""
        if not one.terms or not other.terms:
            return Terms((), shape)
        for first, second in ((one, other), (other, one)):
            if len(first.terms) == 1 and first.terms[0] == (Fraction(-1), ()):
                return Terms(tuple(scaled(term, Fraction(-1)) for term in second.terms), shape)
        wide = len(one.terms) * len(other.terms)
        if wide > 1 and not (self.expand and wide <= MOST_TERMS):
            one, other = (part._replace(terms=(self._atom(part, Number("0")),)) for part in (one, other))
        elif wide > 1:
            self.said["multiplied out"] = None
        products = [Term(a.number * b.number, merged(self.trees, a.factors + b.factors))
                    for a in one.terms for b in other.terms]  # fmt: skip
        pairs = ((a, b) for a in one.terms for b in other.terms)
        if any(
            len(term.factors) < max(len(a.factors), len(b.factors))
            for term, (a, b) in zip(products, pairs, strict=True)
        ):
            self.said["cancelled"] = None
        return Terms(collected(self.trees, products), shape)

    def _inverted(self, terms: Terms) -> Terms:
        if not terms.terms:
            return Terms((Term(Fraction(1), ((Number("0"), -1),)),), terms.shape)
        term = self._atom(terms, Number("0"))
        factors = tuple((base, -exponent) for base, exponent in term.factors)
        return Terms((Term(1 / term.number, factors),), terms.shape)

    def _lawful(self, tree: Call, shape: Shape) -> Terms:
        """A call in normal form, by the first law that fits it, if one does."""
        for law, pattern in laws_of_calls(tree.func):
            for binding in match(self.trees, pattern, tree, {}):
                if meets(self.trees, law, binding, self.known):
                    return self._by(law, replaced(law, binding), shape, tree)
        return Terms((Term(Fraction(1), ((tree, 1),)),), shape)

    def _by(self, law: Law, tree: Expr, shape: Shape, was: Expr) -> Terms:
        self._step()
        if self.trees.same(tree, was):
            return Terms((Term(Fraction(1), ((was, 1),)),), shape)
        self.said[law.words] = None
        return self.terms(tree)._replace(shape=shape)

    def _product_laws(self, terms: Terms, node: Expr) -> Terms:
        """The laws about factors, in every term."""
        for place, term in enumerate(terms.terms):
            found = self._product_law(term)
            if found is not None:
                rest = Terms(terms.terms[:place] + terms.terms[place + 1 :], terms.shape)
                return self._product_laws(self._plus(rest, found, 1, terms.shape), node)
        return terms

    def _product_law(self, term: Term) -> Terms | None:
        for law, pattern in laws_of_products():
            if len(pattern) > len(term.factors):
                continue
            for binding in match_factors(self.trees, pattern, term.factors, {}, whole=False):
                if not meets(self.trees, law, binding, self.known):
                    continue
                self._step()
                used = set(map(int, binding["used"][0].split()))
                left = tuple(f for place, f in enumerate(term.factors) if place not in used)
                self.said[law.words] = None
                found = self.terms(replaced(law, binding))
                shape = broadcast(*(self.trees.shape(base) for base, _ in term.factors))
                return self._times(Terms((Term(term.number, left),), shape), found, shape)
        return None

    def known(self, fact: str, tree: Expr) -> bool:
        """Is ``fact`` known of ``tree``? A matrix that its transpose equals is symmetric."""
        if isinstance(tree, Name) and fact in self.facts.get(tree.name, ()):
            return True
        if fact != "symmetric" or len(set(self.trees.shape(tree))) > 1:
            return False
        number = self.trees.number(tree)
        if not isinstance(tree, Call) or number in self._asking:
            return False
        if number not in self._symmetric:
            self._asking.add(number)
            turned = self.written(self._transposed(tree, self.terms(tree)), tree)
            self._asking.discard(number)
            self._symmetric[number] = self.trees.same(turned, self.tree(tree))
        return self._symmetric[number]
