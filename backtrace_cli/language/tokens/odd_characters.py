"""Characters that no formula holds: each is named by its code point, with what to write instead."""

from __future__ import annotations

import re
import unicodedata

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError

__all__ = ["check_letters", "stranger"]

#: Signs of other languages, with what to write instead.
FOREIGN = {
    **dict.fromkeys("{}", "use parentheses: x^(2); braces belong to LaTeX, which starts with a backslash"),
    "&": "multiply two conditions instead: (0 < x)*(x < 1)",
    "$": "leave the dollar signs out",
    "%": "for a remainder or a percentage write the arithmetic out, such as x/100",
    ":": "to name an intermediate write a = x^2; a parameter is declared as param W: uniform(3, 2)",
    "?": "to choose between two values write where(condition, a, b)",
    **dict.fromkeys('"“”„«»', "leave the quotes out"),
    **dict.fromkeys("‘’`´", "leave it out; backtrace finds the derivatives itself"),
    "~": "for a negative write -x",
    **dict.fromkeys("∂∇∫", "write the formula itself; backtrace finds its derivatives"),
    **dict.fromkeys("∑∏", "write the terms out with + or *"),
    "∞": "infinity has no derivative; to probe it give a value, --at x=inf",
    ".": "a number needs a digit beside its point, as in 0.5",
    **dict.fromkeys("•∙⊙⋆", "for a product write *"),
    **dict.fromkeys("ˆ↑", "for a power write ^"),
    **dict.fromkeys("‐‑—―", "for a minus write -"),
    "∛": "for a cube root write cbrt(x)",
    **dict.fromkeys("ᵀ⊤", "for the transpose of A write A.T"),
    **dict.fromkeys("⟨⟩", "for the inner product of two vectors write a @ b"),
    "∘": "for a product entry by entry write *",
    "‖": "for the length of a vector write norm(x)",
    "°": "angles are in radians: write x*pi/180",
    "…": "write the terms out",
}

#: Cyrillic and Greek-looking letters that a keyboard or a web page slips in for Latin ones.
LOOKALIKES = dict(zip("асеорхуіјѕкАВСЕНІЈКМОРЅТХУ", "aceopxyijskABCEHIJKMOPSTXY", strict=True))

_NAMELESS = {
    "Cc": "a control character",
    "Co": "a private-use character",
    "Cs": "half a character",
    "Cn": "a character without a name",
}


def check_letters(source: str, position: int, text: str) -> None:
    """Names are Latin and Greek: a look-alike from another script is named, not guessed."""
    for offset, char in enumerate(text):
        if char.isascii() or unicodedata.combining(char):
            continue
        plain = unicodedata.normalize("NFKC", char)
        raised = unicodedata.decomposition(char).startswith("<super>")
        known = all(part.isascii() or _script(part) in ("LATIN", "GREEK") for part in plain)
        if raised or not known or not plain.isalnum() or (offset == 0 and plain[0].isdigit()):
            raise stranger(source, position + offset)


def stranger(source: str, position: int) -> FormulaError:
    """The complaint about the character at ``position``, by name and code point."""
    char = source[position]
    category = unicodedata.category(char)
    title = unicodedata.name(char, "").lower() or _NAMELESS.get(category, "a character without a name")
    if char.isalpha() and category != "Lm":  # the first word is the script's name
        title = title.replace("cjk", "CJK") if title.startswith("cjk") else title[0].upper() + title[1:]
    code = f"U+{ord(char):04X}"
    if char.isascii() and char.isprintable():
        message = f"{char} means nothing in a formula"
    elif category[0] in "CZ":
        message = f"there is an invisible character here: {title} ({code})"
    elif category[0] == "M":
        message = f"there is a mark here that belongs to no letter: {title} ({code})"
    else:
        message = f"{char} is {title} ({code}), which means nothing in a formula"
    hint = _attribute(source, position) if char == "." else None
    return FormulaError(message, span=Span(position, position + 1), source=source, hint=hint or _advice(char))


#: Where functions live elsewhere.
_MODULES = {
    "np", "numpy", "torch", "math", "F", "jnp", "jax", "nn", "tf", "sp", "scipy", "special", "linalg",
    "functional",
}  # fmt: skip

#: Whose arguments may come as one tuple.
_SHAPING = {"reshape", "view", "transpose", "expand_dims"}


def _attribute(source: str, position: int) -> str | None:
    """``x.sum()`` and ``np.linalg.norm(x)``, as array libraries have them: what to write instead."""
    from backtrace_cli.language.tokens.elsewhere import hint_for, method_hint
    from backtrace_cli.language.tokens.other_dialects import FUNCTIONS

    if source.startswith("...", position):
        return "write out every axis: x[:, 0]"
    before = re.compile(r"[\w.]{1,24}$").search(source, max(0, position - 24), position)
    behind = re.compile(r"((?:[A-Za-z]\w{0,24}\.){0,4})([A-Za-z]\w{0,24})(\(?)").match(source, position + 1)
    if behind is None:
        return None
    name, found = before.group() if before else "…", behind[2]
    of = _arguments(source, behind.end()) if behind[3] else ""
    if name not in _MODULES and (words := method_hint(found)):
        return words
    if behind[3] and (known := hint_for(found)) and found not in FUNCTIONS:
        return known
    if name in _MODULES:
        if found == "newaxis":
            return "for an axis of size 1 write expand_dims(x, axis=1)"
        return f"functions stand alone here: write {_call(found, of)}" if behind[3] else (
            f"names stand alone here: write {found}"
        )  # fmt: skip
    if found in ("t", "transpose", "mT") and not of:
        return f"write {name}.T for the transpose"
    if found in ("shape", "size", "ndim"):
        return "the shapes stand in the table beside the values"
    if found in _SHAPING and of[:1] in "([" and of[-1:] in ")]":
        of = of[1:-1]
    return f"write it as a function: {_call(found, f'{name}, {of}' if of else name)}" if behind[3] else None


def _call(name: str, of: str) -> str:
    """The function ``name`` with its arguments, or what it is called here."""
    from backtrace_cli.language.tokens.other_dialects import FUNCTIONS

    return FUNCTIONS.get(name, f"{name}({of or 'x'})")


def _arguments(source: str, start: int) -> str:
    """What stands in the brackets that have just been opened; … where that is long."""
    depth = 1
    for end in range(start, min(len(source), start + 40)):
        depth += (source[end] in "([") - (source[end] in ")]")
        if depth == 0:
            return re.sub(r",\s*", ", ", source[start:end].strip())
    return "…"


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _advice(char: str) -> str:
    if char in FOREIGN:
        return FOREIGN[char]
    if char in LOOKALIKES:
        return f"type a Latin {LOOKALIKES[char]} instead"
    category = unicodedata.category(char)
    plain = unicodedata.normalize("NFKC", char)
    if "⁄" in plain:
        return f"write ({plain.replace('⁄', '/')})"
    if plain.isalnum() and unicodedata.decomposition(char).startswith("<super>"):
        return f"for a power write ^{plain}"
    if plain.isalnum() and unicodedata.decomposition(char).startswith("<sub>"):
        return "a subscript follows a name, as in x₁"
    if category[0] in "CZ":
        return "delete it; it may have come along with a copy and paste"
    if plain != char and plain.isascii() and plain.isprintable():
        return f"write {plain}"
    if char.isalnum():
        return "names take Latin and Greek letters, digits and _; type it again on your keyboard"
    return "leave it out"
