"""A page taken along: LaTeX and Typst compile, HTML and Markdown obey nobody, and the derivation is true."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from backtrace_cli import trace
from backtrace_cli.pages.document import Kept, Steps
from backtrace_cli.pages.trace.derivation import derivation_page
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers import media
from backtrace_cli.readings.report import Report

POLYNOMIAL = ["eval", "x^2 - (x+y)*y + y^2", "--at", "x=1,y=0"]
FILES = "exercises/formulas"
LAYER = ["eval", "-f", f"{FILES}/layer.bt", "--at", "W=[[1,2,3],[4,5,6]],h=[1,0,-1],t=[0,1]"]
#: Pages of every sort: numbers, arrays, symbols, fractions, kinks, Greek and strange names.
PAGES = [
    POLYNOMIAL,
    [*POLYNOMIAL, "--view", "steps", "--check", "--cost"],
    ["eval", "-f", f"{FILES}/sheet.bt", "--at", "x=3,y=-4", "--view", "sheet"],
    ["eval", "-f", f"{FILES}/sheet.bt", "--view", "sheet"],
    LAYER,
    [*LAYER, "--view", "steps", "--expand", "h"],
    ["eval", "-f", f"{FILES}/network.bt", "--at", "x=[1,-1,0.5],y=1"],
    ["eval", "max(x,y)/z + 0*w", "--at", "x=1,y=1,z=0,w=2"],
    ["eval", "x^2*sin(x) + beta_1", "--closed-form"],
    ["eval", "x^2*sin(x)", "--at", "x=1e-7", "--mode", "forward"],
    ["eval", "x/3 + W_ih", "--at", "x=1,W_ih=-2/7", "--exact"],
    ["eval", "dσ_x*é_1 + größe^2*a_b", "--at", "dσ_x=1,é_1=2,größe=3,a_b=1"],
    ["chain", "z(x(u,v), y(u,v))"],
]  # fmt: skip
HOSTILE = 'x*y # <script>alert(1)</script> \\input{/etc/passwd} $x$ #import "a" `b` [c](javascript:d) & | %'


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
def test_latex_compiles(backtrace: Callable[..., Result], tmp_path: Path) -> None:
    """Every page is a document that pdfLaTeX sets without a complaint."""
    for number, words in enumerate([*PAGES, ["eval", HOSTILE, "--at", "x=1,y=2"]]):
        result = backtrace(*words, "--as", "latex", "--standalone")
        assert result.exit_code == 0, result.output
        (tmp_path / f"{number}.tex").write_text(result.stdout, "utf-8")
        done = subprocess.run(
            ["pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", f"{number}.tex"],
            cwd=tmp_path, capture_output=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stdout[-1500:].decode("latin-1"))


@pytest.mark.slow
def test_typst_compiles(backtrace: Callable[..., Result], tmp_path: Path) -> None:
    """Every page is a document that Typst sets, where its Python package is installed."""
    typst = pytest.importorskip("typst")
    for words in [*PAGES, ["eval", HOSTILE, "--at", "x=1,y=2"]]:
        result = backtrace(*words, "--as", "typst", "--standalone")
        assert result.exit_code == 0, result.output
        (tmp_path / "page.typ").write_text(result.stdout, "utf-8")
        typst.compile(str(tmp_path / "page.typ"), output=str(tmp_path / "page.pdf"))


class Tags(HTMLParser):
    """Which tags stand open, which there are, and all the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("words", PAGES, ids=lambda words: " ".join(words)[:40])
def test_html_is_whole_and_says_what_the_screen_says(
    words: list[str], backtrace: Callable[..., Result]
) -> None:
    """Tags close as they open, nothing runs or is fetched, and no number of the screen's page is missing."""
    result = backtrace(*words, "--as", "html", "--standalone")
    page = Tags()
    page.feed(result.stdout)
    assert not page.open
    assert not page.seen & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert not [name for name in page.attributes if name in ("src", "href") or name.startswith("on")]
    shown = backtrace(*words, columns=400).stdout
    missing = [word for word in shown.split() if word not in page.text]
    assert not missing


def test_nothing_of_the_users_is_obeyed(backtrace: Callable[..., Result]) -> None:
    """Signs of HTML, Markdown, LaTeX and Typst in a formula's text are text in every medium."""
    long = (
        "; ".join(f"a{n} = {'a' + str(n - 1) if n else 'x'} + 1" for n in range(210))
        + " # <script>\\x</script>"
    )
    for medium in media():
        written = backtrace("eval", long, "--at", "x=1", "--as", medium).stdout
        assert "<script>" not in written.replace(r"\<script\>", "")
    markdown = backtrace("eval", long, "--at", "x=1", "--as", "markdown").stdout
    kinds = {token.type for token in MarkdownIt().enable("table").parse(markdown)}
    assert not kinds & {"html_block", "html_inline"}


def test_markdown_is_read_as_tables_and_math(backtrace: Callable[..., Result]) -> None:
    """The tables have the rows of the screen's, the derivation stands in fences of math."""
    steps = backtrace(*POLYNOMIAL, "--as", "markdown", "--view", "steps").stdout
    tokens = MarkdownIt().enable("table").parse(steps)
    assert sum(token.type == "tr_open" for token in tokens) == (8 + 1) + (6 + 1) + (10 + 1) + (2 + 1)
    board = MarkdownIt().parse(backtrace(*POLYNOMIAL, "--as", "markdown").stdout)
    assert [token.info for token in board if token.type == "fence"] == ["mermaid", "math", "math", "math"]


def test_one_way_to_write_at_a_time(backtrace: Callable[..., Result]) -> None:
    for words in (["--plain"], ["--json"]):
        assert backtrace(*POLYNOMIAL, "--as", "latex", *words).exit_code == 2
    assert backtrace(*POLYNOMIAL, "--standalone").exit_code == 2


def terms() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["x", "y", "z", "2", "0.5"])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        two = st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        one = st.tuples(st.sampled_from(["sin", "exp", "tanh", "relu"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        )
        return st.one_of(two, one)

    return st.recursive(leaf, grown, max_leaves=6)


@given(terms())
def test_every_side_of_the_derivation_is_true(formula: str) -> None:
    """Each side, read back and worked out with the nodes' values, is what stands on the others."""
    found = trace(f"f = {formula} + x*y*z", at="x=0.7,y=-1.3,z=0.4")
    nodes = {
        found.graph.name(i): float(found.values[i])
        for i in (*found.graph.inputs.values(), *found.graph.steps)
    }
    wording = Wording(ascii=True, digits=17)
    for block in derivation_page(Report(found)):
        if not isinstance(block, Steps):
            continue
        left = wording.words(block.left)
        node = left.partition("/d")[2]
        truth = float(found.gradient_of(node)) if node else nodes[left]
        for side in block.sides:
            texts = (
                side.words.pieces(wording) if isinstance(side.words, Kept) else [wording.words(side.words)]
            )
            for text in texts:
                if "/d" not in text:
                    names = {name: value for name, value in nodes.items() if name in text}
                    assert float(trace(f"0*x + {text}", at={"x": nodes["x"]} | names).value) == pytest.approx(
                        truth, rel=1e-9, abs=1e-9
                    ), (left, text)


def test_a_comparison_is_no_tag(backtrace: Callable[..., Result]) -> None:
    """What a formula has of < and & stands escaped in HTML, wherever it stands."""
    page = backtrace("eval", "where(x < y, x, y)", "--at", "x=1,y=2", "--as", "html", "--standalone").stdout
    body = page.split("</style>")[-1]
    assert "x &lt; y" in body
    assert "< y" not in body
