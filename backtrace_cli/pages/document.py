"""A page as data: blocks in the order they are read, which a writer puts into one medium.

What a block holds is the same for a terminal, a sentence read aloud, Markdown, HTML and
LaTeX. Formulas, numbers and partial derivatives stand in it as trees and values; each writer
brings the Wording that sets them. A table's rows come one by one, so a million of them stream.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from backtrace_cli.pages.wording import Wording

__all__ = [
    "GRADIENT", "HEADING", "QUIET", "VALUE", "Blank", "Block", "Column", "Factor", "Heading", "Kept",
    "Math", "NewPage", "Note", "Paragraph", "Partial", "Picture", "Room", "Rows", "Said", "Side",
    "Space", "Steps", "Sum", "Table", "Words", "math", "partials", "sentences",
]  # fmt: skip

#: One colour for values and one for gradients everywhere, as in circuit drawings.
VALUE, GRADIENT, HEADING, QUIET = "green", "red", "bold", "dim"

#: A derivative as it stands in a text: ∂f/∂x, or dx/dt.
_PARTIAL = re.compile(r"([∂d])([^/]+)/[∂d](.+)")


class Partial(NamedTuple):
    """∂top/∂bottom."""

    top: str
    bottom: str
    sign: str = "∂"


class Factor(NamedTuple):
    """A tree or a value as a factor: in brackets where it is a sum or begins with a minus."""

    part: Any


class Sum(NamedTuple):
    """Numbers added up, a negative one taken away: 3 − 1 + 0."""

    parts: tuple[Any, ...]


class Math(NamedTuple):
    """A formula in a line: trees, values, partials, and the signs (text) between them."""

    parts: tuple[Any, ...]


class Kept(NamedTuple):
    """Pieces that are not folded inside where they fit a line: statements, ``name = value``."""

    pieces: Callable[[Wording], Sequence[str]]
    between: str = "   "
    before: str = ""
    lists: bool = False
    """May a piece that is too long be folded between two rows of its list?"""


#: What stands in a line: plain words, a formula, or pieces held together.
Words: TypeAlias = str | Math | Kept
#: How a block reads as sentences: one, the pieces of one, or many; nothing where another block says it.
Said: TypeAlias = "str | Sequence[Words] | Callable[[Wording], Iterable[str]] | None"
#: The rows of a table, set by a medium's wording.
Rows: TypeAlias = "Callable[[Wording], Iterable[Sequence[str]]]"


class Column(NamedTuple):
    """A column: its heading, how it is aligned, its style, and the words before it when stacked."""

    title: str = ""
    right: bool = False
    style: str = ""
    lead: str = ""
    """Words before it when stacked."""
    keep: bool = False
    """When stacked: stays on the line of the column before it, if it fits."""
    below: int = 0
    """Where space is short, moves under the column before it: those with 1 first, then with 2."""
    math: bool = False
    """Are its cells formulas and numbers?"""
    least: int = 0
    """Its width, where it is to be at least so wide, whatever stands in it by now."""
    bar: bool = False
    """Are its cells shares (``0.53``), to be drawn as bars by media that can?"""
    wide: bool = False
    """Are its cells sentences, which are folded on paper?"""


class Space(NamedTuple):
    """An empty line."""

    said: Said = None


class Heading(NamedTuple):
    """The heading of a section, and a few quiet words beside it."""

    text: Words
    aside: Sequence[Words] = ()
    said: Said = None


class Paragraph(NamedTuple):
    """One flowing line of styled pieces."""

    parts: Sequence[tuple[Words, str]]
    indent: int = 1
    said: Said = None


class Note(NamedTuple):
    """One item of a list of remarks."""

    text: str
    said: Said = None


class Table(NamedTuple):
    """Rows under columns."""

    columns: Sequence[Column]
    rows: Rows
    said: Said = None
    whole: bool = False
    """Is it left out where it can't stand in one piece, as what follows says the same?"""


class Side(NamedTuple):
    """One side of a chain of equations."""

    words: Words
    style: str = ""
    why: str = ""
    """How it follows from the side before it."""


class Steps(NamedTuple):
    """``left = side = side``: a derivation, the equals signs under each other."""

    left: Words
    sides: Sequence[Side]
    said: Said = None
    flowing: bool = False
    """Does it stand in one line where it fits?"""


class Picture(NamedTuple):
    """The graph, drawn by media that can; the others read the blocks instead of it."""

    trace: Any
    instead: Sequence[Block] = ()
    """What stands for the picture where it has no room; nothing where it is to be drawn in any case."""
    said: Said = None
    shown: Any = None
    """How much of the trace is known; None is all of it."""
    most: int = 25
    """More boxes than these are folded."""
    curve: Any = None
    """A curve that is drawn in place of the graph."""


class Blank(NamedTuple):
    """Something to be filled in by hand, ``words = ________``, and a few quiet words behind it."""

    words: Words
    aside: str = ""
    sign: str = "="
    said: Said = None


class Room(NamedTuple):
    """Empty paper to write on, so many centimetres high; a screen has none."""

    height: float
    said: Said = None


class NewPage(NamedTuple):
    """A new sheet of paper, with what stands at the top of its pages; the first is counted as 1."""

    head: str = ""
    first: bool = False
    """Does the document begin with it? Then no page is turned."""
    said: Said = None


Block: TypeAlias = Space | Heading | Paragraph | Note | Table | Steps | Picture | Blank | Room | NewPage


def math(*parts: Any) -> Math:
    """A formula made of trees, values, partials and signs."""
    return Math(parts)


def partials(text: str) -> Math:
    """A sum over paths, ``∂z/∂x·∂x/∂u + …``, with its partials told from its signs.

    >>> partials("∂z/∂x·dx/du + 3 more paths").parts[:3]
    (Partial(top='z', bottom='x', sign='∂'), '·', Partial(top='x', bottom='u', sign='d'))
    """
    parts: list[Any] = []
    for piece in re.split(r"(·| \+ | directly)", text):
        found = _PARTIAL.fullmatch(piece)
        parts.append(Partial(found[2], found[3], found[1]) if found else piece)
    return Math(tuple(parts))


def sentences(blocks: Iterable[Block], wording: Wording) -> Iterator[str]:
    """What the blocks say, sentence by sentence."""
    for block in blocks:
        said = block.said
        if isinstance(said, str):
            yield said
        elif callable(said):
            yield from said(wording)
        elif said is not None:
            yield "".join(map(wording.words, said))
