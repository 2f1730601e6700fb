"""Array syntax is printed as it is read: lists, slices, options, @, .T; a loop is its lines written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli import trace
from backtrace_cli.base.errors import FormulaError, ShapeError
from backtrace_cli.graph import Graph, build
from backtrace_cli.language.reading.parser import parse, parse_expression
from backtrace_cli.language.tree.syntax import NOWHERE, Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS, fixed, fixed_text
from backtrace_cli.ops.entries import keys

QUICK = settings(max_examples=400, deadline=None)

# -- what is printed is read back ---------------------------------------------

bounds = st.one_of(
    st.just(Name("")), st.sampled_from(("0", "1", "3", "12")).map(Number), st.just(Name("n")),
    st.sampled_from(("1", "2")).map(lambda text: Call("negative", (Number(text),))),
)  # fmt: skip
slices = st.one_of(
    st.tuples(bounds, bounds), st.tuples(bounds, bounds, bounds.filter(lambda bound: bound != Name("")))
).map(lambda parts: Call("slice", parts))
whole = st.sampled_from(("0", "1", "7")).map(Number)

axis = st.sampled_from(("0", "-1", "[0, 1]", "[0, -2]", "none", "n"))
reduced = st.lists(
    st.one_of(axis.map(lambda text: ("axis", text)), st.sampled_from(("true",
     "false")).map(lambda t: ("keepdims", t))),
    max_size=2, unique_by=lambda pair: pair[0],
).map(tuple)  # fmt: skip
along = st.one_of(st.just(()), axis.map(lambda text: (("axis", text),)))
reduction = st.sampled_from(((), (("reduction", "sum"),), (("reduction", "mean"),)))


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Trees of array syntax one level higher than ``inner``."""
    one, two = st.tuples(inner), st.tuples(inner, inner)
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)

    def called(
        names: str, args: st.SearchStrategy[tuple[Expr, ...]], options: object = ()
    ) -> st.SearchStrategy[Expr]:
        chosen = options if isinstance(options, st.SearchStrategy) else st.just(())
        return st.builds(lambda func, args, options: Call(func, args, NOWHERE, options),
                         st.sampled_from(names.split()), args, chosen)  # fmt: skip

    places = st.lists(st.one_of(slices, slices, whole), min_size=1, max_size=3)
    sliced = places.filter(lambda parts: any(isinstance(part, Call) for part in parts))
    return st.one_of(
        called("sum mean prod max min var std norm logsumexp", one, reduced),
        called("softmax log_softmax", one, along),
        called("mse cross_entropy binary_cross_entropy_with_logits", two, reduction),
        called("concat", some.filter(lambda args: len(args) > 1), along),
        called("matmul add multiply subtract divide power less outer", two),
        called("negative tanh transpose mT", one),
        called("stack", some),
        st.builds(lambda value, parts: Call("index", (value, *parts)), inner, sliced),
        st.builds(lambda value, parts: Call("index", (value, *parts)), inner, some),
        st.builds(
            lambda value, sizes: Call("reshape", (value, *sizes)),
            inner,
            st.lists(whole, min_size=1, max_size=3),
        ),
    )


leaves = st.one_of(
    st.sampled_from(("x", "W", "n", "W1", "β")).map(Name),
    st.sampled_from(("0", "2", ".5", "1e-3")).map(Number),
)
trees: st.SearchStrategy[Expr] = st.recursive(leaves, grown, max_leaves=8)


def bare(tree: Expr) -> Expr:
    """A tree without its places."""
    if not isinstance(tree, Call):
        return tree._replace(span=NOWHERE)
    return Call(tree.func, tuple(map(bare, tree.args)), NOWHERE, tree.options)


@QUICK
@given(trees)
def test_array_syntax_is_read_back(tree: Expr) -> None:
    """Both spellings of a tree with slices, options, lists, @ and .T are parsed as that same tree."""
    for ascii in (False, True):
        text = to_text(tree, ascii=ascii)
        again = parse_expression(text, functions=FUNCTIONS)
        assert bare(again) == bare(tree), text
        assert to_text(again, ascii=ascii) == text


def test_a_transpose_takes_a_superscript() -> None:
    """x.T² is the square of x.T, entry by entry, as it is printed."""
    for text, same in (("x.T²", "x.T^2"), ("x.T⁻¹ + y", "x.T^-1 + y"), ("2.T²", "(2).T^2")):
        assert bare(parse_expression(text)) == bare(parse_expression(same))
    with pytest.raises(FormulaError):
        parse_expression("x.Ty")


values = st.recursive(
    st.one_of(st.integers(-99, 99), st.sampled_from((None, True, False, 0.5, "n", "sum"))),
    lambda inner: st.lists(inner.filter(lambda one: not isinstance(one, tuple)), min_size=1, max_size=4).map(
        tuple
    ),
    max_leaves=5,
)


@QUICK
@given(values)
def test_an_options_value_is_read_back(value: object) -> None:
    """``fixed`` reads what ``fixed_text`` writes."""
    assert fixed(fixed_text(value)) == value


part = st.one_of(
    st.integers(-3, 2),
    st.tuples(st.just("slice"), *[st.one_of(st.none(), st.integers(-4, 4))] * 2,
              st.one_of(st.none(), st.integers(-3, 3).filter(bool))),
)  # fmt: skip


@QUICK
@given(st.lists(part, min_size=1, max_size=3).map(tuple))
def test_an_index_of_any_sort_is_numpys(place: tuple[object, ...]) -> None:
    """Whole numbers and slices, of any sign and step, pick NumPy's entries, and the gradient is 1 there."""
    from backtrace_cli.ops import place_text

    array = np.arange(1.0, 28.0).reshape(3, 3, 3)
    text = f"A[{place_text(place)}]"
    found = trace(text, A=array)
    np.testing.assert_array_equal(found.value, array[keys(place)])
    expected = np.zeros((3, 3, 3))
    expected[keys(place)] = 1
    np.testing.assert_array_equal(found.gradient["A"], expected)
    assert to_text(found.graph.definition(found.graph.output), ascii=True) == text


lists = st.recursive(
    st.one_of(st.integers(-99, 99).map(str), st.sampled_from((".5", "-2.", "1e-3", "-2E+1", "007"))),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=8,
)


@QUICK
@given(lists)
def test_a_list_of_numbers_is_an_array(text: str) -> None:
    """A list of numbers, nested as it may be, is that array, or a ragged one is refused."""
    import ast

    # Python reads the same lists, but for numbers that begin with zeros.
    rows = ast.literal_eval(text.replace("007", "7"))
    try:
        expected = np.array(rows, dtype=float)
    except ValueError:
        with pytest.raises(ShapeError, match="one shape"):
            trace(f"{text}*x", x=1)
        return
    found = trace(f"{text}*x", x=1)
    np.testing.assert_array_equal(found.value, expected)
    assert np.shape(found.value) == expected.shape
    assert float(found.gradient["x"]) == pytest.approx(expected.sum())


# -- loops ----------------------------------------------------------------------


def nodes(graph: Graph) -> list[tuple[object, ...]]:
    """The graph without its places in the text."""
    return [
        (node.op.name if node.op else None, node.args, node.name, node.literal, node.fixed)
        for node in graph.nodes
    ]


BODIES = [
    "h{k} = tanh(W{k} @ h{k-1} + b{k})",
    "a{k} = b{k} + W{k} @ h{k-1}; h{k} = relu(a{k})",
    "h{k} = h{k-1}*k + sum(h{k-1}[0:k], axis=0)",
    "h{k} = concat(h{k-1}, [k, k+1])",
]


def by_hand(body: str, low: int, high: int) -> str:
    """The loop's lines, written out with Python's own formatting."""
    import re

    lines = []
    for k in range(low, high + 1):
        line = re.sub(r"\{k(?:-(\d))?\}", lambda found, k=k: str(k - int(found[1] or 0)), body)
        lines.append(re.sub(r"\bk\b", str(k), line))
    return "\n".join(lines)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(BODIES), st.integers(1, 3), st.integers(0, 6), st.sampled_from(("line", "block", "deep"))
)
def test_a_loop_is_the_lines_it_stands_for(body: str, low: int, length: int, how: str) -> None:
    """A loop of any length, on one line or indented, gives the graph of its lines written by hand."""
    high = low + length
    start, last = f"n = {high}; h{low - 1} = x", f"sum(h{high})"
    loop = f"for k in {low}..{high}: {body}"
    if how == "block":
        loop = f"for k in {low}..{high}:\n  " + body.replace("; ", "\n  ")
    elif how == "deep":
        loop = f"for k in {low}..n:\n    for j in 1..1:\n        " + body.replace("; ", "\n        ")
    looped = build(f"{start}\n{loop}\n{last}")
    written = build(f"{start}\n{by_hand(body, low, high)}\n{last}")
    assert nodes(looped) == nodes(written)


def test_a_loop_over_layers_is_a_network_of_any_depth() -> None:
    """The size of a loop may come from the point, and value and gradient are those of the lines."""
    draw = np.random.default_rng(0)
    at: dict[str, object] = {f"W{k}": draw.normal(size=(3, 3)) for k in range(1, 6)} | {
        "x": draw.normal(size=3)
    }
    looped = "h0 = x\nfor k in 1..L: h{k} = tanh(W{k} @ h{k-1})\nsum(h{L}^2)"
    written = (
        "; ".join(f"h{k} = tanh(W{k} @ {f'h{k - 1}' if k > 1 else 'x'})" for k in range(1, 6)) + "; sum(h5^2)"
    )
    found, expected = trace(looped, {**at, "L": 5}), trace(written, at)
    assert float(found.value) == float(expected.value)
    for name, gradient in expected.gradient.items():
        np.testing.assert_array_equal(found.gradient[name], gradient)


@pytest.mark.parametrize(("source", "expected"), [
    ("for k in 1..3: s{k} = x^k\ns1 + s2 + s3", 14.0),
    ("for i in 1..2: for j in 1..2: s{i}{j} = x*i + j\ns1_1 + s1_2 + s2_1 + s2_2", 18.0),
    ("n = 2\nfor k in 0..n: t{k} = x + k\nt{n}", 4.0),
    ("s0 = x\nfor k in 1..0: s{k} = 99\ns0", 2.0),
])  # fmt: skip
def test_loops_by_their_values(source: str, expected: float) -> None:
    """Counters are numbers, two counters make a name of two, and an empty range does nothing."""
    assert float(trace(source, x=2).value) == expected


def test_a_function_of_ones_own_may_index_by_its_argument() -> None:
    """A whole number handed to a function is known inside it, and hides a name outside."""
    assert float(trace("n = 0; pick(t, n) = t[n]; pick(x, 2) + 10*pick(x, 1)", x=[1, 2, 3]).value) == 23
    assert float(trace("n = 1; m = n; x[m] + sum(x[n:])", x=[1, 2, 3]).value) == 7
    assert len(parse("x[0:1]", functions=FUNCTIONS).statements) == 1
