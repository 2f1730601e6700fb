"""The reports read as their consumers read them: a library where there is one, else their published rules.

Each reader raises where a report isn't what its consumer takes, and gives student -> verdicts
(or the sums) that the tests compare with the JSON report.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import junitparser
from lxml import etree
from markdown_it import MarkdownIt
from tap.parser import Parser

__all__ = ["Command", "canvas", "classroom50", "commands", "gradescope", "grade_book", "junit", "markdown",
           "moodle", "tap_points"]  # fmt: skip

_SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("junit.xsd"))))


def junit(text: str) -> dict[str, dict[str, str]]:
    """student -> name of the test -> what became of it; the counts agree, no name comes twice."""
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    _SCHEMA.assertValid(root)
    assert len(text.encode()) < 30_000_000
    found: dict[str, dict[str, str]] = {}
    report = junitparser.JUnitXml.fromstring(text.encode())
    for suite in report:
        cases = {}
        for case in suite:
            problems = case.result
            assert len(problems) <= 1
            cases[case.name] = type(problems[0]).__name__.lower() if problems else "passed"
            if problems:  # GitLab shows the text alone
                assert problems[0].message in problems[0].text
        counts = (suite.tests, suite.failures, suite.errors, suite.skipped)
        kinds = list(cases.values())
        assert counts == (len(kinds), *(kinds.count(kind) for kind in ("failure", "error", "skipped")))
        found[suite.name] = cases
    return found


def tap_points(text: str) -> list[tuple[bool, bool, str, dict[str, Any] | None]]:
    """(ok, skipped, description, what its YAML block says) of each test point."""
    lines = list(Parser().parse_text(text.replace("TAP version 14", "TAP version 13", 1)))
    assert text.startswith("TAP version 14\n")
    kinds = [line.category for line in lines]
    assert set(kinds) <= {"version", "plan", "test"}, kinds
    assert kinds.count("plan") == 1
    points = [line for line in lines if line.category == "test"]
    assert [point.number for point in points] == list(range(1, len(points) + 1))
    plan = next(line for line in lines if line.category == "plan")
    assert plan.expected_tests == len(points)
    return [(point.ok, point.skip, point.description, point.yaml_block) for point in points]


def classroom50(text: str) -> tuple[int, int]:
    """(score, max-score), which the tests add up to; each field is what its schema says, and no other."""
    data = json.loads(text)
    assert set(data) == {
        "schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release",
        "review", "datetime", "score", "max-score", "tests",
    }  # fmt: skip
    assert data["schema"] == "classroom50/result/v1"
    assert data["assignment_type"] in ("individual", "group")
    assert re.match(r"submit/", data["submission"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", data["datetime"])
    for field in ("classroom", "assignment", "owner", "commit", "release", "review"):
        assert isinstance(data[field], str)
        assert data[field]
    for one in (data, *data["tests"]):
        for field in ("score", "max-score"):
            assert type(one[field]) is int
        assert 0 <= one["score"] <= one["max-score"]
    for test in data["tests"]:
        assert {"test-name", "passed", "score", "max-score"} <= set(test)
        assert isinstance(test["passed"], bool)
        for line in (test["test-name"], test.get("output", "")):
            assert "\n" not in line
            assert not commands(line)
    for field in ("score", "max-score"):
        assert sum(test[field] for test in data["tests"]) == data[field]
    return data["score"], data["max-score"]


_GRADESCOPE = {
    "score": (int, float), "execution_time": (int, float), "output": str, "output_format": str,
    "test_output_format": str, "test_name_format": str, "visibility": str, "stdout_visibility": str,
    "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
_GRADESCOPE_TEST = {
    "score": (int, float), "max_score": (int, float), "status": str, "name": str, "name_format": str,
    "number": str, "output": str, "output_format": str, "tags": list, "visibility": str, "extra_data": dict,
}  # fmt: skip
_VISIBILITY = ("hidden", "after_due_date", "after_published", "visible")
_TEXT_FORMATS = ("text", "simple_format", "html", "md", "ansi")


def gradescope(text: str) -> float:
    """The score, which is also the sum of the tests."""
    data = json.loads(text)
    for fields, record in ((_GRADESCOPE, data), *((_GRADESCOPE_TEST, test) for test in data["tests"])):
        for key, value in record.items():
            assert isinstance(value, fields[key]), key  # type: ignore[arg-type]
            if key.endswith("visibility"):
                assert value in _VISIBILITY
            if key.endswith("_format"):
                assert value in _TEXT_FORMATS
    for test in data["tests"]:
        assert test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
        assert test["visibility"] == "visible"  # one hidden test hides the total
    assert data["score"] == sum(test["score"] for test in data["tests"])
    assert data["output_format"] == data["test_output_format"] == data["test_name_format"] == "text"
    return float(data["score"])


def grade_book(text: str) -> list[dict[str, str]]:
    """The rows; no cell is a formula to a spreadsheet."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in rows:
        assert None not in row
        for cell in (*row, *row.values()):
            assert not re.match(r"\s*[=+\-@|%\t\r]", cell), cell
    return rows


def canvas(text: str) -> dict[tuple[str, str, str], dict[str, tuple[float, float]]]:
    """(number, login, name) -> task -> (points, points possible), by the rules of Canvas's importer.

    The delimiter is guessed from the first three lines, the columns of people are told by their titles,
    what follows the section is a task, and the row of points is known by its words.
    """
    first = text.split("\n")[:3]
    assert len({len(next(csv.reader([line]))) for line in first}) == 1
    assert len({len(next(csv.reader([line], delimiter=";"))) for line in first}) == 1
    rows = [
        row
        for row in csv.reader(io.StringIO(text, newline=""), strict=True)
        if not set("".join(row)) <= {" "}
    ]
    head, possible, *people = rows
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert re.search(r"SIS\s+User\s+ID", head[2])
    assert re.search(r"SIS\s+Login\s+ID", head[3])
    assert "Section" in head[4]
    assert "Points Possible" in possible[0]
    assert not any(
        re.search("(Current|Final|Override|Unposted) (Score|Grade|Points|Status)", title) for title in head
    )
    tasks = head[5:]
    assert len(set(tasks)) == len(tasks)
    found = {}
    for row in people:
        assert len(row) == len(head)
        assert not re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", "".join(row), re.IGNORECASE)
        assert "Points Possible" not in row[0]
        assert re.fullmatch(r"\d*", row[1])
        key = (row[1], row[3], row[0])
        assert key not in found
        pairs = zip(map(float, row[5:]), map(float, possible[5:]), strict=True)
        found[key] = dict(zip(tasks, pairs, strict=True))
        assert all(0 <= points <= most for points, most in found[key].values())
    grade_book(text)
    return found


def moodle(text: str) -> dict[str, tuple[float, float, str]]:
    """number of the participant -> (grade, maximum, feedback), by the rules of Moodle's offline worksheet.

    Three columns are looked for by their titles; the number is what stands behind "Participant ". Rows
    without one are passed over there.
    """
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    grade_book(text)
    found = {}
    for row in rows:
        assert {"Identifier", "Grade", "Last modified (grade)", "Feedback comments"} <= set(row)
        assert row["Identifier"] == "" or re.fullmatch(r"Participant \d+", row["Identifier"])
        grade, most = float(row["Grade"]), float(row["Maximum Grade"])
        assert 0 <= grade <= most
        found[row["Identifier"].removeprefix("Participant ")] = (grade, most, row["Feedback comments"])
    return found


def markdown(text: str) -> list[str]:
    """The code spans of the page, which hold all that students wrote; it has no HTML, links or images."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        assert token.type != "html_block"
        for inner in token.children or ():
            assert inner.type not in ("html_inline", "link_open", "image"), inner
            if inner.type == "code_inline":
                found.append(inner.content)
            elif inner.type == "text":
                assert "@" not in inner.content
                assert "http" not in inner.content
    return found


class Command:
    """A workflow command, as GitHub's runner reads it from a line of a log."""

    def __init__(self, line: str) -> None:
        head, self.message = line[2:].split("::", 1)
        self.name, _, rest = head.partition(" ")
        pairs = (pair.partition("=") for pair in rest.split(",") if pair)
        self.properties = {key: _unescaped(value) for key, _, value in pairs}
        self.message = _unescaped(self.message)


def commands(text: str) -> list[Command]:
    """What the runner would obey in a log: ``::name …::`` after white space, and ``##[…]`` anywhere."""
    found = []
    for line in text.splitlines():
        assert "##[" not in line
        assert "##vso[" not in line
        stripped = line.lstrip()
        if stripped.startswith("::") and "::" in stripped[2:]:
            found.append(Command(stripped))
    return found


def _unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text
