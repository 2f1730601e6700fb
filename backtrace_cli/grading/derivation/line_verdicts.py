"""A derivation judged line by line: the first wrong line, what explains it, what follows carried forward."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import listed
from backtrace_cli.base.plain_values import Value
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL, Judgement
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.comparing.number import Asked
from backtrace_cli.grading.derivation.addends import Addend, addends, chain
from backtrace_cli.grading.derivation.blame import blamed, quantities
from backtrace_cli.grading.derivation.few_points import Points
from backtrace_cli.grading.derivation.line_graphs import Known, Lines
from backtrace_cli.grading.derivation.meant import meant
from backtrace_cli.grading.derivation.square import squared
from backtrace_cli.grading.derivation.steps import Derivation, Step, question_of, read_derivation
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.judging.checked import OWN, RIGHT, UNDECIDED, UNREADABLE, WRONG, Checked
from backtrace_cli.grading.judging.explained import explained, sought
from backtrace_cli.grading.policy import Task
from backtrace_cli.language.tree.syntax import Call, Expr, Name
from backtrace_cli.mistakes.places.spoken import spoken
from backtrace_cli.readings.questions import Edge, Numbers, Question, read

if TYPE_CHECKING:
    from backtrace_cli.mistakes.diagnose import Diagnoser, Diagnosis

__all__ = ["Judged", "judge_derivation"]


class Judged(NamedTuple):
    """A derivation with its verdicts."""

    lines: tuple[Checked, ...]
    """One a line, in the order of the text."""
    given: dict[str, Checked]
    """By node, the line that gives its gradient."""
    faults: dict[str, frozenset[int]]
    """By node, the numbers of the wrong lines that its gradient is worked out from."""

    @property
    def first_wrong(self) -> Checked | None:
        """The first line that is wrong, or can't be read."""
        return next((one for one in self.lines if one.verdict in (WRONG, UNREADABLE)), None)


def judge_derivation(asked: Asked, derivation: Derivation) -> Judged:
    """Every line of ``derivation`` judged by the engine, given right values for what it is worked out from.

    >>> from backtrace_cli.grading.derivation.steps import read_derivation
    >>> from backtrace_cli.grading.policy import Task
    >>> from backtrace_cli.grading.statement import Statement
    >>> statement = Statement("h = w*x; L = h^2", "w=2,x=3")
    >>> found = read_derivation(statement, "dh = h; dw = dh*x; dx = dh*x")
    >>> [(one.verdict, one.carried) for one in judge_derivation(Task(statement), found).lines]
    [('wrong', False), ('right', True), ('wrong', False)]
    """
    return _Judge(asked, derivation).judged()


class _Judge:
    def __init__(self, asked: Asked, derivation: Derivation) -> None:
        self.asked, self.derivation = asked, derivation
        self.statement = asked.statement
        self.lines = Lines(asked.statement, derivation)
        self.points = Points(asked.statement)
        self.known: Known = meant(self.lines, self.points, derivation)
        self.found: dict[str, Checked] = {}

    @cached_property
    def doctor(self) -> Diagnoser:
        """Who knows the mistakes."""
        from backtrace_cli.mistakes.diagnose import Diagnoser

        return Diagnoser(self.statement.graph)

    def judged(self) -> Judged:
        """The verdicts."""
        for step in self.derivation.steps:
            self.found[step.version] = self.first_look(step)
        wrong = [step for step in self.derivation.steps if self.found[step.version].verdict == WRONG]
        innocent = {
            version
            for step in self.derivation.steps
            if step.value is not None and self.found[step.version].verdict == RIGHT
            for version in self.lines.reads(step.value, self.known)
        }
        for step in wrong:
            self._look_closer(step, innocent)
        for step in self.derivation.steps:
            if step.sign == "+" and step.target and self.found[step.version].verdict == RIGHT:
                self._parts_right(step)
        given, faults = {}, {}
        for step in self.derivation.steps:
            blame = self._faults(step.version)
            one = self.found[step.version]
            if one.verdict == RIGHT and blame and not self._right_all_the_same(step):
                self.found[step.version] = one._replace(carried=True)
            if step.version in self.known and step.target:
                faults[step.target] = frozenset(self.lines.steps[version].line for version in blame)
        for step in self.derivation.steps:
            if step.version in self.known and step.target:
                given[step.target] = self.found[step.version]
        return Judged(tuple(self.found[step.version] for step in self.derivation.steps), given, faults)

    # -- the verdict -------------------------------------------------------------------

    def first_look(self, step: Step) -> Checked:
        """The verdict on a line, given right values for the gradients and values that it uses."""
        question = question_of(step) if step.version in self.known else None
        answer = Answer(question or Question("own", None, step.name or step.text), step.text, step.line)
        if step.problem is not None or step.value is None:
            words = step.problem.message if step.problem is not None else ""
            hint = f" ({step.problem.hint})" if step.problem is not None and step.problem.hint else ""
            return Checked(answer._replace(problem=words), UNREADABLE, words=f"{words}{hint}")
        unread = [self.lines.steps[one] for one in self.lines.reads(step.value, self.known)
                  if one not in self.known and self.lines.steps[one].value is None]  # fmt: skip
        if unread:
            words = f"it is worked out from line {unread[0].line}, which can't be read"
            return Checked(answer, UNDECIDED, words=words)
        if question is None:
            return Checked(answer, OWN)
        judged, answer = self._compared(step, step.value, question, self._others(step))
        if judged.verdict == EQUAL:
            return Checked(answer, RIGHT, holds=judged.holds)
        if judged.verdict != DIFFERENT:
            return Checked(answer, UNDECIDED, words=judged.words)
        if self._right_all_the_same(step):
            return Checked(answer, RIGHT)
        return Checked(answer, WRONG, witness=judged.witness, words=judged.words, holds=judged.holds)

    def _others(self, step: Step) -> Known:
        return {version: name for version, name in self.known.items() if version != step.version}

    def _compared(self, step: Step, tree: Expr, question: Question, known: Known) -> tuple[Judgement, Answer]:
        answer = Answer(question, step.text, step.line)
        try:
            answer = answer._replace(formula=self.lines.graph(tree, known))
        except BacktraceError as error:
            return Judgement(DIFFERENT, None, error.message), answer
        return judge(self.asked, question, answer), answer

    def _right_all_the_same(self, step: Step) -> bool:
        """Is the line right with the student's own values in it, as where two mistakes cancel?"""
        question = question_of(step)
        if question is None or step.value is None:
            return False
        values = {version: name for version, name in self._others(step).items() if not self._back(version)}
        if not any(self._back(version) for version in self.lines.reads(step.value, self.known)):
            return False
        try:
            found = self.points.values(self.lines.graph(step.value, values))
        except BacktraceError:
            return False
        return self.points.same(found, self._right(question))

    def _back(self, version: str) -> bool:
        """Is it a gradient, and known?"""
        return version in self.known and bool(self.lines.steps[version].target)

    def _right(self, question: Question) -> list[Value]:
        return [read(trace.graph, question, Numbers(trace)) for trace in self.points.traces]

    def _faults(self, version: str) -> set[str]:
        """The wrong versions that go into ``version``, itself among them."""
        found: set[str] = set()
        waiting, seen = [version], {version}
        while waiting:
            one = waiting.pop()
            if self.found[one].verdict in (WRONG, UNREADABLE):
                found.add(one)
            value = self.lines.steps[one].value
            for read_one in self.lines.reads(value, self.known) if value is not None else ():
                if read_one not in seen:
                    seen.add(read_one)
                    waiting.append(read_one)
        return found

    # -- where, and why --------------------------------------------------------------------

    def _look_closer(self, step: Step, innocent: set[str]) -> None:
        """Find the very line that is wrong, and what explains it."""
        one = self.found[step.version]
        question, target = one.answer.question, step.target
        steps = chain(self.lines, step)
        parts: list[Addend] = []
        left: tuple[Edge, ...] = ()
        if len(steps) > 1 and target:
            others = self._others(step)
            places = partial(self.lines.places, known=others)
            parts, left = addends(self.lines, self.points, steps, others, places)
        for part in parts:
            if part.edges and part.step.version != step.version:
                self._right_part(part.step, question)
        amiss = [part for part in parts if not part.edges]
        told = explained(self.asked, one, partial(self._sought, step))
        if amiss and amiss[0].step.version != step.version:
            self._part_amiss(step, told, amiss)
            return
        if parts and not amiss and left:
            graph = self.statement.graph
            lost = listed(list(dict.fromkeys(spoken(graph, box) for box, _ in left)))
            told = told._replace(diagnosis=f"no line adds what {lost} sends to {target}")
        if one.answer.formula is None or (self.statement.arrays and one.answer.formula.shapes is None):
            told = self._as_square(step, told)
        self.found[step.version] = told
        self._overwritten(step, told)
        if amiss or told.mistake is None or not parts:
            self._blame(step, question, innocent)

    def _sought(self, step: Step, answer: Answer) -> Diagnosis | None:
        """The mistake behind what a line gives, made at the boxes that it works at."""
        return sought(self.asked, answer, self.doctor, self.lines.within(step, self._others(step)))

    def _part_amiss(self, step: Step, told: Checked, amiss: Sequence[Addend]) -> None:
        """The wrong one of several lines that add up to a gradient speaks, and the last one is right."""
        part = amiss[0].step
        answer = told.answer._replace(text=part.text, line=part.line)
        self.found[part.version] = told._replace(answer=answer)
        if all(one.step.version != step.version for one in amiss):
            self.found[step.version] = Checked(self.found[step.version].answer, RIGHT, carried=True)

    def _parts_right(self, step: Step) -> None:
        """Lines that add up to a gradient that is right are right."""
        for part in chain(self.lines, step):
            if self.found[part.version].verdict == OWN:
                self._right_part(part, self.found[step.version].answer.question)

    def _right_part(self, part: Step, question: Question) -> None:
        answer = self.found[part.version].answer._replace(question=question)
        self.found[part.version] = Checked(answer, RIGHT)

    def _as_square(self, step: Step, told: Checked) -> Checked:
        """``told``, a line whose shapes don't fit, with what it would be where all arrays are square, as then
        anything fits: a matrix that is not transposed, say."""
        square = squared(self.statement)
        if square is None or step.value is None:
            return told
        twin = _Judge(Task(square, self.asked.policy), read_derivation(square, self.derivation.text))
        known = twin._others(step)
        try:
            graph = twin.lines.graph(step.value, known)
        except BacktraceError:
            return told
        answer = told.answer._replace(formula=graph)
        found = twin._sought(step, answer)
        return (
            told
            if found is None
            else told._replace(mistake=found.sure, diagnosis=found.words, explained=found.explained)
        )

    def _overwritten(self, step: Step, told: Checked) -> None:
        """Say so where a line gives a gradient anew that an earlier line had a part of."""
        earlier = [one for one in self.derivation.versions(step.name)
                   if one.value is not None and not one.zero and one.version != step.version]  # fmt: skip
        if not step.target or not earlier or step.sign or step.before or earlier[-1].value is None:
            return
        graph = self.statement.graph
        both = Call("add", tuple(one for one in (earlier[-1].value, step.value) if one is not None))
        try:
            found = self.points.values(self.lines.graph(both, self._others(step)))
        except BacktraceError:
            return
        if self.points.same(found, self._right(told.answer.question)):
            from backtrace_cli.mistakes.replaced import replaced

            mistake, words = replaced(graph, step.target, step.name, earlier[-1].line)
            self.found[step.version] = told._replace(mistake=mistake, diagnosis=words)

    def _blame(self, step: Step, question: Question, innocent: set[str]) -> None:
        """Name the line behind it, where that gives something of the student's own wrongly."""
        everything = self._everything
        found = blamed(self.lines, self.points, step, self._right(question), self._others(step), everything,
                       innocent)  # fmt: skip
        if found is None or found.step.value is None:
            return
        judged, answer = self._compared(found.step, Name(found.step.version), found.question, self.known)
        if judged.verdict != DIFFERENT:
            return
        wrong = Checked(answer, WRONG, witness=judged.witness, words=judged.words, holds=judged.holds)
        self.found[found.step.version] = explained(self.asked, wrong, partial(self._sought, found.step))
        self.found[step.version] = Checked(self.found[step.version].answer, RIGHT, carried=True)

    @cached_property
    def _everything(self) -> dict[Question, list[Value]]:
        return quantities(self.points)
