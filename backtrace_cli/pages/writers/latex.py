r"""A page in LaTeX: ``align*`` for derivations, ``longtable`` for tables; a fragment or a whole document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backtrace_cli.pages.document import GRADIENT, HEADING, QUIET, VALUE, Block, Column
from backtrace_cli.pages.latex_wording import LatexWording, escaped
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers._typesetter import Typesetter

__all__ = ["lines"]

_STYLES = {VALUE: "green!40!black", GRADIENT: "red!70!black", QUIET: "black!60"}
_WIDE = r"p{.35\linewidth}"
_NEEDS = "% needs \\usepackage{amsmath, longtable, xcolor}"
_TOP = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath, longtable, xcolor}
\usepackage[a4paper, margin=2cm]{geometry}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.3}
\begin{document}"""


def lines(blocks: Iterable[Block], wording: Wording | None = None, *, whole: bool = False,
          title: str = "") -> Iterator[str]:  # fmt: skip
    """The page line by line; ``whole`` as a document that compiles by itself."""
    math = LatexWording(*(wording or Wording())._replace(ascii=False, matrices=True))
    yield _TOP if whole else _NEEDS
    yield from _Latex(math, math).lines(blocks)
    if whole:
        yield r"\end{document}"


class _Latex(Typesetter):
    display = ((r"\begin{align*}",), (r"\end{align*}",))
    between = r",\quad "

    def escaped(self, text: str) -> str:
        return escaped(text)

    def heading(self, text: str, aside: str) -> Iterator[str]:
        yield from ("", rf"\paragraph{{{text}}} {aside}".rstrip())

    def paragraph(self, parts: list[tuple[str, str]]) -> Iterator[str]:
        yield r"\qquad ".join(_styled(text, style) for text, style in parts) + r" \par"

    def note(self, text: str) -> Iterator[str]:
        yield rf"\begin{{itemize}}\item {text}\end{{itemize}}"

    def table(self, columns: list[Column], rows: list[list[str]]) -> Iterator[str]:
        sides = "".join("r" if column.right else _WIDE if column.wide else "l" for column in columns)
        yield rf"{{\small\begin{{longtable}}[l]{{{sides}}}"
        titles = [column.title for column in columns]
        for row in [titles, *rows] if any(titles) else rows:
            cells = map(_cell, columns, row)
            yield " & ".join(cells) + (r" \\ \hline" if row is titles else r" \\")
        yield r"\end{longtable}}"

    def blank(self, text: str, aside: str) -> Iterator[str]:
        quiet = rf" \hfill {_styled(aside, QUIET)}" if aside else ""
        yield rf"\medskip\noindent {text} \rule{{.5\linewidth}}{{.4pt}}{quiet} \par"

    def room(self, height: float) -> Iterator[str]:
        yield rf"\vspace{{{height:g}cm}}"

    def new_page(self, head: str, first: bool) -> Iterator[str]:
        turned = "" if first else r"\clearpage\setcounter{page}{1}"
        yield rf"{turned}\pagestyle{{myheadings}}\markright{{{head}}}\thispagestyle{{myheadings}}"


def _styled(text: str, style: str) -> str:
    if style == HEADING:
        return rf"\textbf{{{text}}}"
    return rf"\textcolor{{{_STYLES[style]}}}{{{text}}}" if style in _STYLES else text


def _cell(column: Column, text: str) -> str:
    if not text:
        return ""
    if column.math and text not in (column.title, column.title.strip()):
        return _styled(f"${text}$", column.style)
    return _styled(escaped(text), column.style)
