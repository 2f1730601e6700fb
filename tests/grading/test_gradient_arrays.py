"""``--mine @grads.npz``: whole gradients of one's own program, in their precision, one mistake for all."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli.base.errors import PointError
from backtrace_cli.runs.files.stored import read_stored

Run = Callable[..., Result]
NET = "z = X @ W1 + b1; h = relu(z); s = h @ W2; L = -sum(Y*log_softmax(s, axis=1))/rows(X)"


def passed(bug: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """A network's values, and its gradients by hand with one bug or without."""
    draw = np.random.default_rng(0)
    at = {"X": draw.normal(size=(16, 5)), "W1": draw.normal(size=(5, 8)), "b1": draw.normal(size=8),
          "W2": draw.normal(size=(8, 3)), "Y": np.eye(3)[draw.integers(0, 3, 16)]}  # fmt: skip
    z = at["X"] @ at["W1"] + at["b1"]
    h = np.maximum(0, z)
    p = np.exp(h @ at["W2"])
    ds = (p / p.sum(1, keepdims=True) - at["Y"]) / (1 if bug == "count" else 16)
    dz = (ds @ at["W2"].T) * (1 if bug == "gate" else z > 0)
    grads = {"W1": at["X"].T @ dz, "b1": dz.mean(0) if bug in ("bias", "two") else dz.sum(0), "W2": h.T @ ds}
    if bug == "two":
        grads["W2"] = -grads["W2"]
    return at, grads


def judged(backtrace: Run, folder: Path, *mine: str) -> Any:
    """The rows of ``mine`` in the record, and the page."""
    np.savez(folder / "at.npz", **passed()[0])
    words = (
        "eval",
        NET,
        "--at",
        f"@{folder}/at.npz",
        "--wrt",
        "W1,b1,W2",
        *(w for one in mine for w in ("--mine", one)),
    )
    page = backtrace(*words)
    assert page.exit_code in (0, 1), page.stderr
    return json.loads(backtrace(*words, "--json").stdout)["mine"], " ".join(
        page.stdout.partition("Yours")[2].split()
    )


@pytest.mark.parametrize("precision", ["float64", "float32", "float16"])
def test_right_ones_in_any_precision(backtrace: Run, tmp_path: Path, precision: str) -> None:
    """What rounding does in a precision is no mistake; the precision is said."""
    np.savez(tmp_path / "g.npz", **{f"d{n}": a.astype(precision) for n, a in passed()[1].items()})
    rows, page = judged(backtrace, tmp_path, f"@{tmp_path}/g.npz")
    assert [(row["key"], row["verdict"]) for row in rows] == [
        ("W1", "right"), ("b1", "right"), ("W2", "right")
    ]  # fmt: skip
    assert (f"Computed in {precision}" in page) == (precision != "float64")


@pytest.mark.parametrize(("bug", "wrong", "mistake"), [
    ("count", {"W1", "b1", "W2"}, "factor left out"), ("gate", {"W1", "b1"}, "factor left out"),
    ("bias", {"b1"}, "mean and sum"),
])  # fmt: skip
def test_one_mistake_for_all(backtrace: Run, tmp_path: Path, bug: str, wrong: set[str], mistake: str) -> None:
    """The one that explains every gradient, in float32."""
    np.savez(tmp_path / "g.npz", **{n: a.astype("float32") for n, a in passed(bug)[1].items()})
    rows, page = judged(backtrace, tmp_path, f"@{tmp_path}/g.npz")
    assert {row["key"] for row in rows if row["verdict"] == "wrong"} == wrong
    assert {row["mistake"] for row in rows if row["verdict"] == "wrong"} == {mistake}
    assert ("This one mistake explains all" in page) == (len(wrong) > 1)
    assert ("16 times what it should be" in page) == (bug == "count")


def test_two_mistakes_are_explained_apart(backtrace: Run, tmp_path: Path) -> None:
    """Each by what would not spoil a gradient that is right."""
    np.savez(tmp_path / "g.npz", **passed("two")[1])
    rows, page = judged(backtrace, tmp_path, f"@{tmp_path}/g.npz")
    assert {row["key"]: row["mistake"] for row in rows} == {"W1": None, "b1": "mean and sum", "W2": "sign"}
    assert "No one mistake explains them all" in page


def test_every_sort_of_file(backtrace: Run, tmp_path: Path) -> None:
    """One array a file, or many by name."""
    grads = passed()[1]
    np.save(tmp_path / "W1.npy", grads["W1"])
    np.savetxt(tmp_path / "b1.csv", grads["b1"], delimiter=",")
    (tmp_path / "W2.json").write_text(json.dumps({"W2": np.round(grads["W2"], 6).tolist()}), "utf-8")
    rows, _ = judged(
        backtrace, tmp_path, f"W1 = @{tmp_path}/W1.npy", f"b1=@{tmp_path}/b1.csv", f"@{tmp_path}/W2.json"
    )
    assert [row["verdict"] for row in rows] == ["right"] * 3
    rows, page = judged(backtrace, tmp_path, f"W2 = @{tmp_path}/W1.npy")
    assert "the gradient has the shape of W2, 8×3; yours is 5×8" in page.replace(
        "The gradient", "the gradient"
    )


def test_files_of_pytorch(tmp_path: Path) -> None:
    """Read without PyTorch as PyTorch has them, of all precisions, views too."""
    torch = pytest.importorskip("torch")
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 7
    tensors = {"a": base, "b": base.T, "c": base.half(), "d": base.bfloat16(), "e": base.double()[1:, 2],
               "f": torch.nn.Parameter(base)}  # fmt: skip
    torch.save(tensors, tmp_path / "g.pt")
    found = read_stored("", str(tmp_path / "g.pt"))
    for name, tensor in tensors.items():
        assert np.array_equal(found[name].array, tensor.detach().double().numpy()), name
    assert [one.precision for one in found.values()] == [
        "float32",
        "float32",
        "float16",
        "bfloat16",
        "float64",
        "float32",
    ]


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    """A pickle that calls something is refused, and calls nothing."""
    target = tmp_path / "made"
    evil = f"cposix\nsystem\n(S'touch {target}'\ntR.".encode()
    with zipfile.ZipFile(tmp_path / "g.pt", "w") as file:
        file.writestr("g/data.pkl", evil)
    for data in (None, b"", b"PK\x03\x04", b"\x80\x02}q\x00."):
        if data is not None:
            (tmp_path / "g.pt").write_bytes(data)
        with pytest.raises(PointError, match="no file of tensors"):
            read_stored("", str(tmp_path / "g.pt"))
    assert not target.exists()


@pytest.mark.parametrize(("mine", "words"), [
    ("W1 = @nowhere.npy", "there is no file"), ("@nowhere.npz", "there is no file"), 
    ("Q = @{0}/at.npz", "no array called Q"),
    ("@{0}/one.npy", "without a name"), ("W1 = @{0}/x.exe", "is not .npy"),
])  # fmt: skip
def test_what_cannot_be_used(backtrace: Run, tmp_path: Path, mine: str, words: str) -> None:
    """Exit 2, and what to write instead."""
    at, _ = passed()
    np.savez(tmp_path / "at.npz", **at)
    np.save(tmp_path / "one.npy", at["X"])
    found = backtrace("eval", NET, "--at", f"@{tmp_path}/at.npz", "--mine", mine.format(tmp_path))
    assert (found.exit_code, found.stdout) == (2, "")
    assert words in found.stderr
