"""What the media that set formulas share: how a page's blocks follow each other, each put into its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from backtrace_cli.pages.document import (
    Blank,
    Block,
    Column,
    Heading,
    Kept,
    Math,
    NewPage,
    Note,
    Paragraph,
    Picture,
    Room,
    Steps,
    Table,
    Words,
    math,
)
from backtrace_cli.pages.latex_wording import LatexWording
from backtrace_cli.pages.share_bars import with_bars
from backtrace_cli.pages.wording import Wording

__all__ = ["Typesetter"]


class Typesetter:
    """A page in one medium; ``math`` sets its formulas, ``text`` what stands in its tables' cells."""

    #: What stands around a formula in a line, and around a derivation.
    around: ClassVar[tuple[str, str]] = ("$", "$")
    display: ClassVar[tuple[Sequence[str], Sequence[str]]] = ((), ())
    #: What stands between two pieces of a formula, and between the cells of a row.
    between: ClassVar[str] = ", "
    #: How wide the longest bar of characters is; 0 where there are none.
    bars: ClassVar[int] = 0

    def __init__(self, math: LatexWording, text: Wording) -> None:
        self.math, self.text = math, text

    def lines(self, blocks: Iterable[Block]) -> Iterator[str]:
        """The page line by line: steps that follow each other are one derivation."""
        steps: list[Steps] = []
        for block in blocks:
            if isinstance(block, Steps):
                steps.append(block)
                continue
            yield from self.derivation(steps)
            steps = []
            yield from self.block(block)
        yield from self.derivation(steps)

    def derivation(self, steps: Sequence[Steps]) -> Iterator[str]:
        """The steps, their equals signs under each other."""
        if rows := self.math.aligned(steps):
            first, last = self.display
            yield from (*first, *rows, *last)

    def block(self, block: Block) -> Iterator[str]:
        """Any other block."""
        match block:
            case Heading():
                aside = " ".join(self.inline(words).strip() for words in block.aside)
                yield from self.heading(self.inline(block.text), aside)
            case Paragraph():
                parts = [(self.inline(words), style) for words, style in block.parts if words]
                yield from self.paragraph(parts)
            case Note():
                yield from self.note(self.escaped(block.text))
            case Table():
                rows = list(with_bars(block.columns, block.rows(self.text), self.bars))
                used = [place for place in range(len(block.columns)) if any(row[place] for row in rows)]
                if used:
                    columns = [block.columns[place] for place in used]
                    yield from self.table(columns, [[row[place] for place in used] for row in rows])
            case Picture():
                yield from self.picture(block)
            case Blank():
                sign = self.inline(math(block.sign)) if block.sign else ""
                yield from self.blank(f"{self.inline(block.words)} {sign}", self.escaped(block.aside))
            case Room():
                yield from self.room(block.height)
            case NewPage():
                yield from self.new_page(self.escaped(block.head), block.first)

    def inline(self, words: Words) -> str:
        """Words inside of text."""
        before, after = self.around
        if isinstance(words, Math):
            return f"{before}{self.math.words(words)}{after}"
        if isinstance(words, Kept):
            pieces = self.between.join(f"{before}{piece}{after}" for piece in words.pieces(self.math))
            return f"{self.escaped(words.before.strip())} {pieces}".strip()
        return self.escaped(words)

    def picture(self, block: Picture) -> Iterator[str]:
        """The graph; what is read instead of it, where the medium draws none."""
        for inner in block.instead:
            yield from self.block(inner)

    # -- what each medium says for itself ---------------------------------------------

    def escaped(self, text: str) -> str:
        """Plain words, with nothing in them that the medium would obey."""
        raise NotImplementedError

    def heading(self, text: str, aside: str) -> Iterator[str]:
        """A heading, and what stands beside it."""
        raise NotImplementedError

    def paragraph(self, parts: list[tuple[str, str]]) -> Iterator[str]:
        """Pieces, each with its style."""
        raise NotImplementedError

    def note(self, text: str) -> Iterator[str]:
        """An item of a list."""
        raise NotImplementedError

    def table(self, columns: list[Column], rows: list[list[str]]) -> Iterator[str]:
        """Rows under columns, of which none is empty."""
        raise NotImplementedError

    def blank(self, text: str, aside: str) -> Iterator[str]:
        """A line to fill in."""
        raise NotImplementedError

    def room(self, height: float) -> Iterator[str]:
        """Empty paper, in centimetres; nothing where there is no paper."""
        return iter(())

    def new_page(self, head: str, first: bool) -> Iterator[str]:
        """A new sheet."""
        raise NotImplementedError
