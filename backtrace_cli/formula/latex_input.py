"""LaTeX -> the tokens of the plain language, with an explicit stack, so depth costs no recursion."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from backtrace_cli.errors import FormulaError, Span
from backtrace_cli.formula.latex_lexer import brace_partners, read_lexemes
from backtrace_cli.formula.latex_scripts import Lexemes
from backtrace_cli.formula.lexer import Token

__all__ = ["tokenize_latex"]
