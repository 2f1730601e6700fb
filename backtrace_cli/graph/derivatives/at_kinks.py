"""Where a rule's text is not the derivative: which kinks a graph of derivatives has to look out for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from backtrace_cli.language.tree.simplify import rational
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, rebuild
from backtrace_cli.ops import CONSTANTS, Op, find, rule, text_rule

__all__ = ["said_by_the_text", "settled"]

_MORE = (0.0, 1.0, -1.0)


@lru_cache(maxsize=512)
def said_by_the_text(op: Op, slot: int, count: int, number: int) -> bool:
    """Does the rule's own text give what is taken at kink ``number``, as ``a > 0`` gives 0 at 0?

    >>> from backtrace_cli.ops import OPS
    >>> [said_by_the_text(OPS[name], 0, 1, 0) for name in ("relu", "abs", "sinc")]
    [True, True, False]
    """
    kink = op.kinks[number]
    text = kink.taken[min(slot, len(kink.taken) - 1)]
    if text is None:
        return True
    trees = [text_rule(op, op.fill(each, slot, count), count) for each in (kink.when, text)]
    own = rule(op, slot, count)
    met = False
    for place in _places(op, count):
        when, taken = (value_at(tree, place) for tree in trees)
        if when:
            met = True
            if value_at(own, place) != taken:
                return False
    return met


def _places(op: Op, count: int) -> Iterator[dict[str, float]]:
    """Points at which something may be equal: samples, with arguments at 0, 1, −1 or at one another."""
    names = op.params(count)
    if op.mixes or op.float is None or count > 3:
        return
    for sample in op.samples:
        if len(sample) != count:
            continue
        for args in product(*[{value, *_MORE, *sample} for value in sample]):
            yield {**dict(zip(names, args, strict=True)), "out": op.float(*args)}


def value_at(tree: Expr, place: dict[str, float]) -> float:
    """The number of a rule's ``tree`` over numbers."""
    done: list[float] = []
    stack: list[tuple[Expr, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if isinstance(node, Number):
            done.append(float(node.text))
        elif isinstance(node, Name):
            named = {"nan": float("nan"), **CONSTANTS, **place}
            done.append(named[node.name])
        elif ready:
            op = find(node.func, len(node.args))
            assert op is not None
            assert op.float is not None
            args = done[len(done) - len(node.args) :]
            del done[len(done) - len(node.args) :]
            done.append(op.float(*args))
        else:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
    return done[0]


def settled(tree: Expr) -> Expr:
    """A condition with what compares two literals worked out: ``(x == 0)*(2 == 0)`` is 0.

    >>> settled(Call("multiply", (Name("x"), Call("equal", (Number("2"), Number("0")))))).args[1].text
    '0'
    """

    def settle(node: Expr) -> Expr:
        if not isinstance(node, Call) or len(node.args) != 2:
            return node
        op = find(node.func, 2)
        sides = [rational(arg) for arg in node.args]
        if op is None or op.float is None or not op.flat or None in sides:
            return node
        return Number(str(int(op.float(*sides))))

    return rebuild(tree, settle)
