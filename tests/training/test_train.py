"""``backtrace train`` from the outside: its pages, its options, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtrace_cli import train as train_in_python
from backtrace_cli.training.broken import BrokenError
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.start import start
from tests.training.runs import FORMULAS, IRIS, ROOT, train, trained, write

#: A bowl: f = (x − 1)² + (y + 2)², least at (1, −2).
BOWL = "param x: 3\nparam y: 0\nf = (x - 1)^2 + (y + 2)^2"


def test_the_page_says_what_is_done_and_what_came_of_it() -> None:
    """Examples, shapes, the rule, a curve, epochs with the metric, and from what to what."""
    page = train(FORMULAS / "mlp.bt", "--data", IRIS, "--metric", "accuracy").stdout
    for words in ("minimise loss", "20 epochs, seed 0", "150 from", "batches of 32, 5 updates", "X 150×4",
                  "W1 16×4   b1 (16)   W2 8×16", "243 numbers", "w ← w − α·∇L   with α = 0.1",
                  "Loss of each batch, 100 updates", "epoch 0", "loss  accuracy", "over all 150 examples",
                  "1.403  →  0.1969", "0.1867  →  0.9667", "not kept: --out net.npz"):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_page_fits(columns: int, tmp_path: Path) -> None:
    """No line is wider than the screen, at 40 columns too."""
    page = train("exercises/formulas/mlp.bt", "--data", "exercises/data/iris.csv", "--epochs", 3, "--l2", 0.1,
                 "--metric", "accuracy", COLUMNS=str(columns)).stdout  # fmt: skip
    assert page
    assert max(map(len, page.splitlines())) <= columns


def test_where_only_ascii_can_be_shown() -> None:
    """Nothing but ASCII, and no sign without a name."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    words = [sys.executable, "-m", "backtrace_cli", "train", str(FORMULAS / "mlp.bt"), "--data", IRIS,
             "--l1", "0.01", "--momentum", "0.9"]  # fmt: skip
    page = subprocess.run(words, env=env, capture_output=True, check=True).stdout.decode("ascii")
    assert "<U+" not in page
    assert "v <- mu*v + grad L, w <- w - alpha*v" in page
    assert re.search(r"^ +\d\S* \|\*", page, re.MULTILINE)


def test_plain_sentences() -> None:
    """--plain is ASCII, a sentence a line, without a drawing."""
    lines = train(
        FORMULAS / "linear.bt", "--data", IRIS, "--lr", 0.02, "--epochs", 2, "--plain"
    ).stdout.splitlines()
    assert lines[0] == "minimise L: 2 epochs, seed 0"
    assert "epoch 2: loss 0.07456" in lines
    assert "".join(lines).isascii()


def test_descent_without_data() -> None:
    """A formula without examples: an epoch is one step of w ← w − α∇L, here by hand."""
    found = trained(_file(BOWL), "--lr", 0.25, "--epochs", 3)
    x, y, losses = 3.0, 0.0, []
    for _ in range(3):
        losses.append((x - 1) ** 2 + (y + 2) ** 2)
        x, y = x - 0.25 * 2 * (x - 1), y - 0.25 * 2 * (y + 2)
    assert found["parameters"] == {"x": x, "y": y}
    assert found["losses"] == losses


def _file(text: str) -> str:
    folder = Path(tempfile.mkdtemp(prefix="train"))
    return write(folder, "f.bt", text)


def test_wrt_trains_only_what_it_names() -> None:
    """The others keep their first values; a constant may come from --at."""
    found = trained(_file(BOWL), "--wrt", "x", "--at", "x=2,y=5", "--epochs", 1)
    assert found["parameters"] == {"x": pytest.approx(1.8)}
    assert found["before"]["loss"] == 1 + 49


@pytest.mark.parametrize("batch", [1, 7, 150, 1000, "all"])
def test_batches_of_any_size(batch: object) -> None:
    """Every example is seen once an epoch: with a loss that adds up and no movement, their sum."""
    source = "param w: 0\ndata x: petal_length\nL = sum(x) + 0*w"
    found = trained(_file(source), "--data", IRIS, "--batch", batch, "--epochs", 2)
    size = min(150 if batch == "all" else int(str(batch)), 150)
    batches = -(-150 // size)
    assert found["updates"] == 2 * batches
    total = np.loadtxt(IRIS, delimiter=",", skiprows=1)[:, 2].sum()
    for epoch in (0, 1):
        assert sum(found["losses"][epoch * batches : (epoch + 1) * batches]) == pytest.approx(total)


def test_epochs_go_through_the_examples_in_new_orders() -> None:
    """Two epochs differ, the same seed repeats them, --no-shuffle keeps the file's order."""
    words = [
        _file("param w: 0\ndata x: petal_length\nL = sum(x) + 0*w"),
        "--data",
        IRIS,
        "--batch",
        1,
        "--epochs",
        2,
    ]
    column = np.loadtxt(IRIS, delimiter=",", skiprows=1)[:, 2].tolist()
    losses = trained(*words)["losses"]
    assert losses[:150] != losses[150:]
    assert sorted(losses[:150]) == sorted(losses[150:]) == sorted(column)
    assert trained(*words)["losses"] == losses != trained(*words, "--seed", 1)["losses"]
    assert trained(*words, "--no-shuffle")["losses"] == column * 2


def test_a_metric_may_be_a_name_or_a_formula() -> None:
    """Over all examples after each epoch, whether the loss reads it or not."""
    found = trained(FORMULAS / "linear.bt", "--data", IRIS, "--lr", 0.02, "--epochs", 3, "--metric", "L",
                    "--metric", "far = max(abs(y - a))", "--metric", "mean(a)")  # fmt: skip
    rows = np.loadtxt(IRIS, delimiter=",", skiprows=1)
    a = found["parameters"]["w"] * rows[:, 2] + found["parameters"]["b"]
    last = found["epochs"][-1]["metrics"]
    assert last == found["after"]["metrics"]
    assert last["L"] == pytest.approx(np.mean((rows[:, 3] - a) ** 2), rel=1e-12)
    assert last["far"] == pytest.approx(np.max(abs(rows[:, 3] - a)), rel=1e-12)
    assert last["mean(a)"] == pytest.approx(np.mean(a), rel=1e-12)


def test_examples_held_out() -> None:
    """A share is never trained on, and measured apart; the same seed holds out the same."""
    source = "param w: 0\ndata x: petal_length\nL = sum(x) + 0*w"
    words = [_file(source), "--data", IRIS, "--hold-out", 0.2, "--batch", 1, "--epochs", 2]
    found = trained(*words)
    column = sorted(np.loadtxt(IRIS, delimiter=",", skiprows=1)[:, 2].tolist())
    seen = sorted(found["losses"][:120])
    assert (found["examples"], found["updates"]) == (120, 240)
    assert sorted(found["losses"][120:]) == seen
    apart = found["after"]["metrics"]["held-out L"]
    assert apart + sum(seen) == pytest.approx(sum(column))
    assert trained(*words)["losses"] == found["losses"] != trained(*words, "--seed", 1)["losses"]


def test_from_python() -> None:
    """The same run as the command's, from arrays or files, and its errors."""
    source = (FORMULAS / "mlp.bt").read_text("utf-8")
    command = trained(
        FORMULAS / "mlp.bt", "--data", IRIS, "--l2", 0.01, "--epochs", 3, "--metric", "accuracy"
    )
    rows = np.loadtxt(IRIS, delimiter=",", skiprows=1)
    for data in (IRIS, [IRIS], {"X": rows[:, :4], "y": rows[:, 4]}):
        run = train_in_python(source, data, l2=0.01, epochs=3, metrics="accuracy")
        assert list(run.losses) == command["losses"]
        assert run.epochs[-1].metrics == command["epochs"][-1]["metrics"]
    with pytest.raises(TypeError):
        train_in_python(source, IRIS, learning_rate=1)
    with pytest.raises(BrokenError, match="update 1"):
        train_in_python("param x: 0; f = 1/x")


@pytest.mark.parametrize(
    ("nonsense", "said"),
    [
        ({"lr": 0}, "lr=0 makes no sense: it is a number above 0"),
        ({"lr": -1}, "lr=-1 makes"), ({"lr": float("nan")}, "lr=nan makes"), ({"lr": "0.1"}, "lr='0.1'"),
        ({"batch": 0}, "batch=0 makes no sense: it is a whole number from 1, or None"),
        ({"batch": 2.5}, "batch=2.5 makes"), ({"epochs": 0}, "epochs=0 makes"),
        ({"epochs": 2.5}, "epochs=2.5 makes"), ({"epochs": True}, "epochs=True makes"),
        ({"seed": -1}, "seed=-1 makes no sense: it is a whole number from 0"),
        ({"momentum": 1}, "momentum=1 makes"), ({"hold_out": 1}, "hold_out=1 makes"),
        ({"shuffle": "no"}, "shuffle='no' makes no sense: it is True or False"), ({"l2": [1]}, "l2="),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_in_python(nonsense: dict[str, Any], said: str) -> None:
    """Each is called by its name, with what it is instead; made by hand or not."""
    with pytest.raises(ValueError, match=re.escape(said)):
        train_in_python(BOWL, **nonsense)
    with pytest.raises(ValueError, match=re.escape(said)):
        start(BOWL, settings=Settings(**nonsense))


def test_a_setting_by_another_name() -> None:
    """The nearest of those that exist is offered; numbers of NumPy's are numbers."""
    with pytest.raises(TypeError, match=r"there is no setting batch_size; did you mean batch\?"):
        train_in_python(BOWL, batch_size=3)
    assert train_in_python(BOWL, epochs=np.int64(2), lr=np.float32(0.5)).settings.epochs == 2


def test_the_first_step_traced() -> None:
    """--trace-first shows the page of the very batch that the first update is made on."""
    words = [FORMULAS / "linear.bt", "--data", IRIS, "--lr", 0.02, "--epochs", 1, "--batch", 2, "--seed", 3]
    page = train(*words, "--trace-first").stdout
    assert page.index("Backward") < page.index("Loss of each batch")
    found = trained(*words, "--trace-first")
    first = found["first_step"]
    assert first["value"] == found["losses"][0]
    x, y = np.array(first["at"]["x"]), np.array(first["at"]["y"])
    assert first["gradient"]["w"] == pytest.approx(np.mean(-2 * (y - 0) * x))
    assert trained(*words)["parameters"] == found["parameters"]


def test_a_loss_that_breaks_names_the_update_and_the_node() -> None:
    """Exit 1, the update, the forward step that made the infinity, the caret under it."""
    words = [FORMULAS / "linear.bt", "--data", IRIS, "--lr", 2]
    result = train(*words)
    assert result.exit_code == 1
    assert "update 85 (epoch 17, batch 5 of 5): L is inf" in result.stderr
    assert "step 4, v3 = v2², is infinite: the first infinity here" in result.stderr
    assert "     ^^^^" in result.stderr
    result = train(*words, "--json")
    found = json.loads(result.stdout)
    assert found["broken"]["update"] == 85
    assert found["broken"]["node"] == "v3"
    assert found["updates"] == 84
    assert not found["finished"]
    assert all(np.isfinite(found["parameters"][name]) for name in "wb")


def test_a_gradient_that_breaks_while_the_loss_is_fine(tmp_path: Path) -> None:
    """sqrt at 0: the value is 0, the slope infinite. The message is named; nothing is written."""
    out = tmp_path / "net.npz"
    result = train(_file("param x: 0\nf = sqrt(x)"), "--out", out)
    assert result.exit_code == 1
    assert "the gradient of x is infinite" in result.stderr
    assert "the message from f to x is infinite" in result.stderr
    assert not out.exists()


def test_outside_a_domain() -> None:
    """log of a negative number: the domain's own words, where, and at which update."""
    result = train(_file("param x: 1\nf = x + log(x)"), "--lr", 0.9, "--epochs", 9)
    assert result.exit_code == 1
    assert "log needs" in result.stderr
    assert "update 2" in result.stderr
    assert "      ^" in result.stderr


@pytest.mark.parametrize(
    ("source", "words", "said"),
    [
        (BOWL, ["--wrt", "z"], "--wrt names z, which is not a variable"),
        (BOWL, ["--wrt", "f"], "--wrt names f, which is computed"),
        (BOWL, ["--metric", "g"], "the formula computes nothing called g"),
        (BOWL, ["--at", "q=1"], "the formula has no variable q"),
        (BOWL, ["--l2", "0.1"], "name what to pull to zero: --l2 x=0.1"),
        (BOWL, ["--l2", "x=a"], "--l2 takes a number from 0, not a"),
        (BOWL, ["--l1", "q=1"], "--l1 names q, which is not trained"),
        (BOWL, ["--lr", "0"], "0 is not a number above 0"),
        (BOWL, ["--lr", "nan"], "nan is not a number above 0"),
        (BOWL, ["--momentum", "1"], "1 is not a number from 0 up to 1"),
        (BOWL, ["--batch", "0"], "0 is no number of examples"),
        (BOWL, ["--batch", "²"], "² is no number of examples"),
        (BOWL, ["--out", "net.txt"], "net.txt is not .npz or .json"),
        (BOWL, ["--out", "/no/such/net.npz"], "there is no folder /no/such"),
        (BOWL, ["--out", "a.state.npz"], "a.state.npz is the name of a state"),
        (BOWL, ["--metric", "x == y = 2"], "metric"),
        ("f = x^2", [], "there is nothing to train"),
        ("f = x^2", ["--wrt", "x"], "x has no value"),
        ("param x: 2\nparam w: 1\nf = x^2 + 0*w", ["--metric", "[x, x]"], "a metric is one number"),
        ("param x: [1, 2]\nf = x^2", [], "f has shape (2), and a loss is one number"),
        ("param x: 1\ndata y: a\nf = x*mean(y)", [], "y comes from data, and none are given"),
        ("param x: 1\nf = x*", [], "expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_used(source: str, words: list[str], said: str) -> None:
    """Exit 2 and words for the person who typed it."""
    result = train(_file(source), *words)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    if said not in ("metric", "expected"):
        assert said in result.stderr
    assert result.stdout == ""


def test_a_bar_in_a_terminal() -> None:
    """On a terminal's standard error a bar comes and goes; standard output has none of it."""
    main, side = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"}
    words = [sys.executable, "-m", "backtrace_cli", "train", str(FORMULAS / "mlp.bt"), "--data", IRIS,
             "--batch", "1", "--epochs", "12"]  # fmt: skip
    seen = b""
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=side) as process:
        os.close(side)
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            seen += part
        assert process.stdout is not None
        page = process.stdout.read().decode()
    os.close(main)
    assert process.returncode == 0
    assert b"epoch 1 of 12" in seen
    assert b"%" in seen
    assert "of 12" not in page
    assert "Result" in page


def test_the_formulas_that_ship_can_be_trained() -> None:
    """Each of them, as its own comment says."""
    for name in ("linear", "logistic", "mlp"):
        text = (FORMULAS / f"{name}.bt").read_text("utf-8")
        command = next(line for line in text.splitlines() if line.startswith("# backtrace train")).split()[3:]
        here = os.getcwd()
        os.chdir(ROOT)
        try:
            found = trained(*command)
        finally:
            os.chdir(here)
        assert found["finished"]
        assert found["after"]["loss"] < found["before"]["loss"] / 2
