r"""Words in LaTeX: runs of letters, names in ``\mathrm{…}``, functions, environments."""

from __future__ import annotations

import re

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.latex.commands import (
    CHOICES,
    CONDITION_WORDS,
    MATRICES,
    WRAPPERS,
    environment_advice,
    known_function,
)  # fmt: skip
from backtrace_cli.language.tokens.lexer import Token, normal_name
from backtrace_cli.language.tree.latex_letters import GREEK

__all__ = ["Words"]

_CALLED = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,30}")  # bounded, so that x_x_x_… stays linear
_OPENS = re.compile(r"\s*(?:\\left|\\[bB]igg?l?)?\s*(?:[(\[]|\\\{|\\lbrace)")
#: What an expectation is taken over, which is left out.
_OVER = re.compile(r"(?:_\{[^{}]*\}|_[A-Za-z])?")
_UPRIGHT = ("mathrm", "mathsf", "text", "textrm", "textsf", "operatorname")


class Words:
    """The lexemes so far, and how a word becomes one of them."""

    def __init__(self, source: str, functions: frozenset[str]) -> None:
        self.source = source
        self.functions = functions
        self.lexemes: list[Token] = []
        self.matrices: list[str] = []
        """The matrices that are open, by their environments; there & and line ends have a meaning."""

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        self.lexemes.append(Token(kind, text, Span(start, end)))

    def refuse(self, message: str, hint: str, start: int, end: int) -> None:
        raise FormulaError(message, span=Span(start, end), source=self.source, hint=hint)

    def scripted(self, sign: str) -> bool:
        """Does what is read now begin an exponent (or a subscript)?"""
        before = [lexeme.kind for lexeme in self.lexemes[-2:]]
        return before[-1:] == [sign] or before == [sign, "{"]

    def naming(self, found: re.Match[str], start: int, end: int) -> int:
        r"""``\mathrm{net}``: one name of several letters, or a function that is called; where to go on."""
        how = found["how"]
        inner = (found["inner"] if found["single"] is None else found["single"]).strip()
        if inner == "T" and how in _UPRIGHT and self.scripted("^"):
            self.add("command", "top", start, end)
            return end
        if self.matrices and self.matrices[-1] in CHOICES and inner in CONDITION_WORDS:
            if CONDITION_WORDS[inner]:
                self.add("otherwise", inner, start, end)
            return end
        over = _OVER.match(self.source, end) if inner == "E" and how != "mathcal" else None
        if over and _OPENS.match(self.source, over.end()) and "mean" in self.functions:
            self.add("function", "mean", start, end)
            return over.end()
        letters = inner[1:] if inner[:1] == "\\" else ""
        text = GREEK.get(letters) or re.sub(r"(?<!\\)_(?=\d)", "", inner).replace(r"\_", "_")
        text = normal_name(text)
        if not re.fullmatch(r"[^\W\d]\w*", text):
            hint = f"write one word of letters and digits, \\{how}{{learning\\_rate}}"
            self.refuse(f"\\{how} holds one name here", hint, start, end)
        function = known_function(text, self.functions) if not letters else None
        if function and (how == "operatorname" or _OPENS.match(self.source, end)):
            self.add("function", function, start, end)
        else:
            self.add("name", text, start, end)
        return end

    def environment(self, name: str, begins: bool, start: int, end: int) -> None:
        """The begin or end of a matrix; what only lays lines out is left out."""
        if name in CHOICES:
            if begins:
                self.matrices.append(name)
            elif self.matrices[-1:] == [name]:
                self.matrices.pop()
            self.add("cases" if begins else "endcases", name, start, end)
        elif name == "vmatrix" and "det" in self.functions:
            if begins:
                self.matrices.append(name)
                self.add("function", "det", start, end)
                self.add("open", "(", start, end)
            elif self.matrices[-1:] == [name]:
                self.matrices.pop()
            self.add("matrix" if begins else "endmatrix", name, start, end)
            if not begins:
                self.add("close", ")", start, end)
        elif name in MATRICES:
            opened = self.matrices[-1] if self.matrices else ""
            if begins:
                self.matrices.append(name)
            elif name == opened:
                self.matrices.pop()
            else:
                hint = rf"write \end{{{opened}}}" if opened else "delete it, or open it before"
                self.refuse(rf"this \end{{{name}}} closes nothing", hint, start, end)
            self.add("matrix" if begins else "endmatrix", name, start, end)
        elif name.rstrip("*") not in WRAPPERS:
            self.refuse(*environment_advice(name), start, end)

    def word(self, text: str, start: int, end: int) -> int:
        """A run of letters, unless it begins a call such as ``relu(x)`` or ``log2(x)``."""
        called = _CALLED.match(self.source, start)
        if called and _OPENS.match(self.source, called.end()):
            name = known_function(called.group(), self.functions)
            if name is not None:
                self.add("function", name, start, called.end())
                return called.end()
        if self.matrices and self.matrices[-1] in CHOICES and text in CONDITION_WORDS:
            if CONDITION_WORDS[text]:
                self.add("otherwise", text, start, end)
            return end
        if len(text) > 1 and "\\" not in self.source:
            self.spelled(text, start, end)
            return end
        self.add("word", text, start, end)
        return end

    def spelled(self, text: str, start: int, end: int) -> None:
        """A word in x^{2} e^{-x}, which is LaTeX but for its backslashes."""
        if text in self.functions:
            self.add("function", text, start, end)
        elif text in GREEK:
            self.add("name", GREEK[text], start, end)
        else:
            hint = f"write \\mathrm{{{text}}} for one name, {' '.join(text)} for a product"
            message = f"with braces this is read as LaTeX, where {text} is {'·'.join(text)}"
            self.refuse(message, hint, start, end)
