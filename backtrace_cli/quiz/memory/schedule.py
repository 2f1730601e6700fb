"""When a mistake comes back: one card a mistake and box, moved by the FSRS scheduler.

The scheduler is the ``fsrs`` library, loaded when something is to be rescheduled and
not before: what is due can be read from the cards alone. No interval is blurred by
chance, so that the same answers give the same plan.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from backtrace_cli.quiz.card_keys import Key

if TYPE_CHECKING:
    from fsrs import Scheduler

__all__ = ["Card", "reviewed"]

_STATES = ("learning", "review", "relearning")
#: Until this many days pass before it is likely to be forgotten, a mistake counts as not mended.
_FIRM = 2.0
#: A later date is none of a learner, and would be beyond what can be added to.
_LAST_YEAR = 2999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Card(NamedTuple):
    """One mistake at one kind of box, and when it is asked about again."""

    mistake: str
    """Its name in the catalogue; empty for wrong answers that no mistake explains."""
    op: str
    """The box's op; empty for a mistake of adding up."""
    seen: int = 0
    missed: int = 0
    in_a_row: int = 0
    """How often it was made since it was last avoided."""
    due: datetime = _EPOCH
    last: datetime | None = None
    state: str = "learning"
    step: int | None = 0
    stability: float | None = None
    difficulty: float | None = None

    @property
    def key(self) -> Key:
        """What is scheduled."""
        return self.mistake, self.op

    @property
    def mended(self) -> bool:
        """Was it avoided last time, and firmly enough to last some days?"""
        return self.in_a_row == 0 and (self.stability or 0.0) >= _FIRM

    def to_dict(self) -> dict[str, Any]:
        """The card as plain data."""
        found = self._asdict()
        found["due"] = _stamp(self.due)
        found["last"] = _stamp(self.last) if self.last else None
        return found

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Card:
        """The card of such data. Raises KeyError, TypeError or ValueError where it is none."""
        state, step = data["state"], data["step"]
        counts = [data[name] for name in ("seen", "missed", "in_a_row")]
        names = [data[name] for name in ("mistake", "op")]
        if state not in _STATES or not all(isinstance(name, str) and len(name) < 80 for name in names):
            raise ValueError("no card")
        if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10**9 for n in counts):
            raise ValueError("no card")
        if step not in (None, 0, 1, 2):
            raise ValueError("no card")
        last = data["last"]
        stability, difficulty = (
            float(data[name]) if data[name] is not None else None for name in ("stability", "difficulty")
        )
        if not all(name.isprintable() for name in names) or not _can_be(state, stability, difficulty):
            raise ValueError("no card")
        seen, missed, in_a_row = counts
        return cls(
            names[0], names[1], seen, missed, in_a_row, _time(data["due"]), _time(last) if last else None,
            state, step, stability, difficulty,
        )  # fmt: skip


def reviewed(card: Card, now: datetime, rating: str) -> Card:
    """``card`` after an answer: ``again`` if the mistake was made, ``good`` if not, ``hard`` with hints.

    >>> now = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    >>> once = reviewed(Card("sign", "cos"), now, "again")
    >>> (once.due - now).seconds, reviewed(once, now, "good").due > once.due
    (60, True)
    """
    import fsrs

    now = now.astimezone(UTC)
    if card.last is not None and card.last > now:
        now = card.last  # a clock that went back
    known = fsrs.Card(
        card_id=0, state=fsrs.State(_STATES.index(card.state) + 1), step=card.step,
        stability=card.stability, difficulty=card.difficulty, due=card.due, last_review=card.last,
    )  # fmt: skip
    rate = {"again": fsrs.Rating.Again, "hard": fsrs.Rating.Hard, "good": fsrs.Rating.Good}[rating]
    moved, _ = _scheduler().review_card(known, rate, now)
    missed = rating == "again"
    return Card(
        card.mistake, card.op, card.seen + 1, card.missed + missed, card.in_a_row + 1 if missed else 0,
        moved.due, now, _STATES[moved.state.value - 1], moved.step, moved.stability, moved.difficulty,
    )  # fmt: skip


_made: list[Scheduler] = []


def _scheduler() -> Scheduler:
    """The one scheduler, made when first needed."""
    if not _made:
        import fsrs

        _made.append(fsrs.Scheduler(enable_fuzzing=False))
    return _made[0]


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    if not _EPOCH.year <= found.year <= _LAST_YEAR:
        raise ValueError("no time of a learner")
    return found.astimezone(UTC)


def _can_be(state: str, stability: float | None, difficulty: float | None) -> bool:
    """Could the scheduler have left these numbers behind?"""
    if stability is None or difficulty is None:
        return state == "learning" and stability is None and difficulty is None
    return 0 < stability < 1e6 and 1 <= difficulty <= 10
