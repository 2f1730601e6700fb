"""Is a tree what the left side of a law describes, and what do its letters stand for?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from backtrace_cli.language.tree.simplify import substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops.matrix_algebra import LAWS, SHAPES, Law, parsed
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees

__all__ = [
    "Facts", "laws_of_calls", "laws_of_chains", "laws_of_products", "match", "match_factors", "meets",
    "product_factors", "replaced", "sorted_laws",
]  # fmt: skip

#: What is known of a variable beyond its shape: ``symmetric``, ``sums to 1``, ``0/1``.
Facts = Mapping[str, frozenset[str]]
Factors = Sequence[tuple[Expr, int]]
Binding = dict[str, Expr]
_Calls = list[tuple[Law, Call]]


def product_factors(tree: Expr) -> list[tuple[Expr, int]]:
    """The factors of a product or quotient that is written as one, with their exponents."""
    found: list[tuple[Expr, int]] = []
    stack = [(tree, 1)]
    while stack:
        node, exponent = stack.pop()
        if isinstance(node, Call) and node.func in ("multiply", "divide"):
            stack += [(node.args[1], exponent if node.func == "multiply" else -exponent),
                      (node.args[0], exponent)]  # fmt: skip
        elif isinstance(node, Call) and node.func == "power" and node.args[1][0] == "2":
            found.append((node.args[0], 2 * exponent))
        elif not (isinstance(node, Number) and node.text == "1"):
            found.append((node, exponent))
    return found


def _is_product(tree: Expr) -> bool:
    return isinstance(tree, Call) and (tree.func in ("multiply", "divide") or len(product_factors(tree)) > 1
                                       or product_factors(tree)[0][1] != 1)  # fmt: skip


@lru_cache(maxsize=1)
def sorted_laws() -> tuple[list[tuple[Law, Factors]], _Calls, dict[str, _Calls]]:
    """The laws about products entry by entry, about matrix products, and about each function's values."""
    products: list[tuple[Law, Factors]] = []
    chains: _Calls = []
    calls: dict[str, _Calls] = {}
    for law in LAWS:
        left = parsed(law.left)
        assert isinstance(left, Call)
        if left.func in ("multiply", "divide", "power"):
            products.append((law, product_factors(left)))
        elif left.func == "matmul":
            chains.append((law, left))
        else:
            calls.setdefault(left.func, []).append((law, left))
    return products, chains, calls


def laws_of_products() -> list[tuple[Law, Factors]]:
    """The laws about factors that are multiplied entry by entry, with those factors."""
    return sorted_laws()[0]


def laws_of_chains() -> list[tuple[Law, Call]]:
    """The laws about neighbours in a matrix product."""
    return sorted_laws()[1]


def laws_of_calls(func: str) -> list[tuple[Law, Call]]:
    """The laws about a function's value."""
    return sorted_laws()[2].get(func, [])


def replaced(law: Law, binding: Binding) -> Expr:
    """The right side of a law over what its letters stand for."""
    return substitute(_right(law.right), binding)


@lru_cache(maxsize=256)
def _right(text: str) -> Expr:
    return parsed(text)


def _fits(letter: str, shape: Shape) -> bool:
    """May a letter of a law stand for an array of this shape?"""
    if letter in "xyz":
        return True
    return len(shape) == (2 if letter.isupper() else 0 if letter in "st" else 1)


def match(trees: ShapedTrees, pattern: Expr, tree: Expr, binding: Binding) -> Iterator[Binding]:
    """The ways in which ``tree`` is what ``pattern`` describes, with what its letters stand for.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> trees = ShapedTrees({"A": (3, 2), "x": (2,)})
    >>> tree = parse_expression("A @ (x + 1)")
    >>> [sorted(found) for found in match(trees, parsed("B @ a"), tree, {})]
    [['B', 'a']]
    """
    if isinstance(pattern, Name):
        known = binding.get(pattern.name)
        if known is None and _fits(pattern.name, trees.shape(tree)):
            yield {**binding, pattern.name: tree}
        elif known is not None and trees.same(known, tree):
            yield binding
    elif isinstance(pattern, Number):
        if isinstance(tree, Number) and tree.text == pattern.text:
            yield binding
    elif _is_product(pattern):
        if _is_product(tree):
            yield from match_factors(
                trees, product_factors(pattern), product_factors(tree), binding, whole=True
            )
    elif isinstance(tree, Call) and (pattern.func, len(pattern.args), pattern.options) == (
        tree.func, len(tree.args), tree.options
    ):  # fmt: skip
        ways = [binding]
        for part, arg in zip(pattern.args, tree.args, strict=True):
            ways = [more for way in ways for more in match(trees, part, arg, way)]
        yield from ways


def match_factors(
    trees: ShapedTrees, pattern: Factors, factors: Factors, binding: Binding, whole: bool
) -> Iterator[Binding]:
    """The ways in which factors are those of ``pattern``, in any order; with ``whole`` a letter that comes
    last takes all that is left. What is used of them stands under ``used``, by place."""
    yield from _factors(trees, sorted(pattern, key=lambda part: isinstance(part[0], Name)), factors,
                        binding, (), whole)  # fmt: skip


def _factors(
    trees: ShapedTrees,
    pattern: Factors,
    factors: Factors,
    binding: Binding,
    used: tuple[int, ...],
    whole: bool,
) -> Iterator[Binding]:
    if not pattern:
        if not whole or len(used) == len(factors):
            yield {**binding, "used": Number(" ".join(map(str, used)))}
        return
    (part, exponent), *rest = pattern
    left = [place for place in range(len(factors)) if place not in used]
    if whole and not rest and isinstance(part, Name) and part.name not in binding and exponent == 1:
        together = _joined([factors[place] for place in left])
        if together is not None and _fits(part.name, trees.shape(together)):
            yield {**binding, part.name: together, "used": Number("")}
        return
    for place in left:
        base, power = factors[place]
        if isinstance(part, Name) and abs(exponent) == 1 and power != exponent and power * exponent > 0:
            base, power = _joined([(base, abs(power))]) or base, exponent
        if power == exponent:
            for found in match(trees, part, base, binding):
                yield from _factors(trees, rest, factors, found, (*used, place), whole)


def _joined(factors: Factors) -> Expr | None:
    tree: Expr | None = None
    for base, exponent in sorted(factors, key=lambda factor: -factor[1]):
        part = base if abs(exponent) == 1 else Call("power", (base, Number(str(abs(exponent)))))
        if exponent < 0:
            tree = Call("divide", (tree if tree is not None else Number("1"), part))
        else:
            tree = part if tree is None else Call("multiply", (tree, part))
    return tree


def meets(trees: ShapedTrees, law: Law, binding: Binding, known: Callable[[str, Expr], bool]) -> bool:
    """Does what a law's letters stand for meet its conditions? ``known`` tells what is assumed."""
    return all(_meets(trees, text.strip(), binding, known) for text in law.where.split(",") if text.strip())


def _meets(trees: ShapedTrees, text: str, binding: Binding, known: Callable[[str, Expr], bool]) -> bool:
    """One condition: about shapes, about how it is written, or about what is assumed."""
    word = next((word for word in SHAPES if text.startswith(f"{word} ")), None)
    if word is not None:
        return SHAPES[word](*(trees.shape(binding[letter]) for letter in text.split()[1:]))
    word, _, letter = text.rpartition(" ")
    if word in ("name", "long"):
        return isinstance(binding[letter], Name) == (word == "name")
    return known(word, binding[letter])
