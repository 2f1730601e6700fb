"""What a run came to is not lost, and nothing that it reads is overwritten or quietly changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main
from backtrace_cli.training.keeping import state as keeping
from backtrace_cli.training.keeping.parameter_files import free_path
from backtrace_cli.training.keeping.state import read_state
from tests.training.runs import train, trained, write

BOWL = "param w: 1\nf = k*w^2 - 3*w"
#: Falls for a while and, with long steps, runs off to infinity.
STEEP = "param w: 1\nf = 2*w^2 - 3*w + exp(w)*0.001*w^4"


def test_changed_constants_are_refused(tmp_path: Path) -> None:
    """Another --at, one left out, another first value: each by its name; the same goes on."""
    formula, out = write(tmp_path, "f.bt", BOWL), tmp_path / "a.npz"
    trained(formula, "--at", "k=2,w=3", "--epochs", 2, "--out", out)
    again = [formula, "--resume", tmp_path / "a.state.npz", "--epochs", 4]
    changed = train(*again, "--at", "k=5,w=3")
    assert (changed.exit_code, changed.stdout) == (2, "")
    assert "k has another value than" in changed.stderr
    assert "only --lr, --epochs, --patience and --metric may change" in changed.stderr
    momentum = train(*again, "--at", "k=2", "--momentum", 0.5).stderr
    assert "leave --momentum out; only --lr, --epochs, --patience and --metric may change" in momentum
    assert "w has another first value" in train(*again, "--at", "k=2,w=4").stderr
    assert train(*again).exit_code == 2
    assert trained(*again, "--at", "k=2")["updates"] == 4


@pytest.mark.parametrize("ending", ["npz", "json"])
def test_the_file_holds_the_whole_net(ending: str, tmp_path: Path) -> None:
    """Parameters that --wrt leaves out are in --out as well: eval traces the net that was trained."""
    source = "param W: uniform(3, 2)\nparam v: uniform(3)\nparam c: 2\nL = mean((X @ W.T @ v + c - y)^2)"
    formula, out = write(tmp_path, "f.bt", source), tmp_path / f"net.{ending}"
    draw = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=draw.normal(size=(7, 2)), y=draw.normal(size=7))
    words = [formula, "--data", tmp_path / "d.npz", "--wrt", "v", "--seed", 5, "--out", out]
    found = trained(*words)
    assert list(found["parameters"]) == ["v"]
    assert sorted(found["frozen"]) == ["W", "c"]
    at = ["--at", f"@{out}", "--at", f"@{tmp_path / 'd.npz'}"]
    result = CliRunner().invoke(main, ["eval", "-f", formula, *at, "--json"])
    assert json.loads(result.stdout)["value"] == pytest.approx(found["after"]["loss"], rel=1e-12)
    page = train(*words).stdout
    assert "frozen    W 3×2   c" in page
    assert "The parameters, trained and frozen, are in" in page
    assert "frozen" not in train(formula, "--data", tmp_path / "d.npz").stdout


def test_a_trained_net_with_dropout_in_eval(tmp_path: Path) -> None:
    """A note says that a mask was drawn and how to drop nothing; so done, the loss is the one of training."""
    source = "param w: normal(6)\nh = tanh(X*w)\nd = dropout(h, p=0.5)\nL = mean((sum(d, axis=1) - y)^2)"
    draw = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=draw.normal(size=(9, 6)), y=draw.normal(size=9))
    formula, out = write(tmp_path, "f.bt", source), tmp_path / "net.npz"
    loss = trained(formula, "--data", tmp_path / "d.npz", "--epochs", 3, "--out", out)["after"]["loss"]
    found = {}
    for p in ("0.5", "0"):
        write(tmp_path, "f.bt", source.replace("p=0.5", f"p={p}"))
        words = ["eval", "-f", formula, "--at", f"@{out}", "--at", f"@{tmp_path / 'd.npz'}"]
        found[p] = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)
    (note,) = [note for note in found["0.5"]["notes"] if note["kind"] == "drawn"]
    assert note["node"] == "d"
    assert "write dropout(h, p=0)" in note["message"]
    assert found["0.5"]["value"] != pytest.approx(loss)
    assert found["0"]["value"] == pytest.approx(loss, rel=1e-12)
    assert "drawn" not in {note["kind"] for note in found["0"]["notes"]}


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (-1, "not the state"),
        (True, "not the state"),
        ("2", "not the state"),
        (1, "an older"),
        (99, "a newer"),
    ],
)
def test_versions_of_the_state(version: object, said: str, tmp_path: Path) -> None:
    """Only the present version is read."""
    formula, path = write(tmp_path, "f.bt", BOWL), tmp_path / "a.state.npz"
    trained(formula, "--at", "k=2", "--epochs", 1, "--out", tmp_path / "a.npz")
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays.pop("about"))) | {"version": version}
    np.savez(path, about=np.array(json.dumps(about)), **arrays)
    assert said in train(formula, "--at", "k=2", "--resume", path, "--epochs", 3).stderr


def test_nothing_that_is_read_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--out names the data, by whatever path; its state would lie on them; or it names the resumed state."""
    monkeypatch.chdir(tmp_path)
    formula = write(tmp_path, "f.bt", "param w: 1\nL = mean((w*x)^2)")
    for name in ("dat.npz", "dat2.state.npz"):
        np.savez(name, x=np.arange(3.0))
    before = Path("dat.npz").read_bytes()
    os.symlink("dat.npz", "link.npz")
    for out, data in (("dat.npz", "dat.npz"), ("./link.npz", "dat.npz"), ("dat2.npz", "dat2.state.npz")):
        result = train(formula, "--data", data, "--out", out)
        assert result.exit_code == 2
        assert "would overwrite" in result.stderr
    assert Path("dat.npz").read_bytes() == before
    trained(formula, "--data", "dat.npz", "--epochs", 1, "--out", "n.npz")
    os.rename("n.state.npz", "s.npz")
    said = train(formula, "--data", "dat.npz", "--epochs", 2, "--resume", "s.npz", "--out", "s.npz").stderr
    assert "the state of this run" in said


@pytest.mark.parametrize("form", ["page", "--plain", "--json"])
def test_a_write_that_fails_at_the_end(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole page all the same, then the error, exit 2."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    words = [] if form == "page" else [form]
    formula = write(tmp_path, "f.bt", BOWL)
    result = train(formula, "--at", "k=2", "--epochs", 3, "--out", tmp_path / "a.npz", *words)
    assert result.exit_code == 2
    assert "can't be written: no space left on device" in result.stderr
    assert {"page": "Result", "--plain": "epoch 3: loss", "--json": '"parameters"'}[form] in result.stdout
    assert "are in" not in result.stdout
    assert not list(tmp_path.glob("*.npz"))


def test_a_state_without_a_name_takes_a_free_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of another run stays."""
    monkeypatch.chdir(tmp_path)
    assert free_path("net") == "net.state.npz"
    write(tmp_path, "net.state.npz", "")
    write(tmp_path, "net-2.state.npz", "")
    assert free_path("net") == "net-3.state.npz"


def test_metrics_come_and_go(tmp_path: Path) -> None:
    """None, one, none, another: every resume works, and tells what there is."""
    formula = write(tmp_path, "f.bt", BOWL)
    common = [formula, "--at", "k=0.5", "--out", tmp_path / "a.npz"]
    trained(*common, "--epochs", 1)
    for epochs, metric in ((2, ["w"]), (3, []), (4, ["w", "w^2"]), (5, [])):
        words = [word for name in metric for word in ("--metric", name)]
        found = trained(*common, "--resume", tmp_path / "a.state.npz", "--epochs", epochs, *words)
        assert list(found["epochs"][-1]["metrics"]) == metric
        assert found["epochs"][0]["metrics"] == {}
    page = train(*common, "--resume", tmp_path / "a.state.npz", "--epochs", 6, "--metric", "w")
    assert page.exit_code == 0, page.output


def test_the_true_number_of_epochs(tmp_path: Path) -> None:
    """Fewer epochs than the run has gone through: what it has, and more than that to go on."""
    formula = write(tmp_path, "f.bt", BOWL)
    trained(formula, "--at", "k=0.5", "--epochs", 5, "--out", tmp_path / "a.npz")
    said = train(formula, "--at", "k=0.5", "--resume", tmp_path / "a.state.npz", "--epochs", 2).stderr
    assert "has gone through its 5 epochs" in said
    assert "--epochs 10" in said


def test_a_broken_run_goes_on_with_smaller_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is the start of the best epoch; the command that is told reaches the end."""
    monkeypatch.chdir(tmp_path)
    formula = write(tmp_path, "f.bt", STEEP)
    trained(formula, "--lr", 0.01, "--epochs", 3, "--out", "a.npz")
    kept = Path("a.npz").read_bytes()
    broken = train(
        formula, "--resume", "a.state.npz", "--lr", 3, "--epochs", 100, "--out", "a.npz", "--plain"
    )
    assert broken.exit_code == 1, broken.output
    assert Path("a.npz").read_bytes() == kept
    losses = read_state("a.state.npz").arrays["losses"]
    assert len(losses) >= 3
    assert max(losses) < 0
    command = broken.stdout.splitlines()[-1].split()
    assert command[:2] == ["backtrace", "train"]
    assert command[-2:] == ["--lr", "0.3"]
    found = trained(*command[2:])
    assert found["finished"]
    assert found["after"]["loss"] < min(losses)


def test_a_state_from_which_nothing_goes_on(tmp_path: Path) -> None:
    """The last parameters before the infinity: whatever --lr, the next update breaks, and that is said."""
    from backtrace_cli.training.broken import BrokenError
    from backtrace_cli.training.settings import Settings
    from backtrace_cli.training.start import start

    training = start(STEEP, settings=Settings(lr=3, epochs=100))
    with pytest.raises(BrokenError, match="a smaller --lr often helps"):
        training.run()
    path = str(tmp_path / "a.state.npz")
    keeping.save_state(path, training)
    result = train(write(tmp_path, "f.bt", STEEP), "--resume", path, "--lr", 0.001)
    assert result.exit_code == 1
    assert "no --lr helps" in result.stderr
