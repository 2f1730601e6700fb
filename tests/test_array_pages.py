"""Pages of arrays: every shape stands in every table, small arrays stand whole, large ones with --full."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from backtrace_cli.base.lengths import shorten

Run = Callable[..., Result]

LAYER = "y = W @ h + b; L = sum(y^2)"
VIEWS = {
    "steps": [],
    "sheet": ["--view", "sheet"],
    "check": ["--check"],
    "plain": ["--plain"],
    "forward": ["--mode", "forward", "--wrt", "b"],
    "seed": ["--seed", "b=[1,0,0,0,0,0]"],
    "expand": ["--expand", "h"],
}


def point(folder: Path, rows: int, columns: int) -> str:
    """Values for LAYER with a matrix of so many rows and columns."""
    draw = np.random.default_rng(rows)
    path = folder / "at.npz"
    np.savez(path, W=draw.normal(size=(rows, columns)), h=draw.normal(size=columns), b=draw.normal(size=rows))
    return f"@{path}"


@pytest.mark.parametrize("columns", [40, 80, 132])
@pytest.mark.parametrize("sides", [(2, 3), (6, 5)])
def test_the_sheet_tells_shapes(backtrace: Run, columns: int, sides: tuple[int, int], tmp_path: Path) -> None:
    """Beside or below each box and each message, whatever the room."""
    rows, inner = sides
    page = backtrace(
        "eval", LAYER, "--at", point(tmp_path, *sides), "--view", "sheet", columns=columns
    ).stdout
    sheet = page[page.index("Forward") : page.index("Gradient")]
    shapes = {
        "v1 = W @ h": f"({rows})", "y = v1 + b": f"({rows})", "v2 = y²": f"({rows})",
        "dW ← outer(dv1, h)": f"{rows}×{inner}", "dh ← W.T @ dv1": f"({inner})", "dy ← dv2·2·y": f"({rows})",
    }  # fmt: skip
    lines = sheet.splitlines()
    for row, shape in shapes.items():
        at = next(number for number, line in enumerate(lines) if row in line)
        place = lines[at].index(row)
        below = lines[at + 1][place:] if at + 1 < len(lines) else ""
        assert f"{row} {shape}" in re.sub(" +", " ", lines[at]) or below.startswith(shape), (row, page)


@pytest.mark.parametrize("columns", [40, 80])
def test_the_gradient_and_forward_mode_tell_shapes(backtrace: Run, columns: int, tmp_path: Path) -> None:
    """Large or small; a number has none."""
    at = point(tmp_path, 6, 5)
    page = backtrace("eval", LAYER + " + k", "--at", f"{at},k=1", columns=columns).stdout
    found = " ".join(page[page.index("Gradient") :].split())
    for left in ("∂L/∂W 6×5 = from", "∂L/∂h (5) =", "∂L/∂b (6) =", "∂L/∂k = 1"):
        assert left in found
    page = backtrace("eval", LAYER, "--at", at, *VIEWS["seed"], columns=columns).stdout
    found = " ".join(page[page.index("Forward mode") :].split())
    for left in ("db (6)", "dy (6)", "dv2 (6)", "dL = "):
        assert left in found


def test_small_arrays_stand_whole(backtrace: Run) -> None:
    """A 4×4 row under row, a vector of 16; 17 entries are summed up. At 40 columns every number is there."""
    matrix = np.random.default_rng(0).uniform(0.01, 1, (4, 4)).round(6)
    for columns in (40, 80):
        page = backtrace("eval", "sum(exp(W))", "--at", f"W={matrix.tolist()}", columns=columns).stdout
        assert " from " not in page
        for entry in np.exp(matrix).flat:
            assert f"{entry:.6g}" in page[page.index("Gradient") :]
    assert len(re.findall(r"(?m)^ +\[[\d. ]+\]$", page)) >= 3
    for count, whole in ((13, True), (16, True), (17, False)):
        page = " ".join(backtrace("eval", "sum(x^2)", "--at", f"x={[*range(count)]}").stdout.split())
        entries = ", ".join(str(2 * number) for number in range(count))
        assert (f"∂f/∂x ({count}) = [{entries}]" in page) == whole
        assert (f"∂f/∂x ({count}) = from 0 to 32" in page) != whole


@pytest.mark.parametrize("view", VIEWS)
def test_full_in_every_view(backtrace: Run, view: str, tmp_path: Path) -> None:
    """With --full no array is summed up, anywhere; without it the large one is."""
    words = ["eval", LAYER, "--at", point(tmp_path, 6, 5), *VIEWS[view]]
    summed = r"from [−-]?\d"
    assert re.search(summed, backtrace(*words).stdout)
    page = backtrace(*words, "--full").stdout
    assert not re.search(summed, page)
    for entry in np.load(tmp_path / "at.npz")["W"].flat:
        assert f"{entry:.6g}".lstrip("-") in page


def test_no_product_of_two_ranges(backtrace: Run) -> None:
    """Where arrays are summed up, no numbers are put into a rule over them, as ranges don't multiply."""
    words = ["eval", "h = x*x; h*x + h", "--at", f"x={[*range(20)]}"]
    for view in (["--seed", f"x={[1] * 20}"], ["--view", "sheet"], ["--seed", f"x={[1] * 20}", "--plain"]):
        page = backtrace(*words, *view).stdout
        assert not re.search(r"to [\d.]+ ?[·*+−]", " ".join(page.split())), page


@pytest.mark.parametrize(
    ("formula", "at", "said"),
    [
        ("sum(asin(x))", "x=[0.123456789,0.22222222,0.3333333,0.444444,0.5555555,1.5]", "here x[5] = 1.5\n"),
        ("sum(log(W))", "W=[[1,2],[-0.25,-1]]", "here W[1,0] = −0.25, and 1 more such entry\n"),
        ("sum(sqrt(W @ x))", "W=[[1,2],[3,4]],x=[1,-1]", "here (W @ x)[0] = −1, and 1 more such entry\n"),
        ("sum(x^y)", "x=[[1],[-4],[-9]],y=[1,2.5]", "here x[1,0] = −4, y[1] = 2.5, and 1 more such entry\n"),
        ("sum(x^y)", "x=-4,y=[1,2.5]", "here x = −4, y[1] = 2.5\n"),
        ("sum(log(x, b))", "x=[1,2,3],b=[2,1,3]", "here x[1] = 2, b[1] = 1\n"),
        ("cross_entropy(p, t)", "p=[[0.1,0.9],[1.25,-0.2]],t=[0,1]", "here p[1,1] = −0.2\n"),
    ],
)  # fmt: skip
def test_the_entry_at_fault_is_named(backtrace: Run, formula: str, at: str, said: str) -> None:
    """A domain error says which entry, and its number whole."""
    result = backtrace("eval", formula, "--at", at)
    assert result.exit_code == 2
    assert said in result.stderr


@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda x: f"{x:.6g}"), min_size=5, max_size=40), st.integers(30, 120)
)
def test_shortening_cuts_no_number(numbers: list[str], most: int) -> None:
    """What is left of a list whose middle is left out are numbers of the list."""
    text = ", ".join(numbers)
    short = shorten(text, most)
    assert len(short) <= most
    assert {part for part in re.split("[, …]+", short) if part} <= set(numbers)


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("command", ["eval", "new"])
def test_a_list_in_a_title_is_not_torn(backtrace: Run, columns: int, command: str, tmp_path: Path) -> None:
    """Its rows stand whole, and its name beside its first row, in the title and in the report of new."""
    words = [command, "h = W @ x + b; L = sum(h*h)", "--at", "W=[[1,2,0.5],[3,4,5]],x=[1,2,0.25],b=[0.5,1]"]
    result = backtrace(
        *words, *(["-o", str(tmp_path / "x.toml")] if command == "new" else []), columns=columns
    )
    assert result.exit_code == 0
    pages = [result.stdout]
    if command == "new":
        pages.append(backtrace("check", str(tmp_path / "x.toml"), columns=columns).stdout)
    for page in pages:
        for whole in ("W = [[1, 2, 0.5],", "[3, 4, 5]]", "x = [1, 2, 0.25]", "b = [0.5, 1]"):
            assert any(whole in line for line in page.splitlines()), whole
        assert "\u00a0" not in page


def test_what_arrives_at_an_array_is_written_as_one(backtrace: Run, tmp_path: Path) -> None:
    """Of W @ x the gradient is that of sum(W @ x): ones in each entry, and no bare 1 in a product."""
    moves = tmp_path / "moves"
    moves.write_text("end\n", "utf-8")
    words = ["W @ x", "--at", "W=[[1,2],[3,4]],x=[1,1]"]
    walk = backtrace("step", *words, "--moves", str(moves)).stdout
    assert "∂sum(f)/∂f = ones_like(f)" in walk
    for page in (walk, backtrace("eval", *words, "--view", "sheet").stdout):
        assert "W.T @ ones_like(f)" in page
        assert "outer(ones_like(f), x)" in page
    assert "∂f/∂f = ones_like(f)" in backtrace("eval", *words).stdout
    assert "∂f/∂f = 1" in backtrace("eval", "sum(W)", "--at", "W=[[1,2],[3,4]]").stdout


def test_bars_round_a_matrix_are_spoken_of(backtrace: Run) -> None:
    """|S| may be meant as a determinant; abs(S) says what it is, and |x| of a vector is clear enough."""
    for formula, noted in (
        (r"\log\left|S\right|", True),
        ("|S|", True),
        ("abs(S)", False),
        ("|S[0]|", False),
    ):
        page = backtrace("eval", formula, "--at", "S=[[2,1],[1,2]]").stdout
        assert ("a determinant is det" in page) == noted, formula
