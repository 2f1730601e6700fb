"""A page in Typst: derivations as aligned math, tables as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from backtrace_cli.base.safe_text import visible
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.typst import to_typst, typst_name, typst_number
from backtrace_cli.pages.document import GRADIENT, HEADING, QUIET, VALUE, Block, Column
from backtrace_cli.pages.latex_wording import LatexWording
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers._typesetter import Typesetter

__all__ = ["lines"]

_FILLS = {VALUE: "green.darken(40%)", GRADIENT: "red.darken(20%)", QUIET: "luma(40%)"}
#: Fractions and matrices in a table take the height that they have.
_WHOLE = '#show math.equation: set text(top-edge: "bounds", bottom-edge: "bounds")'
_TOP = """#set page(margin: 2cm)
#set text(size: 10pt)"""


class TypstWording(LatexWording):
    """Formulas, numbers and names in Typst's math."""

    __slots__ = ()
    signs: ClassVar = {"·": " dot.op ", "−": "-", "←": "<-", "→": "->", "…": " dots.h ", "×": " times "}
    dot = "dot.op"
    arrow = "<-"
    onward = "->"
    row = "\\"

    def name(self, name: str) -> str:
        return typst_name(name)

    def prose(self, text: str) -> str:
        quoted = visible(text).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'

    def expr(self, tree: Expr) -> str:
        return to_typst(tree)

    def partial(self, top: str, bottom: str, sign: str = "∂") -> str:
        return typst_name(f"{sign}{top}/{sign}{bottom}")

    def digit(self, text: str) -> str:
        return typst_number(text)

    def matrix(self, rows: list[list[str]]) -> str:
        return f"mat({'; '.join(map(', '.join, rows))})"


def lines(blocks: Iterable[Block], wording: Wording | None = None, *, whole: bool = False,
          title: str = "") -> Iterator[str]:  # fmt: skip
    """The page line by line; ``whole`` with the margins of a page."""
    math = TypstWording(*(wording or Wording())._replace(ascii=False, matrices=True))
    if whole:
        yield _TOP
    yield from _Typst(math, math).lines(blocks)


class _Typst(Typesetter):
    display = (("$",), ("$", ""))
    between = " #h(1em) "

    def escaped(self, text: str) -> str:
        return re.sub(r"([\\#$*_`<>@=~\[\]/+-])", r"\\\1", visible(text))

    def heading(self, text: str, aside: str) -> Iterator[str]:
        yield from (f"== {text}", aside, "")

    def paragraph(self, parts: list[tuple[str, str]]) -> Iterator[str]:
        yield from (" ".join(_styled(text, style) for text, style in parts), "")

    def note(self, text: str) -> Iterator[str]:
        yield from (f"- {text}", "")

    def table(self, columns: list[Column], rows: list[list[str]]) -> Iterator[str]:
        sides = ", ".join(f"{'right' if column.right else 'left'} + horizon" for column in columns)
        widths = ", ".join("1fr" if column.wide else "auto" for column in columns)
        yield f"#[{_WHOLE}"
        yield f"#table(columns: ({widths},), align: ({sides},), stroke: none, inset: (x: 4pt, y: 3pt),"
        if any(column.title for column in columns):
            yield f"  table.header({', '.join(f'[{self.escaped(column.title)}]' for column in columns)}),"
        for row in rows:
            yield "  " + "".join(f"[{cell}], " for cell in map(self._cell, columns, row)).rstrip()
        yield from (")]", "")

    def blank(self, text: str, aside: str) -> Iterator[str]:
        quiet = _styled(aside, QUIET)
        line = "box(width: 1fr, stroke: (bottom: 0.5pt), height: 1em)"
        yield f"#block(above: 1.2em)[{text} #{line} #h(1em) {quiet}]"

    def room(self, height: float) -> Iterator[str]:
        yield f"#v({height:g}cm)"

    def new_page(self, head: str, first: bool) -> Iterator[str]:
        if not first:
            yield "#pagebreak()"
        numbered = 'numbering: "1", number-align: center'
        yield f"#set page(header: text(size: 8pt, fill: luma(40%))[{head}], {numbered})"
        if not first:
            yield "#counter(page).update(1)"

    def _cell(self, column: Column, text: str) -> str:
        return _styled(f"${text}$" if column.math else self.escaped(text), column.style) if text else ""


def _styled(text: str, style: str) -> str:
    if style == HEADING:
        return f"#strong[{text}]"
    return f"#text(fill: {_FILLS[style]})[{text}]" if style in _FILLS else text
