"""What training says to somebody who made a mistake, and what it says unasked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.runs import FORMULAS, IRIS, ROOT, train, trained, write

SCORES = """param W: normal(3, 4)
data X: sepal_length, sepal_width, petal_length, petal_width
data y: species
z = X @ W.T
accuracy = mean(argmax(z) == y)
L = """
ONE = "param w: 1\nf = w^2"
LINE = "param w: 1\nL = mean((w*x - species)^2)"


@pytest.mark.parametrize(
    ("source", "words", "said", "unsaid"),
    [
        (ONE, ["--at", "w=nan"], "w was given as nan", "grown"),
        (ONE, ["--metric", "(("], "--metric, column 3:\n ((\n   ^", "line"),
        (ONE, ["--metric", "a = w + [w"], "--metric, column", "line"),
        (ONE, ["--metric", "w", "--metric", "w"], "--metric names w twice", ""),
        (ONE, ["--l2", "w=1,w=2"], "--l2 names w twice", ""),
        (ONE + " +", [], "f.bt, line 2, column", "formula,"),
        (SCORES + "z[y]", ["--data", IRIS], "write cross_entropy(z, y)", "take its mean"),
        (SCORES + "cross_entropy(z, y)", ["--data", IRIS], "write cross_entropy_with_logits", "--at w=1"),
        (LINE, ["--data", IRIS], "if it is data, write data x: sepal_length or sepal_width", "did you"),
        (LINE.replace("x", "petal_lenght"), ["--data", IRIS], "data petal_lenght: petal_length;", "sepal"),
        (LINE, [], "write data x: COLUMN and add --data values.csv; to train it: param x: zeros(3)", ""),
        ("L = mean((w*x - y)^2)", ["--data", IRIS], "param w: zeros(3)", "param x"),
    ],
)  # fmt: skip
def test_said(source: str, words: list[str], said: str, unsaid: str, tmp_path: Path) -> None:
    """Where, what, and what to do instead; and not what would mislead."""
    result = train(write(tmp_path, "f.bt", source), *words)
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert said in result.stderr
    assert not unsaid or unsaid not in result.stderr


@pytest.mark.parametrize("batch", ["7", "all"])
@pytest.mark.parametrize("line", ["", "data X: X\n"])
def test_examples_are_not_trained(line: str, batch: str, tmp_path: Path) -> None:
    """Declared as data or only found there, and whatever the batch: that, and no word about sizes."""
    np.savez(tmp_path / "d.npz", X=np.ones((20, 2)), y=np.ones(20))
    formula = write(tmp_path, "f.bt", f"param w: zeros(2)\n{line}L = mean((X @ w - y)^2)")
    words = [formula, "--data", tmp_path / "d.npz", "--wrt", "X", "--batch", batch]
    result = train(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--wrt names X, which is data: the examples can't be trained" in result.stderr
    assert "shape" not in result.stderr
    formula = write(tmp_path, "g.bt", "param w: [1, 2]\nL = mean((X @ w - 3)^2)")
    assert trained(formula, "--at", "X=[[1,0],[0,1]]", "--wrt", "X", "--lr", 0.1)["after"]["loss"] < 1


def test_a_broken_loss_names_the_entry(tmp_path: Path) -> None:
    """In the error and in JSON: the entry at fault, its number whole, and where it is counted."""
    source = "param w: 1\nL = mean(log(w*x))"
    data = write(
        tmp_path, "d.csv", "x\n" + "\n".join(f"{0.123456 + i / 7:.6f}" for i in range(20)) + "\n-0.654321"
    )
    for words, where in ((["--batch", "all"], ""), (["--batch", "7", "--no-shuffle"], "within this batch")):
        result = train(write(tmp_path, "f.bt", source), "--data", data, "--json", *words)
        assert result.exit_code == 1
        message = json.loads(result.stdout)["broken"]["message"]
        for text in (message, result.stderr):
            place = 6 if where else 20
            assert re.search(rf"\[{place}\] = −0\.\d{{6}}\n", text + "\n")
            assert (where or "L is nan") in text


def test_the_file_either_way(tmp_path: Path) -> None:
    """FILE and -f FILE are one; both, and none, are refused."""
    path = write(tmp_path, "f.bt", ONE)
    assert trained("-f", path) == trained(path)
    assert train("-f", path, path).exit_code == 2
    assert "Missing argument" in train().stderr


def test_notes_before_the_first_step(tmp_path: Path) -> None:
    """An argmax over all examples, a parameter that nothing reads; none where there is none."""
    source = "param q: 2\n" + SCORES + "cross_entropy_with_logits(z, y)"
    words = [write(tmp_path, "f.bt", source), "--data", IRIS, "--epochs", 1, "--metric", "accuracy"]
    plain = train(*words, "--plain").stdout
    assert "note: q is declared and never read, so it is not trained" in plain
    assert "argmax(z) is one number for all examples; argmax(z, axis=1) is one an example" in plain
    assert "note" not in train(FORMULAS / "mlp.bt", "--data", IRIS, "--metric", "accuracy").stdout


def test_the_end_of_a_long_curve(tmp_path: Path) -> None:
    """1,005 epochs are not 1e3."""
    page = train(write(tmp_path, "f.bt", ONE), "--epochs", 1005, "--lr", 0.001).stdout
    assert any(line.rstrip().endswith(" 1005") and "epoch 0" in line for line in page.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_plain_in_a_terminal_has_no_bar() -> None:
    """Both outputs to one terminal: ASCII alone, and what is trained stands first."""
    import os
    import pty

    main, side = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"}
    words = [sys.executable, "-m", "backtrace_cli", "train", str(FORMULAS / "mlp.bt"), "--data", IRIS,
             "--batch", "8", "--epochs", "6", "--plain"]  # fmt: skip
    seen = b""
    with subprocess.Popen(words, env=env, stdout=side, stderr=side):
        os.close(side)
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            seen += part
    os.close(main)
    assert seen.startswith(b"minimise loss: 6 epochs")
    assert seen.isascii()
    assert b"\x1b" not in seen
