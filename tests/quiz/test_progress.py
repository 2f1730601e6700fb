"""What is kept of a learner: whole after kills, two sessions at once, a full disk, a newer file."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.quiz.formulas.topics import LEVELS
from backtrace_cli.quiz.memory.progress import Progress, folded, from_text, to_text
from backtrace_cli.quiz.memory.store import Store, now_here
from backtrace_cli.quiz.session import Outcome

NOW = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
RIGHT = Outcome("forks", 1, "gradient", "", "right", exposed=(("lost path", ""),))
WRONG = Outcome("forks", 1, "gradient", "", "wrong", missed=(("lost path", ""),))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A file of its own."""
    return Store(tmp_path / "deep" / "progress.json")


@pytest.fixture
def cli(
    backtrace: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """``backtrace`` with progress in a file of its own."""
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "progress.json"))
    return backtrace


def test_what_is_kept_is_read_again(store: Store) -> None:
    """The file says what went in, and reads to the same again."""
    store.add([RIGHT, WRONG], NOW)
    store.add([RIGHT], NOW + timedelta(days=1))
    found = store.load()
    assert (found.asked, found.right, found.streak((NOW + timedelta(days=1)).date())) == (3, 2, 2)
    assert from_text(to_text(found), "x") == found
    assert found.cards["lost path", ""].missed == 1


def test_the_file_is_plain_enough_to_read(store: Store) -> None:
    """JSON with words for keys, one entry a line, times with their zone."""
    store.add([WRONG], NOW)
    data = json.loads(store.path.read_text("utf-8"))
    assert data["format"] == "backtrace progress"
    assert data["version"] == 1
    assert data["mistakes"][0]["mistake"] == "lost path"
    assert data["mistakes"][0]["due"] == "2026-01-05T20:01:00+00:00"


def test_kills_at_any_moment_lose_nothing(tmp_path: Path) -> None:
    """Sixty kills; tests/quiz/kills.py makes a thousand."""
    from tests.quiz.kills import kills

    reported, found = kills(tmp_path / "progress.json", 60)
    assert reported == found >= 60


def _add_fifty(path: str) -> None:
    store = Store(Path(path))
    for _ in range(50):
        store.add([WRONG], now_here())


def test_two_sessions_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two processes, fifty answers each, one file."""
    path = str(tmp_path / "progress.json")
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_add_fifty, args=(path,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    found = Store(Path(path)).load()
    assert found.asked == found.cards["lost path", ""].missed == 100


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_file_as_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The error is in words, the old file whole, nothing half written lies about."""
    store.add([RIGHT], NOW)
    before = store.path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(BacktraceError, match="no space left on device"):
        store.add([WRONG], NOW)
    monkeypatch.undo()
    assert store.path.read_bytes() == before
    assert sorted(path.name for path in store.path.parent.iterdir()) == [
        "progress.json",
        "progress.json.lock",
    ]
    assert store.add([WRONG], NOW).asked == 2


def test_a_folder_that_takes_no_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As /proc does, which says that the lock isn't there: nobody else is writing."""
    monkeypatch.setattr("backtrace_cli.quiz.memory.store._WAIT", 0.1)
    with pytest.raises(BacktraceError, match="nothing can be put into its folder"):
        Store(Path("/proc/progress.json")).add([RIGHT], NOW)


def test_a_session_goes_on_when_nothing_can_be_kept(
    cli: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place is no folder: the answers are judged all the same, and it is said once."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    result = cli("quiz", "f = x*y", "--at", "x=2,y=3", "--answers", "-", "--keep", stdin="6\n3\n2\n")
    assert "3 of 3 right" in result.stdout
    assert result.stderr.count("can't be kept") == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "{}", '{"format": "backtrace progress"}', "\x00",
    '{"format": "other", "version": 1}',
    '{"format": "backtrace progress", "version": 1, "days": []}',
    '{"format": "backtrace progress", "version": 1, "days": {"yesterday": {}}}',
    '{"format": "backtrace progress", "version": 1, "days": {"2026-01-05": {"asked": 1, "right": 2}}}',
    '{"format": "backtrace progress", "version": 1, "topics": {"forks": {"level": 9}}}',
    '{"format": "backtrace progress", "version": 1, "mistakes": [{}]}',
    '{"format": "backtrace progress", "version": true}',
    "[" * 100_000,
])  # fmt: skip
def test_a_broken_file_is_said_to_be_and_left_alone(
    cli: Callable[..., Result], tmp_path: Path, text: str
) -> None:
    """No traceback, exit 2, not a byte changed; reset makes a fresh start and keeps a copy."""
    path = tmp_path / "progress.json"
    path.write_text(text)
    result = cli("progress")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    cli("quiz", "f = x*y", "--at", "x=2,y=3", "--answers", "-", "--keep", stdin="6\n")
    assert path.read_text() == text
    assert cli("progress", "reset", "--yes").exit_code == 0
    assert (tmp_path / "progress.before.json").read_text() == text
    assert cli("progress").exit_code == 0


def test_a_newer_file_is_left_alone(cli: Callable[..., Result], tmp_path: Path) -> None:
    """What a newer version wrote is not read, not written over, and the hint says what to do."""
    path = tmp_path / "progress.json"
    path.write_text('{"format": "backtrace progress", "version": 2, "stars": 7}')
    result = cli("quiz", "f = x*y", "--at", "x=2,y=3", "--answers", "-", "--keep", stdin="6\n3\n2\n")
    assert "newer version" in result.stderr
    assert "3 of 3 right" in result.stdout
    assert json.loads(path.read_text())["stars"] == 7
    assert "update backtrace" in cli("progress").stderr


def test_export_and_import_carry_everything(cli: Callable[..., Result], tmp_path: Path) -> None:
    """To a file and back; what was there before the import is kept beside."""
    store = Store(tmp_path / "progress.json")
    store.add([RIGHT, WRONG], NOW)
    out = tmp_path / "mine.json"
    assert cli("progress", "export", str(out)).exit_code == 0
    assert cli("progress", "export").stdout == out.read_text("utf-8")
    assert "exists already" in cli("progress", "export", str(out)).stderr
    before = store.load()
    store.add([WRONG], NOW)
    refused = cli("progress", "import", str(out))
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    assert cli("progress", "import", str(out), "--yes").exit_code == 0
    assert store.load() == before
    assert (tmp_path / "progress.before.json").exists()
    assert cli("progress", "import", str(tmp_path / "none.json"), "--yes").exit_code == 2
    (tmp_path / "bad.json").write_text("{}")
    assert cli("progress", "import", str(tmp_path / "bad.json"), "--yes").exit_code == 2
    assert store.load() == before


@pytest.mark.parametrize("columns", [40, 80])
def test_the_page_shows_strengths_and_weak_spots(
    cli: Callable[..., Result], tmp_path: Path, columns: int
) -> None:
    """Topics with bars, what comes back and when, days; the same as JSON and as sentences."""
    store = Store(tmp_path / "progress.json")
    now = now_here()
    store.add([RIGHT] * 9 + [WRONG], now - timedelta(days=1))
    store.add([RIGHT, WRONG], now)
    page = cli("progress", columns=columns).stdout
    for words in ("12 questions, 10 right", "2 days in a row", "Forks", "█", "Weak spots", "lost path"):
        assert words in page
    assert all(len(line) <= columns for line in page.split("\n") if "kept in" not in line and "/" not in line)
    data = json.loads(cli("progress", "--json").stdout)
    assert (data["asked"], data["right"], data["streak"]) == (12, 10, 2)
    assert data["mistakes"][0]["mistake"] == "lost path"
    plain = cli("progress", "--plain").stdout
    assert plain.isascii()
    assert "Weak spot: lost path" in plain


def test_levels_rise_with_right_answers_and_fall_with_wrong_ones() -> None:
    """Six right in a row are a level; nothing falls under the first or rises over the last."""
    progress = Progress()
    for _ in range(40):
        level = progress.level("forks")
        progress = folded(progress, [RIGHT._replace(level=level)], NOW)
    assert progress.level("forks") == LEVELS
    for _ in range(60):
        level = progress.level("forks")
        progress = folded(progress, [WRONG._replace(level=level)], NOW)
    assert progress.level("forks") == 1


def test_a_mended_mistake_comes_back_later_and_later() -> None:
    """The intervals of a mistake that is avoided each time it comes back grow."""
    progress, now = folded(Progress(), [WRONG], NOW), NOW
    waits = []
    for _ in range(7):
        card = progress.cards["lost path", ""]
        now = max(now, card.due)
        progress = folded(progress, [RIGHT], now)
        waits.append((progress.cards["lost path", ""].due - now).total_seconds())
    assert waits == sorted(waits)
    assert waits[-1] > 20 * 86400
    assert progress.cards["lost path", ""].mended


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


_CARD = {
    "mistake": st.just("sign"), "op": st.just("cos"), "due": _JSON | st.just("2026-01-05T20:00:00+00:00"),
    "last": _JSON, "seen": _JSON, "missed": st.integers(0, 3), "in_a_row": st.integers(0, 3),
    "state": st.just("review"), "step": st.none(), "stability": _JSON, "difficulty": _JSON,
}  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries(
    {"format": st.just("backtrace progress"), "version": st.just(1)},
    optional={
        "days": st.dictionaries(st.sampled_from(["2026-01-05", "x"]), _JSON, max_size=2) | _JSON,
        "topics": st.dictionaries(st.sampled_from(["forks", "x"]), _JSON, max_size=2) | _JSON,
        "mistakes": st.lists(st.fixed_dictionaries(_CARD), max_size=2) | _JSON,
    }))  # fmt: skip
def test_any_file_is_read_or_refused_in_words(data: object) -> None:
    """Whatever stands in the file: a Progress that can be written again, or a BacktraceError."""
    try:
        found = from_text(json.dumps(data), "x")
    except BacktraceError:
        return
    assert from_text(to_text(found), "x") == found


def test_the_place_is_the_platforms_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the variable the file lies in the user's folder for data."""
    monkeypatch.delenv("BACKTRACE_PROGRESS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = Store().path
    assert path.name == "progress.json"
    assert path.parent.name == "backtrace"
