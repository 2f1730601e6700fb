"""What the answers of a session say about the learner, kept, or remembered where it can't be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backtrace_cli.base.errors import BacktraceError

if TYPE_CHECKING:
    from backtrace_cli.quiz.card_keys import Key
    from backtrace_cli.quiz.memory.progress import Progress
    from backtrace_cli.quiz.memory.store import Store
    from backtrace_cli.quiz.model import Outcome

__all__ = ["Keeper"]


class Keeper:
    """Keeps outcomes in the learner's file if it is to, and goes on where that can't be written."""

    def __init__(self, keeps: bool) -> None:
        self.keeps = keeps
        self.trouble = ""
        """Why nothing can be kept, in sentences; empty where all is well."""
        self.missed: dict[Key, None] = {}
        """What was got wrong in this session, each once."""
        self._waiting: list[Outcome] = []
        self._store: Store | None = None
        self._progress: Progress | None = None

    def known(self) -> Progress:
        """The progress as it stands."""
        from backtrace_cli.quiz.memory.progress import Progress
        from backtrace_cli.quiz.memory.store import Store

        if self._progress is None:
            self._store = Store()
            try:
                self._progress = self._store.load()
            except BacktraceError as error:
                self._refused(error)
                self._progress = Progress()
        return self._progress

    def take(self, outcomes: Sequence[Outcome]) -> None:
        """Keep ``outcomes``: in the file, or until the end where that can't be written."""
        self.missed |= dict.fromkeys(key for outcome in outcomes for key in outcome.missed)
        if not outcomes or not self.keeps:
            return
        from backtrace_cli.quiz.memory.progress import folded
        from backtrace_cli.quiz.memory.store import now_here

        before = self.known()
        self._waiting += outcomes
        if self._store is None or (self.trouble and not self._waiting):
            return
        try:
            self._progress = self._store.add(self._waiting, now_here())
            self._waiting, self.trouble = [], ""
        except BacktraceError as error:
            self._refused(error)
            self._progress = folded(before, outcomes, now_here())

    def _refused(self, error: BacktraceError) -> None:
        self.trouble = f"Your progress can't be kept: {error.message}."
        if hint := error.hint:
            self.trouble += f" {hint[:1].upper()}{hint[1:]}{'' if hint.endswith('?') else '.'}"
