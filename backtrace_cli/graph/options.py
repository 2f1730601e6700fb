"""What is fixed when a formula is read: the axis of a sum, a new shape, the place of an index."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn, Protocol

from backtrace_cli.base.caret import Span
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import Op, fixed

__all__ = ["Options", "fixed_place", "sliced"]


#: What may be worked out in a place: how many numbers it takes, and how.
_EXACT: dict[str, tuple[int, Callable[..., int]]] = {
    "add": (2, operator.add), "subtract": (2, operator.sub), "multiply": (2, operator.mul),
    "negative": (1, operator.neg),
}  # fmt: skip
_MOST = 10**18


class Names(Protocol):
    """What a builder knows: which names stand for whole numbers, and how to refuse."""

    def whole(self, name: str) -> int | None: ...

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn: ...


class Options(NamedTuple):
    """The options of one call, to be read from its keywords and its last arguments."""

    names: Names
    item: Call
    op: Op

    def split(self, args: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        """The arguments that are values, and the options' values in the op's order."""
        op, item = self.op, self.item
        wanted = op.option_names
        values = dict(zip(wanted, op.option_defaults, strict=True))
        plain = len(args) if op.variadic else op.arity
        given = [to_text(tree, ascii=True) for tree in item.args[plain:]]
        if given and op.by_name is not None:
            self.ambiguous(given[0])
        if op.options.startswith("*"):
            if given:
                values[wanted[0]] = self.rest([self.value(text) for text in given])
        else:
            values |= {name: self.value(text) for name, text in zip(wanted, given, strict=False)}
        named: list[str] = list(wanted[: len(given)])
        for name, text in item.options:
            if name in named:
                self.names.fail(f"{name} is given twice", item.span, "give it once")
            named.append(name)
            if name not in values:
                self.names.fail(
                    f"{op.called} has no option {shorten(name, 24)}", item.span,
                    f"its options: {', '.join(wanted)}" if wanted else "leave it out",
                )  # fmt: skip
            values[name] = self.value(text)
        missing = [name for name, value in values.items() if value == ()]
        if missing:
            self.names.fail(f"{op.called} needs its {missing[0]}", item.span, op.doc)
        return args[:plain], tuple(values.values())

    def ambiguous(self, given: str) -> NoReturn:
        """``norm(A, 1)``: NumPy takes the order by position, others the axis."""
        assert self.op.by_name is not None
        first, given = shorten(to_text(self.item.args[0]), 24), shorten(given, 24)
        option, (other, instead) = self.op.option_names[0], self.op.by_name
        self.names.fail(
            f"the {given} could be the {option} or, as in NumPy, the {other}", self.item.span,
            f"write {self.op.called}({first}, {option}={given}) for the {option}; {instead.format(a=first)}",
        )  # fmt: skip

    def rest(self, values: list[Any]) -> Any:
        """``reshape(a, 2, 3)`` and ``reshape(a, [2, 3])`` are one; a single number is itself."""
        return values[0] if len(values) == 1 else tuple(values)

    def value(self, text: str) -> Any:
        """An option's value; a name stands for the whole number that the formula gives it."""
        if text.isidentifier() and (known := self.names.whole(text)) is not None:
            return known
        try:
            found = fixed(text)
        except ValueError:
            found = text
        names = [part for part in (found if isinstance(found, tuple) else (found,)) if isinstance(part, str)]
        sizes = {name: self.names.whole(name) for name in names}
        if isinstance(found, tuple) and None not in sizes.values():
            return tuple(sizes.get(part, part) if isinstance(part, str) else part for part in found)
        if isinstance(found, str) and not (found.isidentifier() and self.op.options.startswith("reduction")):
            self.names.fail(
                f"{shorten(text, 24)} is fixed before anything is computed, so it can't vary", self.item.span,
                "write a whole number there, or a name that the formula sets to one: n = 3",
            )  # fmt: skip
        return found


def sliced(item: Call) -> bool:
    """Is it an index with a slice in it? Then its whole place is fixed, and only the array is a value."""
    return item.func == "index" and any(
        isinstance(part, Call) and part.func == "slice" for part in item.args[1:]
    )


def fixed_place(names: Names, item: Call) -> tuple[Any, ...] | None:
    """The place of an index made of whole numbers and slices; None where a variable stands in it."""
    for axis, tree in enumerate(item.args[1:]):
        if isinstance(tree, Name) and tree.name == "None":
            array = shorten(to_text(item.args[0]), 24)
            names.fail("None can't stand in an index", item.span,
                       f"for an axis of size 1 there write expand_dims({array}, axis={axis})")  # fmt: skip
    parts = [_part(names, tree, item) for tree in item.args[1:]]
    return None if None in parts else tuple(parts)


def _part(names: Names, tree: Expr, item: Call) -> Any:
    if isinstance(tree, Call) and tree.func == "slice":
        bounds: list[int | None] = []
        for bound in tree.args:
            left_out = isinstance(bound, Name) and not bound.name
            bounds.append(None if left_out else _whole(names, bound))
            if bounds[-1] is None and not left_out:
                fixing = (
                    f"write x[1:3], or set {shorten(bound.name, 24)} = 1 in the formula"
                    if isinstance(bound, Name)
                    else None
                )
                names.fail("the bounds of a slice are whole numbers, fixed before anything is computed",
                           item.span, fixing or "write x[1:3]")  # fmt: skip
        if len(bounds) == 3 and bounds[2] == 0:
            names.fail("a slice can't go in steps of 0", item.span, "write x[::2]")
        return ("slice", *bounds, *[None] * (3 - len(bounds)))
    if isinstance(tree, Number) and not tree.text.isdecimal():
        names.fail(
            f"an index is a whole number, not {shorten(tree.text, 24)}", item.span,
            "entries are numbered 0, 1, 2, …",
        )  # fmt: skip
    return _whole(names, tree)


def _whole(names: Names, tree: Expr) -> int | None:
    """The whole number that ``tree`` comes to, where it is made of whole numbers known now."""
    if isinstance(tree, Number):
        return int(tree.text[:18]) if tree.text.isdecimal() else None
    if isinstance(tree, Name):
        return names.whole(tree.name)
    known: list[int] = []
    stack: list[tuple[Expr, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if not isinstance(node, Call):
            found = _whole(names, node)
            if found is None:
                return None
            known.append(found)
        elif node.func not in _EXACT or len(node.args) != _EXACT[node.func][0]:
            return None
        elif not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
        else:
            count, function = _EXACT[node.func]
            made = function(*known[-count:])
            if abs(made) > _MOST:
                return None
            known[-count:] = [made]
    return known[0]
