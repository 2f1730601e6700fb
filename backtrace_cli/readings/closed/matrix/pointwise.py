"""Where a tree works entry by entry, numbers can stand for the entries: there it is a scalar formula."""

from __future__ import annotations

from backtrace_cli.language.tree.simplify import substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, size
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees, fold, op_of
from backtrace_cli.readings.closed.shortest import shortest

__all__ = ["entry_by_entry"]

#: A part of fewer nodes than this has nothing to cancel, and of one of more that takes long.
_LEAST, _MOST = 6, 40


def entry_by_entry(tree: Expr, trees: ShapedTrees) -> Expr:
    """``tree`` with each part that works entry by entry written as short as a scalar formula can be.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> trees = ShapedTrees({"x": (3,), "y": (3,)})
    >>> to_text(entry_by_entry(parse_expression("(1 - y)*x - y*(1 - x)"), trees))
    'x − y'
    """
    whole: dict[str, Expr] = {}
    names: dict[int, str] = {}

    def leaf(part: Expr) -> Expr:
        """A name that stands for a part that is no scalar formula."""
        number = trees.number(part)
        name = names.setdefault(number, f"#{len(names)}")
        whole[name] = part
        return Name(name)

    def make(node: Expr, args: list[tuple[Expr, bool]]) -> tuple[Expr, bool]:
        """The subtree over names for its leaves, and whether it works entry by entry."""
        if not isinstance(node, Call):
            return (node, True) if isinstance(node, Number) else (leaf(node), True)
        shapes = [trees.shape(arg) for arg in node.args]
        op = op_of(node, shapes)
        if not op.mixes:
            return node._replace(args=tuple(arg for arg, _ in args)), True
        done = [_shortened(arg, whole, trees) for arg, _ in args]
        return leaf(node._replace(args=tuple(done))), True

    return _shortened(fold(tree, make)[0], whole, trees)


def _shortened(part: Expr, whole: dict[str, Expr], trees: ShapedTrees) -> Expr:
    was = substitute(part, whole)
    if not _LEAST <= size(part, _MOST + 1) <= _MOST:
        return was
    found = substitute(shortest(part).tree, whole)
    if size(found) >= size(was):
        return was
    return found if trees.shape(found) == trees.shape(was) else was
