"""What an assignment to a part of an array comes to, as the whole array anew."""

from __future__ import annotations

from backtrace_cli.language.tree.syntax import Call, Expr, Number

__all__ = ["masked", "picked"]


def masked(old: Expr, condition: Expr, value: Expr) -> Expr:
    """``old[condition] = value``.

    >>> from backtrace_cli.language.tree.syntax import Name
    >>> from backtrace_cli.language.tree.text import to_text
    >>> to_text(masked(Name("h"), Name("m"), Number("0")))
    'where(m, 0, h)'
    """
    return Call("where", (condition, value, old))


def picked(index: Expr, classes: int, value: Expr) -> Expr:
    """``value`` at the place ``index`` of each row, 0 elsewhere: what ``p[arange(N), y] -= 1`` takes away."""
    return Call("multiply", (value, Call("one_hot", (index, Number(str(classes))))))
