"""Masks: what a comparison makes, 1 or 0 an entry. As an index NumPy would pick by it, here it can't."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.base.lengths import shorten
from backtrace_cli.graph.node import Node
from backtrace_cli.language.tree.syntax import Expr, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.traits import compares, keeps_mask, masked_slots

__all__ = ["is_mask", "mask_refused"]


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
        if compares(node.op):
            found = True
            continue
        counted = [node.args[slot] for slot in masked_slots(node.op, len(node.args))]
        grows = set(node.op.partials) == {"1"} and any(nodes[arg].literal for arg in counted)
        if not keeps_mask(node.op) or grows:  # 1 + (x > 0) is 1 or 2
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
