"""Certificates, and records checked row by row: faults planted in every kind of row are found."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backtrace_cli import trace
from backtrace_cli.cli import main
from backtrace_cli.readings.checking.recorded import verify

FORMULAS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("x^2 - (x+y)*y + y^2", {"x": 1, "y": 2}, ()),
    ("where(x > 0, log(x)*y, y) + relu(y)*max(x, y)", {"x": 1.5, "y": -2}, ()),
    (
        "s = softmax(W @ x); cross_entropy(s, t)",
        {"W": [[1.0, 2], [3, 4]], "x": [0.5, -1], "t": [0, 1]},
        ("W", "x"),
    ),
    ("sum((A @ x - b)^2)/2 + sum(A[0])", {"A": [[1.0, 2], [3, 4]], "x": [1, 2], "b": [1, 1]}, ("A", "x")),
    ("a = x; mean(a*[1, 2, 3])", {"x": 2}, ()),
    ("x*[1, 2]", {"x": [3.0, 4.0]}, ()),
]


def record(formula: str, at: dict[str, Any], wrt: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """What --json writes, read again."""
    return json.loads("".join(trace(formula, at, wrt=wrt, **more).json_chunks()))  # type: ignore[no-any-return]


@pytest.mark.parametrize(("formula", "at", "wrt"), FORMULAS)
def test_a_record_follows(formula: str, at: dict[str, Any], wrt: tuple[str, ...]) -> None:
    """Row by row, backward and forward mode alike, and the sweeps of second order."""
    assert verify(record(formula, at, wrt)).fault == ""
    assert verify(record(formula, at, wrt, mode="forward")).fault == ""
    if formula != "x*[1, 2]":
        assert verify(record(formula, at, wrt, order=2)).fault == ""


def test_fractions_and_single_precision_follow() -> None:
    """In their own arithmetic."""
    import numpy as np

    assert verify(record("x/3 + 1/x", {"x": "1/7"}, (), exact=True)).fault == ""
    assert verify(record("sum(tanh(x)^2)", {"x": np.array([0.1, 0.7], np.float32)}, ())).fault == ""


def numbers(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where numbers stand in a record that its rows give, not what it was given."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in (
                "at",
                "shape",
                "step",
                "schema_version",
                "notes",
                "direction",
                "slot",
                "fork",
                "gap",
            ):
                yield from numbers(value, (*path, key))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from numbers(value, (*path, place))
    elif isinstance(part, float):
        yield path


@pytest.mark.parametrize(
    "more", [{}, {"mode": "forward"}, {"order": 2}], ids=["reverse", "forward", "second"]
)
@pytest.mark.parametrize(("formula", "at", "wrt"), FORMULAS[:5])
def test_a_number_changed_anywhere_is_found(
    formula: str, at: dict[str, Any], wrt: tuple[str, ...], more: dict[str, Any]
) -> None:
    """Every number that a row gives, one at a time (of many every few)."""
    whole = record(formula, at, wrt, **more)
    places = list(numbers(whole))
    assert len(places) > 5
    for path in places[:: max(1, len(places) // 20)]:
        wrong = copy.deepcopy(whole)
        inner: Any = wrong
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] += 1.0
        assert verify(wrong).fault, path


CHANGES = {
    "another op": lambda r: r["forward"][1].update(op="subtract"),
    "another expression": lambda r: r["forward"][1].update(expression="x - y"),
    "another argument": lambda r: r["forward"][1].update(args=["x", "x"]),
    "a step left out": lambda r: r["forward"].pop(1),
    "two steps changed round": lambda r: r["forward"].insert(0, r["forward"].pop()),
    "a message left out": lambda r: r["backward"].pop(2),
    "a message twice": lambda r: r["backward"].insert(2, r["backward"][2]),
    "a message too early": lambda r: r["backward"].insert(0, r["backward"].pop(4)),
    "another slot": lambda r: r["backward"][3].update(slot=1),
    "from elsewhere": lambda r: r["backward"][3].update({"from": "v9"}),
    "to elsewhere": lambda r: r["backward"][3].update(to="y"),
    "no fork": lambda r: next(row for row in r["backward"] if row["fork"]).update(fork=None),
    "another fork": lambda r: next(row for row in r["backward"] if row["fork"])["fork"].update(index=2),
    "a partial of nothing": lambda r: r["gradient"].update(z=1.0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_changed_is_found(name: str) -> None:
    """Rows left out, doubled, moved, or leading elsewhere."""
    wrong = record(*FORMULAS[0])
    CHANGES[name](wrong)
    assert verify(wrong).fault


def test_the_command(tmp_path: Path) -> None:
    """Exit 0, 1 with the first row that doesn't follow, 2 for what is no record."""
    file = tmp_path / "trace.json"
    whole = record(*FORMULAS[0])
    for change, code, said in (
        ({}, 0, "every row follows"),
        ({"value": 9.0}, 1, "the value of f: it is 9, where the steps give"),
        ({"arithmetic": "symbolic"}, 2, "a record without a point"),
        ({"forward": 3}, 2, "is not a record that can be checked"),
    ):
        file.write_text(json.dumps({**whole, **change}), "utf-8")
        found = CliRunner().invoke(main, ["verify", str(file)])
        assert (found.exit_code, said in found.output) == (code, True), found.output
    for text in ("", "[1]", "{", '{"forward": []}'):
        file.write_text(text, "utf-8")
        assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 2


# -- certificates ----------------------------------------------------------------


def certified(*words: str) -> tuple[int, dict[str, Any]]:
    """(exit code, the certificate) of ``eval … --certify --json``."""
    found = CliRunner().invoke(main, ["eval", *words, "--certify", "--json"])
    return found.exit_code, json.loads(found.output)["certificate"]


def test_every_way_agrees() -> None:
    """Where each applies."""
    code, found = certified("x^2*y/(x+y)", "--at", "x=3,y=2")
    assert (code, found["holds"]) == (0, True)
    assert [way["agrees"] for way in found["ways"]] == [True] * 6
    assert found["ways"][3]["values"] == ["42/25", "27/25"]
    code, found = certified("sum((A @ x - b)^2)", "--at", "A=[[1,2],[3,4]],x=[1,2],b=[1,1]", "--wrt", "x")
    agree = {way["way"]: way["agrees"] for way in found["ways"]}
    assert agree == {"reverse mode": True, "forward mode": True, "closed form": True, "exact fractions": None,
                     "50 digits": True, "differences": True}  # fmt: skip


def test_rounding_shows_against_many_digits() -> None:
    """What cancels to less than its own rounding: 50 digits see it."""
    code, found = certified("(exp(x) - 1 - x)/x^2", "--at", "x=1e-7")
    assert (code, found["holds"]) == (1, False)
    assert {way["way"]: way["agrees"] for way in found["ways"]}["50 digits"] is False


def test_a_wrong_rule_is_seen_by_differences_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the page says of the others."""
    from backtrace_cli.engine.backward import Rules

    right = Rules.local

    def wrong(self: Any, node: Any, slot: int, at: Any) -> Any:
        value, kink = right(self, node, slot, at)
        return (value * 2 if node.op.name == "sin" and not isinstance(value, tuple) else value), kink

    monkeypatch.setattr(Rules, "local", wrong)
    code, found = certified("sin(x)*y", "--at", "x=1,y=2")
    agree = {way["way"]: way["agrees"] for way in found["ways"]}
    assert (code, agree["forward mode"], agree["50 digits"], agree["differences"]) == (1, True, True, False)


def test_the_page_says_what_each_way_is_blind_to() -> None:
    """Side by side, line by line."""
    found = CliRunner().invoke(main, ["eval", "x*y", "--at", "x=1,y=2", "--certify"]).output
    assert "the certificate holds: 6 ways agree" in found
    assert "What each way is blind to" in found
    assert CliRunner().invoke(main, ["eval", "x*y", "--certify"]).exit_code == 2
