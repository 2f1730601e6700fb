"""A page in Markdown as GitHub shows it: headings, tables, formulas as math, the graph as Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.document import HEADING, Block, Column, Picture
from backtrace_cli.pages.latex_wording import LatexWording
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers._typesetter import Typesetter

__all__ = ["lines"]


def lines(blocks: Iterable[Block], wording: Wording | None = None, *, whole: bool = False,
          title: str = "") -> Iterator[str]:  # fmt: skip
    """The page line by line; ``whole`` or not is the same."""
    text = (wording or Wording())._replace(ascii=False, matrices=False)
    return _Markdown(LatexWording(*text), text).lines(blocks)


class _Markdown(Typesetter):
    bars = 20
    around = ("$`", "`$")
    #: A fence, as in one nothing is read as Markdown.
    display = (("```math", r"\begin{aligned}"), (r"\end{aligned}", "```", ""))

    def escaped(self, text: str) -> str:
        """Plain words, with nothing in them that Markdown or the HTML in it would obey."""
        return re.sub(r"([\\\\`*_{}\[\]()<>#+!|~$&@-])", r"\\\1", visible(text).replace("\n", " "))

    def heading(self, text: str, aside: str) -> Iterator[str]:
        yield from (f"### {text}", "")
        if aside:
            yield from (aside, "")

    def paragraph(self, parts: list[tuple[str, str]]) -> Iterator[str]:
        texts = [text for text, _ in parts]
        if parts[0][1] == HEADING and not texts[0].startswith("$"):
            texts[0] = f"**{texts[0].strip()}**"
        yield from ((" " if any(style == HEADING for _, style in parts) else "").join(texts), "")

    def note(self, text: str) -> Iterator[str]:
        yield from (f"- {text}", "")

    def picture(self, block: Picture) -> Iterator[str]:
        from backtrace_cli.export.layout.fitting import Picture as Graph
        from backtrace_cli.export.pictures.mermaid import WRITER

        drawn = WRITER.write(Graph(block.trace, self.text, block.shown, block.most))
        yield from ("```mermaid", *str(drawn).splitlines(), "```", "")

    def blank(self, text: str, aside: str) -> Iterator[str]:
        quiet = f" ({aside})" if aside else ""
        yield from (f"{text} {self.escaped('_' * 20)}{quiet}", "")

    def new_page(self, head: str, first: bool) -> Iterator[str]:
        if not first:
            yield from ("---", "")

    def table(self, columns: list[Column], rows: list[list[str]]) -> Iterator[str]:
        yield f"| {' | '.join(self.escaped(column.title) for column in columns)} |"
        yield f"|{'|'.join('---:' if column.right else '---' for column in columns)}|"
        for row in rows:
            yield f"| {' | '.join(map(self.escaped, row))} |"
        yield ""
