"""Light tidying of small trees: ``2*x^(2-1)`` to ``2*x``, ``-y - y`` to ``-2*y``.

Only what a reader does without thinking: whole and rational numbers are folded,
neutral elements dropped, equal terms and equal factors gathered. Nothing is
expanded and nothing is cancelled that could be zero.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from backtrace_cli.language.tree.syntax import CONSTANT, Call, Expr, Name, Number, rebuild
from backtrace_cli.language.tree.text import to_text

__all__ = ["join", "product", "rational", "simplify", "substitute", "unsigned", "written_sum"]

_MOST_DIGITS = 15


def substitute(expr: Expr, names: dict[str, Expr]) -> Expr:
    """``expr`` with each name in ``names`` replaced by its tree.

    >>> to_text(substitute(Call("add", (Name("x"), Number("1"))), {"x": Name("y")}))
    'y + 1'
    """
    return rebuild(expr, lambda node: names.get(node.name, node) if isinstance(node, Name) else node)


def simplify(expr: Expr) -> Expr:
    """``expr`` tidied, every subtree once, children first.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> to_text(simplify(parse_expression("2*x^(2-1)")))
    '2·x'
    >>> to_text(simplify(parse_expression("-b - y + 2*y")))
    'y − b'
    """
    return rebuild(expr, _tidy)


def unsigned(term: Expr) -> tuple[int, Expr]:
    """The sign in front of ``term``, and the term without it.

    >>> to_text(unsigned(Call("multiply", (Call("negative", (Name("x"),)), Name("y"))))[1])
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
        tree = Call(part.func, (tree, part.args[1]))
    return -1, tree


def join(tree: Expr, part: Expr) -> Expr:
    """tree + part untidied, or tree − part where the part is negative: a sum as people write it.

    >>> to_text(join(Name("x"), Call("negative", (Name("y"),))))
    'x − y'
    """
    sign, bare = unsigned(part)
    return Call("add" if sign > 0 else "subtract", (tree, bare))


def written_sum(parts: list[Expr]) -> Expr:
    """The parts (one at least) joined in their order."""
    return reduce(join, parts)


def rational(expr: Expr) -> Fraction | None:
    """The value of a number tree (a literal, its negative, a quotient of literals), or None."""
    if isinstance(expr, Number):
        text = expr.text
        return Fraction(text) if len(text) <= _MOST_DIGITS and not set("einEIN") & set(text) else None
    if isinstance(expr, Call) and expr.func == "negative":
        inner = rational(expr.args[0])
        return None if inner is None else -inner
    if isinstance(expr, Call) and expr.func == "divide":
        top, bottom = rational(expr.args[0]), rational(expr.args[1])
        return top / bottom if top is not None and bottom else None
    return None


def literal(value: Fraction) -> Expr:
    """The tree of a rational number: ``-3``, ``1/2``."""
    size = abs(value)
    tree: Expr = Number(str(size.numerator))
    if size.denominator != 1:
        tree = Call("divide", (tree, Number(str(size.denominator))))
    if value >= 0:
        return tree
    if size.denominator != 1:
        return Call("divide", (Call("negative", (Number(str(size.numerator)),)), tree.args[1]))  # type: ignore[union-attr]
    return Call("negative", (tree,))


def _tidy(node: Expr) -> Expr:
    if not isinstance(node, Call):
        return node
    if node.func in ("add", "subtract"):
        return _tidy_sum(node)
    if node.func in ("multiply", "negative"):
        return _tidy_product(node)
    if node.func == "divide":
        return _tidy_quotient(node)
    if node.func == "power":
        return _tidy_power(node)
    if node.func == "log" and isinstance(node.args[0], Name) and node.args[0] == ("e", CONSTANT):
        return Number("1")
    return node


def _terms(expr: Expr) -> list[tuple[Fraction, Expr | None]]:
    """``expr`` as a sum: (coefficient, rest) pairs, rest None for a plain number."""
    found: list[tuple[Fraction, Expr | None]] = []
    stack: list[tuple[int, Expr]] = [(1, expr)]
    while stack:
        sign, node = stack.pop()
        if isinstance(node, Call) and node.func in ("add", "subtract"):
            stack.append((sign if node.func == "add" else -sign, node.args[1]))
            stack.append((sign, node.args[0]))
        else:
            coefficient, rest = _coefficient(node)
            found.append((sign * coefficient, rest))
    return found


def _coefficient(expr: Expr) -> tuple[Fraction, Expr | None]:
    """``expr`` as number · rest; rest is None where there is only a number."""
    value = rational(expr)
    if value is not None:
        return value, None
    if isinstance(expr, Call) and expr.func == "negative":
        inner, rest = _coefficient(expr.args[0])
        return -inner, rest
    if isinstance(expr, Call) and expr.func == "multiply":
        left, rest = _coefficient(expr.args[0])
        if rest is None:
            return left, expr.args[1]
        if left != 1:
            return left, Call("multiply", (rest, expr.args[1]))
    if isinstance(expr, Call) and expr.func == "divide":
        top, rest = _coefficient(expr.args[0])
        if top.denominator == 1 and top not in (0, 1) and (top == -1 or rest is not None):
            return top, Call("divide", (rest or Number("1"), expr.args[1]))
    return Fraction(1), expr


def _scaled(coefficient: Fraction, rest: Expr | None) -> Expr:
    """coefficient · rest as a tree, the number in front."""
    if rest is None:
        return literal(coefficient)
    if coefficient == 1:
        return rest
    front: Expr = Call("negative", (rest,)) if coefficient == -1 else rest
    if coefficient == -1:
        if isinstance(rest, Call) and rest.func in ("multiply", "divide"):
            return _negated_product(rest)
        return front
    factors = [rest]
    while isinstance(factors[0], Call) and factors[0].func == "multiply":
        left, right = factors[0].args
        factors[:1] = [left, right]
    tree = literal(coefficient)
    for factor in factors:
        tree = Call("multiply", (tree, factor))
    return tree


def _negated_product(rest: Call) -> Expr:
    """−(a·b) as (−a)·b, which is how people write it."""
    spine: list[Call] = []
    node: Expr = rest
    while isinstance(node, Call) and node.func in ("multiply", "divide"):
        spine.append(node)
        node = node.args[0]
    tree: Expr = literal(-value) if (value := rational(node)) is not None else Call("negative", (node,))
    for part in reversed(spine):
        tree = Call(part.func, (tree, part.args[1]))
    return tree


def _tidy_sum(node: Call) -> Expr:
    terms = _terms(node)
    gathered: dict[str, tuple[Fraction, Expr | None]] = {}
    for coefficient, rest in terms:
        key = "" if rest is None else to_text(rest, ascii=True)
        before = gathered.get(key, (Fraction(0), rest))[0]
        gathered[key] = (before + coefficient, rest)
    parts = [part for part in gathered.values() if part[0] != 0]
    lead = next((i for i, part in enumerate(parts) if part[0] > 0), 0)
    parts.insert(0, parts.pop(lead) if parts else (Fraction(0), None))  # y − b, not −b + y
    tree: Expr | None = None
    for coefficient, rest in parts:
        if coefficient == 0:
            continue
        if tree is None:
            tree = _scaled(coefficient, rest)
        elif coefficient < 0:
            tree = Call("subtract", (tree, _scaled(-coefficient, rest)))
        else:
            tree = Call("add", (tree, _scaled(coefficient, rest)))
    return tree if tree is not None else Number("0")


def _tidy_product(node: Call) -> Expr:
    if node.func == "negative":
        coefficient, rest = _coefficient(node.args[0])
        return _scaled(-coefficient, rest)
    (left_number, left), (right_number, right) = (_coefficient(arg) for arg in node.args)
    coefficient = left_number * right_number
    if coefficient == 0:
        return Number("0")
    if left is None or right is None:
        return _scaled(coefficient, right if left is None else left)
    if _is_one_over(right):
        assert isinstance(right, Call)
        return _scaled(coefficient, Call("divide", (left, right.args[1])))
    return _scaled(coefficient, _gather(left, right))


def _is_one_over(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.func == "divide" and rational(expr.args[0]) == 1


def _gather(left: Expr, right: Expr) -> Expr:
    """left · right, with equal bases of whole powers gathered: x·x as x²."""
    factors: list[Expr] = [right]
    while isinstance(left, Call) and left.func == "multiply":
        factors.append(left.args[1])
        left = left.args[0]
    factors.append(left)
    factors.reverse()
    while len(factors) > 1 and isinstance(factors[-1], Call) and factors[-1].func == "multiply":
        factors[-1:] = factors[-1].args
    powers: dict[str, tuple[Expr, int]] = {}
    for factor in factors:
        base, exponent = _power_of(factor)
        key = to_text(base, ascii=True)
        powers[key] = (base, powers.get(key, (base, 0))[1] + exponent)
    tree: Expr | None = None
    for base, exponent in powers.values():
        part: Expr = base if exponent == 1 else Call("power", (base, Number(str(exponent))))
        tree = part if tree is None else Call("multiply", (tree, part))
    assert tree is not None
    return tree


def _power_of(expr: Expr) -> tuple[Expr, int]:
    if isinstance(expr, Call) and expr.func == "power" and isinstance(expr.args[1], Number):
        text = expr.args[1].text
        if text.isdigit() and 0 < len(text) <= 4 and int(text) > 0:
            return expr.args[0], int(text)
    return expr, 1


def _tidy_quotient(node: Call) -> Expr:
    (top_number, top), (bottom_number, bottom) = (_coefficient(arg) for arg in node.args)
    if bottom is None and bottom_number == 1:
        return node.args[0]
    if top_number == 0 and bottom is None and bottom_number != 0:
        return Number("0")
    if bottom is None and bottom_number != 0:
        if top is None:
            return literal(top_number / bottom_number)
        if (top_number / bottom_number).denominator == 1:
            return _scaled(top_number / bottom_number, top)
        if top_number == -1:
            return _negated_product(Call("divide", (top, node.args[1])))
        return node
    if bottom is not None and bottom_number < 0:
        return _tidy_quotient(Call("divide", (_scaled(-top_number, top), _scaled(-bottom_number, bottom))))
    if isinstance(node.args[0], Call) and node.args[0].func == "divide" and bottom is not None:
        over = node.args[0]
        return Call("divide", (over.args[0], _tidy_product(Call("multiply", (over.args[1], node.args[1])))))
    return node


def _tidy_power(node: Call) -> Expr:
    base, exponent = node.args
    power = rational(exponent)
    if power is None:
        return node
    if power == 1:
        return base
    if power == 0:
        return Number("1")
    value = rational(base)
    if value is not None and power.denominator == 1 and abs(power) <= 12 and (value or power > 0):
        folded = value ** int(power)
        if max(abs(folded.numerator), folded.denominator) < 10**12:
            return literal(folded)
    return Call("power", (base, literal(power)))


def product(front: Expr, tree: Expr) -> Expr:
    """front · tree, without brackets around a tree that is a product itself."""
    factors: list[Expr] = []
    while isinstance(tree, Call) and tree.func == "multiply":
        factors.append(tree.args[1])
        tree = tree.args[0]
    for factor in [tree, *reversed(factors)]:
        front = Call("multiply", (front, factor))
    return front
