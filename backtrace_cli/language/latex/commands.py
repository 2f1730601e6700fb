"""What each LaTeX command means in a formula, or what to write instead of it: tables only."""

from __future__ import annotations

from collections.abc import Collection

from backtrace_cli.base.suggest import nearest
from backtrace_cli.language.tree.latex_letters import GREEK, STANDARD

__all__ = [
    "CHOICES",
    "CONDITION_WORDS",
    "DELIMITERS",
    "IGNORED",
    "MARKS",
    "MATRICES",
    "NAMING",
    "OPERATORS",
    "STRUCTURES",
    "WRAPPERS",
    "advice",
    "environment_advice",
    "is_command",
    "known_function",
]


def _words(text: str) -> list[str]:
    return text.split()


_SIGNS = (
    ("cdot times ast odot bullet", "op", "multiply"),
    ("div", "op", "divide"),
    ("lt", "op", "less"),
    ("le leq leqslant leqq", "op", "less_equal"),
    ("gt", "op", "greater"),
    ("ge geq geqslant geqq", "op", "greater_equal"),
    ("ne neq", "op", "not_equal"),
    ("coloneqq coloneq triangleq", "=", "="),
)

#: Commands that are one token of the plain language: its kind and text.
OPERATORS = {name: (kind, text) for names, kind, text in _SIGNS for name in names.split()}

#: Commands that the translator itself builds something from.
STRUCTURES = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), "frac"),
    "sqrt": "sqrt",
    "sum": "sum",
    "prod": "prod",
    "top": "top",
    "intercal": "top",
}

#: Brackets by the command that writes them: which way it faces, and its sort.
DELIMITERS = {
    "lbrace": ("open", r"\{"), "rbrace": ("close", r"\}"),
    "lbrack": ("open", "["), "rbrack": ("close", "]"),
    "lvert": ("open", "|"), "rvert": ("close", "|"), "vert": ("bar", "|"), "mid": ("bar", "|"),
    "lfloor": ("open", "floor"), "rfloor": ("close", "floor"),
    "lceil": ("open", "ceil"), "rceil": ("close", "ceil"),
    "lVert": ("open", "norm"), "rVert": ("close", "norm"), "Vert": ("norm", "norm"),
    "langle": ("open", "angle"), "rangle": ("close", "angle"),
}  # fmt: skip

#: Commands whose braces hold one name of any length.
NAMING = _words(
    "operatorname mathrm mathit mathbf mathsf mathtt mathcal mathbb boldsymbol bm pmb "
    "text textrm textit textbf textsf texttt mbox mathop"
)

#: Commands that change how a page looks and nothing else.
IGNORED = frozenset(
    _words(
        "quad qquad enspace thinspace medspace thickspace negthinspace displaystyle textstyle scriptstyle "
        "limits nolimits nonumber notag boxed strut hfill"
    )
)

#: Commands that grow the bracket after them; the bracket is what counts.
SIZES = _words("left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr")

#: Environments that only lay lines out.
WRAPPERS = frozenset(_words("equation align aligned gather gathered split displaymath math multline"))

#: Environments that hold a matrix.
MATRICES = frozenset(_words("matrix pmatrix bmatrix Bmatrix smallmatrix psmallmatrix bsmallmatrix array"))

#: Environments that choose between values.
CHOICES = frozenset(_words("cases dcases rcases cases* dcases*"))
#: Words in their conditions: does the word stand for all that is left?
CONDITION_WORDS = {
    **dict.fromkeys(_words("if for when where with"), False), **dict.fromkeys(_words("otherwise else"), True),
}  # fmt: skip

_ALIASES = {"sgn": "sign", "leakyrelu": "leaky_relu", "tg": "tan", "arctg": "arctan"}

#: Marks that become an index, as --at has none: \hat{y} is y_hat.
MARKS = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
}  # fmt: skip
_MARKS = "vec hat bar tilde dot ddot overline underline widehat widetilde acute check breve"
_SLOPES = "write the formula itself; backtrace finds its derivatives"
_TERMS = "write the terms out, such as x_1 + x_2 + x_3"

#: Notation that no formula here can hold: commands, what is wrong, and what to write instead.
_NOTATION = (
    ("partial nabla prime", "asks for a derivative", _SLOPES),
    ("int iint oint", "is an integral, which is not an op here", "write its closed form"),
    ("dots ldots cdots", "leaves terms to be guessed", _TERMS),
    ("lim limsup liminf sup inf", "is a limit, which is not an op here", "write the formula it tends to"),
    ("infty", "is infinity, which has no derivative", "to probe it give a value, --at x=inf"),
    (_MARKS, "puts a mark on a name, which --at can't spell", "give the name an index instead: y_{hat}"),
    ("underbrace overbrace", "only comments the formula", "leave it out"),
    ("pm mp", "stands for two formulas", "write one of them, with + or -"),
    ("land wedge", "joins two conditions", r"multiply them instead: (0 < x) \cdot (x < 1)"),
    ("lor vee neg lnot in", "is logic, which is not an op here", "to choose write where(x > 0, a, b)"),
    ("over", "does not show where its bottom ends", r"write \frac{a}{b}"),
    ("binom choose", "is a binomial coefficient, which is not an op here", "write the product out"),
    ("bmod mod pmod", "is a remainder, which is not an op here", r"write x - n \lfloor x/n \rfloor"),
    (
        "circ",
        "is a degree or a composition, neither an op here",
        r"write \frac{\pi x}{180} or f(g(x)); for a product entry by entry \odot",
    ),
    ("lg", "has base 10 for some and base 2 for others", r"write \log_{10}(x) or \log_{2}(x)"),
    ("cot", "is not an op here", r"write \frac{\cos(x)}{\sin(x)}"),
    ("sec", "is not an op here", r"write \frac{1}{\cos(x)}"),
    ("csc", "is not an op here", r"write \frac{1}{\sin(x)}"),
    ("coth", "is not an op here", r"write \frac{\cosh(x)}{\sinh(x)}"),
    ("otimes", "is not an op here", r"write \operatorname{outer}(a, b) for the outer product of two vectors"),
    ("oplus ominus", "is not an op here", "write + or -"),
    ("det tr", "is not an op here", "write it out in the entries"),
    ("dagger", "is not an op here", r"write W^\top for the transpose"),
    ("not", "crosses out what follows", r"write \ne, or turn the comparison round"),
    ("varpi", "looks like π and is not", "give the variable another letter"),
    ("approx sim propto equiv to rightarrow mapsto", "computes nothing", "to name a value write y = x^{2}"),
)
INSTEAD = {name: (reason, hint) for names, reason, hint in _NOTATION for name in names.split()}


def known_function(name: str, functions: Collection[str]) -> str | None:
    """The function that ``name`` means, also where papers spell it otherwise; or None.

    >>> known_function("ReLU", {"relu"}), known_function("net", {"relu"})
    ('relu', None)
    """
    if name in functions or name in STANDARD:
        return name
    plain = _ALIASES.get(name.lower(), name.lower())
    return plain if len(plain) > 1 and plain in functions else None


def is_command(name: str) -> bool:
    r"""Is ``\name`` a command that means something here?

    >>> is_command("frac"), is_command("loss")
    (True, False)
    """
    tables = (GREEK, OPERATORS, STRUCTURES, DELIMITERS, NAMING, IGNORED, SIZES, STANDARD, INSTEAD)
    return name in ("begin", "end") or any(name in table for table in tables)


def advice(name: str, functions: Collection[str]) -> tuple[str, str]:
    r"""Why the command ``\name`` can't be read, and what to write instead.

    >>> advice("farc", ())[1]
    'did you mean \\frac?'
    """
    if name in INSTEAD:
        reason, hint = INSTEAD[name]
        return f"\\{name} {reason}", hint
    if name in NAMING:
        return f"\\{name} wants one name in braces", f"write \\{name}{{net}}"
    if name in SIZES:
        return f"\\{name} wants a bracket after it", r"write \left( and \right), or plain ( and )"
    if name in ("begin", "end"):
        return f"\\{name} wants an environment in braces", "leave it out"
    known = [*GREEK, *OPERATORS, *STRUCTURES, *DELIMITERS, *NAMING, *IGNORED, *STANDARD]
    near = nearest(name, known + [word for word in functions if word.isalpha()], 0.6)
    if near:
        hint = f"did you mean \\{near}?"
    else:
        hint = f"for a function or name of your own write \\operatorname{{{name}}}"
    return f"\\{name} is not a LaTeX command that backtrace knows", hint


def environment_advice(name: str) -> tuple[str, str]:
    """Why the environment ``name`` can't be read, and what to write instead.

    >>> environment_advice("cases")[0]
    "cases can't be read here"
    """
    if name.rstrip("*") in ("cases", "dcases", "rcases"):
        return f"{name} can't be read here", "choose with where(condition, a, b): where(x > 0, x, 0)"
    if name.rstrip("*") == "vmatrix":
        return "vmatrix, a determinant, can't be read here", r"write \det(\begin{bmatrix} … \end{bmatrix})"
    if name.rstrip("*").endswith(("matrix", "array")):
        return (
            f"{name} can't be read here",
            r"for a matrix write \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        )
    return f"backtrace does not know the environment {name}", f"leave \\begin{{{name}}} and its \\end out"
