"""``backtrace check`` through the front door: pages, JSON, exit codes, hostile answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.grading.exercise.exercise import load
from backtrace_cli.grading.judging.verdict import check_exercise

Run = Callable[..., Result]
COURSE = Path(__file__).parent.parent.parent / "exercises"
STARTERS = sorted(path for path in COURSE.rglob("*.toml") if path.parent.name != "examples")
TWO_PATHS = COURSE / "04_forks" / "two_paths.toml"
ANSWERS = {"c": "15", '"c/b"': "y", '"a->x"': "2*x", '"b->x"': "-y", "x": "2*x - y", "y": "-x"}


def filled(folder: Path, **changed: str) -> Path:
    """The first starter with its answers filled in."""
    text = TWO_PATHS.read_text("utf-8")
    for key, answer in {**ANSWERS, **changed}.items():
        text = text.replace(f'\n{key} = ""', f"\n{key} = '{answer}'")
    file = folder / "two_paths.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_starters_start_blank(backtrace: Run, path: Path) -> None:
    """Every exercise that ships loads, is all blank, says why it matters, and has growing hints."""
    found = check_exercise(load(str(path)))
    assert {one.verdict for one in found.answers} == {"blank"}
    assert found.exercise.why
    assert len(found.exercise.hints) >= 2
    assert backtrace("check", str(path)).exit_code == 1


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)
def test_starters_pass_with_the_trace_s_answers(backtrace: Run, tmp_path: Path, path: Path) -> None:
    """With what --reveal shows, every starter is all right."""
    lines = path.read_text("utf-8").splitlines()
    shown = backtrace("check", "--reveal", "--plain", str(path)).stdout.splitlines()
    revealed = [line.partition(": ")[2] for line in shown if line.startswith("Answer to ")]
    exercise = load(str(path))
    for one, answer in zip(check_exercise(exercise).answers, revealed, strict=True):
        number, _, formula = answer.partition(" = ")
        use = formula if formula and exercise.policy.kind == "expressions" else number
        blank = lines[one.answer.line - 1].partition(" = ")[0]
        lines[one.answer.line - 1] = f"{blank} = '{use}'"
    file = tmp_path / "done.toml"
    file.write_text("\n".join(lines), "utf-8")
    result = backtrace("check", str(file))
    assert result.exit_code == 0, result.stdout


def test_all_right(backtrace: Run, tmp_path: Path) -> None:
    """Everything right exits 0, and no hint is given."""
    result = backtrace("check", str(filled(tmp_path)))
    assert result.exit_code == 0
    assert "6 of 6 right" in result.stdout
    assert "hint" not in result.stdout


def test_the_page(backtrace: Run, tmp_path: Path) -> None:
    """One wrong answer: its line, the first wrong step, the mistake, the witness, a hint, the count last."""
    result = backtrace("check", str(filled(tmp_path, x="2*x")))
    assert result.exit_code == 1
    page = result.stdout
    for words in (
        "Two paths into x", "at  x = 2   y = 3", "wrong  line 26", "First wrong step: ∂f/∂x.",
        "At the fork x you kept the message through a and lost the one through b.",
        "at x = 2, y = 3 yours gives 4, the trace gives another number", "hint 1 of 3",
    ):  # fmt: skip
        assert words in page, words
    assert "hint 2" not in page
    assert page.rstrip().endswith("5 of 6 right")


def test_the_answer_is_not_printed(backtrace: Run, tmp_path: Path) -> None:
    """Without --reveal the right answer is nowhere, in any form of output; with it, it is."""
    file = str(filled(tmp_path, x="123.25", y="77"))
    for form in ((), ("--plain",), ("--json",)):
        shown = backtrace("check", *form, file).stdout
        assert "2*x - y" not in shown.replace("·", "*")
        if form == ("--json",):
            witnesses = [a["witness"] for a in json.loads(shown)["files"][0]["answers"] if a["witness"]]
            assert witnesses
            assert not any("trace" in witness for witness in witnesses)
    assert "2·x − y" in backtrace("check", "--reveal", file).stdout
    found = json.loads(backtrace("check", "--reveal", "--json", file).stdout)
    assert [a["witness"]["trace"] for a in found["files"][0]["answers"] if a["witness"]] == [1.0, -2.0]


@pytest.mark.parametrize(
    ("words", "count"), [((), 1), (("--hint", "0"), 0), (("--hint", "2"), 2), (("--hint", "9"), 3)]
)
def test_hints(backtrace: Run, tmp_path: Path, words: tuple[str, ...], count: int) -> None:
    """One hint where something is wrong; as many as asked for, if there are."""
    assert backtrace("check", *words, str(filled(tmp_path, x="0"))).stdout.count("hint ") == count


def test_json(backtrace: Run, tmp_path: Path) -> None:
    """--json lists every answer and nothing else."""
    file = filled(tmp_path, c="14", x="2*x", y="", **{'"c/b"': "x^"})
    result = backtrace("check", "--json", str(file))
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    one = found["files"][0]
    assert (found["right"], found["of"], one["first_wrong"]) == (2, 6, {"table": "values", "key": "c"})
    assert [(a["line"], a["key"], a["verdict"]) for a in one["answers"]] == [
        (16, "c", "wrong"), (19, "c/b", "unreadable"), (22, "a->x", "right"), (23, "b->x", "right"),
        (26, "x", "wrong"), (27, "y", "blank"),
    ]  # fmt: skip
    lost = one["answers"][4]
    assert lost["mistake"] == "lost path"
    assert lost["witness"] == {"at": {"x": 2.0, "y": 3.0}, "yours": 4.0}
    assert set(lost) == {
        "file",
        "line",
        "table",
        "key",
        "answer",
        "verdict",
        "holds",
        "carried",
        "mistake",
        "witness",
        "words",
    }


def test_several_files(backtrace: Run, tmp_path: Path) -> None:
    """Each in turn, totals at the end; one that can't be used doesn't stop the others, and exits 2."""
    good, bad = filled(tmp_path), tmp_path / "bad.toml"
    bad.write_text('formula = "x +"')
    result = backtrace("check", str(bad), str(good), str(TWO_PATHS))
    assert result.exit_code == 2
    assert "bad.toml" in result.stderr
    assert "2 files: 6 of 12 right; 1 file could not be used" in result.stdout
    found = json.loads(backtrace("check", "--json", str(bad), str(good)).stdout)
    assert "bad.toml" in found["files"][0]["error"]
    assert found["files"][1]["right"] == 6
    assert backtrace("check", str(good), str(good)).exit_code == 0


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_narrow(backtrace: Run, tmp_path: Path, columns: int) -> None:
    """Every verdict and every number stands whole on a narrow page."""
    page = backtrace("check", "--reveal", str(filled(tmp_path, x="1234567.25")), columns=columns).stdout
    assert "1234567.25" in page
    assert page.count("right") >= 6
    if columns >= 40:
        assert max(map(len, page.splitlines())) <= columns


def test_plain_is_ascii(backtrace: Run, tmp_path: Path) -> None:
    """--plain is one sentence a line, in ASCII."""
    page = backtrace("check", "--plain", str(filled(tmp_path, x="2·x"))).stdout
    assert page.isascii()
    assert "gradient x: wrong, yours is 2*x, line 26" in page.splitlines()


HOSTILE = [
    r'"\u001b[2J\u001b]0;x\u0007"', r'"[red]x[/red]"', r'":smile: [/x]"', r'"::error file=a::pwned"',
    r'"\u202ex"', '"##[error]x"', '"x ##vso[task.complete]"', "0x" + "f" * 5000,
    r'"x\n\n   right"', r'"\u009b31m"', '"__import__(\'os\')"', '"' + "9" * 1999 + '"', '"1e99999"',
    '"2^3^4^5^6^7^8^9"',
    '"' + "(" * 1900 + '"', '"' + "-" * 1900 + 'x"', '"x' + "^x" * 900 + '"',
    '"' + "sin(" * 400 + "x" + ")" * 400 + '"',
    '"' + "x" * 1900 + '"', '"' + "x+" * 900 + 'x"', "9" * 4000, "1e308", "-0.0", "5e-324",
    '"' + "y" * 900_000 + '"',
]  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: answer[:16].encode().hex()[:16])
@pytest.mark.parametrize("form", [(), ("--plain",), ("--json",), ("--reveal",)], ids=str)
def test_hostile_answers(backtrace: Run, tmp_path: Path, answer: str, form: tuple[str, ...]) -> None:
    """Whatever stands in an answer, it is judged or reported, and nothing in it steers a terminal."""
    file = tmp_path / "h.toml"
    text = TWO_PATHS.read_text("utf-8").replace('\nx = ""', f"\nx = {answer}").replace('\nc = ""', "\nc = 15")
    file.write_text(text.replace("Two paths", "::error::\\u001b[31m ##[error] ::paths"), "utf-8")
    result = backtrace("check", *form, str(file))
    assert result.exit_code == 1, result.stderr
    for char in "\x1b\x07\x9b\u202e":
        assert char not in result.stdout
        assert char not in result.stderr
    for line in (result.stdout + result.stderr).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_hostile_titles_and_names(backtrace: Run, tmp_path: Path) -> None:
    """A key, a title, a hint, a path with escapes in it are shown, not obeyed."""
    file = tmp_path / "k\x1b[31m.toml"
    file.write_text('title = "\\u001b[2J"\nformula = "x"\nat = "x=1"\n[gradient]\n"\\u001b[31m" = ""')
    result = backtrace("check", str(file))
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
    assert "\x1b" not in backtrace("check", "--json", str(file)).stdout


def test_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    """A check imports neither numpy nor sympy, nor rich where no terminal is."""
    import subprocess
    import sys

    code = (
        "import sys; from backtrace_cli.cli import main\n"
        f"try: main(['check', {str(filled(tmp_path, x='2*x'))!r}])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'sympy', 'rich') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]", result.stderr
