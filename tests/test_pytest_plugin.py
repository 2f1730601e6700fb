"""The pytest plugin, in pytest runs of its own: what it collects, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import junitparser
import pytest

ROOT = Path(__file__).parent.parent
FILLED = (ROOT / "exercises" / "examples" / "two_paths_filled.toml").read_text("utf-8")
BLANK = (ROOT / "exercises" / "04_forks" / "two_paths.toml").read_text("utf-8")
OTHERS = {
    "pyproject.toml": '[tool.pytest.ini_options]\nminversion = "7"\n',
    "exercises/pyproject.toml": '[project]\nname = "x"\nformula = "y"\n',
    "exercises/broken.toml": "x = [",
    "exercises/data.toml": '[values]\nx = 1\nformula = "y"\n',
    "exercises/latin.toml": 'title = "\udce9"',
    "exercises/formula.toml": 'formula = "x"\n',
    "exercises/notes.txt": FILLED,
}


def project(folder: Path, **files: str) -> Path:
    """A project with two exercises and many files that are none."""
    texts = {**OTHERS, "exercises/forks/two.toml": FILLED, "exercises/forks/blank.toml": BLANK, **files}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``pytest`` in ``folder``, as a user runs it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def collected(pytester: pytest.Pytester, *words: str, folder: str = "") -> list[str]:
    """The tests that are found, by a run inside this process."""
    pytester.chdir()
    if folder:
        os.chdir(pytester.path / folder)
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--collect-only", "-q", *words
    )
    return [line for line in result.outlines if "::" in line]


def test_exercises_are_tests(tmp_path: Path) -> None:
    """One for each answer; right passes, wrong and blank fail with words, and never with the answer."""
    result = run(project(tmp_path), "exercises/")
    assert result.returncode == 1
    assert "7 failed, 5 passed" in result.stdout
    assert "at the fork x you kept the message through a and lost the one through b" in result.stdout
    assert "this is the first wrong step" in result.stdout
    assert "exercises/forks/two.toml:26" in result.stdout
    assert "2*x - y" not in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("exercises/",), 12), (("exercises",), 12), (("exercises/forks",), 12),
        (("exercises/forks/two.toml",), 6), (("exercises/forks/two.toml::gradient x",), 1),
        (("exercises/", "-k", "two and gradient"), 2), (("--backtrace",), 18),
        ((), 0), ((".",), 0), (("tests",), 0), (("exercises/data.toml",), 0),
        (("-o", "backtrace_exercises=exercises"), 12), (("-o", "backtrace_exercises=elsewhere"), 0),
        (("-o", "backtrace_exercises=exercises/forks/t*.toml"), 6), (("-p", "no:backtrace", "exercises"), 0),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_collected(pytester: pytest.Pytester, words: tuple[str, ...], count: int) -> None:
    """Exercises that were asked for, and no other .toml file."""
    project(pytester.path, **{"tests/test_x.py": "def test_x(): pass", "tests/data.toml": FILLED})
    found = [name for name in collected(pytester, *words) if not name.startswith("tests/test_x.py")]
    assert len(found) == count
    assert all(name.startswith(("exercises/forks/", "tests/data.toml")) for name in found)


def test_inside_the_folder(pytester: pytest.Pytester) -> None:
    """``cd exercises && pytest`` is asked for too."""
    project(pytester.path)
    assert len(collected(pytester, folder="exercises")) == 12
    assert len(collected(pytester, "forks", folder="exercises")) == 12


@pytest.mark.slow
def test_stop_report_and_processes(tmp_path: Path) -> None:
    """-x, --junitxml and xdist do what they always do."""
    folder = project(tmp_path)
    assert "1 failed" in run(folder, "exercises", "-x", "-k", "two").stdout
    report = tmp_path / "report.xml"
    run(folder, "exercises", f"--junitxml={report}")
    suites = list(junitparser.JUnitXml.fromfile(str(report)))
    assert (suites[0].tests, suites[0].failures, suites[0].errors) == (12, 7, 0)
    spread = run(folder, "exercises", "-n", "2")
    assert "7 failed, 5 passed" in spread.stdout


def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    """An exercise that doesn't load is one failure, told as ``check`` tells it; the others are checked."""
    folder = project(tmp_path, **{"exercises/bad.toml": FILLED.replace("b = x + y;", "b = x + ;")})
    (folder / "exercises" / "pyproject.toml").write_text('formula = "x"\n[values]\nx = 1\n')
    assert "8 failed, 5 passed" in run(folder, "exercises").stdout
    result = run(folder, "exercises/bad.toml")
    assert result.returncode == 1
    assert "formula = " in result.stdout
    assert "^" in result.stdout
    assert "Traceback" not in result.stdout


def test_another_folder_and_another_encoding(tmp_path: Path) -> None:
    """``../mini/a.toml`` is what its absolute path is; UTF-16 is read; what nobody can read fails aloud."""
    folder = project(tmp_path / "here")
    mini = tmp_path / "mini"
    mini.mkdir()
    (mini / "a.toml").write_bytes(FILLED.encode("utf-16"))
    (mini / "b.toml").write_bytes(FILLED.encode("utf-16-le"))
    (mini / "c.toml").write_bytes(FILLED.replace("title", "# é\ntitle").encode("latin-1", "replace"))
    for name in ("../mini/a.toml", str(mini / "a.toml"), "../mini/b.toml", "../here/../mini/a.toml"):
        assert "1 failed, 5 passed" in run(folder, name).stdout, name
    result = run(folder, "../mini/c.toml")
    assert result.returncode == 1
    assert "not text in UTF-8" in result.stdout


def test_undecided_fails(tmp_path: Path) -> None:
    """Where nobody can tell, nothing is passed."""
    text = 'formula = "f = (-6)^x"\nat = {x = 2}\n[gradient]\nx = 5\n'
    result = run(project(tmp_path, **{"exercises/k.toml": text}), "exercises/k.toml")
    assert result.returncode == 1
    assert "1 failed" in result.stdout
    assert "undecided" in result.stdout


def test_find_the_mistake(pytester: pytest.Pytester) -> None:
    """A worked solution has two tests."""
    text = 'formula = "f = x^2"\nat = {x = 3}\nwrong = ""\nmended = ""\n[[lines]]\n'
    text += 'table = "values"\nkey = "f"\nclaim = 4\n'
    project(pytester.path, **{"exercises/l.toml": text})
    names = collected(pytester, "exercises/l.toml")
    assert [name.partition("::")[2] for name in names] == ["lines wrong", "lines mended"]


def test_a_project_without_exercises_pays_nothing(tmp_path: Path) -> None:
    """The engine is not loaded where no exercise is collected."""
    test = "import sys\ndef test_x():\n    assert 'backtrace_cli.engine' not in sys.modules\n"
    folder = project(tmp_path, **{"tests/test_x.py": test})
    assert "1 passed" in run(folder).stdout
