"""How else a name may be spelled: β for beta, x₁ for x_1, ŷ for y_hat, and as LaTeX has it."""

from __future__ import annotations

import unicodedata

from backtrace_cli.base.errors import FormulaError

__all__ = ["other_spellings", "typeset_name"]

#: Marks above a letter, by the words for them.
_MARKS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304"}


def typeset_name(name: str) -> str:
    r"""The name that ``\hat{y}``, ``h_{t-1}`` or ``W^{[1]}`` is in a formula; what is none as it stands.

    >>> typeset_name(r"\hat{y}"), typeset_name("h_{t-1}"), typeset_name("{")
    ('y_hat', 'h_tm1', '{')
    """
    from backtrace_cli.language.latex.translator import tokenize_latex

    try:
        tokens = tokenize_latex(name, ())
    except FormulaError:
        return name
    return tokens[0].text if [token.kind for token in tokens] == ["name", "end"] else name


def other_spellings(name: str) -> set[str]:
    """How else ``name`` may be written: ``beta`` and ``β``, ``x_1`` and ``x1``.

    >>> other_spellings("beta"), other_spellings("x1")
    ({'β'}, {'x_1'})
    >>> sorted(other_spellings("ŷ")), sorted(other_spellings("y_hat"))
    (['y_hat', 'yhat'], ['yhat', 'ŷ'])
    """
    base = name.rstrip("0123456789")
    index = name[len(base) :]
    if index and len(base) > 1 and base.endswith("_"):
        base = base[:-1]
    bases = {base}
    if len(base) == 1 and not base.isascii():
        title = unicodedata.name(base, "").replace("LAMDA", "LAMBDA")  # the former is Unicode's own
        if title.startswith("GREEK SMALL LETTER "):
            bases.add(title.rpartition(" ")[2].lower())
    elif base.isascii() and base.isalpha() and base.islower():
        try:
            spelled = base.upper().replace("LAMBDA", "LAMDA")
            bases.add(unicodedata.lookup(f"GREEK SMALL LETTER {spelled}"))
        except KeyError:
            pass
    bases |= _marked(base)
    links = ("", "_") if index else ("",)
    return {base + link + index for base in bases for link in links} - {name}


def _marked(base: str) -> set[str]:
    """``ŷ`` for y_hat and yhat, and the other way round."""
    found: set[str] = set()
    for word, mark in _MARKS.items():
        letter = base.removesuffix(word).removesuffix("_")
        if base.endswith(word) and len(letter) == 1:
            found |= {unicodedata.normalize("NFC", letter + mark), f"{letter}{word}", f"{letter}_{word}"}
        parts = unicodedata.normalize("NFD", base)
        if len(parts) == 2 and parts[1] == mark:
            found |= {f"{parts[0]}{word}", f"{parts[0]}_{word}"}
    return found - {base}
