"""Trees to sympy and back, and the shapes sympy can give one: expanded, factored, one fraction.

sympy is imported only when a tree is really handed to it, and it is never given text:
its objects are built node by node. Everything sympy does here ends by itself: a tree
whose expansion or common denominator might grow long is refused beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, comb
from typing import Any, NamedTuple

from backtrace_cli.formula.simplify import rational
from backtrace_cli.formula.syntax import Call, Expr, Name, Number, call, size, walk
from backtrace_cli.formula.text import to_text

__all__ = ["Bridge", "BridgeError", "refusal", "shapes"]

#: What is handed to sympy has at most this many nodes, and exponents up to this one.
MOST_PARTS, MOST_EXPONENT = 250, 12
#: … so many terms when multiplied out, and so many levels (sympy recurses).
MOST_TERMS, MOST_DEPTH = 500, 60
#: A fraction is cancelled or factored up to this many terms above or below, in so many unknowns.
MOST_FRACTION_TERMS, MOST_GENERATORS = 100, 6
_MOST_BITS = 2000

#: Ops that mean the same in sympy for every real argument where both have a value.
NATIVE = (
    "exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sqrt sign"
).split()  # fmt: skip
_SUMS = ("add", "subtract")
_ARITHMETIC = (*_SUMS, "multiply", "divide", "negative", "power", "square")


class BridgeError(ValueError):
    """One side has no word for what the other side wrote."""


class Growth(NamedTuple):
    """How long a tree may become: terms when expanded, terms above and below as one fraction."""

    terms: int
    above: int
    below: int
    depth: int


def refusal(tree: Expr) -> str | None:
    """Why ``tree`` is not handed to sympy, in a user's words, or None.

    >>> from backtrace_cli.formula.parser import parse_expression
    >>> refusal(parse_expression("x^99 + x"))
    'its powers are too high to simplify further'
    """
    if size(tree, MOST_PARTS) > MOST_PARTS:
        return "too long to simplify further"
    if any(abs(_exponent(node) or 0) > MOST_EXPONENT for node in walk(tree)):
        return "its powers are too high to simplify further"
    grown = _growth(tree)
    if max(part.terms for part in grown) > MOST_TERMS or grown[-1].depth > MOST_DEPTH:
        return "too long to simplify further"
    return None


def shapes(tree: Expr, shown: Callable[[str], str] = str) -> Iterator[Expr]:
    """``tree`` (which ``refusal`` lets pass) as sympy writes it, expanded, factored, as one fraction.

    ``shown`` gives the name by which sympy sorts a name of the tree. A shape that
    fails is left out. Raises BridgeError or whatever sympy raises where there is none.

    >>> from backtrace_cli.formula.parser import parse_expression
    >>> [to_text(shape) for shape in shapes(parse_expression("(x+y)*(x-y) + y^2"))][:2]
    ['y² + (x − y)·(x + y)', 'x²']
    """
    import sympy  # type: ignore[import-untyped]

    bridge = Bridge(tree, shown)
    expr = bridge.to_sympy(tree)
    ways: list[Callable[[Any], Any]] = [lambda whole: whole, sympy.expand]
    if _as_fraction(tree):
        ways += [sympy.factor, sympy.together, sympy.cancel]
    for way in ways:
        try:
            yield bridge.to_tree(way(expr))
        except Exception:
            # Whatever goes wrong inside sympy costs one shape, never the answer.
            continue


def _exponent(node: Expr) -> Fraction | None:
    """The rational number that ``node`` raises something to, if it is such a power."""
    if not isinstance(node, Call) or node.func != "power":
        return None
    return rational(node.args[1])


def _literal(node: Number) -> Fraction:
    """The value of a literal; BridgeError if it is too long to be worth having exactly."""
    _, _, exponent = node.text.lower().partition("e")
    if len(node.text) > 40 or len(exponent) > 3:
        raise BridgeError(node.text)
    return Fraction(node.text)


def fold(tree: Expr, combine: Callable[[Expr, list[Any]], Any]) -> list[Any]:
    """``combine(node, results of its arguments)`` for every node, children first; the root comes last."""
    done: list[Any] = []
    every: list[Any] = []
    stack: list[tuple[Expr, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        args = node.args if isinstance(node, Call) else ()
        if args and not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(args))
            continue
        first = len(done) - len(args)
        found = combine(node, done[first:])
        done[first:] = [found]
        every.append(found)
    return every


def _growth(tree: Expr) -> list[Growth]:
    return fold(tree, _grow)


def _grow(node: Expr, args: list[Growth]) -> Growth:
    depth = 1 + max((arg.depth for arg in args), default=0)
    if not isinstance(node, Call) or node.func not in _ARITHMETIC:
        return Growth(1, 1, 1, depth)
    left, right = args[0], args[-1]
    if node.func in _SUMS:
        above = left.above * right.below + right.above * left.below
        grown = (left.terms + right.terms, above, left.below * right.below)
    elif node.func == "multiply":
        grown = (left.terms * right.terms, left.above * right.above, left.below * right.below)
    elif node.func == "divide":
        grown = (left.terms, left.above * right.below, left.below * right.above)
    elif node.func == "negative":
        grown = left[:3]
    else:
        power = Fraction(2) if node.func == "square" else _exponent(node)
        if power is None:
            return Growth(1, 1, 1, depth)
        times = ceil(abs(power))
        terms, above, below = (comb(part + times - 1, times) for part in left[:3])
        grown = (terms, above, below) if power >= 0 else (1, below, above)
    return Growth(*(min(part, 10**6) for part in grown), depth)


def _as_fraction(tree: Expr) -> bool:
    """Is it short enough, in few enough unknowns, to be brought over one denominator?"""
    if any(max(part.above, part.below) > MOST_FRACTION_TERMS for part in _growth(tree)):
        return False
    unknowns: set[str] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.func in _ARITHMETIC and not _odd_power(node):
            stack.extend(node.args)
        elif not isinstance(node, Number):
            unknowns.add(to_text(node, ascii=True))
    return len(unknowns) <= MOST_GENERATORS


def _odd_power(node: Call) -> bool:
    """Has it an exponent that is not a whole number?"""
    power = _exponent(node)
    return node.func == "power" and (power is None or power.denominator != 1)


class Bridge:
    """One tree's crossing: its names, and the habits of writing that the way back should keep."""

    def __init__(self, tree: Expr, shown: Callable[[str], str] = str) -> None:
        names = {node.name for node in walk(tree) if isinstance(node, Name)}
        calls = {node.func for node in walk(tree) if isinstance(node, Call)}
        self.shown = shown
        self.back: dict[str, str] = {}
        self.pi = "π" if "π" in names and "pi" not in names else "pi"
        self.e_power = "e" in names and "exp" not in calls
        """Is e^x written as a power of e?"""
        self.decimals = any(isinstance(n, Number) and not n.text.isdigit() for n in walk(tree))

    # -- there ----------------------------------------------------------------

    def to_sympy(self, tree: Expr) -> Any:
        """``tree`` as a sympy expression over real symbols; numbers exact, unknown ops opaque.

        Raises BridgeError for a number too large to be worth it.
        """
        return fold(tree, self._there)[-1]

    def _there(self, node: Expr, args: list[Any]) -> Any:
        import sympy

        if isinstance(node, Number):
            value = _literal(node)
            return sympy.Rational(value.numerator, value.denominator)
        if isinstance(node, Name):
            if node.name in ("pi", "π", "e"):
                return sympy.E if node.name == "e" else sympy.pi
            shown = self.shown(node.name)
            self.back[shown] = node.name
            return sympy.Symbol(shown, real=True)
        if node.func == "power" and args[1].is_Rational and _exponent(node) is None:
            raise BridgeError("a power that refusal could not see")
        if node.func in _ARITHMETIC:
            return _arithmetic(node.func, args)
        if node.func == "abs":
            return sympy.Abs(args[0])
        if node.func in NATIVE and len(args) == 1:
            return getattr(sympy, node.func)(args[0])
        return sympy.Function(node.func, real=True)(*args)

    # -- and back -------------------------------------------------------------

    def to_tree(self, expr: Any) -> Expr:
        """A sympy expression as a tree, written as people write it; BridgeError where it can't be."""
        done: list[Expr] = []
        stack: list[tuple[Any, Callable[[list[Expr]], Expr] | None]] = [(expr, None)]
        while stack:
            item, make = stack.pop()
            if make is not None:
                first = len(done) - item
                done[first:] = [make(done[first:])]
                continue
            parts, make = self._taken_apart(item)
            stack.append((len(parts), make))
            stack.extend((part, None) for part in reversed(parts))
        return done[0]

    def _taken_apart(self, expr: Any) -> tuple[list[Any], Callable[[list[Expr]], Expr]]:
        """What ``expr`` is made of, and how its tree is made of theirs."""
        import sympy

        if expr.is_Rational:
            return [], lambda _: self._number(Fraction(int(expr.p), int(expr.q)))
        if expr.is_Symbol:
            return [], lambda _: Name(self.back[expr.name])
        if expr is sympy.pi or expr is sympy.E:
            return [], lambda _: Name(self.pi if expr is sympy.pi else "e")
        if expr.is_Add:
            return list(expr.as_ordered_terms()), _sum_of
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr)
        if isinstance(expr, sympy.exp):
            if self.e_power:
                return [expr.args[0]], lambda args: call("power", Name("e"), args[0])
            return [expr.args[0]], lambda args: call("exp", *args)
        name = expr.func.__name__
        if isinstance(expr, sympy.core.function.AppliedUndef) or name in NATIVE:
            return list(expr.args), lambda args: call(name, *args)
        if isinstance(expr, sympy.Abs):
            return list(expr.args), lambda args: call("abs", *args)
        raise BridgeError(str(name))

    def _number(self, value: Fraction) -> Expr:
        """A whole number, a quotient, or the decimal where the formula itself is written in them."""
        whole = abs(value)
        tree: Expr = Number(str(whole.numerator))
        if value.denominator != 1:
            text = repr(float(whole))
            if self.decimals and len(text) <= 12 and "e" not in text and Fraction(text) == whole:
                tree = Number(text)
            else:
                top = tree if value > 0 else call("negative", tree)
                return call("divide", top, Number(str(value.denominator)))
        return tree if value >= 0 else call("negative", tree)

    def _product(self, expr: Any) -> tuple[list[Any], Callable[[list[Expr]], Expr]]:
        """A product with its number in front, and what has a negative power below the line."""
        number, rest = expr.as_coeff_Mul()
        if not number.is_Rational:
            raise BridgeError(str(number))
        value = Fraction(int(number.p), int(number.q))
        above: list[Any] = []
        below: list[Any] = []
        for factor in rest.as_ordered_factors():
            base, exponent = factor.as_base_exp()
            if factor.is_Pow and exponent.is_Rational and exponent < 0:
                below.append(base**-exponent)
            else:
                above.append(factor)
        count = len(above)

        def make(args: list[Expr]) -> Expr:
            return self._quotient(value, args[:count], args[count:])

        return above + below, make

    def _quotient(self, value: Fraction, above: list[Expr], below: list[Expr]) -> Expr:
        front = self._number(abs(value))
        if isinstance(front, Call):
            front, bottom = front.args
            below = [bottom, *below]
        if not above or front != Number("1"):
            above = [front, *above]
        if value < 0:
            above = [call("negative", above[0]), *above[1:]]
        top = _product_of(above)
        return call("divide", top, _product_of(below)) if below else top

    def _power(self, expr: Any) -> tuple[list[Any], Callable[[list[Expr]], Expr]]:
        base, exponent = expr.base, expr.exp
        if exponent.is_Rational and exponent < 0:
            return [base**-exponent], lambda args: call("divide", Number("1"), args[0])
        if exponent.is_Rational and exponent.p == 1 and exponent.q == 2:
            return [base], lambda args: call("sqrt", *args)
        return [base, exponent], lambda args: call("power", *args)


def _arithmetic(func: str, args: list[Any]) -> Any:
    """One of the four operations, negation or a power, over sympy's objects."""
    left, right = args[0], args[-1]
    if func == "add":
        return left + right
    if func == "subtract":
        return left - right
    if func == "multiply":
        return left * right
    if func == "divide":
        return left / right
    if func == "negative":
        return -left
    exponent = 2 if func == "square" else right
    if left.is_Rational and func == "power" and exponent.is_Rational:
        bits = max(int(left.p).bit_length(), int(left.q).bit_length())
        if bits * abs(int(exponent.p)) > _MOST_BITS:
            raise BridgeError("a number with too many digits")
    return left**exponent


def _sum_of(terms: list[Expr]) -> Expr:
    tree = terms[0]
    for term in terms[1:]:
        sign, bare = unsigned(term)
        tree = call("add" if sign > 0 else "subtract", tree, bare)
    return tree


def unsigned(term: Expr) -> tuple[int, Expr]:
    """The sign in front of ``term``, and the term without it.

    >>> to_text(unsigned(call("multiply", call("negative", Name("x")), Name("y")))[1])
    'x·y'
    """
    spine: list[Call] = []
    node = term
    while isinstance(node, Call) and node.func in ("multiply", "divide"):
        spine.append(node)
        node = node.args[0]
    if not isinstance(node, Call) or node.func != "negative":
        return 1, term
    tree = node.args[0]
    for part in reversed(spine):
        tree = call(part.func, tree, part.args[1])
    return -1, tree


def _product_of(factors: list[Expr]) -> Expr:
    tree = factors[0]
    for factor in factors[1:]:
        tree = call("multiply", tree, factor)
    return tree
