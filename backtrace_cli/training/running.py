"""A run from its first step to what is left of it: to its end, a break, or somebody who stops it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.training.broken import BrokenError
from backtrace_cli.training.keeping.parameter_files import free_path, save_parameters, state_path
from backtrace_cli.training.keeping.snapshots import Safe
from backtrace_cli.training.keeping.state import MAY_CHANGE, Kept, restore, save_state
from backtrace_cli.training.settings import FREE, Settings
from backtrace_cli.training.training import Epoch, Training

__all__ = ["Ended", "run_session", "settings_of", "take_up"]

#: While training, the state is written at most this often, in seconds.
_EVERY = 10.0


class Ended(NamedTuple):
    """How a run ended, and what is left of it."""

    training: Training
    before: Epoch
    after: Epoch
    out: str | None = None
    """Where the parameters are."""
    state: str | None = None
    """Where its state is."""
    stopped: bool = False
    """By the person at the keyboard?"""
    broken: BrokenError | None = None
    back: int | None = None
    """Where the run broke and the state is that of an earlier epoch: after how many."""
    unwritten: tuple[BacktraceError, ...] = ()
    """Files that were to be written, and could not be."""

    @property
    def resumable(self) -> bool:
        """Is there a command to tell that goes on?"""
        return self.stopped or self.back is not None


def settings_of(
    asked: Settings, given: Collection[str], kept: Kept | None, option: Callable[[str], str]
) -> Settings:
    """How to train: as ``asked``, or as the resumed run did, but for those ``given`` that may change.

    ``option`` says how a setting is written. Raises PointError where another setting was given.
    """
    if kept is None:
        return asked
    for name in given:
        if name not in FREE and getattr(asked, name) != getattr(kept.settings, name):
            said = option(name)
            raise PointError(f"{said} is not what {kept.path} was trained with",
                             hint=f"leave {said} out; {MAY_CHANGE}")  # fmt: skip
    return kept.settings._replace(**{name: getattr(asked, name) for name in given if name in FREE})


def take_up(training: Training, kept: Kept) -> None:
    """Put ``training`` where ``kept`` left off. Raises PointError where that is another run, or its end."""
    restore(training, kept)
    if training.stopped_early:
        raise PointError("this run has stopped early, as the held-out loss had ceased to fall",
                         hint=f"go on with --patience {2 * training.settings.patience}")  # fmt: skip
    if training.finished:
        done = training.updates // training.batches
        whose = "its " if done == kept.settings.epochs else ""
        raise PointError(f"this run has gone through {whose}{done:,} epochs",
                         hint=f"go on with --epochs {2 * done}")  # fmt: skip


def run_session(
    training: Training,
    *,
    out: str | None,
    resumed: str | None,
    stem: str,
    asked: Collection[Any],
    tell: Callable[[float], None],
) -> Ended:
    """Train to the end, a break, or until something is in ``asked``, and keep what is worth keeping.

    Parameters go to ``out``, the state beside it (or to ``resumed``, or, where somebody stops a run without
    either, to a free name that begins with ``stem``). ``tell`` hears the loss of each update.
    """
    if training.first is None:
        training.first = training.evaluate()
    state = state_path(out) if out else resumed
    safe = Safe(training) if state else None
    stopped, broken = _steps(training, state, asked, safe, tell)
    after = training.evaluate()
    if broken is None and not stopped:
        try:
            training.refuse_lost(after)
        except BrokenError as error:
            broken = error
    if stopped and state is None:
        state = free_path(stem)
    back = safe.best if safe is not None and broken is not None else None
    if broken is not None:  # what is on disk is better than what broke
        out = None
        if back is None or not back.updates:
            state = back = None
    unwritten: list[BacktraceError] = []
    if state is not None and not _written(unwritten, save_state, state, training, back):
        state = back = None
    if training.best is not None and training.finished and broken is None:
        after = training.settle().evaluate()
    if out is not None and not _written(unwritten, save_parameters, out, training.whole, training.about):
        out = None
    epoch = back and back.updates // training.batches
    return Ended(
        training, training.first, after, out, state, stopped, broken, epoch, tuple(unwritten)
    )  # fmt: skip


def _written(failed: list[BacktraceError], write: Callable[..., None], *what: Any) -> bool:
    """Was it written? A full disk must not cost the page of the run: its error waits in ``failed``."""
    try:
        write(*what)
    except BacktraceError as error:
        failed.append(error)
        return False
    return True


def _steps(
    training: Training, state: str | None, asked: Collection[Any], safe: Safe | None,
    tell: Callable[[float], None],
) -> tuple[bool, BrokenError | None]:  # fmt: skip
    """Step until the epochs are done or somebody ``asked`` to stop; (was it stopped, what broke)."""
    from time import monotonic

    written = monotonic()
    try:
        while not training.finished and not asked:
            tell(training.step())
            if safe is not None:
                safe.look()
            if state is not None and monotonic() - written > _EVERY:
                with suppress(BacktraceError):  # a full disk now may have room at the end, where it is told
                    save_state(state, training)
                written = monotonic()
        return bool(asked) and not training.finished, None
    except BrokenError as error:
        return False, error
