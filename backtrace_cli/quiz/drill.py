"""A drill: fresh exercises for mistakes that were made, drawn as the quiz draws them, in files."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import whole_text
from backtrace_cli.grading.authoring.making import USUAL, make_exercise
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import build
from backtrace_cli.mistakes.catalogue import BY_NAME, faults_in
from backtrace_cli.quiz.card_keys import Key, op_of
from backtrace_cli.quiz.formulas.topics import home_of
from backtrace_cli.quiz.generate import draw

__all__ = ["Sheet", "drill", "write_drills"]

#: Exercises for one mistake, mistakes on one sheet, and draws before a mistake is given up.
_EACH, MOST_MISTAKES, _TRIES = 2, 3, 8
_LEVELS = (2, 3)


class Sheet(NamedTuple):
    """What was written for one student, or for the class."""

    folder: str
    files: tuple[str, ...]
    missing: tuple[str, ...]
    """Mistakes for which no exercise was found."""


def drill(mistakes: Sequence[str], seed: str) -> Iterator[tuple[str, str, str]]:
    """(mistake, name of the file, its text) of the exercises on a sheet; the same seed gives the same sheet.

    >>> [name for _, name, _ in drill(["own factor"], "ann")]
    ['1_own_factor/first.toml', '1_own_factor/second.toml']
    """
    for number, mistake in enumerate(mistakes[:MOST_MISTAKES], 1):
        folder = f"{number}_{mistake.replace(' ', '_')}"
        dice = random.Random(f"{seed}/{mistake}")
        texts = _exercises(mistake, dice)
        for ordinal, text in zip(("first", "second"), texts, strict=False):
            yield mistake, f"{folder}/{ordinal}.toml", text


def write_drills(folder: str, sheets: Mapping[str, Sequence[str]], seed: str) -> list[Sheet]:
    """Write a sheet into ``folder``/name for each name of ``sheets`` (into ``folder`` for the empty one), for
    the mistakes that stand there. Raises BacktraceError where a file is there already, before it is touched.
    """
    found = []
    for name, mistakes in sheets.items():
        place = os.path.join(folder, name) if name else folder
        made = list(drill(mistakes, f"{seed}/{name}"))
        for _, file, text in made:
            _write(os.path.join(place, file), text)
        helped = {mistake for mistake, _, _ in made}
        missing = tuple(one for one in mistakes[:MOST_MISTAKES] if one not in helped)
        found.append(Sheet(place, tuple(file for _, file, _ in made), missing))
    return found


def _exercises(mistake: str, dice: random.Random) -> Iterator[str]:
    """Exercises in which the mistake would show, each another formula."""
    entry = BY_NAME.get(mistake)
    keys = _keys(entry.example, entry.at) if entry is not None else []
    keys = [key for key in keys if key[0] == mistake]
    seen: set[str] = set()
    made = 0
    for tried in range(_TRIES if keys else 0):
        key = keys[tried % len(keys)]
        draft = draw(dice, home_of(*key), _LEVELS[made % len(_LEVELS)], target=key, seen=frozenset(seen))
        if draft is None or draft.statement.formula in seen:
            continue
        seen.add(draft.statement.formula)
        try:
            text = make_exercise(draft.statement.formula, USUAL, at=draft.statement.at).text
        except BacktraceError:
            continue
        assert entry is not None
        made += 1
        yield text.replace('why = ""        # one sentence: why does this matter?',
                           f'why = "To practise: {entry.title}."')  # fmt: skip
        if made == _EACH:
            return


def _keys(example: str, at: str) -> list[Key]:
    """The kinds of boxes at which the mistakes of a formula can be made; over arrays where it has a point."""
    graph = Statement(example, at).graph if at else build(example)
    return list(dict.fromkeys((fault.mistake, op_of(graph, fault)) for fault in faults_in(graph)))


def _write(target: str, text: str) -> None:
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with whole_text(target, fresh=True) as file:
            file.write(text)
    except FileExistsError:
        raise BacktraceError(f"{visible_name(target)} is there already",
                             hint="name a folder that is new: --drill FOLDER") from None  # fmt: skip
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name can't be used").lower()
        raise BacktraceError(f"{visible_name(target)} can't be written: {reason}") from None
