"""Points for exercises with arrays: chosen by ``new``, suggested by ``lint``, fit for what they stand for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli.grading.authoring.making import make_exercise
from backtrace_cli.grading.exercise.exercise import load
from backtrace_cli.grading.input_constraints import MASK, SHARES, TARGET, roles
from backtrace_cli.graph import build
from backtrace_cli.ops.shape_functions import Shape

Run = Callable[..., Result]
#: A relu that is off everywhere but once, and a column of W that meets a 0: much stays hidden here.
HIDDEN = """title = "Hidden"
formula = "a = W @ x; h = relu(a); L = h @ c"
at = { W = [[1, 1], [1, 1]], x = [1, 1], c = [1, 1] }
hints = ["Go back through the gates."]
[gradient]
x = ""
W = ""
"""


def test_lint_suggests_an_array_point_that_keeps_its_promise(backtrace: Run, tmp_path: Path) -> None:
    """The arrays that lint suggests are small whole numbers, and reach the score that it promised."""
    file = tmp_path / "hidden.toml"
    file.write_text(HIDDEN, "utf-8")
    found = json.loads(backtrace("lint", str(file), "--json").stdout)["files"][0]
    better = found["better_point"]
    assert better["caught"] > found["caught"]
    at = {name: json.loads(text) for name, text in better["at"].items()}
    point = ", ".join(f"{name} = {value}" for name, value in at.items())
    old = next(line for line in HIDDEN.splitlines() if line.startswith("at"))
    file.write_text(HIDDEN.replace(old, f"at = {{ {point} }}"), "utf-8")
    mended = json.loads(backtrace("lint", str(file), "--json").stdout)["files"][0]
    assert mended["caught"] == better["caught"]
    for value in load(str(file)).statement.at.values():
        assert all(entry == int(entry) and abs(entry) <= 7 for entry in value.ravel())


def test_lint_tells_only_the_arrays_that_change(backtrace: Run, tmp_path: Path) -> None:
    """The page names what to put in, and leaves out what stays."""
    file = tmp_path / "hidden.toml"
    linear = HIDDEN.replace("h = relu(a); L = h @ c", "L = a @ c")
    file.write_text(linear.replace("[[1, 1], [1, 1]], x = [1, 1]", "[[2, 1], [4, 3]], x = [3, 5]"), "utf-8")
    page = backtrace("lint", str(file), "--slipped").stdout
    (line,) = [row for row in " ".join(page.split()).split(" better: ")[1:] if row.startswith("with ")]
    assert "W = " not in line
    assert "would show" in line


MADE: list[tuple[str, dict[str, Shape]]] = [
    ("k = dropout(h, m); L = k @ c", {"h": (3,), "m": (3,), "c": (3,)}),
    ("L = cross_entropy(p, t)", {"p": (3,), "t": (3,)}),
    ("L = -sum(T*log(softmax(X @ W)))", {"X": (2, 3), "W": (3, 3), "T": (2, 3)}),
    ("z = X @ W; L = cross_entropy_with_logits(z, y)", {"X": (2, 3), "W": (3, 2), "y": (2,)}),
    ("L = sum(log(x)*sqrt(y))", {"x": (3,), "y": (3,)}),
    ("y = X @ w; L = mse(y, t) + lam*sum(w^2)", {"X": (3, 2), "w": (2,), "t": (3,), "lam": ()}),
]


@pytest.mark.parametrize(("formula", "shapes"), MADE, ids=[formula for formula, _ in MADE])
def test_new_finds_a_point_for_what_the_arrays_are(formula: str, shapes: dict[str, Shape]) -> None:
    """A mask is 0 and 1, what is compared with or taken for probabilities sums to 1; most mistakes show."""
    made = make_exercise(formula, ["gradient"], shapes=shapes)
    assert made.shows is not None
    assert made.shows.hidden <= 0.25
    for name, role in roles(made.graph).items():
        value = made.at[name]
        if role == MASK:
            assert {float(entry) for entry in value.ravel()} == {0.0, 1.0}
        if role in (TARGET, SHARES):
            assert value.sum(axis=-1) == pytest.approx(1)
        if role == SHARES:
            assert (value > 0).all()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("L = w @ x", {}),
        ("L = sum((softmax(z) - t)^2)", {}),
        ("L = logsumexp(z) - t @ z", {}),
        ("L = -sum(t*log(softmax(z)))", {"t": TARGET}),
        ("L = -(t @ log_softmax(z))", {"t": TARGET}),
        ("L = -sum(T.T*(Z - logsumexp(Z)))", {"T": TARGET}),
        ("L = cross_entropy(p, t)", {"p": SHARES, "t": TARGET}),
        ("L = cross_entropy_with_logits(z, t)", {"t": TARGET}),
        ("L = sum(dropout(h, m))", {"m": MASK}),
        ("L = log(sum(t))", {}),
    ],
)
def test_roles_are_read_from_the_formula(formula: str, expected: dict[str, str]) -> None:
    """What an array has to be follows from what it is used for, never from its entries."""
    assert roles(build(formula)) == expected


@pytest.mark.parametrize(("formula", "shapes", "box", "most"), [
    ("h = tanh(W @ x + b); L = sum(V @ h)", "W=2x2,x=2,b=2,V=1x2", "tanh", 2.5),
    ("z = W @ x; h = sigmoid(z); L = sum(h^2)", "W=3x2,x=2", "sigmoid", 4),
    ("L = -sum(t*log(softmax(W @ x)))", "W=3x2,x=2,t=3", "softmax", 5),
    ("r = softplus(v @ W + c); L = -(b @ v) - sum(r)", "W=3x2,v=3,b=3,c=2", "softplus", 4),
])  # fmt: skip
def test_no_box_is_flat_at_a_chosen_point(
    backtrace: Run, tmp_path: Path, formula: str, shapes: str, box: str, most: float
) -> None:
    """1 − tanh(30)² is 1e-26 for the trace and 0 for the student, who can't work with it."""
    file = tmp_path / "x.toml"
    assert backtrace("new", formula, "--shapes", shapes, "-o", str(file)).exit_code == 0
    trace = load(str(file)).statement.trace
    (flat,) = (node for node in trace.graph.nodes if node.op is not None and node.op.called == box)
    numbers = trace.values[flat.args[0]]
    size = np.ptp(numbers) if box == "softmax" else np.max(np.abs(numbers))
    assert size <= most
