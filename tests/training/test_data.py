"""Data files: what is read, and what every fault is called, in the same words each time."""

from __future__ import annotations

import contextlib
import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.runs.files.tables import read_tables
from backtrace_cli.training.start import start
from tests.training.runs import FORMULAS, IRIS, train, write

LINE = "param w: 0\ndata x: a\ndata y: b\nL = mean((w*x - y)^2)"
#: What stands in d.csv, and what is said of it.
FAULTS = {
    "": "d.csv is empty",
    "\na,b\n1,2\n": "d.csv begins with an empty line",
    "a,b\n": "d.csv has a header and no rows",
    "1,2\n3,4\n": "d.csv has no header: its first line is numbers",
    "a,c\n1,2\n": "there is no column b in d.csv",
    "a,b\n1,2\n3,x\n": "d.csv, line 3, column 2 (b): x is not a number",
    "a,b\n1,2\n\n3,\n": "d.csv, line 4: column 2 (b) is empty",
    "a,b\n1,2\n3\n": "d.csv, line 3 has 1 field, and the header 2",
    "a,b\n1,2\n3,4,5\n": "d.csv, line 3 has 3 fields, and the header 2",
    "a,b\n1,2\n\n3,nan\n": "d.csv, line 4, column 2 (b) is nan",
    "a,b\ninf,2\n": "d.csv, line 2, column 1 (a) is infinite",
    "a,b\n1,2e999\n": "d.csv, line 2, column 2 (b) is infinite",
    "a,b,a\n1,2,3\n": "d.csv has two columns called a",
    'a,b\n"1,2\n': "d.csv, line 2 can't be read: unexpected end of data",
    "a;b\n1,5;2\n": "d.csv, line 2, column 1 (a): 1,5 is not a number",
    "a,b\n1,1_0\n": "d.csv, line 2, column 2 (b): 1_0 is not a number",
    "a,b\n1,１\n": "d.csv, line 2, column 2 (b): １ is not a number",
    'a,b\n"x\ny",2\n': "d.csv, line 3, column 1 (a): x y is not a number",
    ",,\n1,2,3\n": "d.csv names no columns",
    "a,b\n1,\x1b[31m\n": "d.csv, line 2, column 2 (b): <U+001B>[31m is not a number",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_named_with_its_place(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, line and column; exit 2, nothing on standard output, no Python traceback."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "d.csv", text)
    result = train(write(tmp_path, "f.bt", LINE), "--data", "d.csv")
    assert FAULTS[text] in result.stderr
    assert (result.exit_code, result.stdout) == (2, "")
    assert isinstance(result.exception, SystemExit)
    assert "\x1b" not in result.stderr


def test_a_misspelt_column_is_guessed(tmp_path: Path) -> None:
    """The nearest name of the file is offered, with the caret under the formula's."""
    data = write(tmp_path, "d.csv", "petal_lenght,b\n1,2\n")
    result = train(write(tmp_path, "f.bt", LINE.replace("x: a", "x: petal_length")), "--data", data)
    assert "^^^^^^^^^^^^" in result.stderr
    assert "did you mean petal_lenght?" in result.stderr


def test_columns_nobody_reads_may_hold_anything(tmp_path: Path) -> None:
    """Text in a column that the formula doesn't read is no fault; the column is told about."""
    data = write(tmp_path, "d.csv", "name,a,b\nAnna,1,2\nBo,2,4\n")
    result = train(write(tmp_path, "f.bt", LINE), "--data", data, "--epochs", 1)
    assert result.exit_code == 0
    assert "unread    name" in result.stdout


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n", "a;b\r\n1;2\r\n3;4\r\n", "\ufeffb\ta\n2\t1\n\n4\t3\n",
                                  ' a , "b"\n 1, 2\n3,4'])  # fmt: skip
def test_ways_of_writing_the_same_table(text: str, tmp_path: Path) -> None:
    """Semicolons, tabs, quotes, blanks, a byte order mark: one table."""
    found = read_tables([write(tmp_path, "d.csv", text)], {"a", "b"}).arrays
    assert found["a"].tolist() == [1, 3]
    assert found["b"].tolist() == [2, 4]


@given(
    st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1)
)
@settings(max_examples=60, deadline=None)
def test_csv_keeps_every_digit(tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]) -> None:
    """What the csv module writes comes back bit for bit."""
    path = tmp_path_factory.mktemp("csv") / "d.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["a", "b", "c"], *rows])
    found = read_tables([str(path)], {"a", "c"}).arrays
    assert [list(pair) for pair in zip(found["a"], found["c"], strict=True)] == [[r[0], r[2]] for r in rows]


@given(st.binary(max_size=200) | st.text('ab,;"\n1.e-\tnχ\x00', max_size=60).map(str.encode))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("ending", ["csv", "json", "npz", "npy"])
def test_no_file_breaks_it(tmp_path_factory: pytest.TempPathFactory, ending: str, data: bytes) -> None:
    """Whatever the bytes: numbers, or an error for the person who made the file."""
    path = tmp_path_factory.mktemp("fuzz") / f"d.{ending}"
    path.write_bytes(data)
    with contextlib.suppress(BacktraceError):
        read_tables([f"a=@{path}" if ending == "npy" else str(path)], {"a"})


def test_arrays_by_name_and_one_by_one(tmp_path: Path) -> None:
    """.npz, a JSON object, .npy for a variable, .csv without a header: the same training."""
    x, y = [1.0, 2.0, 3.0], [2.0, 4.0, 6.5]
    np.savez(tmp_path / "d.npz", a=x, b=y)
    np.save(tmp_path / "x.npy", np.array(x))
    (tmp_path / "d.json").write_text(json.dumps({"a": x, "b": y, "more": "words"}))
    write(tmp_path, "y.csv", "2\n4\n6.5\n")
    ways = [
        [f"{tmp_path}/d.npz"], [f"{tmp_path}/d.json"], [f"x=@{tmp_path}/x.npy", f"y=@{tmp_path}/y.csv"],
    ]  # fmt: skip
    found = []
    for way in ways:
        training = start(LINE, way)
        training.step()
        found.append(float(training.parameters["w"]))
    assert found[0] == found[1] == found[2] != 0


@pytest.mark.parametrize(
    ("line", "shape"),
    [("data X: a", (4,)), ("data X: [a]", (4, 1)), ("data X: a, b", (4, 2)), ("data X: c1..c3", (4, 3)),
     ("data X: [a, b], [c1, c2]", (4, 2, 2))],
)  # fmt: skip
def test_columns_stand_side_by_side(line: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    """One name is a vector, several a matrix, lists of lists an axis more; examples come first."""
    data = write(tmp_path, "d.csv", "a,b,c1,c2,c3\n" + "1,2,3,4,5\n" * 4)
    training = start(f"param w: 1\n{line}\nL = w*sum(X)", [data])
    assert training.examples.arrays["X"].shape == shape
    if len(shape) == 3:
        assert training.examples.arrays["X"][0].tolist() == [[1, 2], [3, 4]]


def test_a_variable_takes_the_column_of_its_name(tmp_path: Path) -> None:
    """Without a data line, and whichever way a Greek letter is written."""
    data = write(tmp_path, "d.csv", "beta,sepal length (cm)\n3,5\n")
    training = start("param w: 1\nL = mean(w*β*sepal_length_cm)", [data])
    assert training.step() == 15


def test_examples_that_differ_in_number(tmp_path: Path) -> None:
    """Both numbers are said."""
    data = write(tmp_path, "d.json", '{"a": [1, 2, 3], "b": [1, 2]}')
    result = train(write(tmp_path, "f.bt", LINE), "--data", data)
    assert "x has 3 examples and y 2" in result.stderr


@pytest.mark.parametrize(
    ("option", "said"),
    [("q=@x.npy", "the formula reads no data called q"), ("x=@gone.npy", "there is no file gone.npy"),
     ("x=@o.npy", "o.npy is not an array that NumPy wrote"), ("x=@n.npy", "x[1] in n.npy is nan"),
     ("x=@c.npy", "x in c.npy is not an array of numbers"), ("x=@s.npy", "x in s.npy is one number"),
     ("d.txt", "d.txt is not .csv, .npz or .json"), ("", "--data names no file"), (".", "is not .csv")],
)  # fmt: skip
def test_arrays_that_cannot_be_used(
    option: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Objects, nan, complex numbers, no file: each has its own words."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.arange(3.0))
    np.save("o.npy", np.array([{}]), allow_pickle=True)
    np.save("n.npy", np.array([1, np.nan]))
    np.save("c.npy", np.array([1j]))
    np.save("s.npy", np.array(3.0))
    result = train(write(tmp_path, "f.bt", LINE), "--data", option)
    assert said in result.stderr
    assert result.exit_code == 2


def _limited(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A run that may take 3 GB of memory and no more."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (3 * 10**9,) * 2);"
        "sys.argv = ['backtrace', *sys.argv[1:]]; from backtrace_cli.__main__ import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "train", *words], capture_output=True, text=True, cwd=path
    )


@pytest.mark.skipif(sys.platform != "linux", reason="files with holes and limits on memory")
@pytest.mark.parametrize("ending", ["csv", "npy"])
def test_a_file_too_big_for_memory(ending: str, tmp_path: Path) -> None:
    """200 GB, of which nothing is read but the beginning."""
    path = tmp_path / f"d.{ending}"
    if ending == "npy":
        with path.open("wb") as file:
            header = {"descr": "<f8", "fortran_order": False, "shape": (25 * 10**9,)}
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + 200 * 10**9)
    else:
        path.write_text("a,b\n" + "1.25,3.5\n" * 20_000)
        with path.open("r+b") as file:
            file.truncate(200 * 10**9)
    given = f"x=@d.{ending}" if ending == "npy" else "d.csv"
    result = _limited(tmp_path, write(tmp_path, "f.bt", LINE), "--data", given)
    assert f"d.{ending} is too big for this computer's memory: it has 200 GB" in result.stderr
    assert result.returncode == 2


def test_a_line_without_an_end(tmp_path: Path) -> None:
    """A file that is one line of zeros is not taken for a header."""
    data = write(tmp_path, "d.csv", "0" * 11_000_000)
    assert "line 1 is longer than" in train(write(tmp_path, "f.bt", LINE), "--data", data).stderr


def test_nothing_is_computed_before_everything_fits() -> None:
    """A shape that doesn't fit is told before the first step, with both shapes."""
    source = (FORMULAS / "logistic.bt").read_text("utf-8").replace("zeros(3, 4)", "zeros(3, 5)")
    with pytest.raises(BacktraceError, match="h has shape 32×4 and W.T has shape 5×3"):
        start(source, [IRIS])
