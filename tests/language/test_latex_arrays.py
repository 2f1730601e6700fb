r"""Arrays in LaTeX: which product is a matrix product, and what else a page writes arrays with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.api import trace
from backtrace_cli.base.errors import FormulaError
from tests.language.test_latex_input import read, shown

#: LaTeX, and the plain formula that means the same.
SAME = [
    # a matrix and what stands on its right
    (r"\mathbf{W}\mathbf{x} + \mathbf{b}", "W @ x + b"),
    (r"\boldsymbol{W}\bm{x}", "W @ x"),
    (r"\mathbf{W}_2\sigma(\mathbf{W}_1\mathbf{x} + \mathbf{b}_1)", "W2 @ σ(W1 @ x + b1)"),
    (r"\mathbf{W}(\mathbf{x}+\mathbf{y})", "W @ (x + y)"),
    (r"\mathbf{W}\frac{\mathbf{x}}{2}", "W @ (x/2)"),
    (r"\mathbf{W}\left|\mathbf{x}\right|", "W @ abs(x)"),
    (r"|\mathbf{W}\mathbf{x}|", "abs(W @ x)"),
    (r"\mathbf{A}\mathbf{B}\mathbf{x}", "A @ B @ x"),
    (r"\mathbf{x}\mathbf{W}", "x @ W"),
    (r"\mathbf{W} @ \mathbf{x}", "W @ x"),
    (r"\bm{\Sigma}\bm{\mu}", "Σ @ μ"),
    # numbers in front, and functions and names in between
    (r"2\alpha\mathbf{W}\mathbf{x}", "2*α*W @ x"),
    (r"x\mathbf{W}", "x*W"),
    (r"\frac12\mathbf{h}^\top\mathbf{h}", "(1/2)*h.T @ h"),
    (r"\mathbf{m}\odot\mathbf{W}\mathbf{x}", "m*(W @ x)"),
    (r"-\mathbf{W}\mathbf{x}", "-(W @ x)"),
    (r"\frac{1}{\mathbf{W}\mathbf{x}}", "1/(W @ x)"),
    (r"h = \mathbf{W}\mathbf{x}; \mathbf{V}h", "h = W @ x; V @ h"),
    (r"z = \mathbf{w}^\top\mathbf{x}; \mathbf{x}z + z\mathbf{x}", "z = w.T @ x; x*z + z*x"),
    (r"g(t) = \tanh(t); \mathbf{V}g(\mathbf{W}\mathbf{x})", "g(t) = tanh(t); V @ g(W @ x)"),
    (r"g(t) = t^\top t; g(\mathbf{x})\mathbf{x}", "g(t) = t.T @ t; g(x)*x"),
    (r"f(\mathbf{x}) = \mathbf{x}^\top\mathbf{x}", "f(x) = x.T @ x"),
    (r"\mathbf{x}\operatorname{mean}(\mathbf{y}) + \mathbf{x}\max(\mathbf{y})", "x*mean(y) + x*max(y)"),
    (r"(\mathbf{y}-\mathbf{t})^2", "(y-t)^2"),
    # transposes: inner, outer, and where a number stands between them
    (r"\mathbf{x}^\top\mathbf{A}\mathbf{x}", "x.T @ A @ x"),
    (r"\mathbf{x}\mathbf{y}^\top", "outer(x, y.T)"),
    (r"\mathbf{W}\mathbf{x}\mathbf{y}^\top", "outer(W @ x, y.T)"),
    (r"\mathbf{a}^\top\mathbf{b}\,\mathbf{c}", "(a.T @ b)*c"),
    (r"\mathbf{a}(\mathbf{b}^\top\mathbf{c} + 1) + \mathbf{a}", "a*(b.T @ c + 1) + a"),
    (r"(\mathbf{A}\mathbf{x})^\top\mathbf{y}", "(A @ x).T @ y"),
    (r"\mathbf{w}^T\mathbf{x} + \mathbf{w}^{T}\mathbf{x}", "w.T @ x + w.T @ x"),
    (r"\mathbf{W}^{\mathsf T}\mathbf{x} + \mathbf{W}^{\mathrm{T}}\mathbf{x}", "W.T @ x + W.T @ x"),
    (r"\mathbf{W}^{\intercal}\mathbf{x} + \mathbf{W}^\text{T}\mathbf{x}", "W.T @ x + W.T @ x"),
    # without bold letters a transpose shows what is an array
    (r"W^\top x + W^T y", "W.T @ x + W.T @ y"),
    (r"w^\top x", "w.T @ x"),
    (r"\alpha w^\top x", "α*w.T @ x"),
    (r"x x^\top", "outer(x, x.T)"),
    # where T is a variable, or its base is a number, it is a power
    (r"W^T + 2T\pi", "W^T + 2*T*π"),
    (r"(1+r)^T + e^T + \gamma^T", "(1+r)^T + e^T + γ^T"),
    (r"x^{\mathit{T}} \cdot \pi", "x^(T)*π"),
    # products that stay what they were
    (r"Wx + \pi", "W*x + π"),
    (r"W \cdot x \odot y", "W*x*y"),
    (r"\lambda \cdot \mathbf{w} + \mathbf{w} \cdot 2", "λ*w + w*2"),
    # written-out matrices
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}\mathbf{x}", "[[1, 2], [3, 4]] @ x"),
    ("\\begin{bmatrix}\n a & -b \\\\\n \\frac{1}{2} & x^2 \\\\\n\\end{bmatrix}", "[[a, -b], [1/2, x^2]]"),
    (r"\left[\begin{array}{c|c} a & b \\[2pt] c & d \end{array}\right]", "[[a, b], [c, d]]"),
    (r"\mathbf{W}\begin{pmatrix}1\\-2\end{pmatrix}", "W @ [1, -2]"),
    (r"2\begin{pmatrix}1 & 2\end{pmatrix}", "2*[1, 2]"),
    (r"\begin{pmatrix}1 & 2\end{pmatrix}\begin{pmatrix}x \\ y\end{pmatrix}", "[1, 2] @ [x, y]"),
    (r"\begin{pmatrix}x \\ y\end{pmatrix}\begin{pmatrix}1 & 2\end{pmatrix}", "outer([x, y], [1, 2])"),
    (r"\begin{pmatrix}1 & 2\end{pmatrix}^\top", "[1, 2].T"),
    (r"\begin{align} a &= x \\ b &= \begin{pmatrix} a & 1 \end{pmatrix} \end{align}", "a = x; b = [a, 1]"),
    # norms and inner products
    (r"\lVert x \rVert + \|x\| + \left\|x\right\|_2 + \Vert x \Vert_F", "norm(x)+norm(x)+norm(x)+norm(x)"),
    (r"\lVert x \rVert^2 + \|x\|_2^2 + \|x\|^2_2", "norm(x)^2 + norm(x)^2 + norm(x)^2"),
    (r"\|x\|_1 + \lVert x \rVert_{\infty}", "sum(abs(x)) + max(abs(x))"),
    (r"\|x\|\|y\|z", "norm(x)*norm(y)*z"),
    (r"\log\|z\| + \|\mathbf{y} - \mathbf{W}\mathbf{x}\|^2", "log(norm(z)) + norm(y - W @ x)^2"),
    (r"x\lVert\mathbf{w}\rVert\mathbf{w}", "x*norm(w)*w"),
    (r"2\langle a, b + 1 \rangle c + \left\langle\mathbf{x}, \mathbf{y}\right\rangle", "2*(a@(b+1))*c + x@y"),
    # functions and their options
    (r"\operatorname{softmax}(\mathbf{W}\mathbf{x}) + \mathrm{softmax}(z) + \text{softmax}(z)",
     "softmax(W @ x) + softmax(z) + softmax(z)"),
    (r"\operatorname{sum}(X, \mathrm{axis}=0)", "sum(X, axis=0)"),
    # sums over all entries
    (r"\sum_i x_i", "sum(x)"),
    (r"\sum_{i} w_i x_i + b", "sum(w*x) + b"),
    (r"\sum_ix_i^2", "sum(x^2)"),
    (r"-\sum_i t_i \log y_i", "-sum(t*log(y))"),
    (r"\log\sum_j e^{z_j}", "log(sum(e^z))"),
    (r"\sum_{i,j} W_{ij}^2 + \sum_{ij} |V_{ij}|", "sum(W^2) + sum(abs(V))"),
    (r"\frac{1}{n}\sum_i (x_i - y_i)^2", "(1/n)*sum((x-y)^2)"),
    (r"\sum_i x_i \sum_j y_j", "sum(x*sum(y))"),
    (r"\lVert \sum_i -x_i \rVert + \sqrt{\sum_i x_i^2}", "norm(sum(-x)) + sqrt(sum(x^2))"),
    (r"\mathbf{x}\sum_i x_i", "x*sum(x)"),
    (r"\frac{e^{z_1}}{\sum_j e^{z_j}}", "e^z[0]/sum(e^z)"),
    (r"\frac{e^{z_0}}{\sum_j e^{z_j}} + z_1", "e^z[0]/sum(e^z) + z[1]"),
    (r"\frac{e^{z_i}}{\sum_j e^{z_j}}", "e^z/sum(e^z)"),
    (r"-\sum_i y_i \log \frac{e^{z_i}}{\sum_j e^{z_j}}", "-sum(y*log(e^z/sum(e^z)))"),
    (r"\frac{1}{N}\sum_{n=1}^N (y_n - w x_n)^2", "N = size(y); (1/N)*sum((y - w*x)^2)"),
    (r"\prod_i x_i", "prod(x)"),
    (r"\frac12\log|\mathbf{S}|", "(1/2)*log(det(S))"),
    (r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", "det([[a, b], [c, d]])"),
    (r"\det(A) + \operatorname{tr}(A)", "det(A) + tr(A)"),
    (r"\alpha w^T x + x^T A x", "α*w.T @ x + x.T @ A @ x"),
    (r"\theta^T x", "θ.T @ x"),
    (r"(x-\mu)^T \Sigma (x-\mu)", "(x - μ).T @ Σ @ (x - μ)"),
    (r"\mathbb{E}\left[(y - \hat{y})^2\right]", "mean((y - y_hat)^2)"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "plain"), SAME, ids=[latex for latex, _ in SAME])
def test_latex_of_arrays_is_read_as_the_plain_formula(latex: str, plain: str) -> None:
    assert shown(read(latex)) == shown(read(plain))


#: LaTeX that is refused, words of the report, and the caret's column counted from 1.
REFUSED = [
    (r"\mathbf{W}x", ["is x an array or a number", r"\mathbf{W} @ x", r"\mathbf{W} \cdot x"], 1),
    (r"\mathbf{a}\mathbf{b}", [r"\mathbf{a}^\top \mathbf{b}", r"\mathbf{b}^\top for the outer", r"\odot"], 1),
    (r"\mathbf{W}\mathbf{y}^\top", ["a matrix and a row"], 1),
    (r"\mathbf{w}\cdot\mathbf{x}", ["two ways", r"\mathbf{w}^\top \mathbf{x}", r"\odot \mathbf{x}"], 1),
    (r"\mathbf{W}\times\mathbf{x}", ["two ways", r"write \mathbf{W} \mathbf{x} for the matrix product"], 1),
    (r"1/\mathbf{W}\mathbf{x}", ["two ways", r"\frac{1}{\mathbf{W}\mathbf{x}}"], 1),
    (r"\mathbf{W}^2", [r"\mathbf{W} \mathbf{W}", r"\mathbf{W} \odot \mathbf{W}"], 1),
    (r"\mathbf{x}^{\top}W\mathbf{x}", [r"write \mathbf{x}^{\top} @ W for"], 1),
    (r"\mathbf{A}^{3} + \mathbf{W}^{2}", [r"\mathbf{A} \mathbf{A} \cdots"], 1),
    (r"\mathbf{W}^{-1}\mathbf{x}", ["inverse of a matrix"], 1),
    (r"c w^\top x", ["is c an array or a number", r"\mathbf{c}", r"c \cdot w^\top"], 1),
    (r"\mathbf{w}^\top x", ["is x an array or a number"], 1),
    (r"\mathbf{x} + x", [r"x and \mathbf{x} are one name"], 14),
    (r"\mathbf{x} + x_1", ["a variable of its own", "x[0]"], 14),
    (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", ["row 2 of this matrix has 1 entry, row 1 has 2"], 28),
    (r"\begin{pmatrix} 1 & \\ 3 & 4 \end{pmatrix}", ["an entry of this matrix is empty"], 21),
    (r"\begin{pmatrix}\end{pmatrix}", ["an entry of this matrix is empty"], 16),
    (r"\begin{pmatrix} 1, 2 \end{pmatrix}", ["write & between columns"], 18),
    (r"\begin{pmatrix} 1 & 2; 3 & 4 \end{pmatrix}", ["; can't part", "write & between columns"], 22),
    (r"\begin{pmatrix} 1 & 2", ["never closed", r"\end{pmatrix}"], 1),
    (r"\begin{pmatrix} 1 & (2 \\ 3 & 4) \end{pmatrix}", ["don't belong together"], 21),
    (r"\begin{pmatrix} 1 \end{bmatrix}", ["closes nothing", r"\end{pmatrix}"], 19),
    (r"\begin{pmatrix}\begin{pmatrix}1\end{pmatrix}\end{pmatrix}", ["inside a matrix"], 16),
    (r"\|x\|_3", ["1, 2, F", r"\operatorname{sum}(|x|^{3})^{1/3}"], 6),
    (r"\|\|", ["nothing between"], 1),
    (r"\langle x \rangle", ["two vectors", r"\langle a, b \rangle"], 1),
    (r"\langle a, b, c \rangle", ["two vectors"], 1),
    (r"\langle A, B \rangle", ["not of matrices", r"write \operatorname{sum}(A \odot B)"], 1),
    (r"\sum_i^n x_i", ["bounds"], 1),
    (r"\sum_{i=2}^{n} x_i", ["bounds are not known", "--at n=3"], 1),
    (r"\sum_{i=1} x_i", ["no upper bound"], 1),
    (r"\sum_{i=a}^{3} x_i", ["begins at a whole number"], 9),
    (r"\sum_{i=1}^{1000000} x_i^2", ["too long"], 1),
    (r"\sum x", ["needs the index"], 1),
    (r"\sum(x)", [r"write \operatorname{sum}(x)"], 1),
    (r"\sum_i c", ["nothing in this sum has the index i"], 1),
    (r"\sum_i i x_i", ["counts the terms"], 8),
    (r"\sum_j W_{ij} x_j", [r"\mathbf{W}\mathbf{x}"], 1),
    (r"\sum_i \mathbf{x}_i", ["in another way"], 1),
    (r"\sum_i x_i + y_i", ["outside the sum", r"\sum_i (… + y_i)"], 14),
    (r"\sum_i x_i x", ["one array here"], 12),
    (r"|\sum_i x_i|", [r"\lvert"], 12),
    (r"\vec{y}", [r"\vec puts a mark"], 1),
    (r"a \otimes b", [r"\operatorname{outer}(a, b)"], 3),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "words", "column"), REFUSED, ids=[latex for latex, _, _ in REFUSED])
def test_doubtful_latex_of_arrays_is_refused(latex: str, words: list[str], column: int) -> None:
    with pytest.raises(FormulaError) as caught:
        read(latex)
    for each in words:
        assert each in caught.value.report()
    place = caught.value.position()
    assert place is not None
    assert place[1] == column


# -- products against NumPy's two-dimensional matrices --------------------------


class Factor(NamedTuple):
    """A piece of LaTeX, and its value as a matrix; None where the page makes no product."""

    latex: str
    value: np.ndarray | None


_DRAW = np.random.default_rng(7)
POINT = {
    "A": _DRAW.normal(size=(3, 3)), "B": _DRAW.normal(size=(3, 3)),
    "x": _DRAW.normal(size=3), "y": _DRAW.normal(size=3), "a": 0.7,
}  # fmt: skip
LETTERS = [
    Factor(r"\mathbf{A}", POINT["A"]),
    Factor(r"\mathbf{B}^\top", POINT["B"].T),
    Factor(r"\mathbf{x}", POINT["x"][:, None]),
    Factor(r"\boldsymbol{y}", POINT["y"][:, None]),
    Factor(r"\mathbf{x}^T", POINT["x"][None, :]),
    Factor(r"\mathbf{y}^{\mathsf{T}}", POINT["y"][None, :]),
]


def product(factors: list[Factor]) -> Factor:
    """The factors side by side, multiplied from the left as matrices are."""
    whole = factors[0].value
    for factor in factors[1:]:
        if whole is None or factor.value is None:
            return Factor("".join(each.latex for each in factors), None)
        if whole.size == 1 or factor.value.size == 1:
            whole = whole * factor.value
        elif whole.shape[1] == factor.value.shape[0]:
            whole = whole @ factor.value
        elif whole.shape[1] == 1 and factor.value.shape == (3, 3):
            whole = whole.T @ factor.value  # where vectors are rows, x W is the product
        else:
            whole = None
    return Factor(" ".join(each.latex for each in factors), whole)


def grown(inner: st.SearchStrategy[Factor]) -> st.SearchStrategy[Factor]:
    bracketed = inner.map(lambda each: Factor(rf"\left({each.latex}\right)", each.value))
    halved = inner.map(lambda each: Factor(rf"\frac{{{each.latex}}}{{2}}", _of(each.value, lambda v: v / 2)))
    tanh = inner.map(lambda each: Factor(rf"\tanh({each.latex})", _of(each.value, np.tanh)))
    turned = inner.map(lambda each: Factor(rf"\left({each.latex}\right)^\top", _of(each.value, np.transpose)))
    normed = inner.map(
        lambda each: Factor(
            rf"\lVert {each.latex} \rVert", _of(each.value, lambda v: np.array([[np.sqrt((v**2).sum())]]))
        )
    )
    piece = st.one_of(st.sampled_from(LETTERS), bracketed, halved, tanh, turned, normed)
    return st.lists(piece, min_size=1, max_size=4).map(product)


def _of(value: np.ndarray | None, function: object) -> np.ndarray | None:
    return None if value is None else function(value)  # type: ignore[operator]


chains = st.recursive(st.sampled_from(LETTERS), grown, max_leaves=8)


@settings(deadline=None, max_examples=150)
@given(chains)
def test_products_are_those_of_matrices(chain: Factor) -> None:
    """Columns and rows of NumPy's matrices are the witness: the same value, or no product on either side."""
    source = r"2a " + chain.latex
    names = {name: value for name, value in POINT.items() if name in "a" or f"{{{name}}}" in source}
    if chain.value is None:
        with pytest.raises(FormulaError):
            trace(source, names)
        return
    found = np.asarray(trace(source, names).value)
    np.testing.assert_allclose(found.ravel(), 1.4 * chain.value.ravel(), rtol=1e-9, atol=1e-12)


def test_a_network_on_a_page_has_the_gradients_of_its_plain_form() -> None:
    """The same losses, written as in a paper and as a formula file, give the same gradients."""
    page = r"""\begin{align}
        \mathbf{h} &= \tanh(\mathbf{W}_1\mathbf{x} + \mathbf{b}_1) \\
        L &= \frac{1}{2}\lVert \mathbf{W}_2\mathbf{h} - \mathbf{t} \rVert^2 + \lambda\sum_{ij} V_{ij}^2
    \end{align}"""
    plain = "h = tanh(W1 @ x + b1)\nL = (1/2)*norm(W2 @ h - t)^2 + λ*sum(V^2)"
    draw = np.random.default_rng(3)
    point = {
        "W1": draw.normal(size=(4, 3)), "W2": draw.normal(size=(2, 4)), "x": draw.normal(size=3),
        "b1": draw.normal(size=4), "t": draw.normal(size=2), "λ": 0.1, "V": draw.normal(size=(2, 2)),
    }  # fmt: skip
    one, other = trace(page, point).gradient, trace(plain, point).gradient
    assert one.keys() == other.keys() == point.keys()
    for name in point:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-12)


DEEP = 2_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\lVert ", r" \rVert"),
        (r"\left\|", r"\right\|"),
        (r"\langle 1, ", r" \rangle"),
        (r"\mathbf{A}(", ")"),
    ],
)
def test_depth_of_arrays_costs_no_recursion(before: str, after: str) -> None:
    assert shown(read(before * DEEP + r"\mathbf{x}" + after * DEEP))


@pytest.mark.slow
def test_long_products_and_sums_are_read_in_linear_time() -> None:
    """100,000 factors and terms: a scan of the whole at each of them would never end."""
    read(r"\mathbf{A}" * 20_000 + r"\mathbf{x}")
    read("+".join([r"\mathbf{A}\mathbf{x}"] * 20_000))
    read("+".join([r"\sum_i x_i^2"] * 20_000))
    read(r"\begin{pmatrix}" + r"1 & 2 \\" * 20_000 + r"\end{pmatrix}")
    read("+".join([r"\|x\|_1^2"] * 20_000))
