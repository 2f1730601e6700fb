"""A page in Markdown as GitHub shows it: headings, tables, formulas as math, the graph as Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.document import (
    HEADING,
    Block,
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


def lines(blocks: Iterable[Block], wording: Wording | None = None, *, whole: bool = False,
          title: str = "") -> Iterator[str]:  # fmt: skip
    """The page line by line; ``whole`` or not is the same."""
    text = (wording or Wording())._replace(ascii=False, matrices=False)
    math = LatexWording(*text)
    steps: list[Steps] = []
    for block in blocks:
        if isinstance(block, Steps):
            steps.append(block)
            continue
        yield from _aligned(steps, math)
        steps = []
        yield from _block(block, text, math)
    yield from _aligned(steps, math)


def escaped(text: str) -> str:
    """Plain words, with nothing in them that Markdown or the HTML in it would obey."""
    return re.sub(r"([\\\\`*_{}\[\]()<>#+!|~$&@-])", r"\\\1", visible(text).replace("\n", " "))


def _aligned(steps: list[Steps], math: LatexWording) -> Iterator[str]:
    rows = aligned(steps, math)
    if rows:  # a fence, as in one nothing is read as Markdown
        yield from ("```math", r"\begin{aligned}", *rows, r"\end{aligned}", "```", "")


def _inline(words: Words, math: LatexWording) -> str:
    if isinstance(words, Math):
        return f"$`{math.words(words)}`$"
    if isinstance(words, Kept):
        pieces = ", ".join(f"$`{piece}`$" for piece in words.pieces(math))
        return f"{escaped(words.before.strip())} {pieces}".strip()
    return escaped(words)


def _block(block: Block, text: Wording, math: LatexWording) -> Iterator[str]:
    match block:
        case Heading():
            aside = " ".join(_inline(words, math).strip() for words in block.aside)
            yield from (f"### {_inline(block.text, math)}", "")
            if aside:
                yield from (aside, "")
        case Paragraph():
            parts = [_inline(words, math) for words, style in block.parts if words]
            if block.parts[0][1] == HEADING and not parts[0].startswith("$"):
                parts[0] = f"**{parts[0].strip()}**"
            yield from (" ".join(parts) if any(s == HEADING for _, s in block.parts) else "".join(parts), "")
        case Note():
            yield from (f"- {escaped(block.text)}", "")
        case Table():
            yield from _table(block, text)
        case Picture():
            yield from _picture(block, text)


def _picture(block: Picture, text: Wording) -> Iterator[str]:
    from backtrace_cli.export.layout.fitting import Picture as Graph
    from backtrace_cli.export.pictures.mermaid import WRITER

    drawn = WRITER.write(Graph(block.trace, text, block.shown, block.most))
    yield from ("```mermaid", *str(drawn).splitlines(), "```", "")


def _table(block: Table, text: Wording) -> Iterator[str]:
    columns = block.columns
    rows = list(block.rows(text))
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    if not used:
        return
    yield f"| {' | '.join(escaped(columns[place].title) for place in used)} |"
    yield f"|{'|'.join('---:' if columns[place].right else '---' for place in used)}|"
    for row in rows:
        yield f"| {' | '.join(escaped(row[place]) for place in used)} |"
    yield ""
