"""A page on a terminal, or as aligned lines in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Blank,
    Block,
    Heading,
    Kept,
    NewPage,
    Note,
    Paragraph,
    Picture,
    Space,
    Steps,
    Table,
    Words,
)
from backtrace_cli.pages.layout import Screen, fits, heading, held, kept, line, paragraph, table
from backtrace_cli.pages.share_bars import with_bars
from backtrace_cli.pages.wording import Wording

__all__ = ["set_words", "show"]

#: On narrower screens there are no bars, as the figures beside them say the same.
_BARS_FROM, _WIDEST_BAR = 60, 24


#: A line to fill in, where there is no paper.
_LINE = "_" * 16


def show(screen: Screen, blocks: Iterable[Block], wording: Wording | None = None) -> None:
    """Print the page, block by block as they come."""
    wording = (wording or Wording())._replace(ascii=screen.ascii, matrices=True)
    for block in blocks:
        match block:
            case Space():
                screen.parts([])
            case Heading():
                aside = "".join(set_words(screen, wording, words) for words in block.aside)
                heading(screen, set_words(screen, wording, block.text), aside)
            case Paragraph():
                paragraph(
                    screen, [(set_words(screen, wording, w), style) for w, style in block.parts], block.indent
                )
            case Note():
                line(screen, f"- {block.text}", indent=2)
            case Table():
                _table(screen, wording, block)
            case Steps():
                _steps(screen, wording, block)
            case Picture():
                _picture(screen, wording, block)
            case Blank():
                text = f"{set_words(screen, wording, block.words)} {block.sign}".rstrip()
                quiet = f"  {block.aside}" if block.aside else ""
                paragraph(screen, [(f"{text} {_LINE}", ""), (quiet, QUIET)], indent=3)
            case NewPage() if not block.first:
                screen.parts([])


def set_words(screen: Screen, wording: Wording, words: Words) -> str:
    """Words as text; pieces that fit a line are held together."""
    if not isinstance(words, Kept):
        return wording.words(words)
    room = screen.width - 4
    hold = held if words.lists else kept
    return words.before + words.between.join(hold(text, room) for text in words.pieces(wording))


def _table(screen: Screen, wording: Wording, block: Table) -> None:
    columns = block.columns
    room = min(_WIDEST_BAR, screen.width // 8) if screen.width >= _BARS_FROM else 0
    rows: Iterable[Sequence[str]] = with_bars(columns, block.rows(wording), room, screen.ascii)
    if not block.whole:
        table(screen, columns, rows)
        return
    rows = list(rows)
    if fits(screen, columns, rows):
        table(screen, columns, rows)
        screen.parts([])


def _picture(screen: Screen, wording: Wording, block: Picture) -> None:
    """The graph in characters, as wide as the screen at most, and under it what its marks mean."""
    from backtrace_cli.export.layout import canvas
    from backtrace_cli.export.layout.fitting import Picture as Graph

    graph = Graph(block.trace, wording, block.shown, block.most)
    if block.curve is not None:
        from backtrace_cli.export.plots.dotted import plot_rows
        from backtrace_cli.export.plots.plot_words import said_of, tangent_of

        rows, legend = plot_rows(block.curve, screen.width, wording), said_of(block.curve, wording)
        if tangent := tangent_of(block.curve, wording):
            legend.insert(0, ("o" if screen.ascii else "●", tangent))
    else:
        layout = graph.across(screen.width) if block.instead else graph.fitted(screen.width)
        if layout is None:
            show(screen, block.instead, wording)
            return
        rows, legend = canvas.Canvas(layout, screen.ascii).rows(), layout.scene.legend
    styles = {canvas.VALUE: VALUE, canvas.MESSAGE: GRADIENT, canvas.PALE: QUIET, canvas.STRONG: HEADING}
    for row in rows:
        screen.parts([(text, styles.get(kind, "")) for text, kind in row])
    if legend:
        screen.parts([])
    for mark, text in legend:
        paragraph(screen, [(f"{mark} ", QUIET), (text, "")], indent=2)


def _steps(screen: Screen, wording: Wording, block: Steps) -> None:
    """The sides under each other; in one line where they flow and fit."""
    if not block.sides:
        return
    left = wording.words(block.left)
    sides = [(wording.words(side.words), side.style, wording.plain(side.why)) for side in block.sides]
    whole = "".join([left, *(f" = {text}" for text, _, _ in sides)])
    if block.flowing and width_of(whole) + 2 <= screen.width:
        paragraph(screen, [(left, ""), *((f" = {text}", style) for text, style, _ in sides)], indent=2)
        return
    hang = width_of(left) + 3
    for number, (text, style, why) in enumerate(sides):
        front = " " * width_of(left) if number else left
        remark = f"    {why}" if why else ""
        beside = width_of(f"  {front} = {text}{remark}") <= screen.width
        pieces = [(f"{front} = ", ""), (text, style), (remark if beside else "", QUIET)]
        paragraph(screen, pieces, indent=2, hang=hang)
        if remark and not beside:
            paragraph(screen, [(why, QUIET)], indent=2 + hang + 2)
