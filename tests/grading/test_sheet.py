"""``backtrace sheet``: the paper, its key, and that the key marks as ``check`` does."""

from __future__ import annotations

import io
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.grading.authoring.answers import filled
from backtrace_cli.grading.authoring.marking import Slip, marking_scheme, mended_line
from backtrace_cli.grading.exercise.exercise import Exercise, load, read_answer, read_exercise
from backtrace_cli.grading.exercise.source import Source, read_source
from backtrace_cli.grading.judging.verdict import RIGHT, WRONG, check_exercise
from backtrace_cli.pages.writers import media, written
from backtrace_cli.readings.questions import Question
from tests.grading.classes import course_of

Run = Callable[..., Result]
ROOT = Path(__file__).parent.parent.parent
PATHS = str(ROOT / "exercises" / "04_forks" / "two_paths.toml")
MISTAKE = str(ROOT / "exercises" / "15_find_the_mistake" / "lost_square.toml")
OWN = """title = "Own <b>\\\\numbers</b> #x $y$"
formula = "a = x^2; b = x*y; f = a + b"
at = { x = 2, y = 3 }
[variants]
x = "2..9"
[messages]
"a->x" = ""
[gradient]
x = ""
"""


def answered(exercise: Exercise, answers: dict[Question, object]) -> list[tuple[str, bool]]:
    """(verdict, carried) of each answer, where ``answers`` are given and the others are right."""
    source = read_source(exercise.path)
    right = filled(source, exercise, False) or exercise
    given = [
        read_answer(exercise.statement, one.question, answers[one.question], 0)
        if one.question in answers
        else one
        for one in right.answers
    ]
    result = check_exercise(exercise._replace(answers=tuple(given)))
    return [(found.verdict, found.carried) for found in result.answers]


def plain(value: object) -> object:
    """A value as TOML would have it."""
    return value.tolist() if hasattr(value, "tolist") else value


def held(exercise: Exercise, question: Question, slip: Slip) -> None:
    """The slip is wrong where it stands, and what the key says follows is right, and only for who has it."""
    places = {answer.question: place for place, answer in enumerate(exercise.answers)}
    wrong: dict[Question, object] = {question: plain(slip.number)}
    follows = {one.question: plain(one.number) for one in slip.follows}
    with_it = answered(exercise, {**wrong, **follows})
    assert with_it[places[question]] == (WRONG, False), (question, slip)
    for one in follows:
        assert with_it[places[one]] == (RIGHT, True), (question, slip, one)
    if follows:
        assert answered(exercise, follows)[places[next(iter(follows))]][0] == WRONG


@pytest.mark.parametrize("name", ["04_forks/two_paths", "10_vectors_and_matrices/batch_and_bias"])
def test_the_key_marks_as_check_does(name: str) -> None:
    """Every wrong answer in it is wrong, and everything that follows from one is carried forward."""
    exercise = load(str(ROOT / "exercises" / f"{name}.toml"))
    scheme = marking_scheme(exercise)
    assert [one.question for one in scheme] == [answer.question for answer in exercise.answers]
    assert sum(len(one.slips) for one in scheme) > 10
    assert sum(len(slip.follows) for one in scheme for slip in one.slips) > 5
    for one in scheme:
        for slip in one.slips:
            held(exercise, one.question, slip)


@pytest.mark.slow
def test_the_key_to_the_course() -> None:
    """The same of every eighth exercise that ships (of all of them it was seen once)."""
    seen = 0
    for path in sorted((ROOT / "exercises").glob("[01]*/*.toml"))[::8]:
        exercise = load(str(path))
        exercise = exercise._replace(policy=exercise.policy._replace(kind="either"))  # numbers count, too
        for one in marking_scheme(exercise):
            for slip in one.slips:
                held(exercise, one.question, slip)
                seen += 1
    assert seen > 150


def test_lost_path_in_words(backtrace: Run) -> None:
    """What a marker reads, in plain sentences."""
    text = backtrace("sheet", PATHS, "--key", "--plain").stdout
    assert "If df/dx = 4: at the fork x you kept the message through a and lost the one through b\n" in text
    assert "Answer: df/dx = 1, 2*x - y (1 point)\n" in text
    assert "; then b -> x = 3, df/dy = 4, df/dx = 7\n" in text
    paper = backtrace("sheet", PATHS, "--plain").stdout
    assert "df/dx = ____ (1 point)\n" in paper
    assert "Name: ____" in paper
    assert "= 4" not in paper.replace("At: x = 2, y = 3", "")


def test_a_worked_solution(backtrace: Run) -> None:
    """The paper shows its lines and asks which is wrong; the key says so."""
    mended = mended_line(load(MISTAKE))
    assert (mended.place, mended.number) == (2, -1.0)
    assert "The number of the wrong line: ____" in backtrace("sheet", MISTAKE, "--plain").stdout
    key = backtrace("sheet", MISTAKE, "--plain", "--key").stdout
    assert "The wrong line is number 2: q sends to b = -3*t/b\nThere should stand -3*(t/b^2) = -1\n" in key


def test_everybody_has_their_own(backtrace: Run, tmp_path: Path) -> None:
    """Numbers by name and key, as ``new`` hands them out; the key has a part for each."""
    (tmp_path / "own.toml").write_text(OWN)
    (tmp_path / "class.txt").write_text("ada\nben\ncy\n")
    words = ("sheet", str(tmp_path / "own.toml"), "--students", str(tmp_path / "class.txt"), "--plain")
    for part in ((), ("--key",)):
        text = backtrace(*words, *part).stdout
        points = re.findall(r"^At: x = (\d), y = 3$", text, re.MULTILINE)
        assert len(points) == 3
        for name, x in zip(("ada", "ben", "cy"), points, strict=True):
            made = backtrace("new", "--like", str(tmp_path / "own.toml"), "--student", name).stdout
            assert f"at = {{x = {x}, y = 3}}" in made
            assert f" {name}, 2 points" in text.replace("·", "").replace("*", "")
    one = backtrace("sheet", PATHS, "--students", str(tmp_path / "class.txt"), "--key", "--plain").stdout
    assert one.count("At: ") == 1  # all have the same, so one key does
    (tmp_path / "key").write_text("secret")
    for more, told in (((), True), (("--key-file", str(tmp_path / "key"), "--force"), False)):
        made = backtrace(*words[:-1], "-o", str(tmp_path / "exam.typ"), *more).stdout
        assert ("without a key" in made) is told


@pytest.mark.parametrize("medium", media())
def test_nothing_is_obeyed(medium: str, backtrace: Run, tmp_path: Path) -> None:
    """Whatever a title or a name says, it is text; what is for a marker alone is for nobody else to read."""
    ending = {"latex": "tex", "html": "html", "typst": "typ", "markdown": "md"}[medium]
    (tmp_path / "own.toml").write_text(OWN.replace("numbers", "numbers\\\\input{x}"))
    target = tmp_path / f"exam.{ending}"
    name = '<i>#read("x") \\input{y} $z$ [q](r)'
    result = backtrace("sheet", str(tmp_path / "own.toml"), "--student", name, "-o", str(target))
    assert result.exit_code == 0, result.stderr
    key = tmp_path / f"exam-key.{ending}"
    assert target.name in result.stdout
    assert key.name in result.stdout
    for text in (target.read_text("utf-8"), key.read_text("utf-8")):
        assert "<i>" not in text.replace("\\<i\\>", "")
        for obeyed in {"latex": ("\\input{",), "typst": (" #read", "[#read"), "html": ("<b>",)}.get(
            medium, ()
        ):
            assert obeyed not in text
    if sys.platform != "win32":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    again = backtrace("sheet", str(tmp_path / "own.toml"), "-o", str(target))
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def test_pdf(backtrace: Run, tmp_path: Path) -> None:
    """Set by Typst: each student's pages begin anew, with their name; the key has what goes wrong."""
    pytest.importorskip("typst")
    pypdf = pytest.importorskip("pypdf")
    course = course_of(tmp_path)

    (tmp_path / "class.txt").write_text("ada\nBén #let x = 1\n")
    target = tmp_path / "exam.pdf"
    words = ("--students", str(tmp_path / "class.txt"), "-o", str(target), "--title", "Mid-term *1*")
    result = backtrace("sheet", str(course), *words)
    assert result.exit_code == 0, result.stderr
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(target.read_bytes())).pages]
    first = [place for place, text in enumerate(pages) if "9 points" in text]
    assert len(first) == 2
    assert "Mid-term *1* · ada" in pages[0]
    assert all("ada" in text for text in pages[: first[1]])
    assert all("Bén #let x = 1" in text for text in pages[first[1] :])
    assert pages[first[1]].rstrip().endswith("1")  # counted anew
    key = pypdf.PdfReader(str(tmp_path / "exam-key.pdf"))
    text = "".join(page.extract_text() for page in key.pages)
    assert "lost the one through" in " ".join(text.split())


def test_what_a_pdf_needs(backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Typst and TeX that is said; with a TeX it is asked, and may write nothing elsewhere."""
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = backtrace("sheet", PATHS, "-o", str(tmp_path / "exam.pdf"))
    assert result.exit_code == 2
    assert result.stderr == (
        "a PDF needs Typst or TeX, and neither is installed here\n"
        "pip install 'backtrace-cli[typst]', or write .html, .tex or .typ instead\n"
    )
    assert not (tmp_path / "exam.pdf").exists()
    if sys.platform == "win32":
        return
    fake = tmp_path / "pdflatex"
    fake.write_text(f'#!{sys.executable}\nimport sys\nassert "-no-shell-escape" in sys.argv\n'
                    'text = open("page.tex").read()\nassert text.startswith("\\\\documentclass")\n'
                    'open("page.pdf", "w").write("%PDF " + str("key" in text))\n')  # fmt: skip
    fake.chmod(0o755)
    assert backtrace("sheet", PATHS, "-o", str(tmp_path / "exam.pdf")).exit_code == 0
    assert (tmp_path / "exam.pdf").read_text() == "%PDF False"
    assert (tmp_path / "exam-key.pdf").read_text() == "%PDF True"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "there is no course nowhere"), ([PATHS, "-o", "exam.doc"], "end it in .pdf, .tex"),
        ([PATHS, "--column", "x"], "--students"), ([PATHS, "--student", "a", "--students", "b"], "leave one"),
        ([PATHS, "-o", "nowhere/exam.tex"], "can't be written"), ([PATHS, "--room", "99"], "--room"),
    ],
)  # fmt: skip
def test_what_cannot_be_used(backtrace: Run, words: list[str], told: str) -> None:
    """Said in words, with what to write instead."""
    result = backtrace("sheet", *words)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_page_knows_no_paper_on_a_screen() -> None:
    """Every medium takes a blank, a new page and room to write."""
    from backtrace_cli.pages.document import Blank, NewPage, Room, math

    blocks = [NewPage("head", first=True), Blank(math("x"), "1 point"), Room(2), NewPage("head")]
    for medium in media():
        text = "\n".join(written(medium, blocks, whole=True))
        assert "1 point" in text
        assert text.count("2cm") == {"markdown": 0, "latex": 2, "typst": 2}.get(medium, 1)


def test_what_carries_nothing() -> None:
    """An exercise that says so has a key in which nothing follows."""
    text = 'formula = "a = x^2; f = a*x"\nat = {x=3}\n%s[messages]\n"f->a" = ""\n[gradient]\nx = ""'
    for line, some in (("", True), ('carry = "none"\n', False)):
        scheme = marking_scheme(read_exercise(Source("x.toml", text % line)))
        assert any(slip.follows for one in scheme for slip in one.slips) is some
