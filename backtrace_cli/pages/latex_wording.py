r"""How LaTeX sets formulas, numbers, names and plain words; other media that set formulas go from here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.base.safe_text import visible
from backtrace_cli.language.tree.latex import latex_name, latex_number, to_latex
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.pages.document import Steps, Words
from backtrace_cli.pages.wording import Wording

__all__ = ["LatexWording", "escaped"]

#: What LaTeX would read as a sign, and what its fonts lack, in plain text.
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "·": r"$\cdot$", "−": "$-$", "×": r"$\times$", "∂": r"$\partial$", "→": r"$\rightarrow$",
    "←": r"$\leftarrow$", "…": r"\ldots{}", "\u00a0": " ", "▪": r"\rule{.8ex}{.8ex}\,",
}  # fmt: skip


class LatexWording(Wording):
    """Formulas, numbers and names in LaTeX's math."""

    __slots__ = ()
    signs: ClassVar = {
        "·": r" \cdot ", "−": "-", "←": r"\leftarrow ", "→": r"\rightarrow ", "…": r"\ldots ",
        "×": r"\times ",
    }  # fmt: skip
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
        return r"\begin{pmatrix} " + r" \\ ".join(map(" & ".join, rows)) + r" \end{pmatrix}"

    def quoted(self, words: Words) -> str:
        """What stands inside of math, plain words quoted."""
        if isinstance(words, str):
            return self.digit(words) if re.fullmatch(r"[\d.e+−-]+", words) else self.prose(words)
        return self.words(words)

    def cell(self, value: Value) -> str:
        return self.number(value)

    def aligned(self, steps: Sequence[Steps]) -> list[str]:
        """Derivations as the lines of an ``align*``, the equals signs under each other."""
        rows = []
        for step in steps:
            left = self.quoted(step.left)
            for number, side in enumerate(step.sides):
                why = f" && {self.prose(side.why)}" if side.why else ""
                rows.append(f"{'' if number else left} &= {self.quoted(side.words)}{why}")
        return [f"  {row} {self.row}" for row in rows[:-1]] + [f"  {row}" for row in rows[-1:]]


def escaped(text: str) -> str:
    """Plain words, with nothing in them that LaTeX would obey."""
    return "".join(map(_letter, visible(text)))


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if "Α" <= letter <= "ω":
        return f"${latex_name(letter)}$"
    return letter if letter < "\u0180" else f"[U+{ord(letter):04X}]"  # what the fonts may lack
