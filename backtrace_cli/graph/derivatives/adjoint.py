"""The backward pass as boxes: from a graph the graph of its gradients.

It is the walk of ``engine/backward.py`` over trees in place of numbers: the same rule texts, written into
boxes, the same messages, sums at forks as +. So it is traced, printed and differentiated like any graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from backtrace_cli.graph.derivatives.at_kinks import said_by_the_text, settled
from backtrace_cli.graph.derivatives.growing import Growing
from backtrace_cli.graph.node import Node
from backtrace_cli.language.tree.simplify import rational, simplify
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, walk
from backtrace_cli.ops import find, in_place, rule, text_rule
from backtrace_cli.ops.traits import reads_shape

__all__ = ["Anywhere", "adjoint"]

_ZERO = Number("0")


class Anywhere:
    """What is known of the point: nothing. Any branch may be taken, and any kink be met."""

    stable = False
    """Are rules written in the form that keeps its digits, rather than in the one that reads best?"""
    apart = True
    """Has each local derivative a box of its own, as on the page, or is it tidied into the product?"""

    def slots(self, node: Node) -> list[int]:
        """The arguments that ``node`` may send a message to."""
        assert node.op is not None
        return [slot for slot in range(len(node.args)) if node.op.sends(slot)][1 if node.op.selects else 0 :]

    def branch(self, node: Node) -> int | None:
        """Of an op that selects the argument that is taken; None where that hangs on the point."""
        return None

    def kinks(self, node: Node, slot: int) -> Iterator[tuple[int, bool]]:
        """The kinks that may decide a rule, the first one last, and whether each is met for certain."""
        assert node.op is not None
        for number in reversed(range(len(node.op.kinks))):
            if not said_by_the_text(node.op, slot, len(node.args), number):
                yield number, False

    def unbounded(self, node: Node, slot: int, local: Expr) -> bool:
        """May the ``local`` derivative have no finite value where a branch not taken reads it?"""
        for part in walk(local):
            if isinstance(part, Call):
                op = find(part.func, len(part.args))
                if part.func == "divide" or (op is not None and op.domain is not None):
                    return True
        return False


def adjoint(
    boxes: Growing, output: int, wanted: Collection[int], at: Anywhere, *,
    upstream: int | None = None, named: bool = True,
) -> dict[int, int]:  # fmt: skip
    """Add to ``boxes`` the gradient of box ``output`` with respect to each of ``wanted``; which box it is.

    What the output does not depend on has none. ``upstream`` is the box of the message at the output (1,
    or ones). With ``named`` the gradient of a node v is called dv.

    >>> from backtrace_cli.graph import build
    >>> boxes = Growing(build("x^2*y"))
    >>> found = adjoint(boxes, 4, [0], Anywhere())
    >>> boxes.graph(found[0], "dx").formula
    'v2 = 2*x; dx = y*v2'
    """
    active, guarded = _led_from(boxes, output, set(wanted)), _guarded(boxes, output)
    gradients: dict[int, Expr] = {output: _seed(boxes, output) if upstream is None else boxes.tree(upstream)}
    for index in range(output, -1, -1):
        node, tree = boxes.nodes[index], gradients.get(index)
        if tree is None:
            continue
        if named and index != output:
            boxes.name(boxes.made(tree), f"d{boxes.names[index]}")
        if node.op is None or not active[index]:
            continue
        for slot in at.slots(node):
            target = node.args[slot]
            if not active[target]:
                continue
            sent = _message(boxes, node, slot, tree, at, guarded)
            if sent == _ZERO:
                continue
            arrived = boxes.fitted(boxes.made(sent, node.span), target)
            before = gradients.get(target)
            if before is None:
                gradients[target] = boxes.tree(arrived)
            else:
                gradients[target] = boxes.tree(
                    boxes.made(Call("add", (before, boxes.tree(arrived))), node.span)
                )
    return {index: boxes.made(gradients[index]) for index in wanted if index in gradients}


def _led_from(boxes: Growing, output: int, wanted: set[int]) -> list[bool]:
    found: list[bool] = []
    for node in boxes.nodes[: output + 1]:
        found.append(node.index in wanted or any(found[arg] for arg in node.args))
    return found


def _guarded(boxes: Growing, output: int) -> bool:
    """Does the graph choose, so that a message of 0 may come from a branch that was not taken?"""
    return any(node.op is not None and node.op.selects for node in boxes.nodes[: output + 1])


def _seed(boxes: Growing, output: int) -> Expr:
    return Call("ones_like", (boxes.tree(output),)) if boxes.shape(output) else Number("1")


def _message(boxes: Growing, node: Node, slot: int, upstream: Expr, at: Anywhere, guarded: bool) -> Expr:
    """What is sent along one edge, as a formula over the boxes."""
    op, count = node.op, len(node.args)
    assert op is not None
    if op.selects:
        taken = at.branch(node)
        if taken is not None:
            return upstream if slot == taken else _ZERO
        chosen = (upstream, _ZERO) if slot == 1 else (_ZERO, upstream)
        return Call("where", (boxes.tree(node.args[0]), *chosen))
    names = dict(zip(op.params(count), map(boxes.tree, node.args), strict=True))
    names |= {"out": boxes.tree(node.index), "g": upstream}

    def written(text: str) -> Expr:
        tree = text_rule(op, op.fill(text, slot, count, node.fixed), count)
        return in_place(op, tree, names, node.fixed)

    fixed = node.fixed if op.messages else ()
    tree = in_place(op, rule(op, slot, count, at.stable, fixed), names, node.fixed)
    kinks = list(at.kinks(node, slot))
    if kinks and op.tied and count == 2 and not all(certain for _, certain in kinks):
        tree, kinks = written(op.tied.replace("{other}", op.params(count)[1 - slot])), []
    for number, certain in kinks:
        kink = op.kinks[number]
        text = kink.taken[min(slot, len(kink.taken) - 1)]
        if text is None:
            continue
        when = simplify(settled(written(kink.when)))
        if certain or when == Number("1"):
            tree = written(text)
        elif when != _ZERO:
            tree = Call("where", (when, written(text), tree))
    local = simplify(tree)
    if op.messages:
        return local
    if isinstance(upstream, Name) and _all_ones(boxes, upstream):
        whole = boxes.made(local, node.span)
        if boxes.shape(whole) == boxes.shape(node.index):
            return boxes.tree(whole)
    if at.apart and isinstance(local, Call) and rational(local) is None and isinstance(upstream, Name):
        sent: Expr = Call("multiply", (upstream, boxes.tree(boxes.made(local, node.span))))
    else:
        sent = simplify(Call("multiply", (upstream, local)))
    if guarded and isinstance(upstream, Name) and at.unbounded(node, slot, local):
        return Call("where", (Call("equal", (upstream, _ZERO)), _ZERO, sent))
    return sent


def _all_ones(boxes: Growing, tree: Name) -> bool:
    """Is it a box of ones, as the message at an output of several entries is?"""
    op = boxes.nodes[boxes.place(tree)].op
    return (
        op is not None and not op.mixes and reads_shape(op, 0) and op.float is not None and op.float(2.0) == 1
    )
