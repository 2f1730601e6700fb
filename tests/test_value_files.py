"""Values from files: a fault is told with its line and column, or with the entry of a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
