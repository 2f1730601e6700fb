r"""LaTeX that is written is read back as the same tree, for every op and random formulas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.latex import latex_name, to_latex
from backtrace_cli.language.tree.latex_letters import GREEK
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, rebuild
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS, OPS, Op, find, rule

NAMES = [
    "x",
    "y",
    "x1",
    "x_1",
    "W_ih",
    "loss",
    "loss2",
    "alpha",
    "β",
    "σ_y",
    "y_hat",
    "ε_bar",
    "h1_t",
    "a_b_c",
    "e",
    "v12",
]


def spelled(tree: Expr) -> str:
    """A tree as text, its names and functions in the reader's spelling."""

    def make(node: Expr) -> Expr:
        if isinstance(node, Name):
            letters, digits = node.name, ""
            if "_" in letters and letters.split("_")[1][:1].isdigit():
                letters, _, digits = letters.partition("_")
            stem, _, rest = letters.partition("_")
            return Name(GREEK.get(stem, stem) + (f"_{rest}" if rest else "") + digits)
        if isinstance(node, Call):
            op = find(node.func, len(node.args))
            return node._replace(func=op.name if op else node.func)
        return node

    return to_text(rebuild(tree, make), ascii=True)


def read_back(tree: Expr) -> str:
    latex = to_latex(tree)
    return spelled(parse_expression(rf"\({latex}\)", functions=FUNCTIONS | {op.name for op in OPS.values()}))


def calls() -> st.SearchStrategy[Expr]:
    """Trees over every op that a formula may call, three deep and more."""
    leaves = st.one_of(
        st.sampled_from(NAMES).map(Name), st.sampled_from(["0", "1", "2", "10", "0.5", "3.25"]).map(Number)
    )

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        def call(op: Op, args: list[Expr]) -> Expr:
            count = 2 if op.variadic else op.arity
            return Call(op.called, tuple(args[:count]))

        ops = [op for op in OPS.values() if not op.options.startswith("*")]
        return st.builds(call, st.sampled_from(ops), st.lists(inner, min_size=3, max_size=3))

    return st.recursive(leaves, grown, max_leaves=8)


@given(calls())
def test_what_is_written_is_read_back_as_the_same_tree(tree: Expr) -> None:
    assert read_back(tree) == spelled(tree), to_latex(tree)


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_every_rule_is_read_back(op: Op) -> None:
    """The rules of the declarations hold every op, option and index there is."""
    for slot in range(1 if op.variadic else op.arity):
        tree = rule(op, slot, 2 if op.variadic else op.arity)
        assert read_back(tree) == spelled(tree), to_latex(tree)


@pytest.mark.parametrize(
    ("name", "latex"),
    [("x", "x"), ("x12", "x_{12}"), ("W_ih", "W_{ih}"), ("alpha", r"\alpha"), ("β1", r"\beta_{1}"),
     ("loss", r"\mathrm{loss}"), ("y_hat", r"\hat{y}"), ("h1_t", "h_{1,t}"), ("x_max", r"x_{\mathrm{max}}")],
)  # fmt: skip
def test_names_are_typeset(name: str, latex: str) -> None:
    assert latex_name(name) == latex


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("(x+1)^2/sqrt(y)", r"\frac{(x + 1)^{2}}{\sqrt{y}}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("-x^2*(-y)", r"-x^{2} \cdot (-y)"),
        ("W.T @ x", r"W^{\top} \,@\, x"),
        ("-log(f[y])", r"-\log(f_{[y]})"),
        ("[[1, x], [y, 2]]", r"\begin{pmatrix} 1 & x \\ y & 2 \end{pmatrix}"),
        ("σ(x)*|x|", r"\sigma(x) \cdot \left|x\right|"),
        ("log(x, 2) + cbrt(x)", r"\log_{2}\left(x\right) + \sqrt[3]{x}"),
    ],
)
def test_formulas_are_typeset(plain: str, latex: str) -> None:
    assert to_latex(parse_expression(plain, functions=FUNCTIONS)) == latex


def test_depth_costs_no_recursion() -> None:
    tree: Expr = Name("x")
    for _ in range(5000):
        tree = Call("negative", (tree,))
    assert to_latex(tree).count("-") == 5000
