"""Masks: what a comparison makes, 1 or 0 an entry. As an index NumPy would pick by it, here it can't."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.base.lengths import shorten
from backtrace_cli.graph.node import Node
from backtrace_cli.language.tree.syntax import Expr, Name
from backtrace_cli.language.tree.text import to_text

__all__ = ["is_mask", "mask_refused"]

_COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}

#: What is a mask if all its arguments are masks, or 0 and 1 among them: names, logic, rearrangements.
_KEEPING = {
    "identity", "multiply", "add", "subtract", "max", "min", "abs", "square", "index", "take", "stack",
    "concat", "reshape", "expand_dims", "transpose", "mT", "amax", "amin", "prod", "where",
}  # fmt: skip

#: How many of an op's arguments count; ``where`` has a condition in front, ``take`` an index behind.
_COUNTING = {"take": slice(0, 1), "where": slice(1, None)}


def is_mask(nodes: Sequence[Node], index: int) -> bool:
    """Does node ``index`` come from a comparison, and hold nothing but its 0 and 1?

    A number that is counted or chosen by comparisons, ``sum(x > 1)`` or ``where(x > 1, 1, 0)``, is none.

    >>> from backtrace_cli.graph import build
    >>> [is_mask(build(text).nodes, build(text).output) for text in ("(0 < x)*(x < 1)", "sum(0 < x)")]
    [True, False]
    """
    found = False
    stack, seen = [index], {index}
    while stack:
        node = nodes[stack.pop()]
        if node.op is None:
            if node.literal not in ("0", "1"):
                return False
            continue
        if node.op.name in _COMPARISONS:
            found = True
            continue
        counted = node.args[_COUNTING.get(node.op.name, slice(None))]
        if node.op.name not in _KEEPING or (
            node.op.name == "add" and any(nodes[arg].literal for arg in counted)  # 1 + (x > 0) is 1 or 2
        ):
            return False
        stack += [arg for arg in counted if arg not in seen]
        seen.update(counted)
    return found


def mask_refused(array: str, mask: Expr) -> tuple[str, str]:
    """Message and hint for ``array`` indexed by a mask: how many entries that picks, only the numbers say."""
    array, condition = shorten(array, 24), shorten(to_text(mask), 24)
    whence = "comes from a comparison" if isinstance(mask, Name) else "is a comparison"
    chosen = f"where({condition}, {array}, 0)"
    return (
        f"an index names entries by their numbers; {condition} {whence}, 1 or 0 for each entry",
        f"write {chosen}, which is 0 for the entries left out; "
        f"the mean of the others is sum({chosen})/sum({condition})",
    )
