"""A page in Typst: derivations as aligned math, tables as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from backtrace_cli.base.safe_text import visible
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.typst import to_typst, typst_name, typst_number
from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Kept,
    Math,
    Note,
    Paragraph,
    Picture,
    Steps,
    Table,
    Words,
)
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers.latex import LatexWording, aligned

__all__ = ["lines"]

_FILLS = {VALUE: "green.darken(40%)", GRADIENT: "red.darken(20%)", QUIET: "luma(40%)"}
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
    chosen = TypstWording(*(wording or Wording())._replace(ascii=False, matrices=True))
    if whole:
        yield _TOP
    steps: list[Steps] = []
    for block in blocks:
        if isinstance(block, Steps):
            steps.append(block)
            continue
        yield from _aligned(steps, chosen)
        steps = []
        yield from _block(block, chosen)
    yield from _aligned(steps, chosen)


def escaped(text: str) -> str:
    """Plain words, with nothing in them that Typst would obey."""
    return re.sub(r"([\\#$*_`<>@=~\[\]/+-])", r"\\\1", visible(text))


def _aligned(steps: list[Steps], wording: TypstWording) -> Iterator[str]:
    rows = aligned(steps, wording)
    if rows:
        yield from ("$", *rows, "$", "")


def _inline(words: Words, wording: TypstWording) -> str:
    if isinstance(words, Math):
        return f"${wording.words(words)}$"
    if isinstance(words, Kept):
        pieces = " #h(1em) ".join(f"${piece}$" for piece in words.pieces(wording))
        return f"{escaped(words.before.strip())} {pieces}".strip()
    return escaped(words)


def _styled(text: str, style: str) -> str:
    if style == HEADING:
        return f"#strong[{text}]"
    return f"#text(fill: {_FILLS[style]})[{text}]" if style in _FILLS else text


def _block(block: Block, wording: TypstWording) -> Iterator[str]:
    match block:
        case Heading():
            aside = " ".join(_inline(words, wording) for words in block.aside)
            yield from (f"== {_inline(block.text, wording)}", aside, "")
        case Paragraph():
            parts = (_styled(_inline(words, wording), style) for words, style in block.parts if words)
            yield from (" ".join(parts), "")
        case Note():
            yield from (f"- {escaped(block.text)}", "")
        case Table():
            yield from _table(block, wording)
        case Picture():
            for inner in block.instead:
                yield from _block(inner, wording)


def _table(block: Table, wording: TypstWording) -> Iterator[str]:
    columns = block.columns
    rows = list(block.rows(wording))
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    if not used:
        return
    sides = ", ".join("right" if columns[place].right else "left" for place in used)
    yield f"#table(columns: {len(used)}, align: ({sides},), stroke: none, inset: (x: 4pt, y: 3pt),"
    if any(columns[place].title for place in used):
        heads = ", ".join(f"[{escaped(columns[place].title)}]" for place in used)
        yield f"  table.header({heads}),"
    for row in rows:
        yield "  " + "".join(f"[{_cell(columns[place], row[place])}], " for place in used).rstrip()
    yield from (")", "")


def _cell(column: Column, text: str) -> str:
    if not text:
        return ""
    return _styled(f"${text}$" if column.math else escaped(text), column.style)
