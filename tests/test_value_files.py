"""Values from files: a fault is told with its line and column, or with the entry of a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

Run = Callable[..., Result]

#: What stands in a file, and what is said of it.
CSV = {
    "3,x\n": "f.csv, line 1, column 2: x is not a number\nput a number there",
    "1,2\n\n# more\n3,x # here\n": "f.csv, line 4, column 2: x is not a number",
    "1,2\n3\n": "f.csv, line 2 has 1 field, and the lines before it 2",
    "1,2\n,3\n": "f.csv, line 2: column 1 is empty",
    "1;2\n": "f.csv, line 1, column 1: 1;2 is not a number\nseparate the numbers with commas",
    "1,1_0\n": "f.csv, line 1, column 2: 1_0 is not a number",
    "1,\x1b[31m\n": "f.csv, line 1, column 2: <U+001B>[31m is not a number",
    "# nothing\n": "f.csv is empty",
    "a,b\n1,2\n": "f.csv begins with a line of names",
}
JSON = {
    '{"W": [[1, 2], [3, "x"]]}': 'f.json, W[1,1]: "x" is not a number',
    '[[1, 2], [3, null]]': "f.json, [1,1]: null is not a number",
    '[[1, 2], [3, {"a": 1}]]': "f.json, [1,1]: an object is not a number",
    "[[1, 2], [3]]": "f.json, [1] has 1 entry, and [0] has 2 entries",
    "[1, [2]]": "f.json, [1] is a list, and [0] is a number",
    "[[[1], [2]], [[3], [4, 5]]]": "f.json, [1,1] has 2 entries, and [0,0] has 1 entry",
    "[[1, 2], [3, 4]": "f.json, line 1, column 16: expecting ',' delimiter",
    "[1,\n 2,,]": "f.json, line 2, column 4: expecting value",
    "[1, 1" + "0" * 40 + "]": "f.json, [1]: a number as large as this is written with an exponent",
    "[]": "the list in f.json is empty",
    "[" * 5000: "f.json does not hold one array of numbers",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("f.csv", *pair) for pair in CSV.items()] + [("f.json", *pair) for pair in JSON.items()],
    ids=[text[:24] for text in (*CSV, *JSON)],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(
    backtrace: Run, name: str, text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, nothing on standard output, the place on standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text, "utf-8")
    result = backtrace("eval", "sum(W)", "--at", f"W=@{name}")
    assert isinstance(result.exception, SystemExit)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_examples_in_json_are_named_too(backtrace: Run, tmp_path: Path) -> None:
    """What is trained on is told with its place as well."""
    (tmp_path / "f.bt").write_text("param w: 0\nL = mean((w*x - y)^2)", "utf-8")
    (tmp_path / "d.json").write_text('{"x": [1, 2], "y": [1, "two"]}', "utf-8")
    result = backtrace("train", str(tmp_path / "f.bt"), "--data", str(tmp_path / "d.json"))
    assert result.exit_code == 2
    assert 'd.json, y[1]: "two" is not a number' in result.stderr


def test_a_byte_order_mark_is_no_fault(backtrace: Run, tmp_path: Path) -> None:
    """As some editors write it."""
    for name, text in (("f.json", "[1, 2]"), ("f.csv", "1,2")):
        (tmp_path / name).write_text(text, "utf-8-sig")
        assert backtrace("eval", "sum(W)", "--at", f"W=@{tmp_path / name}").exit_code == 0


def _packed(path: Path, **changed: int) -> None:
    """An .npz of one array, with bytes of its two headers changed."""
    np.savez(path, W=np.arange(3.0))
    data = bytearray(path.read_bytes())
    local, central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
    for name, value in changed.items():
        offset = {"version": 4, "flags": 6, "method": 8}[name]
        data[local + offset] = data[central + offset + 2] = value
    path.write_bytes(data)


def _header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(80)


_PLAIN = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"


@pytest.mark.parametrize("text", [
    _PLAIN[:-2], _PLAIN.replace("<f8", "<f9"), _PLAIN.replace("(3,)", "(-3,)"), _PLAIN.replace("<f8", "<U3"),
    _PLAIN.replace("(3,)", "(900000000000,)"), "(" * 2000, "", "{}", "x", _PLAIN.replace("<f8", "|O"),
])  # fmt: skip
def test_an_odd_array_file_is_refused_in_words(backtrace: Run, text: str, tmp_path: Path) -> None:
    """Whatever NumPy's reader raises about its header."""
    (tmp_path / "f.npy").write_bytes(_header(text))
    result = backtrace("eval", "sum(W)", "--at", f"W=@{tmp_path / 'f.npy'}")
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"flags": 1}, "is encrypted"), ({"version": 99}, "does not hold"), ({"method": 77}, "does not hold")],
)
def test_an_odd_archive_is_refused_in_words(
    backtrace: Run, changed: dict[str, int], said: str, tmp_path: Path
) -> None:
    """Encrypted, of a version to come, or packed in a way that nobody knows."""
    _packed(tmp_path / "f.npz", **changed)
    for at in (f"W=@{tmp_path / 'f.npz'}", f"@{tmp_path / 'f.npz'}"):
        result = backtrace("eval", "sum(W)", "--at", at)
        assert isinstance(result.exception, SystemExit)
        assert result.exit_code == 2
        assert said in result.stderr


def test_a_small_file_of_many_numbers_is_refused(
    backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As zeros pack well, the memory that they would take is looked at first."""
    np.savez_compressed(tmp_path / "f.npz", W=np.zeros(5000))
    np.save(tmp_path / "f.npy", np.zeros(5000))
    monkeypatch.setenv("BACKTRACE_MAX_ENTRIES", "4000")
    for name in ("f.npz", "f.npy"):
        result = backtrace("eval", "sum(W)", "--at", f"W=@{tmp_path / name}")
        assert result.exit_code == 2
        assert "BACKTRACE_MAX_ENTRIES" in result.stderr
