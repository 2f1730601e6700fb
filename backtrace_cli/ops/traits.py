"""What follows from an op's declaration: whether it is linear, commutes, keeps a mask.

Nothing here knows an op by its name: what a rule doesn't mention, the slope doesn't depend on.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from backtrace_cli.language.tree.syntax import COMPARISON, OPERATORS, Call, Expr, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import find, in_place, rule, tangent_rule
from backtrace_cli.ops.nothing import ADDED, AVERAGED, CHOSEN, COMPUTED, MOVED, MULTIPLIED, SHAPE
from backtrace_cli.ops.spec import Op

__all__ = [
    "adds", "commutes", "compares", "exact", "keeps_mask", "linear", "linear_in", "masked_slots", "moves",
    "passes_on", "product_of_two", "rational_function", "reads_shape",
]  # fmt: skip

#: An elementwise op of more arguments than this keeps no mask.
_MOST_BITS = 4
#: An elementwise op that gives the same for all of these reads no value.
_SPREAD_OUT = (-2.5, -1.0, 0.0, 0.5, 1.0, 3.0)


def _slots(op: Op) -> range:
    return range(2 if op.variadic else op.arity)


def _reads(tree: Expr) -> set[str]:
    """The names whose values ``tree`` reads; where only a shape is read, none."""
    found: set[str] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            found.add(node.name)
        elif isinstance(node, Call):
            inner = find(node.func, len(node.args))
            held = [inner is not None and reads_shape(inner, slot) for slot in range(len(node.args))]
            stack += [arg for arg, held_still in zip(node.args, held, strict=True) if not held_still]
    return found


def reads_shape(op: Op, slot: int) -> bool:
    """Is nothing but the shape of argument ``slot`` read?

    >>> from backtrace_cli.ops import OPS
    >>> [reads_shape(OPS[name], 0) for name in ("ones_like", "size", "sign", "sum")]
    [True, True, False, False]
    """
    if op.mixes:
        return op.silent(slot) is SHAPE
    return op.flat and op.arity == 1 and op.float is not None and len({op.float(a) for a in _SPREAD_OUT}) == 1


@lru_cache(maxsize=1024)
def _dependence(op: Op, slot: int) -> frozenset[str]:
    """What the slope along argument ``slot`` depends on: names of arguments, or ``out``."""
    count = len(_slots(op))
    make = tangent_rule if op.mixes else rule
    tree = make(op, slot, count, fixed=op.option_defaults) if op.mixes else rule(op, slot, count)
    return frozenset(_reads(tree) & {*op.params(count), "out"})


def linear_in(op: Op, slot: int) -> bool:
    """Is ``op`` linear in argument ``slot``, whatever the others are?

    >>> from backtrace_cli.ops import OPS
    >>> [linear_in(OPS["divide"], slot) for slot in (0, 1)], linear_in(OPS["sign"], 0)
    ([True, False], False)
    """
    if not op.sends(slot) or op.flat or op.kinks and not op.selects and not op.mixes and slot == 0:
        return False
    if not op.mixes and op.rule_text(slot, len(_slots(op))) == "0":
        return False
    return not _dependence(op, slot) & {op.params(len(_slots(op)))[slot], "out"}


def linear(op: Op) -> bool:
    """Is it linear in all that it is sent messages for together, a sum or a rearrangement of them?

    >>> from backtrace_cli.ops import OPS
    >>> [name for name in ("add", "multiply", "sum", "take", "exp") if linear(OPS[name])]
    ['add', 'sum', 'take']
    """
    slots = [slot for slot in _slots(op) if op.sends(slot)]
    names = {op.params(len(_slots(op)))[slot] for slot in slots}
    return bool(slots) and all(linear_in(op, slot) and not _dependence(op, slot) & names for slot in slots)


def product_of_two(op: Op, slot: int) -> bool:
    """Is it linear in argument ``slot``, which the one other argument weighs?"""
    if op.variadic or op.arity != 2 or op.kinks or (op.mixes and op.entries not in (ADDED, MULTIPLIED)):
        return False
    return not linear(op) and linear_in(op, slot)


def adds(op: Op) -> bool:
    """Is its value a sum of terms, so that digits may be lost where they cancel?"""
    if op.mixes:
        return op.entries in (ADDED, AVERAGED)
    return len(_slots(op)) > 1 and linear(op)


def moves(op: Op) -> bool:
    """Does it only show the entries of its first argument in another form, or with the other sign?

    >>> from backtrace_cli.ops import OPS
    >>> [name for name in ("negative", "transpose", "take", "sum", "stack") if moves(OPS[name])]
    ['negative', 'transpose', 'take']
    """
    if op.variadic or not op.sends(0) or any(op.sends(slot) for slot in range(1, op.arity)):
        return False
    return op.entries == MOVED if op.mixes else passes_on(op)


def passes_on(op: Op) -> bool:
    """Is each of its slopes 1 or −1 everywhere?"""
    return not op.mixes and set(op.partials) <= {"1", "-1"}


def exact(op: Op) -> bool:
    """Does it round nothing as long as numbers are whole?"""
    if op.mixes:
        return op.entries not in (COMPUTED, AVERAGED)
    return op.fraction is not None


@lru_cache(maxsize=256)
def commutes(op: Op) -> bool:
    """Does it give the same whichever of its arguments comes first?

    >>> from backtrace_cli.ops import OPS
    >>> [name for name in ("add", "subtract", "max", "atan2", "equal", "less") if commutes(OPS[name])]
    ['add', 'max', 'equal']
    """
    if op.mixes or op.float is None or len(_slots(op)) != 2:
        return False
    pairs = [sample[:2] for sample in op.samples if len(sample) >= 2]
    if op.variadic:
        mirrored = True
    else:
        one, other = (rule(op, slot, 2) for slot in (0, 1))
        swap: dict[str, Expr] = {"a": Name("b"), "b": Name("a")}
        names = dict(zip(op.arg_names, swap.values(), strict=True))
        mirrored = to_text(in_place(op, one, names, ())) == to_text(other)
    return mirrored and all(op.float(a, b) == op.float(b, a) for a, b in pairs)


def rational_function(op: Op) -> bool:
    """Is it a rational function of its arguments, whole?"""
    return not op.mixes and op.fraction is not None and not op.kinks and not op.selects and not op.flat


def compares(op: Op) -> bool:
    """Is it a comparison, 1 or 0?"""
    return op.name in OPERATORS and OPERATORS[op.name].level == COMPARISON


def masked_slots(op: Op, count: int) -> list[int]:
    """The arguments that have to be masks for the result to be one: neither a condition nor an index."""
    return [slot for slot in range(count) if op.sends(slot) and not (op.selects and slot == 0)]


@lru_cache(maxsize=256)
def keeps_mask(op: Op) -> bool:
    """Is it a mask, 1 or 0 an entry, where all that it combines are masks? Sums and differences of
    masks are read as logic, so they are.

    >>> from backtrace_cli.ops import OPS
    >>> [name for name in ("multiply", "max", "exp", "transpose", "sum") if keeps_mask(OPS[name])]
    ['multiply', 'max', 'transpose']
    """
    if op.mixes:
        return op.entries in (MOVED, MULTIPLIED, CHOSEN)
    count = len(_slots(op))
    if op.float is None or count > _MOST_BITS or op.flat:
        return False
    if linear(op) and passes_on(op):
        return count > 1 or op.fraction is not None and op.float(1.0) == 1.0
    return all(op.float(*bits) in (0, 1) for bits in product((0.0, 1.0), repeat=count))
