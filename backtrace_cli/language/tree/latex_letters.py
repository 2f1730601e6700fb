"""The letters and functions that LaTeX has commands for: read by these names, and written by them."""

from __future__ import annotations

__all__ = ["GREEK", "STANDARD"]

_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu
nu xi omicron pi rho sigma tau upsilon phi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""

#: Letters. The variant forms share a letter because the plain language folds them too (NFKC).
GREEK = {
    **dict(zip(_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
    "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "ς", "varkappa": "κ",
    "ell": "l",
}  # fmt: skip

#: Functions that LaTeX has a command for and backtrace a rule.
STANDARD = frozenset(
    "sin cos tan arcsin arccos arctan sinh cosh tanh exp ln log max min".split()  # noqa: SIM905
)
