"""A picture for LaTeX: a document that compiles as it stands, its tikzpicture ready to be copied."""

from __future__ import annotations

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.export.layout.arrange import Placed, Point, Route
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.joints import joints
from backtrace_cli.export.layout.writer import Writer

__all__ = ["WRITER"]

#: A picture wider than a page across is turned upright.
_MOST_COLUMNS = 150
_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\^{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "'": r"{\char39}", "`": r"{\char18}", '"': r"{\char34}",
    "-": "{-}", "−": r"\ensuremath{-}", "·": r"\ensuremath{\cdot}", "×": r"\ensuremath{\times}",
    "÷": r"\ensuremath{\div}", "∂": r"\ensuremath{\partial}", "√": r"\ensuremath{\surd}",
    "∞": r"\ensuremath{\infty}", "…": r"\dots{}", "≤": r"\ensuremath{\leq}", "≥": r"\ensuremath{\geq}",
    "≠": r"\ensuremath{\neq}", "→": r"\ensuremath{\to}", "←": r"\ensuremath{\gets}",
    "⊙": r"\ensuremath{\odot}", "┄": r"\ensuremath{\cdot}", "′": r"\ensuremath{'}",
}  # fmt: skip
_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵀ", "0123456789-+nT", strict=True))
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_HEAD = r"""\documentclass[border=4pt]{standalone}
\usepackage{tikz}
\begin{document}
\begin{tikzpicture}[x=4.6pt, y=-10pt, line width=.5pt, >=stealth,
  every node/.style={font=\ttfamily\fontsize{8}{9}\selectfont, inner sep=0pt, anchor=base west},
  value/.style={text=green!40!black}, message/.style={text=red!70!black},
  pale/.style={draw=gray, text=gray, dashed}, lit/.style={line width=1.6pt}]"""


def _write(picture: Picture) -> str:
    layout = picture.wide(_MOST_COLUMNS)
    lines = [_HEAD]
    for route in layout.routes:
        lines.append(f"  {_draw('->', route.edge.visited, route.edge.lit)} {_path(route)};")
    start, end = layout.out
    lines.append(f"  \\draw {_at(start, -0.5)} -- {_at(end)};")
    lines += [f"  \\fill {_at(point)} circle[radius=1.2pt];" for point in joints(layout)]
    for label in layout.labels:
        lines.append(f"  \\node[{label.kind}] at ({label.x},{label.y + 0.75:.2f}) {{{tex(label.text)}}};")
    for placed in layout.boxes:
        lines += _box(placed)
    for number, (mark, text) in enumerate(layout.scene.legend):
        place = f"(1,{layout.height + 1.2 + number:.1f})"
        lines.append(f"  \\node at {place} {{{tex(f'{mark}  {text}')}}};")
    return "\n".join(lines) + "\n\\end{tikzpicture}\n\\end{document}\n"


def _draw(arrow: str, solid: bool, lit: bool) -> str:
    options = [arrow, *([] if solid else ["pale"]), *(["lit"] if lit else [])]
    return f"\\draw[{', '.join(options)}, rounded corners=2pt]"


def _path(route: Route) -> str:
    last = len(route.points) - 1
    into = 0.5 if route.points[-1][0] >= route.points[-2][0] else -0.5
    ends = {0: -0.5, last: into}
    return " -- ".join(_at(point, ends.get(number, 0.0)) for number, point in enumerate(route.points))


def _at(point: Point, shift: float = 0.0) -> str:
    return f"({point[0] + 0.5 + shift:.1f},{point[1] + 0.5:.1f})"


def _box(placed: Placed) -> list[str]:
    box, x, y = placed.box, placed.x, placed.y
    if box.is_input:
        return [f"  \\node at ({x},{y + 0.75:.2f}) {{{tex(box.title)}}};"]
    looks = ["rounded corners=2pt", *(["pale"] if box.pale else []), *(["lit"] if box.lit else [])]
    low, right = y + placed.height - 0.1, x + placed.width
    lines = [f"  \\draw[{', '.join(looks)}] ({x},{y + 0.1:.1f}) rectangle ({right},{low:.1f});"]
    lines.append(f"  \\node at ({x + 2},{y + 0.95:.2f}) {{{tex(box.title)}}};")
    lines += [
        f"  \\node at ({x + 2},{y + n + 1.9:.2f}) {{{tex(text)}}};" for n, text in enumerate(placed.lines)
    ]
    return lines


def tex(text: str) -> str:
    """``text`` as LaTeX sets it with any engine: letters of mathematics by their commands.

    >>> tex("σ(x)² − 50%")
    '\\\\ensuremath{\\\\sigma}(x)\\\\textsuperscript{2} \\\\ensuremath{-} 50\\\\%'
    """
    return "".join(map(_letter, text)).replace("  ", "~~")


def _letter(char: str) -> str:
    if char in _ESCAPED:
        return _ESCAPED[char]
    if char in _SUPER:
        return f"\\textsuperscript{{{_SUPER[char]}}}"
    if char in _SUB:
        return f"\\textsubscript{{{_SUB[char]}}}"
    if char in _GREEK:
        return f"\\ensuremath{{\\{_GREEK[char]}}}"
    if char.isascii():
        return char
    named = ascii_text(char)
    return "".join(_ESCAPED.get(one, one) for one in named)


WRITER = Writer(".tex", "TikZ, in a LaTeX document that compiles", _write)
