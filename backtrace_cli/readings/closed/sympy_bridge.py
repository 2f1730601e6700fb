"""Trees to sympy and back.

sympy is imported only when a tree is really handed to it, and it is never given text:
its objects are built node by node.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from backtrace_cli.language.tree.simplify import literal, written_sum
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, call, walk
from backtrace_cli.ops import OPS, find
from backtrace_cli.readings.closed.size_bounds import ARITHMETIC, exponent, fold

__all__ = ["Bridge", "BridgeError"]

#: sympy's functions that mean the same as an op for every real argument where both have a value.
NATIVE = {op.sympy: op.name for op in OPS.values() if op.sympy}
#: Whole numbers and powers of ten beyond these lengths are not worth having exactly.
_MOST_BITS, _MOST_ZEROS = 2000, 30


class BridgeError(ValueError):
    """One side has no word for what the other side wrote."""


def _literal(node: Number) -> Fraction:
    """The value of a literal; BridgeError if it is too long to be worth having exactly."""
    _, _, zeros = node.text.lower().partition("e")
    if len(node.text) > _MOST_ZEROS or (zeros and abs(int(zeros)) > _MOST_ZEROS):
        raise BridgeError(node.text)
    return Fraction(node.text)


class Bridge:
    """One tree's crossing: its names, and the habits of writing that the way back should keep.

    ``shown`` gives the name by which sympy sorts a name of the tree.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> tree = parse_expression("2 + x - 2*(x - y)")
    >>> bridge = Bridge(tree)
    >>> to_text(bridge.to_tree(bridge.to_sympy(tree)))
    '2·y − x + 2'
    """

    def __init__(self, tree: Expr, shown: Callable[[str], str] = str) -> None:
        names = {node.name for node in walk(tree) if isinstance(node, Name)}
        calls = {node.func for node in walk(tree) if isinstance(node, Call)}
        self.shown = shown
        self.back: dict[str, str] = {}
        self.spelled: dict[Fraction, Expr] = {}
        """Literals such as 1e-8, to be written as they were."""
        self.pi = "π" if "π" in names and "pi" not in names else "pi"
        self.e_power = "e" in names and "exp" not in calls
        """Is e^x written as a power of e?"""

    # -- there ----------------------------------------------------------------

    def to_sympy(self, tree: Expr) -> Any:
        """``tree`` as a sympy expression over real symbols; numbers exact, unknown ops opaque.

        Raises BridgeError for a number too large to be worth it.
        """
        return fold(tree, self._there)[-1]

    def _there(self, node: Expr, args: list[Any]) -> Any:
        import sympy  # type: ignore[import-untyped]

        if isinstance(node, Number):
            value = _literal(node)
            if not node.text.isdigit():
                self.spelled[value] = node
            return sympy.Rational(value.numerator, value.denominator)
        if isinstance(node, Name):
            if node.name in ("pi", "π", "e"):
                return sympy.E if node.name == "e" else sympy.pi
            shown = self.shown(node.name)
            self.back[shown] = node.name
            return sympy.Symbol(shown, real=True)
        if node.func == "power" and args[1].is_Rational and exponent(node) is None:
            raise BridgeError("a power that refusal could not see")
        if node.func in ARITHMETIC:
            return _arithmetic(node.func, args)
        op = find(node.func, len(args))
        if op is not None and op.sympy:
            return getattr(sympy, op.sympy)(*args)
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
            return [], lambda _: self._constant("e" if expr is sympy.E else self.pi)
        if expr.is_Add:
            return _terms(expr), written_sum
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow:
            return self._power(expr)
        if isinstance(expr, sympy.exp):
            if self.e_power and "e" not in self.back:
                return [expr.args[0]], lambda args: call("power", Name("e"), args[0])
            return [expr.args[0]], lambda args: call("exp", *args)
        name = expr.func.__name__
        if isinstance(expr, sympy.core.function.AppliedUndef) or name in NATIVE:
            return list(expr.args), lambda args: call(NATIVE.get(name, name), *args)
        raise BridgeError(str(name))

    def _constant(self, name: str) -> Expr:
        """Euler's number or π, unless a variable bears the name."""
        if name not in self.back:
            return Name(name)
        if name != "e":
            raise BridgeError(name)
        return call("exp", Number("1"))

    def _number(self, value: Fraction) -> Expr:
        return self.spelled.get(value) or literal(value)

    def _product(self, expr: Any) -> tuple[list[Any], Callable[[list[Expr]], Expr]]:
        """A product with its number in front, and what has a negative power below the line."""
        number, rest = expr.as_coeff_Mul(rational=True)
        value = Fraction(int(number.p), int(number.q))
        above: list[Any] = []
        below: list[Any] = []
        for factor in rest.as_ordered_factors():
            if factor.is_Pow and factor.exp.is_Rational and factor.exp < 0:
                below.append(factor.base**-factor.exp)
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
            above = _negated(above)
        top = _product_of(above)
        return call("divide", top, _product_of(below)) if below else top

    def _power(self, expr: Any) -> tuple[list[Any], Callable[[list[Expr]], Expr]]:
        base, power = expr.base, expr.exp
        if power.is_Rational and power < 0:
            return [base**-power], lambda args: call("divide", Number("1"), args[0])
        if power.is_Rational and power.p == 1 and power.q == 2:
            return [base], lambda args: call("sqrt", *args)
        return [base, power], lambda args: call("power", *args)


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
    if func == "square":
        return left**2
    if left.is_Rational and right.is_Rational:
        bits = max(int(left.p).bit_length(), int(left.q).bit_length())
        if bits * abs(int(right.p)) > _MOST_BITS:
            raise BridgeError("a number with too many digits")
    return left**right


def _terms(expr: Any) -> list[Any]:
    """The terms of a sum, highest degree first; of two, or of the highest, a positive one leads."""
    terms = list(expr.as_ordered_terms("grlex"))
    if terms[0].as_coeff_Mul()[0] < 0:
        leading = _degree(terms[0])
        for place, term in enumerate(terms):
            if term.as_coeff_Mul()[0] > 0 and (len(terms) == 2 or _degree(term) == leading):
                terms.insert(0, terms.pop(place))
                break
    return terms


def _degree(term: Any) -> Any:
    """The degree of a product in its variables, a sum among its factors counting as one."""
    powers = term.as_powers_dict()
    return sum(power for base, power in powers.items() if base.is_Symbol or base.is_Add)


def _negated(factors: list[Expr]) -> list[Expr]:
    """The factors of a negative product: a difference among them turned round, −(x − m) as m − x."""
    for place, factor in enumerate(factors):
        if isinstance(factor, Call) and factor.func == "subtract" and not isinstance(factor.args[0], Number):
            first, second = factor.args
            if not (isinstance(first, Call) and first.func in ("add", "subtract")):
                turned = call("subtract", second, first)
                return [*factors[:place], turned, *factors[place + 1 :]]
    return [call("negative", factors[0]), *factors[1:]]


def _product_of(factors: list[Expr]) -> Expr:
    tree = factors[0]
    for factor in factors[1:]:
        tree = call("multiply", tree, factor)
    return tree
