r"""A page in LaTeX: ``align*`` for derivations, ``longtable`` for tables; a fragment or a whole document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.base.values import Value
from backtrace_cli.language.tree.latex import latex_name, latex_number, to_latex
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
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

__all__ = ["LatexWording", "aligned", "lines"]

_SIGNS = {
    "·": r" \cdot ",
    "−": "-",
    "←": r"\leftarrow ",
    "→": r"\rightarrow ",
    "…": r"\ldots ",
    "×": r"\times ",
}
#: What LaTeX would read as a sign, and what its fonts lack, in plain text.
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "·": r"$\cdot$", "−": "$-$", "×": r"$\times$", "∂": r"$\partial$", "→": r"$\rightarrow$",
    "←": r"$\leftarrow$", "…": r"\ldots{}", "\u00a0": " ", "▪": r"\rule{.8ex}{.8ex}\,",
}  # fmt: skip
_BREAK = r" \\ "
_STYLES = {VALUE: "green!40!black", GRADIENT: "red!70!black", QUIET: "black!60"}
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


class LatexWording(Wording):
    """Formulas, numbers and names in LaTeX's math."""

    __slots__ = ()
    signs: ClassVar = _SIGNS
    minus = "-"
    dot = r"\cdot"
    arrow = r"\leftarrow"
    onward = r"\rightarrow"
    row = r"\\"

    def name(self, name: str) -> str:
        return latex_name(name)

    def prose(self, text: str) -> str:
        return rf"\text{{{escaped(text)}}}"

    def expr(self, tree: Expr) -> str:
        return to_latex(tree)

    def partial(self, top: str, bottom: str, sign: str = "∂") -> str:
        return latex_name(f"{sign}{top}/{sign}{bottom}")

    def sign(self, text: str) -> str:
        if text.startswith(" ") and text.strip().isalpha():
            return self.prose(text)
        plain = re.sub(r"[^\W\d_]\w*", lambda found: self.name(found.group()), text)
        return "".join(self.signs.get(letter, letter) for letter in plain)

    def number(self, value: Value) -> str:
        if value is None or isinstance(value, (Number, Name, Call)):
            return super().number(value)
        shape = shape_of(value)
        if not shape:
            return self.digit(super().number(value))
        if len(shape) > 2 or self.summarised(value) or not all(shape):
            return self.prose(super().number(value))
        rows = value.tolist() if len(shape) == 2 else [[entry] for entry in value.tolist()]
        return self.matrix([[self.digit(super(LatexWording, self).number(x)) for x in row] for row in rows])

    def digit(self, text: str) -> str:
        """A number's text."""
        return latex_number(text)

    def matrix(self, rows: list[list[str]]) -> str:
        """Entries in rows."""
        return rf"\begin{{pmatrix}} {_BREAK.join(map(' & '.join, rows))} \end{{pmatrix}}"

    def quoted(self, words: Words) -> str:
        """What stands inside of math, plain words quoted."""
        if isinstance(words, str):
            return self.digit(words) if re.fullmatch(r"[\d.e+−-]+", words) else self.prose(words)
        return self.words(words)

    def cell(self, value: Value) -> str:
        return self.number(value)


def escaped(text: str) -> str:
    """Plain words, with nothing in them that LaTeX would obey."""
    return "".join(map(_letter, visible(text)))


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if "Α" <= letter <= "ω":
        return f"${latex_name(letter)}$"
    return letter if letter < "\u0180" else f"[U+{ord(letter):04X}]"  # what the fonts may lack


def lines(blocks: Iterable[Block], wording: Wording | None = None, *, whole: bool = False,
          title: str = "") -> Iterator[str]:  # fmt: skip
    """The page line by line; ``whole`` as a document that compiles by itself."""
    chosen = LatexWording(*(wording or Wording())._replace(ascii=False, matrices=True))
    yield _TOP if whole else _NEEDS
    steps: list[Steps] = []
    for block in blocks:
        if isinstance(block, Steps):
            steps.append(block)
            continue
        yield from _aligned(steps, chosen)
        steps = []
        yield from _block(block, chosen)
    yield from _aligned(steps, chosen)
    if whole:
        yield r"\end{document}"


def _aligned(steps: Sequence[Steps], wording: LatexWording) -> Iterator[str]:
    rows = aligned(steps, wording)
    if rows:
        yield from (r"\begin{align*}", *rows, r"\end{align*}")


def aligned(steps: Sequence[Steps], wording: LatexWording) -> list[str]:
    """The lines of an ``align*`` or ``aligned``, the equals signs under each other."""
    rows = []
    for step in steps:
        left = wording.quoted(step.left)
        for number, side in enumerate(step.sides):
            why = f" && {wording.prose(side.why)}" if side.why else ""
            rows.append(f"{'' if number else left} &= {wording.quoted(side.words)}{why}")
    return [f"  {row} {wording.row}" for row in rows[:-1]] + [f"  {row}" for row in rows[-1:]]


def _inline(words: Words, wording: LatexWording) -> str:
    """Words inside of text."""
    if isinstance(words, Math):
        return f"${wording.words(words)}$"
    if isinstance(words, Kept):
        pieces = (f"${piece}$" for piece in words.pieces(wording))
        return escaped(words.before).strip() + r"\quad " * bool(words.before) + r",\quad ".join(pieces)
    return escaped(words)


def _block(block: Block, wording: LatexWording) -> Iterator[str]:
    match block:
        case Heading():
            aside = " ".join(_inline(words, wording) for words in block.aside)
            yield ""
            yield rf"\paragraph{{{_inline(block.text, wording)}}} {aside}".rstrip()
        case Paragraph():
            parts = (_styled(_inline(words, wording), style) for words, style in block.parts if words)
            yield r"\qquad ".join(parts) + r" \par"
        case Note():
            yield rf"\begin{{itemize}}\item {escaped(block.text)}\end{{itemize}}"
        case Table():
            yield from _table(block, wording)
        case Picture():
            for inner in block.instead:
                yield from _block(inner, wording)


def _styled(text: str, style: str) -> str:
    if style == HEADING:
        return rf"\textbf{{{text}}}"
    return rf"\textcolor{{{_STYLES[style]}}}{{{text}}}" if style in _STYLES else text


def _table(block: Table, wording: LatexWording) -> Iterator[str]:
    columns = block.columns
    rows = list(block.rows(wording))
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    if not used:
        return
    sides = "".join("r" if columns[place].right else "l" for place in used)
    yield rf"{{\small\begin{{longtable}}[l]{{{sides}}}"
    if any(columns[place].title for place in used):
        yield " & ".join(_cell(columns[p], columns[p].title, wording) for p in used) + r" \\ \hline"
    for row in rows:
        yield " & ".join(_cell(columns[place], row[place], wording) for place in used) + r" \\"
    yield r"\end{longtable}}"


def _cell(column: Column, text: str, wording: LatexWording) -> str:
    if not text:
        return ""
    if column.math and text not in (column.title, column.title.strip()):
        return _styled(f"${text}$", column.style)
    return _styled(escaped(text), column.style)
