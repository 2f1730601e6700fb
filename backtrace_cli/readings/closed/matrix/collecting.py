"""What terms of a sum share is taken out: A @ x + A.T @ x is (A + A.T) @ x."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial, reduce
from itertools import combinations, groupby, takewhile

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.language.tree.syntax import Call, Expr, call, size
from backtrace_cli.ops.matrix_algebra import raised
from backtrace_cli.readings.closed.matrix.chains import chain_of, chain_tree
from backtrace_cli.readings.closed.matrix.matching import product_factors
from backtrace_cli.readings.closed.matrix.normal import Normal, gives_away
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees, fold, op_of
from backtrace_cli.readings.closed.matrix.sums_of_products import Term, collected, merged, tree_of

__all__ = ["gathered", "powers_gathered", "turned_together"]

#: Sums of more terms than this are left as they are.
_MOST_TERMS = 24
#: Fewer equal factors are written out: A @ A.
_LEAST_POWER = 3


def gathered(tree: Expr, normal: Normal) -> Expr:
    """``tree`` with what the terms of its sums share taken out, wherever that is shorter.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> normal = Normal(ShapedTrees({"A": (2, 2), "x": (2,)}))
    >>> to_text(gathered(parse_expression("2*A @ x + 2*A.T @ x"), normal))
    '(2·A + 2·A.T) @ x'
    """

    def make(node: Expr, args: list[tuple[Expr, bool]]) -> tuple[Expr, bool]:
        """The subtree, and whether it is a sum whose terms may go on with those around it."""
        if not isinstance(node, Call):
            return node, False
        is_sum = node.func in ("add", "subtract")
        kept = [arg if is_sum or not open_sum else _taken_out(arg, normal) for arg, open_sum in args]
        return node._replace(args=tuple(kept)), is_sum

    found, is_sum = fold(tree, make)
    return _taken_out(found, normal) if is_sum else found


def powers_gathered(tree: Expr, trees: ShapedTrees) -> Expr:
    """``tree`` with three and more equal factors in a row as a power; itself where there are none.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> trees = ShapedTrees({"A": (2, 2), "x": (2,)})
    >>> to_text(powers_gathered(parse_expression("A @ A @ A @ x"), trees))
    'matrix_power(A, n=3) @ x'
    """
    found: list[Expr] = []

    def make(node: Expr, args: list[Expr]) -> Expr:
        if not isinstance(node, Call) or node.func != "matmul":
            return node._replace(args=tuple(args)) if isinstance(node, Call) else node
        chain: list[Expr] = []
        front, factors = _front(chain_of(node._replace(args=tuple(args)), trees))
        for _, group in groupby(factors, key=trees.number):
            run = list(group)
            if len(run) >= _LEAST_POWER:
                run = [raised(run[0], len(run))]
                found.append(run[0])
            chain += run
        if front is not None:
            chain[0] = Call("multiply", (front, chain[0]))
        return chain_tree(chain)

    changed = fold(tree, make)
    return changed if found else tree


def turned_together(tree: Expr, trees: ShapedTrees) -> Expr:
    """``tree`` with transposes of all parts of a sum or product as one of the whole; itself where none are.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> trees = ShapedTrees({"A": (2, 3), "B": (2, 3)})
    >>> to_text(turned_together(parse_expression("2*A.T*(A.T - B.T)"), trees))
    '2·(A·(A − B)).T'
    """
    found: list[Expr] = []

    def inner(part: Expr) -> Expr | None:
        """What ``part`` is the transpose of."""
        plain = isinstance(part, Call) and part.func == "transpose" and not part.options
        return part.args[0] if plain and isinstance(part, Call) else None

    def make(node: Expr, args: list[Expr]) -> Expr:
        if not isinstance(node, Call):
            return node
        node = node._replace(args=tuple(args))
        if node.func in ("add", "subtract"):
            numbers, parts = [], list(args)
        elif node.func == "multiply":
            factors = [base for base, exponent in product_factors(node) if exponent == 1]
            numbers = [factor for factor in factors if not trees.shape(factor)]
            parts = [factor for factor in factors if trees.shape(factor)]
            if len(numbers) + len(parts) != len(product_factors(node)):
                return node
        else:
            return node
        turned = [whole for part in parts if (whole := inner(part)) is not None]
        if len(parts) < 2 or len(turned) < len(parts):
            return node
        found.append(node)
        whole = reduce(partial(call, node.func), turned)
        return reduce(partial(call, "multiply"), [*numbers, Call("transpose", (whole,))])

    changed = fold(tree, make)
    return changed if found else tree


def _front(chain: list[Expr]) -> tuple[Expr | None, list[Expr]]:
    """What stands in front of a chain's first factor, as in 2·A @ A, and the chain without it."""
    first = chain[0]
    if not isinstance(first, Call) or first.func != "multiply":
        return None, chain
    return first.args[0], [first.args[1], *chain[1:]]


def _taken_out(tree: Expr, normal: Normal) -> Expr:
    terms = list(normal.terms(tree).terms)
    shape = normal.trees.shape(tree)
    while 1 < len(terms) <= _MOST_TERMS:
        best: tuple[int, list[Term]] | None = None
        now = size(tree_of(normal.trees, terms))
        for one, other in combinations(range(len(terms)), 2):
            for joined in _joined(terms[one], terms[other], normal):
                more = [term for place, term in enumerate(terms) if place not in (one, other)]
                more.insert(min(one, len(more)), joined)
                gain = now - size(tree_of(normal.trees, more))
                if gain > 0 and (best is None or gain > best[0]):
                    best = gain, more
        if best is None:
            break
        normal.said["collected"] = None
        terms = list(collected(normal.trees, best[1]))
    if len(terms) > 1 and len({abs(term.number) for term in terms}) == 1 and abs(terms[0].number) != 1:
        number = abs(terms[0].number)
        inner = tree_of(normal.trees, [term._replace(number=term.number / number) for term in terms])
        terms = [Term(number, ((inner, 1),))]
    found = tree_of(normal.trees, terms)
    return found if normal.trees.shape(found) == shape else tree


def _joined(one: Term, other: Term, normal: Normal) -> list[Term]:
    """The ways to write the sum of two terms as one."""
    trees = normal.trees

    def among(factor: tuple[Expr, int], factors: Sequence[tuple[Expr, int]]) -> bool:
        return any(factor[1] == power and trees.same(factor[0], base) for base, power in factors)

    shared = [factor for factor in one.factors if among(factor, other.factors)]
    found: list[Term] = []
    if shared:
        left = (tuple(f for f in term.factors if not among(f, shared)) for term in (one, other))
        rest = [term._replace(factors=factors) for term, factors in zip((one, other), left, strict=True)]
        found += _with(normal, tuple(shared), rest)
    calls = [_main(trees, term) for term in (one, other)]
    if calls[0] is not None and calls[1] is not None:
        (front, first), (back, second) = calls[0], calls[1]
        found += _chains(normal, (front, first), (back, second))
        found += _alike(normal, (front, first), (back, second))
    return found


def _with(normal: Normal, shared: tuple[tuple[Expr, int], ...], rest: Sequence[Term]) -> list[Term]:
    """shared · (rest + rest), a number that both have in front."""
    number = rest[0].number if abs(rest[0].number) == abs(rest[1].number) else Fraction(1)
    inner = tree_of(normal.trees, [term._replace(number=term.number / number) for term in rest])
    try:
        normal.trees.shape(inner)
    except ShapeError:
        return []
    return [Term(number, merged(normal.trees, (*shared, (inner, 1))))]


def _main(trees: ShapedTrees, term: Term) -> tuple[Term, Call] | None:
    """The one array or call of a term, and what stands in front of it."""
    big = [place for place, (base, power) in enumerate(term.factors) if trees.shape(base) or power != 1]
    calls = [place for place in big if term.factors[place][1] == 1]
    if len(big) > 1 or (not big and len(term.factors) != 1):
        return None
    place = calls[0] if calls else 0
    if not term.factors or term.factors[place][1] != 1:
        return None
    base = term.factors[place][0]
    front = term._replace(factors=term.factors[:place] + term.factors[place + 1 :])
    return (front, base) if isinstance(base, Call) else None


def _sum(trees: ShapedTrees, parts: Sequence[tuple[Term, Expr]]) -> Expr | None:
    """Σ front · tree."""
    terms = [Term(front.number, (*front.factors, (tree, 1))) for front, tree in parts]
    shapes = {trees.shape(tree) for _, tree in parts}
    return tree_of(trees, terms) if len(shapes) == 1 else None


def _chains(normal: Normal, one: tuple[Term, Call], other: tuple[Term, Call]) -> list[Term]:
    """Two products that begin or end alike: P @ (Q + R), (Q + R) @ P."""
    trees = normal.trees
    if one[1].func != "matmul" or other[1].func != "matmul":
        return []
    first, second = chain_of(one[1], trees), chain_of(other[1], trees)
    found = []
    for back in (False, True):
        pairs = zip(first[::-1], second[::-1]) if back else zip(first, second)  # noqa: B905
        count = len(list(takewhile(lambda pair: trees.same(*pair), pairs)))
        count = min(count, len(first) - 1, len(second) - 1)
        if not count:
            continue
        rests = [chain_tree(chain[:-count] if back else chain[count:]) for chain in (first, second)]
        inner = _sum(trees, [(one[0], rests[0]), (other[0], rests[1])])
        if inner is not None:
            shared = first[-count:] if back else first[:count]
            parts = [inner, *shared] if back else [*shared, inner]
            found.append(Term(Fraction(1), ((chain_tree(parts), 1),)))
    return found


def _alike(normal: Normal, one: tuple[Term, Call], other: tuple[Term, Call]) -> list[Term]:
    """Two values of a function that is linear in the one argument by which they differ."""
    trees, first, second = normal.trees, one[1], other[1]
    if first.func == "matmul" or (first.func, len(first.args), first.options) != (
        second.func, len(second.args), second.options
    ):  # fmt: skip
        return []
    differ = [place for place, (a, b) in enumerate(zip(first.args, second.args, strict=True))
              if not trees.same(a, b)]  # fmt: skip
    if len(differ) != 1:
        return []
    place = differ[0]
    op = op_of(first, [trees.shape(arg) for arg in first.args])
    if not gives_away(op, place):
        return []
    inner = _sum(trees, [(one[0], first.args[place]), (other[0], second.args[place])])
    if inner is None:
        return []
    args = (*first.args[:place], inner, *first.args[place + 1 :])
    return [Term(Fraction(1), ((first._replace(args=args), 1),))]
