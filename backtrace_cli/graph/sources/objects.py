"""Objects of Python as formulas: functions, by their source, and SymPy expressions, as they print."""

from __future__ import annotations

import re
from typing import Any

from backtrace_cli.base.errors import FormulaError

__all__ = ["read_object"]

#: What SymPy prints that a formula has no value for.
_NO_VALUE = {"I": "an imaginary number", "zoo": "infinite", "oo": "infinite", "nan": "undefined"}


def read_object(given: Any) -> str:
    """The formula that a Python function or a SymPy expression stands for. Raises FormulaError.

    >>> from sympy import symbols, sin
    >>> x, y = symbols("x y")
    >>> read_object(x**2*sin(y))
    'x**2*sin(y)'
    """
    if hasattr(given, "free_symbols") and hasattr(given, "atoms"):
        return _sympy_text(given)
    if callable(given) and hasattr(given, "__code__"):
        return _source_of(given)
    kind = type(given).__name__
    raise FormulaError(f"a formula is text, a Python function or a SymPy expression, not of type {kind}",
                       hint='write trace("x^2*y", x=3, y=2)')  # fmt: skip


def _source_of(function: Any) -> str:
    """The formula of ``function``, from the file that it is written in."""
    import inspect

    from backtrace_cli.graph.sources.python_function import formula_of

    name = function.__name__
    if name == "<lambda>":
        raise FormulaError("a lambda has no name to find it by", hint="write it with def, or as text")
    if function.__closure__:
        raise FormulaError(f"{name} uses values of the function around it, which its source doesn't tell",
                           hint="make them arguments")  # fmt: skip
    try:
        path = inspect.getsourcefile(function) or ""
        lines, _ = inspect.findsource(function)
    except (OSError, TypeError):
        raise FormulaError(
            f"the source of {name} can't be found", hint="write it in a file, or as text"
        ) from None
    return formula_of("".join(lines), name, path)


def _sympy_text(expression: Any) -> str:
    text = str(expression)
    for atom in expression.atoms():
        word = str(atom)
        if word in _NO_VALUE and not getattr(atom, "is_Symbol", False):
            raise FormulaError(f"this SymPy expression is {_NO_VALUE[word]}, as it holds {word}",
                               hint="give it real and finite parts")  # fmt: skip
    if any(str(atom) == "E" and not getattr(atom, "is_Symbol", False) for atom in expression.atoms()):
        text = re.sub(r"(?<!\w)E(?!\w)", "exp(1)", text)
    return text
