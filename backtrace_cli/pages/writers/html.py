"""A page in HTML: every word escaped, no script, nothing fetched; a fragment or a whole page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Blank,
    Block,
    Column,
    Heading,
    NewPage,
    Note,
    Paragraph,
    Picture,
    Room,
    Space,
    Steps,
    Table,
)
from backtrace_cli.pages.wording import Wording

__all__ = ["STYLE", "lines"]

#: What a column says of itself that its cells' look follows.
_KINDS = ("right", "wide", "bar")
_CLASSES = {VALUE: "value", GRADIENT: "gradient", QUIET: "quiet", HEADING: "title"}
#: Colours that are told apart on light and on dark; marks and words say the same.
STYLE = """\
.backtrace { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; line-height: 1.5;
  --value: #116329; --gradient: #b31d28; --quiet: #57606a; }
.backtrace table { border-collapse: collapse; margin: 0 0 1em; }
.backtrace th, .backtrace td { padding: 0 1.2em 0 0; text-align: left; vertical-align: top;
  white-space: pre; font-weight: normal; }
.backtrace .right { text-align: right; }
.backtrace .value { color: var(--value); } .backtrace .gradient { color: var(--gradient); }
.backtrace .quiet, .backtrace th { color: var(--quiet); } .backtrace .title { font-weight: bold; }
.backtrace .bar { min-width: 8em; } .backtrace .bar span { display: block; height: 1em; margin-top: .25em;
  background: currentColor; opacity: .7; print-color-adjust: exact; }
.backtrace td.wide { white-space: normal; min-width: 14em; }
.backtrace .blank { display: flex; gap: .6em; break-inside: avoid; }
.backtrace .blank .line { flex: 1; border-bottom: 1px solid; }
@media print { .backtrace .turn { break-before: page; visibility: hidden; } }
.backtrace h2 { font-size: 1em; margin: 1em 0 0; }
@media (prefers-color-scheme: dark) {
  .backtrace { --value: #7ee787; --gradient: #ff9492; --quiet: #9da7b3; } }"""
_TOP = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 2em; }}
{style}
</style>
</head>
<body>
<main>"""


def lines(blocks: Iterable[Block], wording: Wording | None = None, *, whole: bool = False,
          title: str = "") -> Iterator[str]:  # fmt: skip
    """The page line by line; ``whole`` with a head and its style, else as one ``div``."""
    chosen = (wording or Wording())._replace(ascii=False, matrices=True)
    if whole:
        yield _TOP.format(title=escaped(" ".join(title.split()) or "backtrace"), style=STYLE)
    yield '<div class="backtrace">'
    for block in blocks:
        yield from _block(block, chosen)
    yield "</div>"
    if whole:
        yield "</main>\n</body>\n</html>"


def escaped(text: str) -> str:
    """Words as HTML shows them, their lines kept."""
    return "\n".join(escape(visible(line)) for line in text.split("\n"))


def _styled(text: str, style: str, tag: str = "span") -> str:
    found = _CLASSES.get(style)
    return f'<{tag} class="{found}">{escaped(text)}</{tag}>' if found else escaped(text)


def _block(block: Block, wording: Wording) -> Iterator[str]:
    match block:
        case Heading():
            aside = "".join(wording.words(words) for words in block.aside)
            quiet = f" {_styled(aside.strip(), QUIET)}" if aside else ""
            yield f"<h2>{escaped(wording.words(block.text))}{quiet}</h2>"
        case Paragraph():
            yield f"<p>{''.join(_styled(wording.words(words), style) for words, style in block.parts)}</p>"
        case Note():
            yield f"<ul><li>{escaped(block.text)}</li></ul>"
        case Table():
            yield from _table(block.columns, block.rows(wording))
        case Steps():
            yield from _steps(block, wording)
        case Picture():
            from backtrace_cli.export.layout.fitting import Picture as Graph
            from backtrace_cli.export.pictures.svg import svg

            yield svg(Graph(block.trace, wording, block.shown, block.most))
        case Blank():
            text, quiet = escaped(wording.words(block.words)), _styled(block.aside, QUIET)
            yield f'<p class="blank">{text} {block.sign} <span class="line"></span> {quiet}</p>'
        case Room():
            yield f'<div style="height: {block.height:g}cm"></div>'
        case NewPage():
            yield "" if block.first else '<hr class="turn">'
        case Space():
            pass


def _steps(block: Steps, wording: Wording) -> Iterator[str]:
    yield '<table role="presentation">'
    for number, side in enumerate(block.sides):
        left = "" if number else escaped(wording.words(block.left))
        why = f'<td class="quiet">{escaped(side.why)}</td>' if side.why else ""
        yield f"<tr><td>{left}</td><td>= {_styled(wording.words(side.words), side.style)}</td>{why}</tr>"
    yield "</table>"


def _table(columns: Sequence[Column], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    kinds = [
        " ".join(filter(None, (_CLASSES.get(c.style), *(name for name in _KINDS if getattr(c, name)))))
        for c in columns
    ]
    marks = [f' class="{kind}"' if kind else "" for kind in kinds]
    yield "<table>"
    if any(column.title for column in columns):
        heads = (f'<th scope="col"{m}>{escaped(c.title)}</th>' for c, m in zip(columns, marks, strict=True))
        yield f"<thead><tr>{''.join(heads)}</tr></thead>"
    yield "<tbody>"
    for row in rows:
        cells = (
            f"<td{mark}>{_bar(cell) if column.bar else escaped(cell)}</td>"
            for column, cell, mark in zip(columns, row, marks, strict=True)
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody>\n</table>"


def _bar(share: str) -> str:
    """A bar to look at: the figure beside it says the same to those who can't."""
    return f'<span aria-hidden="true" style="width: {100 * float(share):.1f}%"></span>' if share else ""
