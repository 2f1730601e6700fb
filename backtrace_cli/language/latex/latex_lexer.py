"""LaTeX text -> lexemes: commands, words, signs and braces in their places, spacing left out."""

from __future__ import annotations

import re
from collections.abc import Collection

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.latex.commands import (
    DELIMITERS,
    IGNORED,
    MARKS,
    NAMING,
    OPERATORS,
    STRUCTURES,
    advice,
    is_command,
    known_function,
)
from backtrace_cli.language.latex.latex_words import Words
from backtrace_cli.language.tokens.lexer import SIGNS, SUPERSCRIPTS, Token, tokenize
from backtrace_cli.language.tree.latex_letters import GREEK

__all__ = ["read_lexemes"]

_SUPER = "".join(SUPERSCRIPTS)
_MARKS = "₀-₉\u0300-\u036f"
_LEXEME = re.compile(
    rf"""
    (?P<space>[ \t\r\u00a0\u2009\u202f~&]+ | \\[,;:!>\ \t\r\n]
      | \\(?:label|tag|hspace|vspace|color|textcolor)\*?\s*\{{[^{{}}]*\}})
  | (?P<comment>[%\#][^\n]*)
  | (?P<newline>\n | \\\\\*?(?:\[-?[\d.]+\s*[a-z]{{2}}\])?)
  | (?P<environment>\\(?:begin|end)\s*\{{(?P<environment_name>[A-Za-z]+\*?)\}}
      (?:(?<=\{{array\}})\s*\{{[lcr|\s]*\}})?)
  | (?P<sized>\\(?P<size>left|right|[bB]igg?[lrm]?)(?![A-Za-z])\s*
      (?P<delimiter>[()\[\]|./<>] | \\[{{}}|]
        | \\(?:[vV]ert|[lr](?:[vV]ert|angle|brack|brace|floor|ceil))(?![A-Za-z])))
  | (?P<naming>\\(?P<how>{"|".join(NAMING)})(?![A-Za-z])\*?\s*
      (?:\{{(?P<inner>(?:[^{{}}\\]|\\[_\ ,]|\\[A-Za-z]+)*)\}} | (?P<single>[A-Za-z])))
  | (?P<marked>\\(?P<mark>{"|".join(MARKS)})(?![A-Za-z])\s*
      (?:\{{(?P<under>[A-Za-z] | \\(?:{"|".join(GREEK)}))\}}
        | (?P<bare>[A-Za-z] | \\(?:{"|".join(GREEK)})(?![A-Za-z]))))
  | (?P<command>\\[A-Za-z]+ | [∑∏])
  | (?P<escape>\\[{{}}|])
  | (?P<number>\.?\d[\d.]*)
  | (?P<word>[A-Za-z]+(?![{_MARKS}]))
  | (?P<letter>[A-Za-z][{_MARKS}]+ | (?![{_SUPER}])[^\W\d_\x00-\x7f][{_MARKS}]*)
  | (?P<super>[{_SUPER}]+)
  | (?P<bracket>[()\[\]|∣])
  | (?P<place>_\{{\[[^\[\]{{}}\\\n]*\]\}})
  | (?P<group>[{{}}^_])
  | (?P<sign>\*\*|<=|>=|==|!=|[+\-−–*·⋅×∗/÷∕⁄@<≤>≥≠√,;='!′])
    """,
    re.VERBOSE,
)
_COMMAND_WORD = re.compile(r"[A-Za-z]{2,20}(?![A-Za-z])")
_POWER_OF_TEN = re.compile(r"[eE]([+-]?\d+)")
_LARGE = {"∑": "sum", "∏": "prod"}
_WRAPPING = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))


def read_lexemes(source: str, functions: Collection[str]) -> list[Token]:
    r"""The lexemes of LaTeX ``source``, ending with one of kind ``end``.

    Operators and signs are already plain tokens. The others have kinds of their own:
    ``word`` (a run of letters), ``name`` (one name), ``function``, ``number``, ``command``
    (one that builds something), ``open``, ``close``, ``bar``, ``super`` and ``{ } ^ _``.
    Raises FormulaError at what no formula can hold.

    >>> [lexeme.kind for lexeme in read_lexemes(r"\frac{xy}2", ())]
    ['command', '{', 'word', '}', 'number', 'end']
    """
    reader = _Reader(source, frozenset(functions))
    position, end = _content(source)
    while position < end:
        found = _LEXEME.match(source, position, end)
        if found is None:
            reader.stranger(position)
            break
        position = reader.take(found)
    reader.add("end", "", len(source), len(source))
    return reader.lexemes


def _content(source: str) -> tuple[int, int]:
    r"""Where the formula starts and ends once ``$…$``, ``\(…\)`` or ``\[…\]`` round it is off."""
    end = len(source.rstrip())
    start = end - len(source[:end].lstrip())
    for opening, closing in _WRAPPING:
        fits = end - start >= len(opening) + len(closing)
        if fits and source.startswith(opening, start) and source.endswith(closing, start, end):
            return start + len(opening), end - len(closing)
    return start, end


class _Reader(Words):
    """One pass over the text; ``take`` turns one match into at most a few lexemes."""

    def take(self, found: re.Match[str]) -> int:
        """Add what ``found`` means; the position after it."""
        kind, text = found.lastgroup, found.group()
        start, end = found.span()
        if kind == "word":
            return self.word(text, start, end)
        if kind == "number":
            self.number(text, start, end)
        elif kind == "sign":
            self.add(*SIGNS[text], start, end)
        elif kind == "group":
            self.add(text, text, start, end)
        elif kind == "place":  # x_{[0, 1:3]} is the entry, where x_{0} is a name
            self.add(kind, text[2:-1], start + 2, end - 1)
        elif kind == "newline":
            self.doubled_backslash(text, start, end)
            if not self.matrices:
                self.add(";", "\n", start, end)
            elif text != "\n":
                self.add("row", text, start, end)
        elif kind == "space" and self.matrices and text[0] != "\\":
            for place in range(start, end):
                if self.source[place] == "&":
                    self.add("&", "&", place, place + 1)
        elif kind in ("bracket", "escape"):
            self.delimiter(text, "", start, end)
        elif kind == "sized":
            self.delimiter(found["delimiter"], found["size"], start, end)
        elif kind == "command":
            self.command(_LARGE.get(text, text[1:]), start, end)
        elif kind == "naming":
            return self.naming(found, start, end)
        elif kind == "marked":
            letter = found["under"] or found["bare"]
            self.add("name", f"{GREEK.get(letter[1:], letter)}_{MARKS[found['mark']]}", start, end)
        elif kind == "letter" and not text[0].isalpha():  # ½ and ₂ are word characters too
            self.stranger(start)
        elif kind in ("super", "letter"):
            self.plain(start, end)
        elif kind == "environment":
            self.environment(found["environment_name"], text[1] == "b", start, end)
        return end

    def plain(self, start: int, end: int) -> None:
        """Add what the plain language makes of this stretch, with its own complaints."""
        try:
            tokens = tokenize(self.source[start:end])
        except FormulaError as error:
            at = error.span or Span(0, 1)
            moved = Span(at.start + start, at.end + start)
            raise FormulaError(error.message, span=moved, source=self.source, hint=error.hint) from None
        self.lexemes += [token._replace(span=Span(start, end)) for token in tokens[:-1]]

    def stranger(self, position: int) -> None:
        """Refuse the character at ``position``, which begins no lexeme."""
        text = self.source[position : position + 2]
        if text[:1] != "\\":
            self.plain(position, position + 1)
            text = text[:1]
        if text in (r"\(", r"\)", r"\[", r"\]"):
            hint = "it may stand round the whole formula only; for a bracket write it without the backslash"
        else:
            hint = "leave it out"
        self.refuse(f"{text} means nothing in a formula", hint, position, position + len(text))

    def doubled_backslash(self, text: str, start: int, end: int) -> None:
        r"""Refuse \\frac, from a source escaped twice, which would read as f·r·a·c on a new line."""
        behind = _COMMAND_WORD.match(self.source, end) if text == r"\\" else None
        if behind and is_command(behind.group()):
            name = behind.group()
            hint = f"write \\{name}; to end a line here put a space after the two backslashes"
            self.refuse("this backslash is doubled", hint, start, behind.end())

    def number(self, text: str, start: int, end: int) -> None:
        exponent = _POWER_OF_TEN.match(self.source, end)
        if exponent:
            rest = exponent.group()
            sign = rest[1] if rest[1] in "+-" else r"\cdot"
            self.refuse(
                "LaTeX reads this e as Euler's number",
                rf"write {text} \cdot 10^{{{exponent[1]}}} or {text} e {sign} {exponent[1].lstrip('+-')}",
                start, exponent.end(),
            )  # fmt: skip
        if text.count(".") > 1:
            self.plain(start, end)
        self.add("number", text, start, end)

    def delimiter(self, text: str, size: str, start: int, end: int) -> None:
        r"""A bracket, perhaps grown by ``\left`` or ``\bigl``, which also say how a bar faces."""
        if text in ("(", "[", r"\{"):
            self.add("open", text, start, end)
        elif text in (")", "]", r"\}"):
            self.add("close", text, start, end)
        elif text in ("|", "∣", r"\vert"):
            left, right = size.endswith(("left", "l")), size.endswith(("right", "r"))
            self.add("open" if left else "close" if right else "bar", "|", start, end)
        elif text in (r"\|", r"\Vert"):
            left, right = size.endswith(("left", "l")), size.endswith(("right", "r"))
            self.add("open" if left else "close" if right else "norm", "norm", start, end)
        elif text == "/":
            self.add("op", "divide", start, end)
        elif text[1:] in DELIMITERS:
            self.add(*DELIMITERS[text[1:]], start, end)
        else:
            hint = "write the bracket that belongs here, ( or )"
            self.refuse(f"\\{size}{text} leaves one side without a bracket", hint, start, end)

    def command(self, name: str, start: int, end: int) -> None:
        if name in GREEK:
            self.add("name", GREEK[name], start, end)
        elif name in OPERATORS:
            self.add(*OPERATORS[name], start, end)
        elif name in STRUCTURES:
            self.add("command", STRUCTURES[name], start, end)
        elif name in DELIMITERS:
            self.add(*DELIMITERS[name], start, end)
        elif name == "infty" and self.scripted("_"):
            self.add("infinity", name, start, end)
        elif name not in IGNORED:
            function = known_function(name, self.functions)
            if function is None:
                self.refuse(*advice(name, self.functions), start, end)
            else:
                self.add("function", function, start, end)
