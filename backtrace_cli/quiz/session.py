"""A quiz session as a pure state machine: a typed line in, a screen model and outcomes out.

No input, output, clock or dice: what draws the next formula is handed in. So a
session can be scripted, replayed and tested line by line.
"""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.engine.trace import Trace
from backtrace_cli.quiz.card_keys import Key, box_of, rules_of
from backtrace_cli.quiz.formulas.boxes import can_be_drawn
from backtrace_cli.quiz.judge import (
    NO_ANSWER,
    RIGHT,
    UNDECIDED,
    UNREADABLE,
    WRONG,
    Reply,
    exercise_for,
    judged,
)
from backtrace_cli.quiz.model import Feedback, Model, Outcome, Round
from backtrace_cli.quiz.questions import LETTERS, Item
from backtrace_cli.quiz.slips import Slip
from backtrace_cli.readings.cells import ASKED, GIVEN, HIDDEN, MENDED, SHOWN, SKIPPED, Cell

__all__ = [
    "ASKED", "COMMANDS", "GIVEN", "HIDDEN", "MENDED", "SHOWN", "SKIPPED", "Feedback", "Model",
    "Outcome", "Round", "Session",
]  # fmt: skip

#: Every command, by everything it may be called.
COMMANDS = {
    "?": "hint", "hint": "hint", "show": "show", "why": "why", "skip": "skip", "back": "back",
    "compare": "compare", "help": "help", "quit": "quit", "exit": "quit",
    "??": "hint", "q": "quit", "show me": "show", "idk": "stuck",
    "i don't know": "stuck", "i dont know": "stuck", "don't know": "stuck", "dont know": "stuck",
    "no idea": "stuck", "dunno": "stuck",
}  # fmt: skip
#: The verdict where judging failed.
TROUBLE = "trouble"
#: Tries before the step is shown.
_TRIES = 2


class Session:
    """A quiz: call ``model`` to see it, ``answer`` to type a line.

    ``following`` gives the next round, told how many questions are still wanted, or None
    when there are no more.

    >>> from backtrace_cli.grading.statement import Statement
    >>> from backtrace_cli.quiz.questions import item_for
    >>> statement = Statement("b = x + y; f = b*y", "x=2,y=3")
    >>> one = Round(statement, [item_for(statement, Cell("messages", "f", "b"))], "mine")
    >>> rounds = iter([one])
    >>> session = Session(lambda left: next(rounds, None), 1)
    >>> session.answer("y")[0].result, session.model.right
    ('right', 1)
    """

    def __init__(self, following: Callable[[int], Round | None], count: int | None) -> None:
        self._following = following
        self._count = count
        self._past: dict[Cell, str] = {}
        self._feedback: tuple[Feedback, ...] = ()
        self._answered = self._right = self._streak = 0
        self._finished = self._quit = False
        self._round: Round | None = None
        self._at = 0
        self._settled: dict[Cell, int] = {}
        """The number in the session of each question about this formula that is answered."""
        self._last: Item | None = None
        self._slip: tuple[Item, Reply] | None = None
        self.finished: list[Model] = []
        """The screens of the rounds that are worked out, newest last."""
        self._fresh_item()
        self._next_round()
        if self._item is not None:
            self._feedback = (Feedback("welcome", self._item),)

    # -- looking ---------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Is there nothing more to do?"""
        return self._finished

    @property
    def left(self) -> bool:
        """Did the learner leave before the end?"""
        return self._quit

    @property
    def pausing(self) -> bool:
        """Is a formula worked out, and does the learner look at it?"""
        return not self._finished and self._item is None

    @property
    def _item(self) -> Item | None:
        if self._round is None or self._at >= len(self._round.items):
            return None
        return self._round.items[self._at]

    @property
    def model(self) -> Model:
        """The screen as it stands."""
        assert self._round is not None
        item = None if self._finished else self._item
        number = self._answered if item is None else self._settled.get(item.cell, self._answered + 1)
        return Model(self._round, self._states(), item, number, self._count, self._right, self._answered,
                     self._streak, self._feedback, self._finished)  # fmt: skip

    def _states(self) -> dict[Cell, str]:
        """The state of every cell: those before the question are filled in, those after it hidden."""
        assert self._round is not None
        states: dict[Cell, str] = {}
        item = self._item
        reached = item is not None
        for cell in self._order:
            if item is not None and cell == item.cell:
                reached = False
                states[cell] = ASKED
            elif item is not None and item.whole and not cell.kind.is_value and cell not in self._past:
                states[cell] = HIDDEN
            else:
                twin = self._round.same.get(cell, cell)
                states[cell] = self._past.get(twin, GIVEN) if reached or item is None else HIDDEN
        return states

    # -- typing ----------------------------------------------------------------------

    def answer(self, line: str) -> list[Outcome]:
        """Take one typed line: an answer or a command. Nothing typed is a request to go on."""
        text = " ".join(line.split())
        if self._finished:
            return []
        command = self._command(text)
        if command == "quit":
            self._quit = self._finished = True
            self._feedback = ()
            return []
        item = self._item
        if item is None:
            self._pause(text, command)
            return []
        if command is not None:
            return self._obey(command, item)
        if not text:
            self._feedback = (Feedback("empty", item),)
            return []
        return self._judge(item, text)

    def _command(self, text: str) -> str | None:
        """The command that ``text`` is; a name of the formula is an answer unless it begins with a colon."""
        if text.startswith(":"):
            return COMMANDS.get(text[1:].strip().lower(), "help")
        if self._round is not None and text in self._round.statement.names:
            return None
        word = text.lower().replace("’", "'")
        return COMMANDS.get(word) or COMMANDS.get(word.rstrip(" ?!."))

    def _pause(self, text: str, command: str | None) -> None:
        """A line typed while a formula that is worked out is looked at."""
        last = self._last
        if not text or command in ("skip", "show") or last is None or self._round is None:
            self._next_round()
        elif command == "back":
            self._at = self._round.items.index(last)
            self.finished.pop()
            self._fresh_item()
            self._feedback = ()
        elif command in ("why", "compare", "help"):
            self._obey(command, last)
        else:
            self._feedback = (Feedback("worked out", last),)

    def _obey(self, command: str, item: Item) -> list[Outcome]:
        if command == "hint":
            self._hints += 1
            self._feedback = (Feedback("hint", item, number=self._hints),)
        elif command in ("why", "help", "stuck"):
            self._feedback = (Feedback(command, item),)
        elif command == "compare":
            slip = self._slip
            items = self._round.items if self._round else []
            known = slip is not None and any(slip[0] is item for item in items)
            found = Feedback("compare", slip[0], slip[1]) if slip and known else None
            self._feedback = (found or Feedback("nothing to compare", item),)
        elif command == "back":
            if self._at == 0:
                self._feedback = (Feedback("nothing back", item),)
            else:
                self._at -= 1
                self._fresh_item()
                self._feedback = ()
        else:
            state = SHOWN if command == "show" else SKIPPED
            outcomes = self._settle(item, state)
            self._feedback = (Feedback("shown" if command == "show" else "skipped", item),)
            self._advance()
            return outcomes
        return []

    # -- judging ---------------------------------------------------------------------

    def _judge(self, item: Item, text: str) -> list[Outcome]:
        assert self._round is not None
        reply = self._chosen(item, text)
        if reply is None:
            exercise = exercise_for(self._round.statement, item.kind)
            try:
                reply = judged(exercise, item.cell, text, item.slips, item.part)
            except Exception:  # a fault of ours costs the learner neither the session nor a try
                reply = Reply(TROUBLE, text)
        if reply.verdict in (UNDECIDED, UNREADABLE, NO_ANSWER, TROUBLE):
            self._feedback = (Feedback(reply.verdict, item, reply),)
            return []
        self._tries += 1
        if reply.verdict == RIGHT:
            state = RIGHT if self._tries == 1 else MENDED
            outcomes = self._settle(item, state)
            self._feedback = (Feedback(state, item, reply),)
            self._advance()
            return outcomes
        outcomes = self._settle(item, WRONG, reply.slip)
        if reply.slip is not None:
            self._slip = item, reply
        self._feedback = (Feedback("wrong", item, reply, self._tries),)
        if self._tries >= _TRIES:
            self._past[item.cell] = SHOWN
            self._feedback += (Feedback("shown", item),)
            self._advance()
        return outcomes

    def _chosen(self, item: Item, text: str) -> Reply | None:
        """The reply to the letter of a choice; None where ``text`` is none."""
        assert self._round is not None
        letter = text.strip(" ().").upper()
        if len(letter) != 1 or not item.choices or text in self._round.statement.names:
            return None  # a name of the formula is an answer, never a letter
        if letter not in item.letters:
            usual = letter in LETTERS[0]
            words = f"the choices here are called {item.letters[0]} to {item.letters[-1]}"
            return Reply(UNREADABLE, text, words) if usual else None
        place = item.letters.index(letter)
        choice = item.choices[place]
        if choice.slip is None:
            return Reply(RIGHT, choice.text)
        return Reply(WRONG, choice.text, choice.slip.fault.words, None, choice.slip)

    def _settle(self, item: Item, state: str, slip: Slip | None = None) -> list[Outcome]:
        """Keep what happened to a question, and say what it means; a question counts once."""
        assert self._round is not None
        this, cell = self._round, item.cell
        self._past[cell] = state
        op = box_of(this.statement.graph, cell)
        first = cell not in self._settled
        missed = self._unknown(item, state, slip) if first or state == WRONG else ()
        self._missed.update(missed)
        if not first and state not in (WRONG, MENDED):
            return []
        result = state
        if first:
            self._answered += 1
            self._settled[cell] = self._answered
            self._right += state == RIGHT
            self._streak = self._streak + 1 if state == RIGHT else 0
        elif state == WRONG:
            result = "wrong again"
        exposed = item.exposes if first else ()
        return [Outcome(this.topic, this.level, cell.table, op, result, self._hints, missed, exposed,
                        this.target)]  # fmt: skip

    def _unknown(self, item: Item, state: str, slip: Slip | None) -> tuple[Key, ...]:
        """What an answer, or none, says that the learner doesn't know, as far as it can come back."""
        assert self._round is not None
        graph, target = self._round.statement.graph, self._round.target
        if state not in (WRONG, SHOWN, SKIPPED):
            return ()
        keys = (slip.key,) if slip is not None else rules_of(graph, item.cell)
        if state != WRONG and target is not None:
            keys = (target,)
        return tuple(key for key in keys if can_be_drawn(key[1]) and key not in self._missed)

    # -- going on --------------------------------------------------------------------

    def _fresh_item(self) -> None:
        self._tries = self._hints = 0
        self._missed: set[Key] = set()

    def _advance(self) -> None:
        """To the next question, or to a look at the whole trace."""
        assert self._round is not None
        self._last = self._item
        self._at += 1
        self._fresh_item()
        if self._left() == 0:
            self._at = len(self._round.items)  # what is left of the sheet is filled in
        if self._item is None:
            self.finished.append(self.model)
            self._finished = self._left() == 0

    def _left(self) -> int | None:
        return None if self._count is None else max(0, self._count - self._answered)

    def _next_round(self) -> None:
        left = self._left()
        found = self._following(left if left is not None else 1_000_000)
        self._slip = None
        if found is None:
            self._finished = True
            return
        self._round, self._at = found, 0
        self._order = found.cells()
        self._past, self._settled, self._feedback = {}, {}, ()
        self._fresh_item()

    @property
    def trace(self) -> Trace:
        """The run that is being worked out."""
        assert self._round is not None
        return self._round.trace
