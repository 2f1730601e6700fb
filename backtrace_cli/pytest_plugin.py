"""The pytest plugin: exercise files as tests, one for each answer.

    pytest exercises/                      every exercise below a folder of that name
    pytest mine/two_paths.toml             a file that is named
    pytest --backtrace mine/               every exercise below any folder
    backtrace_exercises = ["homework"]     in pytest's own configuration: those folders always

Other .toml files, and exercises that nobody asked for, are left alone. The engine is
loaded when the first exercise is collected, so a project without any pays nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backtrace_cli.grading.judging.verdict import Checked, Result

__all__ = ["AnswerItem", "ExerciseFile", "pytest_addoption", "pytest_collect_file"]

#: A folder of this name, named on the command line, is meant as one of exercises.
_FOLDER = "exercises"
_MOST_BYTES = 1_000_000
_FORMULA = re.compile(r"^formula\s*=", re.MULTILINE)
_HEADER = re.compile(r"^[ \t]*\[+[^\[\],\n]+\]+[ \t]*(#.*)?$", re.MULTILINE)
_ASKS = re.compile(r"^[ \t]*\[+[ \t]*(values|local|tangent|messages|gradient|lines)[ \t]*\]", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--backtrace`` and ``backtrace_exercises``."""
    group = parser.getgroup("backtrace", "backtrace exercises")
    group.addoption("--backtrace", action="store_true", help="collect every backtrace exercise (.toml)")
    parser.addini("backtrace_exercises", type="args", default=[],
                  help="folders or patterns, seen from the root folder, with exercises")  # fmt: skip


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ExerciseFile | None:
    """A collector for ``file_path`` if it is an exercise that was asked for."""
    if (
        file_path.suffix != ".toml"
        or file_path.name == "pyproject.toml"
        or not _wanted(file_path, parent.config)
        or not _is_exercise(file_path)
    ):
        return None
    found: ExerciseFile = ExerciseFile.from_parent(parent, path=file_path)
    return found


def _wanted(path: Path, config: pytest.Config) -> bool:
    """Was this file asked for, by the configuration, an option, or an argument?"""
    if config.getoption("--backtrace"):
        return True
    inside = _relative(path, config.rootpath)
    for pattern in config.getini("backtrace_exercises"):
        place = Path(str(pattern).rstrip("/"))
        if any(part == place or part.match(str(place)) for part in (inside, *inside.parents)):
            return True
    here = config.invocation_params.dir
    for argument in config.args:
        named = Path(os.path.abspath(Path(here, argument.split("::")[0])))  # ../x as pytest itself reads it
        if named == path:
            return True
        # Seen from the project and from here: a folder further up called exercises says nothing.
        folders = (here.name, *_relative(named, here).parts, *_relative(named, config.rootpath).parts)
        if named in path.parents and (named.name == _FOLDER or _FOLDER in folders):
            return True
    return False


def _relative(path: Path, root: Path) -> Path:
    """``path`` as seen from the root folder; its name alone where it lies elsewhere."""
    return path.relative_to(root) if path.is_relative_to(root) else Path(path.name)


def _is_exercise(path: Path) -> bool:
    """Has the file a formula at its top, and a table of answers? Only its text is looked at."""
    from backtrace_cli.grading.exercise.encoding import text_of

    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except (OSError, ValueError):
        return False
    try:
        text = text_of(data)
    except ValueError:  # what looks like an exercise in an unknown encoding is a test that fails, not dropped
        text = data.decode("latin-1")
    header = _HEADER.search(text)
    return bool(header and _FORMULA.search(text, 0, header.start()) and _ASKS.search(text, header.start()))


class ExerciseFile(pytest.File):
    """An exercise file, as pytest collects it."""

    @cached_property
    def result(self) -> Result:
        """The exercise, checked when the first of its tests runs."""
        from backtrace_cli.grading.whole_exercise import check_whole

        return check_whole(self._load())

    def collect(self) -> Iterator[AnswerItem | BrokenItem]:
        """A test for each answer: ``gradient x``; one that fails where the file can't be read."""
        from backtrace_cli.base.errors import BacktraceError

        try:
            exercise = self._load()
        except BacktraceError as error:
            broken: BrokenItem = BrokenItem.from_parent(self, name="can't be read")
            broken.report = error.report()
            yield broken
            return
        for answer in exercise.answers:
            yield self._item(f"{answer.question.table} {answer.question.key}", answer.line)
        for answer in exercise.derived:
            yield self._item(f"{answer.question.table} {answer.question.key}", answer.line)
        if exercise.lines:
            yield self._item("lines wrong", exercise.wrong_at)
            yield self._item("lines mended", exercise.mended_at)

    def _item(self, name: str, line: int) -> AnswerItem:
        found: AnswerItem = AnswerItem.from_parent(self, name=name)
        found.line = line
        return found

    def _load(self) -> Any:
        from backtrace_cli.grading.exercise.exercise import load

        return load(str(self.path))


class BrokenItem(pytest.Item):
    """An exercise file that can't be read: one failure, and the others are still checked."""

    report: str

    def runtest(self) -> None:
        """Fail."""
        raise _NotRight

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The place in the file, what is wrong there, what to write instead."""
        return self.report if isinstance(excinfo.value, _NotRight) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file."""
        return self.path, 0, f"{self.path.name.removesuffix('.toml')}: {self.name}"


class AnswerItem(pytest.Item):
    """One answer of an exercise: it passes if it is right."""

    parent: ExerciseFile
    line: int

    @cached_property
    def checked(self) -> Checked:
        """The answer with its verdict."""
        found = ((one, one.answer.question) for one in self.parent.result.answers)
        return next(one for one, question in found if self.name == f"{question.table} {question.key}")

    def runtest(self) -> None:
        """Pass if the answer is right; fail otherwise."""
        from backtrace_cli.grading.judging.verdict import RIGHT

        if self.checked.verdict != RIGHT:
            raise _NotRight

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, in words; never the right answer."""
        if not isinstance(excinfo.value, _NotRight):
            return super().repr_failure(excinfo, style)
        from backtrace_cli.base.safe_text import visible
        from backtrace_cli.grading.classroom.record_words import sentence
        from backtrace_cli.grading.classroom.records import answer_record, one_line

        answer = self.checked.answer
        lines = [sentence(answer_record(self.checked, 1))]
        if answer.text:
            lines.append(f"yours: {answer.question.key} = {one_line(answer.text, 200)}")
        if self.checked is self.parent.result.first_wrong:
            lines.append("this is the first wrong step: begin here")
        lines.append(f"{_relative(self.path, self.config.rootpath)}:{self.line}")
        return visible("\n".join(lines))

    def reportinfo(self) -> tuple[Path, int, str]:
        """The line of the answer, and what is asked."""
        title = self.path.name.removesuffix(".toml")
        return self.path, self.line - 1, f"{title}: {self.name}"


class _NotRight(Exception):
    """An answer is not right."""
