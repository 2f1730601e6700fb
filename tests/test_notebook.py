"""A notebook that shows a trace, executed as Jupyter does."""

from __future__ import annotations

import pytest

from backtrace_cli import trace


def test_a_trace_offers_html_latex_and_text() -> None:
    """Picture and tables, the derivation in math, plain text; forward mode has no derivation."""
    bundle = trace("(x + y)*y", x=2, y=3)._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/latex", "text/plain"]
    assert "<svg" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert bundle["text/latex"].startswith(r"\begin{align*}")
    assert r"\frac{\partial f}{\partial y}" in bundle["text/latex"]
    assert "∂f/∂y =  8" in bundle["text/plain"]
    assert sorted(trace("x^2", x=3, mode="forward")._repr_mimebundle_()) == ["text/html", "text/plain"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_runs_and_shows_it() -> None:
    """The last expression of a cell is shown as picture, tables and math."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    code = 'from backtrace_cli import trace\ntrace("W @ x", W=[[1, 2]], x=[3, 4])'
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    (output,) = book.cells[0].outputs
    assert output.output_type == "execute_result"
    assert {"text/html", "text/latex", "text/plain"} <= set(output.data)
    assert "<svg" in output.data["text/html"]
    assert r"\begin{pmatrix}" in output.data["text/latex"]
