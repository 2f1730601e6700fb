"""Every way we know to get it wrong, with the whole error as the person sees it.

The cases stand in golden/bad_inputs.toml: the words after ``backtrace eval`` and
the exact text on standard error. ``pytest --update-golden`` rewrites the texts;
read each of them as somebody who is stuck at midnight would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

Run = Callable[..., Result]
TABLE = Path(__file__).parent / "golden" / "bad_inputs.toml"
GROUPS: dict[str, list[dict[str, Any]]] = tomllib.loads(TABLE.read_text("utf-8"))
CASES = [case for cases in GROUPS.values() for case in cases]


def shown(case: dict[str, Any]) -> str:
    """A short name for a case: its words."""
    words = " ".join(case["args"]) or "nothing"
    return words if len(words) <= 60 else f"{words[:28]}…{words[-28:]}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the cases name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "two.json").write_text('{"a": 1, "b": 2}')
    (tmp_path / "broken.json").write_text("[1, 2")
    (tmp_path / "null.json").write_text("[1, null]")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "formulas").mkdir()
    (tmp_path / "utf16.txt").write_bytes("x^2".encode("utf-16"))
    (tmp_path / "latin1.txt").write_bytes(b"x^2 + \xe9")
    (tmp_path / "three.txt").write_text("a = x^2  # the square\nb = a + sin y z\nf = a*b\n")
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "complex.npy", np.array([1j]))
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("case", CASES, ids=shown)
def test_error_text(case: dict[str, Any], backtrace: Run, request: pytest.FixtureRequest) -> None:
    """The error is exactly this text on standard error, standard output is empty, the exit code is 2."""
    result = backtrace("eval", *case["args"], stdin=case.get("stdin"))
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (2, "")
    if request.config.getoption("--update-golden"):
        case["error"] = result.stderr
        TABLE.write_text(written(GROUPS), "utf-8")
    assert result.stderr == case["error"]


def written(groups: dict[str, list[dict[str, Any]]]) -> str:
    """The table as TOML, errors as they look on the screen."""
    lines = ["# The words after `backtrace eval`, and what is then printed on standard error."]
    for name, cases in groups.items():
        for case in cases:
            lines += ["", f"[[{name}]]", f"args = {json.dumps(case['args'], ensure_ascii=False)}"]
            if "stdin" in case:
                lines.append(f"stdin = {json.dumps(case['stdin'], ensure_ascii=False)}")
            lines.append(f"error = '''\n{case['error']}'''")
    text = "\n".join(lines) + "\n"
    steering = {char for char in text if unicodedata.category(char) in ("Cc", "Cf")} - {"\n"}
    return text.translate({ord(char): f"\\u{ord(char):04x}" for char in steering})


@pytest.mark.parametrize("case", CASES, ids=shown)
def test_error_is_fit_to_print(case: dict[str, Any]) -> None:
    """No control character comes out, an excerpt fits the screen, and carets stand under it."""
    lines = case["error"].split("\n")
    assert lines.pop() == ""
    assert len(lines) <= 8
    for line in lines:
        assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    for above, below in zip(lines, lines[1:], strict=False):
        if below and set(below) <= {" ", "^"} and "^" in below:
            assert len(below) <= len(above) + sum(unicodedata.east_asian_width(c) in "WF" for c in above) + 1
            assert len(above) <= 75


def test_the_table_is_large_and_each_case_is_new() -> None:
    """A hundred cases, none of them twice."""
    words = [(tuple(case["args"]), case.get("stdin")) for case in CASES]
    assert len(words) >= 100
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    "words", [["1/2x"], ["(x"], ["х^2"], ["x*y", "--at", "x=1"], ["log(x)", "--at", "x=-1"]]
)
def test_error_in_a_process_of_its_own(words: list[str], backtrace: Run) -> None:
    """From a shell the bytes are the same, and there is no traceback."""
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "backtrace_cli", "eval", *words]
    found = subprocess.run(command, capture_output=True, env=env, check=False)
    assert (found.returncode, found.stdout) == (2, b"")
    assert found.stderr.decode("utf-8").replace("\r\n", "\n") == backtrace("eval", *words).stderr


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_error_where_the_terminal_is_not_utf8(encoding: str) -> None:
    """Where a character can't be printed its code is, and there is no traceback."""
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "backtrace_cli", "eval", "х^2"]
    found = subprocess.run(command, capture_output=True, env=env, check=False)
    assert (found.returncode, found.stdout) == (2, b"")
    assert b"\\u0445" in found.stderr
    assert b"Cyrillic small letter ha" in found.stderr


@pytest.mark.parametrize("char", [*"\0\a\x1b\x7f\x9b\u200b\u202e\u2028\ud800\ufeff"], ids=ascii)
@pytest.mark.parametrize("place", ["x{}y", "{}", "sin(x{}", "x + 1 # {}\n)", "a{} = x; a"])
def test_no_steering_character_comes_out(char: str, place: str, backtrace: Run) -> None:
    """A control character in a formula, a point or a file's name is shown by its code, never sent."""
    text = place.replace("{}", char)
    for words in (["eval", text], ["eval", "x*y", "--at", text], ["eval", "x", "--at", f"x=@{text}.csv"]):
        result = backtrace(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert char not in result.stderr
        assert "Traceback" not in result.stderr
