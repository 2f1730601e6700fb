"""A run that was stopped goes on to exactly the numbers of one that was not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import PointError
from backtrace_cli.training.keeping.parameter_files import save_parameters
from backtrace_cli.training.keeping.state import read_state, restore, save_state
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.start import start
from backtrace_cli.training.training import Training
from tests.training.runs import FORMULAS, IRIS, ROOT, train, trained, write

#: A small network with two dropouts.
DROPPING = """
param W1: normal(6, 4)
param W2: uniform(3, 6)
data X: sepal_length, sepal_width, petal_length, petal_width
data y: species
h = dropout(dropout(relu(X @ W1.T), p=0.2), p=0.3)
L = cross_entropy_with_logits(h @ W2.T, y)
"""


def made(**options: object) -> Training:
    """A training of the small network."""
    chosen = Settings(**{"lr": 0.01, "momentum": 0.5, "l2": "0.01", "seed": 4, "batch": 40, **options})
    return start(DROPPING, [IRIS], settings=chosen)


@given(st.integers(0, 11))
@settings(max_examples=12, deadline=None)
def test_stopped_after_any_update(tmp_path_factory: pytest.TempPathFactory, stop: int) -> None:
    """Parameters, velocities and losses are the same bits, wherever in an epoch it stopped."""
    path = str(tmp_path_factory.mktemp("state") / "s.state.npz")
    whole, part = made(epochs=3), made(epochs=3)
    for _ in range(12):
        whole.step()
    for _ in range(stop):
        part.step()
    save_state(path, part)
    again = made(epochs=3)
    restore(again, read_state(path))
    while not again.finished:
        again.step()
    assert again.losses.tobytes() == whole.losses.tobytes()
    assert again.epochs == whole.epochs
    for name, value in whole.parameters.items():
        assert again.parameters[name].tobytes() == value.tobytes()
        assert again.states[f"v {name}"].tobytes() == whole.states[f"v {name}"].tobytes()


def test_the_same_seed_is_the_same_file(tmp_path: Path) -> None:
    """Two runs write the same bytes; another seed writes others."""
    files = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        trained(
            FORMULAS / "mlp.bt",
            "--data",
            IRIS,
            "--seed",
            seed,
            "--epochs",
            2,
            "--out",
            tmp_path / f"{name}.npz",
        )
        files.append(((tmp_path / f"{name}.npz").read_bytes(), (tmp_path / f"{name}.state.npz").read_bytes()))
    assert files[0] == files[1]
    assert files[0][0] != files[2][0]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(
    ("number", "kept"), [(signal.SIGINT, "--out"), (signal.SIGINT, "nothing"), (signal.SIGTERM, "--out")]
)
def test_stopped_by_hand(number: signal.Signals, kept: str, tmp_path: Path) -> None:
    """Ctrl-C between two updates: exit 130, a state, and the command that goes on to the same numbers."""
    epochs = 30
    options = ["--data", IRIS, "--batch", "1", "--momentum", "0.5", "--epochs", str(epochs), "--seed", "5"]
    more = ["--out", "net.npz"] if kept == "--out" else []
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    words = [sys.executable, "-m", "backtrace_cli", "train", str(FORMULAS / "mlp.bt"), *options, *more]
    for patience in (0.3, 0.2, 0.1, 0.05, 0.0):  # a busy machine may wake this test when all is over
        process = subprocess.Popen(
            words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        while "step" not in process.stdout.readline():
            pass
        time.sleep(patience)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
        if process.returncode:
            break
    assert process.returncode == 130, errors
    state = tmp_path / ("net.state.npz" if more else "mlp.state.npz")
    stopped = read_state(str(state))
    assert 0 < len(stopped.arrays["losses"]) < 150 * epochs, "stopped too early or too late to show anything"
    command = next(line for line in output.splitlines() if "--resume" in line).split()
    assert command[:2] == ["backtrace", "train"]
    words = [sys.executable, "-m", "backtrace_cli", *command[1:], "--out", "net.npz"]
    subprocess.run(words, cwd=tmp_path, env=env, check=True, capture_output=True)
    whole = tmp_path / "whole.npz"
    trained(FORMULAS / "mlp.bt", *options, "--out", whole)
    assert (tmp_path / "net.npz").read_bytes() == whole.read_bytes()


def test_more_epochs(tmp_path: Path) -> None:
    """A finished run can be given more; three and three are six."""
    formula, out = write(tmp_path, "f.bt", DROPPING), tmp_path / "a.npz"
    common = [formula, "--data", IRIS, "--lr", 0.01, "--momentum", 0.9]
    trained(*common, "--epochs", 3, "--out", out)
    again = [formula, "--data", IRIS, "--resume", tmp_path / "a.state.npz", "--out", out]
    finished = train(*again)
    assert "has gone through its 3 epochs" in finished.stderr
    assert finished.exit_code == 2
    six = trained(*again, "--epochs", 6)
    straight = trained(*common, "--epochs", 6, "--out", tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    for key in ("before", "after", "epochs", "losses", "parameters", "updates"):
        assert six[key] == straight[key]


def test_another_metric_after_resuming(tmp_path: Path) -> None:
    """What was not measured before is left blank, and nothing else changes."""
    common = [str(FORMULAS / "mlp.bt"), "--data", IRIS, "--out", tmp_path / "a.npz"]
    trained(*common, "--epochs", 2, "--metric", "loss")
    again = [*common, "--resume", tmp_path / "a.state.npz", "--metric", "accuracy"]
    page = train(*again, "--epochs", 3)
    assert page.exit_code == 0, page.output
    assert "       2" in page.stdout
    words = train(*again, "--epochs", 4, "--plain")
    assert words.exit_code == 0, words.output
    assert "accuracy: 0." in words.stdout


def test_what_is_no_state_of_this_run(tmp_path: Path) -> None:
    """Another formula, other data, other parameters, another batch, a parameter file, noise: each is told."""
    formula = write(tmp_path, "f.bt", DROPPING)
    trained(formula, "--data", IRIS, "--epochs", 1, "--out", tmp_path / "a.npz")
    state = tmp_path / "a.state.npz"

    def said(*words: object) -> str:
        result = train(*words, "--epochs", 9)
        assert result.exit_code == 2
        assert isinstance(result.exception, SystemExit)
        return result.stderr

    other = write(tmp_path, "other.bt", DROPPING + "# changed\n")
    shorter = write(tmp_path, "d.csv", "\n".join(Path(IRIS).read_text("utf-8").splitlines()[:100]))
    assert "the formula is not the one" in said(other, "--data", IRIS, "--resume", state)
    assert "the data are not those" in said(formula, "--data", shorter, "--resume", state)
    assert "give the same --wrt" in said(formula, "--data", IRIS, "--resume", state, "--wrt", "W1")
    assert "--batch is not what" in said(formula, "--data", IRIS, "--resume", state, "--batch", 7)
    assert "its state is in" in said(formula, "--data", IRIS, "--resume", tmp_path / "a.npz")
    assert "is not the state of a run" in said(formula, "--data", IRIS, "--resume", formula)
    assert "there is no file" in said(formula, "--data", IRIS, "--resume", tmp_path / "gone.state.npz")


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_damaged_state_is_refused(tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes) -> None:
    """Bytes changed anywhere: refused in words, or (where they don't matter) read as before."""
    folder = tmp_path_factory.mktemp("state")
    path = folder / "s.state.npz"
    save_state(str(path), made(epochs=3))
    data = path.read_bytes()
    place = at % len(data)
    path.write_bytes(data[:place] + junk + data[place + len(junk) :])
    try:
        restore(made(epochs=3), read_state(str(path)))
    except PointError:
        return


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing fails half way: the old file stays whole, nothing lies beside it, the error says so."""
    path = tmp_path / "net.npz"
    save_parameters(str(path), {"W": np.ones(3)})
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PointError, match="can't be written: no space left on device"):
        save_parameters(str(path), {"W": np.zeros(10)})
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.npz"]


def test_parameters_come_back(tmp_path: Path) -> None:
    """.npz and .json hold what JSON output says, under the formula's names, any name among them."""
    formula = write(tmp_path, "f.bt", "param file: 2\nparam β: [1, 2]\nL = sum((β - file)^2)")
    found = trained(formula, "--out", tmp_path / "a.npz", "--epochs", 3)
    trained(formula, "--out", tmp_path / "a.json", "--epochs", 3)
    with np.load(tmp_path / "a.npz") as arrays:
        assert {name: arrays[name].tolist() for name in arrays.files} == found["parameters"]
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == found["parameters"]
