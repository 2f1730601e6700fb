"""Variants: each student their own numbers, the same ones every time, good ones only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.authoring.mutation import Mutation
from backtrace_cli.grading.authoring.variants import drawn, handed_out, variants_of
from backtrace_cli.grading.exercise.exercise import read_exercise
from backtrace_cli.grading.exercise.source import Source

Run = Callable[..., Result]

FAMILY = """# a comment that stays
title = "A family"
formula = "a = x^2; f = a*y"   # the one that stands in the book
at = { x = 3, y = 4 }
hints = ["one"]

[variants]
formula = ["a = x^2; f = a*y", "a = x^3; f = a*y", "a = x^2; f = a/y"]
x = "2..7"
y = [3, 5, "1/2", 0.25]

[gradient]
x = ""   # ∂f/∂x
y = ""
"""


def family(text: str = FAMILY, path: str = "course/01/family.toml") -> Source:
    """The exercise as a source."""
    return Source(path, text)


def test_the_same_student_gets_the_same() -> None:
    """What is drawn depends on key, student and exercise alone: not on folder, process or order."""
    here = drawn(family(), "ann", "secret").data
    assert drawn(family(path="elsewhere/family.toml"), " ann ", b"secret").data == here
    code = (
        "from backtrace_cli.grading.exercise.source import Source\n"
        "from backtrace_cli.grading.authoring.variants import drawn\n"
        f"print(drawn(Source('family.toml', {FAMILY!r}), 'ann', 'secret').data)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(here)


def test_drawn_by_a_keyed_hash() -> None:
    """The draw is the HMAC-SHA256 of exercise and student, as the docs say, for anyone to recompute."""
    import hashlib
    import hmac

    found = variants_of(family())
    digest = hmac.new(b"secret", b"family\0ann", hashlib.sha256).digest()
    expected = found[int.from_bytes(digest, "big") % len(found)]
    assert drawn(family(), "ann", "secret").data["formula"] == expected.formula


def test_students_differ() -> None:
    """Over many students every formula and nearly every point of the family comes up."""
    found = [drawn(family(), f"student {number}", "secret").data for number in range(300)]
    assert {one["formula"] for one in found} == {variant.formula for variant in variants_of(family())}
    points = {(one["formula"], tuple(one["at"].items())) for one in found}
    assert len(points) > 0.8 * len(variants_of(family()))
    other_key = [drawn(family(), f"student {number}", "other").data for number in range(300)]
    assert sum(a == b for a, b in zip(found, other_key, strict=True)) < 30


def test_capitals_make_another_student() -> None:
    """Who is ada in one place and Ada in another has two draws: the roster settles which name counts."""
    names = [f"Student{number}" for number in range(30)]
    assert any(drawn(family(), name, "k").data != drawn(family(), name.lower(), "k").data for name in names)


def test_every_variant_is_a_good_exercise() -> None:
    """Each statement that can be drawn has a trace, and its answers catch nearly all mistakes."""
    for number in range(40):
        exercise = read_exercise(drawn(family(), f"s{number}", "k"))
        assert Mutation(exercise).score.percent >= 80


def test_without_variants_everybody_has_the_same() -> None:
    """An exercise without the table comes back as it is."""
    text = FAMILY.split("[variants]")[0] + '[gradient]\nx = ""\n'
    source = family(text)
    assert drawn(source, "ann", "k") is source
    assert handed_out(source, "ann", "k") == text


def test_a_handed_out_copy(backtrace: Run, tmp_path: Path) -> None:
    """The student's copy keeps the comments, holds their statement, and needs no key to be checked."""
    key, course, mine = tmp_path / "key", tmp_path / "family.toml", tmp_path / "mine.toml"
    key.write_text("secret\n", "utf-8")
    course.write_text(FAMILY, "utf-8")
    result = backtrace(
        "new", "--like", str(course), "--student", "ann", "--key-file", str(key), "-o", str(mine)
    )
    assert result.exit_code == 0
    text = mine.read_text("utf-8")
    assert "# a comment that stays" in text
    assert "∂f/∂x" in text
    assert "variants" not in text
    assert Source("family.toml", text).data == drawn(family(), "ann", "secret").data
    copied = backtrace("check", str(mine), "--json")
    drawn_page = backtrace("check", str(course), "--student", "ann", "--key-file", str(key), "--reveal")
    mine_page = backtrace("check", str(mine), "--reveal")
    assert copied.exit_code == 1
    assert mine_page.output.split("Answers")[1] == drawn_page.output.split("Answers")[1]


BAD = {
    "a list": ("[[variants]]\nx = 2\n", "variants is a table"),
    "empty": ("[variants]\n", "variants is a table"),
    "a range backwards": ('[variants]\nx = "5..2"\n', "range of x"),
    "a long range": ('[variants]\nx = "1..99999999"\n', "range of x"),
    "no range": ('[variants]\nx = "two"\n', "no values"),
    "a strange list": ("[variants]\nx = [1, true]\n", "no values"),
    "a huge power": ('[variants]\nx = ["1e999999999"]\n', "no values"),
    "divided by zero": ('[variants]\nx = ["1/0"]\n', "no values"),
    "a formula that is none": ("[variants]\nformula = [3]\n", "list of texts"),
    "an unknown name": ('[variants]\nz = "1..3"\n', "z"),
    "no trace anywhere": ('[variants]\nformula = ["f = log(-1 - x^2)*y"]\n', "log needs"),
    "always at a kink": ('[variants]\nformula = ["f = relu(x)*y"]\nx = [0]\n', "away from kinks"),
    "a family without the node asked for": (
        '[variants]\nformula = ["q = x*y; f = q"]\n[values]\na = ""\n', "no node of this formula",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_variants(name: str) -> None:
    """What can't be drawn from is refused, with its line."""
    table, expected = BAD[name]
    text = FAMILY.split("[variants]")[0] + table
    if "[values]" not in table:
        text += '[gradient]\nx = ""\n'
    with pytest.raises(BacktraceError, match=expected) as caught:
        drawn(family(text), "ann", "k")
    assert "family.toml" in caught.value.report()


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40), st.binary(max_size=20))
def test_any_student_and_any_key(student: str, key: bytes) -> None:
    """Whatever a student is called, they get a statement of the family."""
    found = drawn(family(), student, key)
    assert found.data["formula"] in {variant.formula for variant in variants_of(family())}
    assert "variants" not in found.data


@pytest.mark.parametrize(("text", "expected"), [("", "is empty"), (None, "can't be read")])
def test_a_key_that_is_none(backtrace: Run, tmp_path: Path, text: str | None, expected: str) -> None:
    """A key file that is missing or empty is an error, not a silent other draw."""
    course = tmp_path / "family.toml"
    course.write_text(FAMILY, "utf-8")
    if text is not None:
        (tmp_path / "key").write_text(text, "utf-8")
    result = backtrace("check", str(course), "--student", "ann", "--key-file", str(tmp_path / "key"))
    assert result.exit_code == 2
    assert expected in result.stderr


def test_the_environment_holds_the_key(
    backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BACKTRACE_KEY is the key where no file is named."""
    course = tmp_path / "family.toml"
    course.write_text(FAMILY, "utf-8")
    monkeypatch.setenv("BACKTRACE_KEY", "secret")
    text = backtrace("new", "--like", str(course), "--student", "ann").stdout
    assert text == handed_out(family(), "ann", "secret")
