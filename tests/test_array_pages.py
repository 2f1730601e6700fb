"""Pages of arrays: every shape stands in every table, small arrays stand whole, large ones with --full."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

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
