"""Words for classes, columns that are standardised, predictions, confusion, boundary, picture."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from backtrace_cli import train as train_from_python
from backtrace_cli.cli import main
from backtrace_cli.graph import build
from backtrace_cli.training.predicting.found import prediction_of
from backtrace_cli.training.predicting.predictor import confusion, predict
from tests.training.runs import FORMULAS, IRIS, train, trained, write

NAMES = ("setosa", "versicolor", "virginica")
ROWS = np.loadtxt(IRIS, delimiter=",", skiprows=1)
TWO = """
param W: normal(3, 2)
param b: zeros(3)
data X: petal_length, petal_width
data y: species
z = X @ W.T + b
L = cross_entropy_with_logits(z, y)
"""
BINARY = """
param w: zeros(2)
param b: 0
data X: petal_length, petal_width
data y: kind
z = X @ w + b
L = binary_cross_entropy_with_logits(z, y)
"""


def words(folder: Path, last: str = "species", kinds: tuple[str, ...] = NAMES) -> str:
    """The flowers with their names in place of numbers."""
    header = Path(IRIS).read_text().splitlines()[0].replace("species", last)
    lines = [",".join([*(f"{x:g}" for x in row[:4]), kinds[int(row[4]) % len(kinds)]]) for row in ROWS]
    return write(folder, "words.csv", "\n".join([header, *lines]) + "\n")


def ask(*parts: object, **env: str) -> Result:
    """One run of ``backtrace predict``."""
    return CliRunner(env={"COLUMNS": "80", **env}).invoke(main, ["predict", *map(str, parts)])


def asked(*parts: object) -> dict[str, Any]:
    """The same in JSON."""
    result = ask(*parts, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def by_hand(net: dict[str, Any], rows: Any) -> Any:
    """Softmax of the scores of TWO, columns standardised as the whole of the flowers is."""
    x = (rows - ROWS[:, 2:4].mean(axis=0)) / ROWS[:, 2:4].std(axis=0)
    z = x @ np.array(net["W"]).T + np.array(net["b"])
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("ending", ["npz", "json"])
def test_words_and_units_are_remembered(ending: str, tmp_path: Path) -> None:
    """Trained on words and standardised columns; asked in centimetres, it answers in words."""
    formula, net = write(tmp_path, "two.bt", TWO), tmp_path / f"net.{ending}"
    data = words(tmp_path)
    found = trained(formula, "--data", data, "--standardise", "X", "--epochs", 30, "--out", net)
    new = write(tmp_path, "new.csv", "petal_width,petal_length\n0.2,1.4\n1.3,4.5\n2.5,6\n")
    answer = asked(formula, net, "--data", new)
    shares = by_hand(found["parameters"], np.array([[1.4, 0.2], [4.5, 1.3], [6, 2.5]]))
    assert answer["classes"] == [NAMES[k] for k in shares.argmax(axis=1)] == list(NAMES)
    assert answer["sure"] == pytest.approx(shares.max(axis=1), rel=1e-12)
    assert (answer["right"], answer["confusion"]) == (None, [])
    page = ask(formula, net, "--data", new)
    assert "virginica" in page.stdout
    assert "wrong" not in page.stdout


def test_the_same_as_with_numbers(tmp_path: Path) -> None:
    """Words are numbered in the order of the alphabet, which here is that of the flowers' numbers."""
    one = trained(FORMULAS / "logistic.bt", "--data", IRIS)
    other = trained(FORMULAS / "logistic.bt", "--data", words(tmp_path))
    assert one["losses"] == other["losses"]
    run = train_from_python(TWO, {"petal_length": ROWS[:, 2], "petal_width": ROWS[:, 3],
                                  "species": [NAMES[int(k)] for k in ROWS[:, 4]]}, epochs=2)  # fmt: skip
    assert run.examples.labels == {"y": NAMES}


def test_confusion_counts_what_is_taken_for_what(tmp_path: Path) -> None:
    """Row and column as numpy counts them, in JSON, on the page and in plain sentences."""
    formula, net = write(tmp_path, "two.bt", TWO), tmp_path / "net.npz"
    data = words(tmp_path)
    found = trained(
        formula, "--data", data, "--standardise", "X", "--epochs", 15, "--out", net, "--confusion"
    )
    guesses = by_hand(found["parameters"], ROWS[:, 2:4]).argmax(axis=1)
    counts = [[int(((ROWS[:, 4] == i) & (guesses == j)).sum()) for j in range(3)] for i in range(3)]
    assert found["confusion"] == counts == asked(formula, net, "--data", data)["confusion"]
    plain = ask(formula, net, "--data", data, "--plain").stdout
    assert f"versicolor: {counts[1][1]} of 50 right" in plain
    assert f"{sum(counts[k][k] for k in range(3))} of 150 right" in plain
    held = trained(formula, "--data", data, "--hold-out", 0.2, "--confusion")
    assert sum(map(sum, held["confusion"])) == 30


def test_two_classes_from_one_score(tmp_path: Path) -> None:
    """Above 0 is the second word; how sure it is, is the logistic function of the score."""
    formula, net = write(tmp_path, "b.bt", BINARY), tmp_path / "net.npz"
    data = words(tmp_path, "kind", ("no", "yes", "no"))
    found = trained(formula, "--data", data, "--epochs", 10, "--out", net)
    answer = asked(formula, net, "--data", data)
    score = ROWS[:, 2:4] @ np.array(found["parameters"]["w"]) + found["parameters"]["b"]
    assert answer["classes"] == ["yes" if z > 0 else "no" for z in score]
    p = 1 / (1 + np.exp(-score))
    assert answer["sure"] == pytest.approx(np.maximum(p, 1 - p), rel=1e-12)


def test_a_number_is_predicted(tmp_path: Path) -> None:
    """A line through points: values, how far they are off, and a file of them."""
    net, out = tmp_path / "net.npz", tmp_path / "p.csv"
    trained(FORMULAS / "linear.bt", "--data", IRIS, "--lr", 0.02, "--out", net)
    answer = asked(FORMULAS / "linear.bt", net, "--data", IRIS)
    with np.load(net) as file:
        w, b = float(file["w"]), float(file["b"])
    assert (answer["name"], answer["classes"]) == ("a", None)
    assert ask(FORMULAS / "linear.bt", net, "--data", IRIS, "-o", out).exit_code == 0
    with out.open(newline="") as opened:
        header, *rows = csv.reader(opened)
    assert header == ["a"]
    assert [float(row[0]) for row in rows] == answer["values"]
    shown = ask(FORMULAS / "linear.bt", net, "--data", IRIS, "--show", "2*a").stdout
    assert "2*a of 150 examples" in shown
    x = {"w": w, "b": b}
    assert set(x) == {"w", "b"}


def test_the_boundary_is_drawn(tmp_path: Path) -> None:
    """In characters each cell is its class's; as SVG too, with the curve; other formulas are refused."""
    formula, picture = write(tmp_path, "two.bt", TWO), tmp_path / "run.svg"
    data = words(tmp_path)
    result = train(formula, "--data", data, "--standardise", "X", "--epochs", 20, "--boundary",
                   "--picture", picture)  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Boundary   petal_width over petal_length" in result.stdout
    assert "▒▒▒ 2 virginica" in result.stdout
    tree = ET.parse(picture).getroot()
    names = [element.tag.rpartition("}")[2] for element in tree.iter()]
    assert names.count("polyline") == 1
    assert names.count("circle") == 51  # the flowers of the first class, and its mark below
    narrow = train(
        formula, "--data", data, "--boundary", "--epochs", 1, COLUMNS="40", PYTHONIOENCODING="ascii"
    )
    drawn = narrow.stdout.partition("Boundary")[2].partition("Result")[0]
    assert max(map(len, drawn.splitlines())) <= 40
    four = train(FORMULAS / "logistic.bt", "--data", IRIS, "--boundary", "--epochs", 1)
    assert (four.exit_code, four.stdout) == (2, "")
    assert "drawn over two inputs, and this formula reads 4" in " ".join(four.stderr.split())


def test_what_cannot_be(tmp_path: Path) -> None:
    """Each fault by its place, with what to write instead; exit 2, nothing on standard output."""
    formula, net = write(tmp_path, "two.bt", TWO), tmp_path / "net.npz"
    data = words(tmp_path)
    trained(formula, "--data", data, "--epochs", 1, "--out", net)
    mixed = write(tmp_path, "mixed.csv", "petal_length,petal_width,species\n1,2,setosa\n3,4,1\n")
    strange = write(tmp_path, "strange.csv", "petal_length,petal_width,species\n1,2,rose\n")
    line = write(tmp_path, "l.bt", "param w: 1\nL = mean((w*petal_length - species)^2)")
    for result, told in (
        (train(formula, "--data", mixed), "line 3, column 3 (species): 1 is a number"),
        (train(line, "--data", data), "column 5 (species): setosa is not a number"),
        (train(formula, "--data", data, "--standardise", "y"), "y, which holds classes"),
        (train(formula, "--data", data, "--standardise", "x"), "did you mean X?"),
        (ask(formula, net, "--data", strange), "rose is no class of species"),
        (ask(formula, net, "--data", data, "--show", "q"), "the formula computes nothing called q"),
        (ask(FORMULAS / "mlp.bt", net, "--data", IRIS), "which the formula trains"),
    ):
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        assert told in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a = w*x + b; L = mean((y - a)^2)", ("a", "y")),
        ("p = σ(w*x + b); L = -mean(y*log(p) + (1 - y)*log(1 - p))", ("p", "y")),
        ("p = σ(w*x + b); L = mean((p - y)^2) + 0.1*w^2", ("p", "y")),
        ("h = tanh(w*x); z = h*b + x; L = mse(z, y)", ("z", "y")),
    ],
)
def test_the_prediction_is_found(formula: str, wanted: tuple[str, str]) -> None:
    """The last value that every path from the data runs through before it meets the target."""
    graph = build(formula)
    found = prediction_of(graph, ["x", "y"], ["w", "b"])
    assert found is not None
    assert (graph.name(found.node), found.target) == wanted


def test_from_python(tmp_path: Path) -> None:
    """The same, as a function."""
    net = tmp_path / "net.npz"
    trained(FORMULAS / "logistic.bt", "--data", IRIS, "--out", net)
    source = (FORMULAS / "logistic.bt").read_text("utf-8")
    _, examples, predicted = predict(source, str(net), [IRIS], point={})
    assert examples.size == 150
    assert sum(map(sum, confusion(predicted))) == 150
