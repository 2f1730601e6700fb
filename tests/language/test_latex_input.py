"""LaTeX is read as the plain formula it typesets, or refused with words and a caret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.latex.translator import tokenize_latex
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.language.tree.syntax import Define, Program, walk
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS


def read(source: str) -> Program:
    return parse(source, functions=FUNCTIONS)


def shown(program: Program) -> list[str]:
    """Each statement as text, with its name and parameters."""
    lines = []
    for statement in program.statements:
        body = statement.body if isinstance(statement, Define) else statement.value
        head = f"{statement.name}{statement.params}" if isinstance(statement, Define) else statement.name
        lines.append(f"{head} = {to_text(body)}")
    return lines


#: LaTeX, and the plain formula that means the same.
SAME = [
    (r"\frac{x+\sigma(y)}{\sigma(x)+(x+y)^{2}}", "(x+σ(y))/(σ(x)+(x+y)^2)"),
    # what backtrace writes itself: marks on a letter, an entry of an array
    (r"\hat{y} + \bar{\sigma}_{1}", "y_hat + σ_bar1"),
    (r"-\log(f_{[y]}) + {W_{1}}_{[0, 1:3]}", "-log(f[y]) + W1[0, 1:3]"),
    # fractions are brackets of their own
    (r"\frac{1}{2}x", "(1/2)*x"),
    (r"x\frac{1}{2}", "x*(1/2)"),
    (r"\frac12 + \frac xy + \frac\pi{2}", "1/2 + x/y + π/2"),
    (r"\dfrac{\tfrac{a}{b}}{c+d}", "(a/b)/(c+d)"),
    (r"1 - \frac{a-b}{c-d}", "1 - (a-b)/(c-d)"),
    ("\\frac\n{a}\n{b}", "a/b"),
    # roots
    (r"\sqrt{x+1}^2", "(sqrt(x+1))^2"),
    (r"\sqrt[3]{x} + \sqrt[2]{x}", "cbrt(x) + sqrt(x)"),
    (r"x\sqrt[n]{y}", "x*y^(1/n)"),
    (r"\sqrt\frac12 + \sqrt\pi", "sqrt(1/2) + sqrt(π)"),
    # functions
    (r"\sin(x)^2\cos(x)", "sin(x)^2*cos(x)"),
    (r"\exp\left[-\frac{x^2}{2}\right]", "exp(-(x^2/2))"),
    (r"\tanh\{x\} + \arctan\bigl(y\bigr)", "tanh(x) + arctan(y)"),
    (r"\sin{x+1}y", "sin(x+1)*y"),
    (r"\sin{\left(x\right)}^2", "sin(x)^2"),
    (r"\sin x + \cos\theta - \ln 2 \cdot y", "sin(x) + cos(θ) - ln(2)*y"),
    (r"\tanh x_1", "tanh(x1)"),
    (r"\ln|x| + \ln\left|y\right|", "ln(|x|) + ln(|y|)"),
    (r"\log_2(x) + \log_{10}\left(x\right) + \log_b x", "log(x,2) + log(x,10) + log(x,b)"),
    (r"\max(a,b) + \min\{a,b\}", "max(a,b) + min(a,b)"),
    (r"\operatorname{relu}(x) + \mathrm{ReLU}(x) + \relu(x)", "relu(x) + relu(x) + relu(x)"),
    (r"\operatorname{leaky\_relu}(x)", "leaky_relu(x)"),
    (r"relu(x) + log2(x) + \pi", "relu(x) + log2(x) + π"),
    (r"\lfloor x \rfloor + \left\lceil x \right\rceil", "floor(x) + ceil(x)"),
    (r"where(x \ge 0, x, -x)", "where(x >= 0, x, -x)"),
    (r"\sin 2x + \cos 2\pi x", "sin(2x) + cos(2*π*x)"),
    (r"\sin x^2 + \sin^2 x + \sin^{2}(x+1)", "sin(x^2) + sin(x)^2 + sin(x+1)^2"),
    (r"\sin x \cos y \ln \sin x", "sin(x)*cos(y)*ln(sin(x))"),
    (r"\log \sigma(z) + \sin\frac{x}{2}", "log(σ(z)) + sin(x/2)"),
    (r"\begin{cases} x, & \text{if } x \ge 0, \\ \alpha x & x < 0. \end{cases}", "where(x >= 0, x, α*x)"),
    (
        r"\begin{cases} 1 & x = 0 \\ \frac{\sin x}{x} & \text{otherwise} \end{cases}",
        "where(x == 0, 1, sin(x)/x)",
    ),
    (
        r"\begin{cases} 0 & x < 0 \\ x & x \le 1 \\ 1 & \text{else} \end{cases}",
        "where(x < 0, 0, where(x <= 1, x, 1))",
    ),
    # brackets and bars
    (r"\left\{ x + \left[ y\cdot z\right]^2 \right\}", "x + (y*z)^2"),
    (r"\lvert x \rvert \cdot \left|y\right| \cdot |z|", "|x|*|y|*|z|"),
    # powers
    (r"x^{10}\cdot x^2y + x^{-1} + 2^{-x}", "x^10*x^2y + x^-1 + 2^-x"),
    (r"x^{\frac{1}{2}} + x^\frac12", "x^(1/2) + x^(1/2)"),
    (r"x^{a}(1-x)^b + K^aL^b + \pi", "x^a*(1-x)^b + K^a*L^b + π"),
    (r"e^{x} \cdot e^{-\frac{x^2}{2\sigma^2}}", "e^x * e^(-(x^2/(2σ^2)))"),
    (r"x² + W^\top + W^{\top} + \pi", "x^2 + W.T + W.T + π"),
    # names
    (r"x_1 + x_{12} + w_{ij} + w_{1,2} + \pi", "x1 + x12 + w_ij + w1_2 + π"),
    (r"x_{max} + x_{\text{max}} + \theta_0^2", "x_max + x_max + θ0^2"),
    (r"w_ix_i + {x}_{1} + {x}^{2} + \pi", "w_i*x_i + x1 + x^2 + π"),
    (r"xy\alpha\beta", "x*y*α*β"),
    (r"\text{net} + \mathbf{w} + \boldsymbol{\theta} + \mathrm{net\_in}", "net + w + θ + net_in"),
    (r"\varepsilon + \phi + \Omega", "ε + φ + Ω"),
    (r"2\pi r", "2*π*r"),
    (r"h_{t-1} + x_{t+2} \pi", "h_tm1 + x_tp2*π"),
    (r"W^{[1]} + b^{(2)} + a^{[1]}_2 + a_{12} + h^{(l-1)} + \pi", "W1 + b2 + a1_2 + a12 + h_lm1 + π"),
    (r"\hat y - \bar{x} + \pi", "y_hat - x_bar + π"),
    (r"x^{2} e^{-x}", "x^2*e^(-x)"),
    (r"sin x^{2} + exp(-x^{2})", "sin(x^2) + exp(-x^2)"),
    # sums
    (r"\sum_{i=1}^{3} w_i x_i + b", "w1*x1 + w2*x2 + w3*x3 + b"),
    (r"∑_{i=1}^{2} (x_i - 1)^2", "(x1-1)^2 + (x2-1)^2"),
    (r"\prod_{k=1}^{3} (1 + x_k)", "(1+x1)*(1+x2)*(1+x3)"),
    (r"y \prod_{k=2}^{1} x_k", "y*1"),
    (r"\sum_{i=1}^{2}\sum_{j=1}^{2} W_{ij} x_i x_j", "W11*x1*x1 + W12*x1*x2 + (W21*x2*x1 + W22*x2*x2)"),
    (r"\sum_{t=1}^{2} (h_{t} - h_{t-1})^2", "(h1-h0)^2 + (h2-h1)^2"),
    (r"\sum_{k=0}^{3} \frac{x^k}{2^k} \cdot k", "x^0/2^0*0 + x^1/2^1*1 + x^2/2^2*2 + x^3/2^3*3"),
    # signs and layout
    (r"a\cdot b\times c\div d\odot e", "a*b*c/d*e"),
    (r"x \leq y", "x <= y"),
    (r"x \neq y", "x != y"),
    (r"x\,y\;z\!\quad w~v", "x*y*z*w*v"),
    (r"x{\cdot}y % the product", "x*y"),
    (r"$\sigma(x)$", "σ(x)"),
    (r"\[ x \cdot y \]", "x*y"),
    (r"\(x \cdot y\)", "x*y"),
    # statements
    (r"a = x^{2}; f = a \cdot b", "a = x^2; f = a*b"),
    (r"a = x^{2} \\ f = a \cdot b", "a = x^2; f = a*b"),
    ("a = x^{2}\nf = a \\cdot b", "a = x^2; f = a*b"),
    (r"f(x,y) = \frac{x}{y}", "f(x,y) = x/y"),
    (r"\mathrm{net}(t) = t^{2}; \mathrm{net}(x)", "net(t) = t^2; net(x)"),
    (r"\begin{aligned} f &= x \\ &\quad + y \\ & - z \end{aligned}", "f = x + y - z"),
]


@pytest.mark.parametrize(("latex", "plain"), SAME, ids=[latex for latex, _ in SAME])
def test_latex_is_read_as_the_plain_formula(latex: str, plain: str) -> None:
    assert shown(read(latex)) == shown(read(plain))


#: LaTeX that is refused, words of the report, and the caret's column counted from 1.
REFUSED = [
    (r"\pi x^10", ["only the 1", "x^{10}"], 6),
    (r"\pi (x+y)^10", ["(…)^{10}"], 10),
    (r"\pi x^-1", ["only the sign", "x^{-1}"], 7),
    (r"\pi x^(2+1)", ["x^{2+1}"], 7),
    (r"\pi e^xy", ["e^{xy}", "e^x y"], 6),
    (r"\pi e^\sigma(x)", [r"e^{\sigma(x)}"], 7),
    (r"\pi x^2^3", ["two ways", "x^{2^{3}}"], 8),
    (r"\pi x^{}", ["power is empty", "x^{2}"], 6),
    (r"\pi x_12", ["only the 1", "x_{12}"], 6),
    (r"\pi w_ij", ["w_{ij}", "w_i j"], 6),
    (r"\pi (x+y)_1", ["behind a name"], 10),
    (r"\pi x2", ["x_{2}", "x^{2}"], 6),
    (r"\frac{1}", ["bottom of this fraction is missing", r"\frac{a}{b}"], 1),
    (r"\frac{}{x}", ["top of this fraction is missing"], 1),
    (r"\frac(x)(y)", [r"\frac{x}"], 6),
    (r"\frac{x+}{y}", ["a value is expected between + and }"], 9),
    (r"\frac{dy}{dx}", ["asks for a derivative"], 1),
    (r"2\frac{1}{3}", ["mixed number", r"2 \cdot \frac{1}{3}", r"2 + \frac{1}{3}"], 1),
    (r"1/2x + \pi", ["(1/2)*x or 1/(2*x)"], 3),
    (r"\sqrt 10", [r"\sqrt{10}"], 7),
    (r"\sqrt{}", ["nothing under this root"], 1),
    (r"\sqrt[n+1]{x}", [r"x^{\frac{1}{n}}"], 6),
    (r"\sin", [r"\sin needs an argument", r"\sin(x)"], 1),
    (r"\sin xy", [r"\sin(x) y or \sin(x y)"], 1),
    (r"\sin x / 2", ["two ways"], 1),
    (r"\sin{x}^2", [r"\sin(x)^2 or \sin(x^2)"], 1),
    (r"\sin^{-1}(x)", ["two ways", "arcsin(x)", r"1/\sin(x)"], 1),
    (r"\sin^{2+1}(x)", ["behind the whole call"], 1),
    (r"\sin^2(x)^2", ["two powers"], 1),
    (r"\phi + \varphi", ["one name here"], 8),
    (r"\mathcal{L} + L", ["one name here"], 15),
    (r"x_{max} + x_{\max}", ["one name here"], 11),
    (r"f^{(2)}(x) \pi", ["an index or a power"], 1),
    (r"\pi h_{t-s}", ["one index"], 9),
    (r"\begin{cases} x & x > 0 \\ 1 & x < -1 \end{cases}", ["leave open", "otherwise"], 32),
    (r"\begin{cases} x & x > 0", ["never closed"], 1),
    (r"\begin{cases} & x > 0 \\ 1 & \text{else} \end{cases}", ["value is missing"], 15),
    (r"net^{2} + 1", [r"\mathrm{net}", "n e t"], 1),
    (r"\sigma^2(x)", [r"\sigma(x)^2"], 1),
    (r"\sigma x", ["two ways", r"\sigma(x)", r"\sigma*x"], 1),
    (r"\log_10(x)", [r"\log_{10}"], 5),
    (r"\log_{a+b}(x)", [r"\frac{\ln(x)}{\ln(b)}"], 5),
    (r"\max_{i} x", [r"\max takes no index"], 5),
    (r"sin x + \pi", ["s·i·n", r"\sin(x)"], 1),
    (r"xsin(x) + \pi", [r"x \sin(…)"], 2),
    (r"sinx + \pi", [r"\sin(…)"], 1),
    (r"\\frac{x}{y}", ["backslash is doubled", r"write \frac"], 1),
    (r"loss = \pi", ["l·o·s·s", r"\mathrm{loss}"], 1),
    (r"pi r \cdot 2", [r"\pi"], 1),
    (r"\text{learning rate}", [r"\text{learning\_rate}"], 1),
    (r"2e-3 \pi", ["Euler", r"2 \cdot 10^{-3}"], 1),
    (r"{x+1}/{y+1} + \pi", ["doesn't show these braces", r"\left(x+1\right)"], 1),
    (r"{xy}^2 + \pi", ["doesn't show these braces"], 1),
    (r"x[1] + x \cdot y", ["x_{1}"], 1),
    (r"\left( x \right]", [r"\left( and \right] don't belong together"], 1),
    (r"\frac{(x}{y)}", ["( and } don't belong together"], 7),
    (r"\left. x \right|", ["one side without a bracket"], 1),
    (r"x \right)", [r"this \right) closes nothing"], 3),
    (r"\farc{x}{y}", [r"\farc is not a LaTeX command", r"did you mean \frac?"], 1),
    (r"x + \hat{xy}", [r"\hat", "y_{hat}"], 5),
    (r"\frac{\partial f}{\partial x}", ["derivative"], 7),
    (r"\int x", ["closed form"], 1),
    (r"x \pm \infty", ["two formulas"], 3),
    (r"\begin{cases} x \\ 0 \end{cases}", ["has a condition", "& x > 0"], 15),
    (r"$\pi$ + $x$", ["leave the dollar signs out"], 5),
    (r"х + \pi", ["U+0445"], 1),
    ("f = \\pi\n- y", ["line 2", "end of the line before"], 1),
]


@pytest.mark.parametrize(("latex", "words", "column"), REFUSED, ids=[latex for latex, _, _ in REFUSED])
def test_doubtful_latex_is_refused_with_what_to_write(latex: str, words: list[str], column: int) -> None:
    with pytest.raises(FormulaError) as caught:
        read(latex)
    for each in words:
        assert each in caught.value.report()
    place = caught.value.position()
    assert place is not None
    assert place[1] == column


@pytest.mark.parametrize(
    ("latex", "opened"), [(r"\frac{1}{2", 8), (r"\sqrt{x", 5), (r"\sin(x", 4), (r"\left|x", 0)]
)
def test_an_unclosed_bracket_is_shown_at_both_ends(latex: str, opened: int) -> None:
    with pytest.raises(FormulaError, match="never closed") as caught:
        read(latex)
    assert caught.value.span is not None
    assert caught.value.span.start == opened
    assert caught.value.also == (len(latex), len(latex) + 1)


def test_spans_point_into_the_latex() -> None:
    source = r"$\alpha \cdot x_{max}$"
    spans = {token.text: source[slice(*token.span)] for token in tokenize_latex(source, FUNCTIONS)}
    assert spans == {"α": r"\alpha", "multiply": r"\cdot", "x_max": "x_{max}", "": ""}


_SOUP = (
    r"\mathbf{W} \mathbf{x} ^\top ^T \begin{pmatrix} \end{pmatrix} \begin{array}{cc} \end{array} \\ &",
    r"\| \lVert \rVert \left\| \right\| \langle \rangle \sum_i \sum_{ij} \sum \prod_i x_i W_{ij}",
    r"\infty ^{\mathsf{T}} \odot \boldsymbol{\theta} y^\top \operatorname{softmax} \mathbf{x}_1",
    r"\frac \sqrt \sqrt[3] \sin \log \log_2 \max \sigma \pi \alpha \left \right \left( \right) \left|",
    r"\right| \bigl( \lvert \rvert \lfloor \rfloor \{ \} \cdot \le \top ^\top \mathrm{net} \text{",
    r"\operatorname{relu} \begin{cases} \begin{align} \end{align} \\ \, \hat \foo \ { } {} ( ) [ ] |",
    r"^ ^2 _ _1 ^{ _{ x xy sin relu d 10 1 0.5 1e3 + - * / = == < , ; ! ' & ~ $ % # . ² ₁ √ − х ½ @",
)
PIECES = [piece for line in _SOUP for piece in line.split(" ")]


@given(st.lists(st.sampled_from([*PIECES, " ", "\n", "{x}", "(x)"]), max_size=25))
def test_any_soup_of_latex_is_read_or_refused_in_words(pieces: list[str]) -> None:
    source = "\\pi" + "".join(pieces)
    refusal = None
    try:
        read(source)
    except FormulaError as error:
        refusal = error
    if refusal is not None:
        assert refusal.span is not None
        assert 0 <= refusal.span.start <= len(source)
        assert refusal.report()


def _grown(inner: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    """Pairs of LaTeX and plain text that mean the same, built from smaller pairs."""
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: (rf"\frac{{{p[0][0]}}}{{{p[1][0]}}}", f"(({p[0][1]})/({p[1][1]}))")),
        two.map(lambda p: (rf"\left({p[0][0]}\right)^{{{p[1][0]}}}", f"(({p[0][1]})^({p[1][1]}))")),
        two.map(lambda p: (f"{p[0][0]} + {p[1][0]}", f"{p[0][1]} + {p[1][1]}")),
        two.map(lambda p: (rf"({p[0][0]}) \cdot [{p[1][0]}]", f"({p[0][1]})*({p[1][1]})")),
        inner.map(lambda p: (rf"\sqrt[5]{{{p[0]}}}", f"(({p[1]})^(1/5))")),
        inner.map(lambda p: (rf"\tanh{{{p[0]}}}", f"tanh({p[1]})")),
        inner.map(lambda p: (rf"\log_{{2}}\left|{p[0]}\right|", f"log(abs({p[1]}), 2)")),
    )


LEAVES = st.sampled_from(
    [("x_{1}", "x1"), (r"\theta", "θ"), ("2", "2"), ("ab", "a*b"), (r"\frac12", "(1/2)")]
)


@given(st.recursive(LEAVES, _grown, max_leaves=12))
def test_what_is_built_the_same_way_is_read_as_the_same_tree(pair: tuple[str, str]) -> None:
    latex, plain = pair
    assert shown(read(latex + r"\,")) == shown(read(plain))


DEEP = 5_000
NESTS = [
    (r"\frac{1}{", "}", 2 * DEEP + 1),
    (r"\sqrt{", "}", DEEP + 1),
    (r"\sqrt", "", DEEP + 1),
    ("x^{", "}", 2 * DEEP + 1),
    (r"\sin(", ")", DEEP + 1),
    (r"\left|", r"\right|", DEEP + 1),
    ("{", "}", 1),
]


@pytest.mark.parametrize(("before", "after", "nodes"), NESTS, ids=[before for before, _, _ in NESTS])
def test_depth_costs_no_recursion(before: str, after: str, nodes: int) -> None:
    tree = read(before * DEEP + r"\pi" + after * DEEP).statements[0]
    assert not isinstance(tree, Define)
    assert sum(1 for _ in walk(tree.value)) == nodes


@pytest.mark.slow
def test_a_sum_of_100_000_terms_is_read() -> None:
    tokens = tokenize_latex("+".join([r"x_{1}\cdot y"] * 100_000), FUNCTIONS)
    assert len(tokens) == 400_000
