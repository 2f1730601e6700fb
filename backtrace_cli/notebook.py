"""A trace in a notebook: picture and tables as HTML, the derivation as LaTeX, and plain text."""

from __future__ import annotations

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.document import Steps
from backtrace_cli.pages.latex_wording import LatexWording
from backtrace_cli.pages.trace.derivation import derivation_page
from backtrace_cli.pages.trace.page import Options, trace_page
from backtrace_cli.pages.writers.html import STYLE
from backtrace_cli.pages.writers.html import lines as html_lines
from backtrace_cli.readings.report import Report

__all__ = ["html", "latex", "mimebundle"]


def mimebundle(trace: Trace, plain: str) -> dict[str, str]:
    """What a notebook keeps of a trace, by media type; it shows the richest that it can.

    >>> from backtrace_cli import trace
    >>> sorted(mimebundle(trace("x^2", x=3), "x^2"))
    ['text/html', 'text/latex', 'text/plain']
    """
    found = {"text/html": html(trace), "text/plain": plain}
    derivation = latex(trace)
    return found | {"text/latex": derivation} if derivation else found


def html(trace: Trace) -> str:
    """The graph drawn, and the tables, with their colours."""
    page = "\n".join(html_lines(trace_page(Report(trace), Options(picture=True))))
    return f"<style>\n{STYLE}\n</style>\n{page}"


def latex(trace: Trace) -> str:
    r"""The derivation as one ``align*``, which a notebook's math shows and LaTeX sets; "" in forward mode.

    >>> from backtrace_cli import trace
    >>> print(latex(trace("x^2", x=3)))
    \begin{align*}
      f &= x^{2} = 3^{2} = 9 \\
      \frac{\partial f}{\partial x} &= 2 \cdot x \\
       &= 6
    \end{align*}
    """
    if trace.back is None:
        return ""
    steps = [block for block in derivation_page(Report(trace)) if isinstance(block, Steps)]
    rows = LatexWording().aligned(steps[: len(steps) - len(trace.wrt)])  # the gradient stands there already
    return "\n".join([r"\begin{align*}", *rows, r"\end{align*}"]) if rows else ""
