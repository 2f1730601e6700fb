"""Anything at all may be typed: the answer is a trace or a kind error, soon, and never a traceback."""

from __future__ import annotations

import json
import signal
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtrace_cli import BacktraceError, Trace, trace
from backtrace_cli.cli import main
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.syntax import NOWHERE, OPERATORS, Call, Expr, Name, Number, names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS

QUICK = settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


words = str.split

PLAIN = words(
    "x y z x1 x₁ β sigma e pi xy and if sin cos log max where clip relu f g 0 1 2 3.5 .5 1e3 1e999 "
    "+ - * / ^ ** · − ÷ √ ² ⁻¹ ( ) [ ] | , ; = == < <= != ≤ @ .T ' ! # f(t)= g(a,b)= a= inf nan"
)
PLAIN += [" ", "\n"]
LATEX = words(
    r"x y z 0 1 12 + - = ( ) | ^ _ { } \frac \sin \log_2 \sqrt \sqrt[3] \sigma \cdot \left( \right) \left| "
    r"\right| {2} {x} ^{2} _1 _{ij} \pi \mathrm{net} \operatorname{relu} \begin{cases} \end{cases} & \\ $ \, "
)
STRANGE = [
    *words(r"1.2.3 0x1F 1_000 ⁺ # % { } $ & ½ х ∞ “ ˣ x=1 y=[1,2] [[1],[2,3]] @a.npy \frac"),
    *("\t", "\r\n", "\x00", "\x1b[31m", "\u200b", "\u202e", "\ud800", "\ufeff", "\u2028"),
]
TOKENS = [*PLAIN, *LATEX, *STRANGE]
VALID = (
    "x^2 - (x+y)*y + y^2",
    "s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k",
    "g(t) = t^2; g(x) + g(y)",
    "where(x < y, log(x + 2), |x - y|)\n+ max(x, y, 1)",
    "2x(y+1) - √(x² + 1)/3 # a comment",
    r"\frac{x+\sigma(y)}{\sigma(x)+(x+y)^{2}}",
    "x=1, y=pi/2",
    "x=[[1,2],[3,4]], y=1e-3",
)

anything = st.text(st.characters(), max_size=60)
soup = st.one_of(
    *(
        st.lists(st.sampled_from(tokens), max_size=14).map(link.join)
        for tokens in (PLAIN, LATEX, TOKENS)
        for link in ("", " ")
    )
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid text with a few pieces taken out, put in or doubled."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        text = text[:start] + draw(st.sampled_from(("", *PLAIN, text[start:end] * 2))) + text[end:]
    return text


texts = st.one_of(anything, soup, mutated())


@contextmanager
def seconds(most: int) -> Iterator[None]:
    """Stop a test that computes longer; the clock is the processor's, however busy the machine is."""

    def stop(*_: object) -> NoReturn:
        raise TimeoutError(f"no answer within {most} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, most)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def steers(text: str) -> list[str]:
    """The characters of ``text`` that could steer a terminal."""
    steering = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return [char for char in text if char != "\n" and unicodedata.category(char) in steering]


def constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def settle(call: Callable[[], Trace]) -> Trace | None:
    """What a call gives: a trace whose JSON is strict, or None after a readable error."""
    try:
        found = call()
    except BacktraceError as error:
        report = error.report()
        assert report.strip()
        assert not steers(report)
        assert max(map(len, report.split("\n"))) < 6000
        return None
    record = json.loads("".join(found.json_chunks()), parse_constant=constant)
    assert record["schema_version"] == 1
    return found


@QUICK
@given(texts)
def test_any_formula_is_traced_or_refused(text: str) -> None:
    """Whatever the formula, there is a trace with strict JSON or a BacktraceError with a safe report."""
    with seconds(20):
        settle(lambda: trace(text))


@QUICK
@given(texts)
def test_any_formula_at_a_point(text: str) -> None:
    """The same with values, where domains, overflow and nan come in."""
    with seconds(20):
        settle(lambda: trace(text, "x=1,y=2"))
        settle(lambda: trace(text, "x=-1,y=0", exact=True))


@QUICK
@given(texts)
def test_any_point_is_read_or_refused(text: str) -> None:
    """Whatever is given to --at, there is a trace or a BacktraceError with a safe report."""
    with seconds(20):
        settle(lambda: trace("x*y", text))
        settle(lambda: trace("x + log(y)", f"x={text},y=1"))


@settings(QUICK, max_examples=200)
@given(texts, st.sampled_from(("formula", "point", "seed", "plain")))
def test_any_words_on_the_command_line(text: str, place: str) -> None:
    """The command prints a page or an error, and in neither a character that steers the terminal."""
    ways = {
        "formula": [text],
        "point": ["x*y", "--at", text],
        "seed": ["--seed", text, "--", text],
        "plain": [text, "--at", "x=1,y=2", "--plain"],
    }
    with seconds(20):
        result = CliRunner().invoke(main, ["eval", *ways[place]])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert (result.exit_code == 0) != bool(result.stderr)
    assert not steers(result.stdout + result.stderr)


# -- trees ------------------------------------------------------------------

BINARY = tuple(name for name in OPERATORS if name not in ("negative", "matmul"))
NAMES = ("x", "y", "x1", "beta", "β", "s_t", "e", "pi", "x̄")
NUMBERS = ("0", "1", "2", "10", "2.5", ".5", "3.", "1e-3", "1E5", "12345")
ONE = words("negative sin sigmoid exp log log1p abs sqrt cbrt floor relu asin tanh")
TWO = (*BINARY, "log_base", "atan2", "hypot", "max", "min")
THREE = ("where", "clip", "max")

leaves = st.one_of(st.sampled_from(NAMES).map(Name), st.sampled_from(NUMBERS).map(Number))


def calls(
    funcs: st.SearchStrategy[str], args: st.SearchStrategy[tuple[Expr, ...]]
) -> st.SearchStrategy[Expr]:
    """Calls without options. (``st.builds`` would make options up: any text at all.)"""
    return st.tuples(funcs, args).map(lambda pair: Call(*pair))


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Trees one level higher than ``inner``."""
    return st.one_of(
        calls(st.sampled_from(ONE), st.tuples(inner)),
        calls(st.sampled_from(TWO), st.tuples(inner, inner)),
        calls(st.sampled_from(THREE), st.tuples(inner, inner, inner)),
    )


bounds = st.sampled_from([Name(""), Number("0"), Number("2"), Name("n"), Call("negative", (Number("1"),))])
slices = st.lists(bounds, min_size=2, max_size=3).map(lambda some: Call("slice", tuple(some)))
axes = st.sampled_from([(), (("axis", "0"),), (("axis", "-1"), ("keepdims", "true")), (("keepdims", "n"),)])


def written(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """The same, with what only arrays can be given: products, lists, slices and options."""
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        grown(inner),
        calls(st.just("matmul"), st.tuples(inner, inner)),
        calls(st.just("stack"), some),
        calls(st.just("index"), st.tuples(inner, inner)),
        calls(st.just("index"), st.tuples(inner, slices, bounds.filter(lambda bound: bound != Name("")))),
        calls(st.just("index"), st.tuples(inner, slices)),
        calls(st.just("transpose"), st.tuples(inner)),
        st.builds(
            lambda func, arg, options: Call(func, (arg,), options=options),
            st.sampled_from(["sum", "mean", "norm"]), inner, axes,
        ),
    )  # fmt: skip


trees: st.SearchStrategy[Expr] = st.recursive(leaves, grown, max_leaves=12)
forms: st.SearchStrategy[Expr] = st.recursive(leaves, written, max_leaves=12)


def bare(tree: Expr) -> Expr:
    """A tree without its places; σ is another spelling of sigmoid, log of log_base."""
    if not isinstance(tree, Call):
        return tree._replace(span=NOWHERE)
    func = {"σ": "sigmoid", "log_base": "log"}.get(tree.func, tree.func)
    return Call(func, tuple(map(bare, tree.args)), options=tree.options)


@pytest.mark.slow
@QUICK
@given(forms)
def test_what_is_printed_is_read_back(tree: Expr) -> None:
    """Both spellings of a tree, pretty and ASCII, are parsed as that same tree."""
    for ascii in (False, True):
        text = to_text(tree, ascii=ascii)
        again = parse_expression(text, functions=FUNCTIONS)
        assert bare(again) == bare(tree), text
        assert to_text(bare(again), ascii=True) == to_text(bare(tree), ascii=True)


@pytest.mark.slow
@QUICK
@given(
    trees,
    st.lists(st.floats(), min_size=len(NAMES), max_size=len(NAMES)),
    st.sampled_from(("float", "exact", "list", "none")),
)
def test_any_tree_at_any_point(tree: Expr, values: list[float], how: str) -> None:
    """At huge, tiny, infinite and undefined values, and at none, JSON is strict and a page prints."""
    text, names = to_text(tree), names_in(tree)
    point: dict[str, Any] | None = {n: v for n, v in zip(NAMES, values, strict=True) if n in names}
    if how == "list":
        point = {n: [v, 1.0] for n, v in (point or {}).items()}
    with seconds(20):
        found = settle(lambda: trace(text, None if how == "none" else point, exact=how == "exact"))
        if found is not None:
            assert not steers(str(found))


# -- huge things --------------------------------------------------------------

DOUBLING = "f1(t)=t+t;" + ";".join(f"f{i}(t)=f{i - 1}(f{i - 1}(t))" for i in range(2, 41)) + ";f40(x)"
SHARED = "f1(t)=t+t;" + ";".join(f"f{i}(t)=f{i - 1}(t)+f{i - 1}(t)" for i in range(2, 41)) + ";f40(x)"
HUGE: dict[str, tuple[str, dict[str, Any]]] = {
    "100,000 terms": ("+".join(["x"] * 100_000), {"x": 1}),
    "5,000 parentheses": ("(" * 5000 + "x" + ")" * 5000, {"x": 1}),
    "5,000 functions": ("sin(" * 5000 + "x" + ")" * 5000, {"x": 1}),
    "5,000 functions, no point": ("sin(" * 5000 + "x" + ")" * 5000, {}),
    "20,000 terms, no point": ("+".join(["x"] * 20_000), {}),
    "100,000 minus signs": ("-" * 100_000 + "x", {"x": 1}),
    "20,000 names": ("\n".join(["a0=x", *(f"a{i}=a{i - 1}/2" for i in range(1, 20_000))]), {"x": 1}),
    "2,000 powers": ("^".join(["x"] * 2000), {"x": 1.5}),
    "20,000 lines in a bracket": ("(" + "x\n^" * 20_000 + "x)", {"x": 1}),
    "9^9^9^9": ("9^9^9^9", {}),
    "1e999999": ("1e999999", {}),
    "1e999999, exact": ("1e999999*x", {"x": 1, "exact": True}),
    "10^10^10, exact": ("10^10^10", {"exact": True}),
    "8,000 exact digits": ("9" * 3990 + "e3999", {"exact": True}),
    "exact chain": (";".join(["a0=x", *(f"a{i}=a{i - 1}^2" for i in range(1, 60))]), {"x": 3, "exact": True}),
    "open brackets": ("(" * 100_000, {"x": 1}),
    "open lists": ("[" * 100_000, {"x": 1}),
    "closed brackets": ("x" + ")" * 100_000, {"x": 1}),
    "a long name": ("a" * 100_000, {"x": 1}),
    "a long unknown function": ("a" * 100_000 + "(x)", {"x": 1}),
    "a long number": ("1" * 100_000 + "*x", {"x": 1}),
    "doubling functions": (DOUBLING, {"x": 1}),
    "shared functions": (SHARED, {"x": 1}),
    "10,000 bars": ("|" * 10_000, {"x": 1}),
    "5,000 pairs of bars": ("|x|+" * 5000 + "1", {"x": 1}),
    "ambiguous bars": ("|x" * 10_000, {"x": 1}),
    "10,000 roots": ("√" * 10_000 + "x", {"x": 1}),
    "10,000 indices": ("x" + "[0]" * 10_000, {"x": 1}),
    "10,000 arguments": ("sin(" + ",".join(["x"] * 10_000) + ")", {"x": 1}),
    "10,000 values without a name": (";".join(["x"] * 10_000), {"x": 1}),
    "10,000 functions": (";".join(f"f{i}(t)=t" for i in range(10_000)) + ";f1(x)", {"x": 1}),
    "100,000 zero-width spaces": ("x" + "\u200b" * 100_000, {"x": 1}),
    "10,000 LaTeX braces": ("\\sin" + "{" * 10_000, {"x": 1}),
    "2,000 LaTeX fractions": ("\\frac{1}{" * 2000 + "x" + "}" * 2000, {"x": 1}),
    "a long value": ("x", {"at": "x=" + "1+" * 50_000 + "1"}),
    "open brackets in a value": ("x", {"at": "x=" + "(" * 100_000}),
    "a deep list": ("x", {"at": "x=" + "[" * 1000 + "1" + "]" * 1000}),
    "spaces in a value": ("x", {"at": "x=1" + " " * 100_000 + "+"}),
    "digits in a name": ("x", {"at": "a" + "1" * 100_000 + "b=1"}),
    "many values": ("x", {"at": ",".join(f"x{i}=1" for i in range(10_000))}),
}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="a hang is caught by a timer")
@pytest.mark.parametrize("name", HUGE)
def test_huge_things_are_answered(name: str) -> None:
    """A hundred kilobytes of anything are traced or refused within seconds, on a shallow stack."""
    text, how = HUGE[name]
    report = ""
    with seconds(20):
        try:
            trace(text, **how)
        except BacktraceError as error:
            report = error.report()
    assert len(report) < 2000
    assert not steers(report)
