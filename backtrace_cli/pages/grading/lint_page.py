"""What lint found in a course, as a page and as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.plain_values import written
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.authoring.lint import Finding, Linted, Report
from backtrace_cli.pages.layout import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Column,
    Screen,
    heading,
    paragraph,
    table,
)

__all__ = ["print_report", "report_dict"]

#: Mistakes that slip through are listed up to here, unless all are asked for.
_MOST_LISTED = 3
_MOST_STRAYS = 10
_COLUMNS = (
    Column("exercise"), Column("score", right=True, style=HEADING, keep=True), Column("caught", keep=True),
    Column("", style=QUIET, keep=True),
)  # fmt: skip


def print_report(screen: Screen, report: Report, min_score: float, all_slips: bool = False) -> None:
    """Print the table of every chapter, then what is to be mended, the verdict last."""
    heading(screen, visible_name(report.root), f"at least {min_score:g}% of the mistakes have to show")
    table(screen, _COLUMNS, list(_rows(report, min_score)))
    listed = [file for file in report.files if file.problems or _worth_telling(file, all_slips)]
    for file in listed:
        heading(screen, visible_name(_short(file.path, report.root)))
        for text, style in _sentences(file, all_slips):
            for row in text.split("\n"):
                screen.parts([(f" {row}", style)]) if "\n" in text else paragraph(screen, [(row, style)])
    if report.strays:
        heading(screen, "Stray files")
        for path in report.strays[:_MOST_STRAYS]:
            paragraph(screen, [(visible_name(_short(path, report.root)), GRADIENT)])
        if len(report.strays) > _MOST_STRAYS:
            more = f"and {len(report.strays) - _MOST_STRAYS:,} more; --json lists them all"
            paragraph(screen, [(more, QUIET)])
        if not report.files:
            paragraph(screen, [("There is no exercise here: is it the right folder?", QUIET)])
        paragraph(
            screen,
            [("A chapter holds exercises (.toml), files for the doctor and README.md, nothing else.", QUIET)],
        )
    screen.parts([])
    paragraph(screen, [(_summary(report), HEADING)])


def _short(path: str, root: str) -> str:
    return os.path.relpath(path, root) if os.path.isdir(root) else path


def _rows(report: Report, min_score: float) -> Iterator[tuple[str, str, str, str]]:
    """The exercises, each chapter's under its name: side by side the two are too wide for a terminal."""
    before = ""
    for file in report.files:
        folder, name = os.path.split(_short(file.path, report.root))
        if folder != before:
            before = folder
            yield visible_name(folder), "", "", ""
        yield _row(f"  {visible_name(name)}" if folder else visible_name(name), file, min_score)


def _row(name: str, file: Linted, min_score: float) -> tuple[str, str, str, str]:
    score = file.score
    if file.stage:
        return name, "", "", _state(file) or "for the doctor"
    if score is None:
        return name, "", "", "can't be used"
    if not score.of:
        return name, "", "", _state(file) or "no mistake applies"
    state = _state(file)
    if score.percent < min_score and file.reason:
        state = state or "low, for a reason"
    return name, f"{score.percent:.0f}%", f"{len(score.caught)} of {score.of}", state


def _state(file: Linted) -> str:
    count = len(file.problems)
    return f"{count} {'thing' if count == 1 else 'things'} to mend" if count else ""


def _worth_telling(file: Linted, all_slips: bool) -> bool:
    return bool(all_slips and file.score and file.score.slipped)


def _sentences(file: Linted, all_slips: bool) -> Iterator[tuple[str, str]]:
    for finding in file.problems:
        yield _finding(finding), GRADIENT
    if file.reason:
        yield f"the reason given: {visible(file.reason)}", QUIET
    if file.score is None:
        return
    slipped = file.score.slipped
    for fault in slipped if all_slips else slipped[:_MOST_LISTED]:
        yield f"slips through: {fault.mistake}: {visible(fault.words)}", ""
    if len(slipped) > _MOST_LISTED and not all_slips:
        yield f"and {len(slipped) - _MOST_LISTED} more; --slipped lists them all", QUIET
    better = file.better
    if better.point is not None:
        yield f"better: {_instead(file, better.point)} {better.caught} of {file.score.of} would show", VALUE
    if better.question is not None:
        yield f"better: [gradient] {better.question.target} as well would show {better.more} more", VALUE


def _finding(finding: Finding) -> str:
    if "\n" in finding.words:  # the report of an error, whose caret stands below its place
        return visible(shorten(finding.words, 4000))
    line = f"line {finding.line}: " if finding.line else ""
    return f"{line}{visible(shorten(' '.join(finding.words.split()), 400))}"


def _point(point: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {numeral(value)}" for name, value in point.items())


def _instead(file: Linted, point: dict[str, Any]) -> str:
    """``point``; of one with arrays, only what is new."""
    own = file.exercise.statement if file.exercise is not None else None
    if own is None or not own.arrays:
        return f"at {_point(point)}"
    changed = {name: value for name, value in point.items() if written(value) != written(own.at[name])}
    return f"with {_point(changed)}"


def _summary(report: Report) -> str:
    files, found = len(report.files), report.problems
    score = f"{100 * report.caught / report.of:.1f}% of {report.of:,} mistakes caught" if report.of else ""
    mend = f"{found} {'thing' if found == 1 else 'things'} to mend" if found else "nothing to mend"
    parts = [f"{files} {'exercise' if files == 1 else 'exercises'}", score, mend]
    return ", ".join(part for part in parts if part)


def report_dict(report: Report, min_score: float) -> dict[str, Any]:
    """The same as plain data for JSON."""
    return {
        "course": visible_name(report.root),
        "min_score": min_score,
        "exercises": len(report.files),
        "caught": report.caught,
        "mistakes": report.of,
        "problems": report.problems,
        "strays": [visible_name(path) for path in report.strays],
        "files": [_file_dict(file) for file in report.files],
    }


def _file_dict(file: Linted) -> dict[str, Any]:
    score, better = file.score, file.better
    slips = [{"mistake": f.mistake, "words": visible(f.words)} for f in (score.slipped if score else ())]
    at = better.point and {name: _plain(value) for name, value in better.point.items()}
    ask = better.question and {"table": better.question.table, "key": better.question.key}
    return {
        "file": visible_name(file.path),
        "title": visible(file.title),
        "problems": [{"line": found.line, "words": visible(found.words)} for found in file.problems],
        "score": score and round(score.percent, 2),
        "caught": score and len(score.caught),
        "mistakes": score and score.of,
        "slipped": slips,
        "reason": visible(file.reason) or None,
        "better_point": at and {"at": at, "caught": better.caught},
        "better_question": ask and {**ask, "more": better.more},
    }


def _plain(value: Any) -> str:
    """A number or an array as ``--at`` takes it."""
    return str(value) if isinstance(value, Fraction) else numeral(value, 17, ascii=True)
