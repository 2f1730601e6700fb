"""Questions drawn by the thousand and held to what they promise.

    python tests/quiz/generated.py [COUNT]

prints what 10,000 of them (or COUNT) come to. The tests call the same functions on fewer.
"""

from __future__ import annotations

import itertools
import random
import re
import sys
import time
from collections.abc import Iterator
from statistics import mean

from backtrace_cli.base.numerals import numeral
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.authoring.answers import formula_of, number_of
from backtrace_cli.grading.statement import Statement
from backtrace_cli.language.tree.syntax import names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.quiz.array_messages import finite, message_tree, part_of, shown
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.generate import Draft, draw
from backtrace_cli.quiz.judge import RIGHT, WRONG, exercise_for, judged
from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.memory.store import now_here
from backtrace_cli.quiz.questions import MOST_ASKED, Item
from backtrace_cli.readings.cells import arrows
from backtrace_cli.readings.questions import expected


def drafts(seed: int = 0) -> Iterator[Draft]:
    """Formulas of every topic and level in turn, without end."""
    for turn in itertools.count():
        for topic in TOPICS:
            for level in range(1, LEVELS + 1):
                found = draw(random.Random(f"{seed} {topic} {level} {turn}"), topic, level)
                assert found is not None, f"nothing drawn for {topic} at level {level}"
                yield found


def session_of(topic: str, level: int, rounds: int, seed: int = 0) -> list[Statement]:
    """The formulas of one long session about a topic."""
    chooser = Chooser(random.Random(f"{seed} {topic} {level}"), None, now_here, topic, level)
    return [this.statement for this in (chooser(MOST_ASKED) for _ in range(rounds)) if this is not None]


def repeats_in(statements: list[Statement]) -> tuple[int, int]:
    """In one session: formulas that came before at the same point, and those that came before at all,
    whatever their inputs are called and whichever way round sums and products are written."""
    points = [written_out(one, with_numbers=True) for one in statements]
    forms = [written_out(one, with_numbers=False) for one in statements]
    return len(points) - len(set(points)), len(forms) - len(set(forms))


def written_out(statement: Statement, with_numbers: bool) -> str:
    """The formula (and its numbers) with its inputs called by number, in the order that sorts first."""
    graph = statement.graph
    found = []
    for order in itertools.permutations(graph.inputs):
        called = {graph.inputs[name]: f"<{place}>" for place, name in enumerate(order)}
        texts: list[str] = []
        for node in graph.nodes:
            args = [texts[arg] for arg in node.args]
            if node.op is None:
                texts.append(called.get(node.index) or str(node.literal))
                continue
            if node.op.name in ("add", "multiply"):
                args.sort()
            texts.append(f"{node.op.name}{node.fixed}({', '.join(args)})")
        numbers = [shown(statement.at[name]) for name in order] if with_numbers else []
        shapes = [graph.shapes[graph.inputs[name]] for name in order] if graph.shapes else []
        found.append(f"{texts[graph.output]} {shapes} {numbers}")
    return min(found)


def faults_of(draft: Draft) -> Iterator[str]:
    """What is wrong with a formula's questions; nothing, if all is well."""
    trace = draft.statement.trace
    locals_ = [sent.local for sent in trace.sent if sent.local is not None]
    numbers = [*trace.values, *(sent.contribution for sent in trace.sent), *locals_]
    if not all(map(finite, numbers)):
        yield f"{draft.statement.formula}: a number is not finite"
    asked = [item.cell for item in draft.items]
    if len(set(asked)) != len(asked):
        yield f"{draft.statement.formula}: a question is asked twice"
    for item in draft.items:
        yield from _faults_of_item(draft, item)


def _faults_of_item(draft: Draft, item: Item) -> Iterator[str]:
    where = f"{draft.statement.formula} at {draft.statement.at}, {item.cell}"
    exercise = exercise_for(draft.statement, item.kind)
    for text in answers_to(draft, item):
        for part in {(), item.part}:
            if judged(exercise, item.cell, text, None, part).verdict != RIGHT:
                yield f"{where}: its own answer {text} is refused"
    if item.part:
        part_text = shown(part_of(draft.statement.says(item.cell, trace_of(draft)), item.part))
        if judged(exercise, item.cell, part_text, item.slips, item.part).verdict != RIGHT:
            yield f"{where}: its own part {part_text} is refused"
    right = [choice for choice in item.choices if choice.slip is None]
    if item.choices and len(right) != 1:
        yield f"{where}: {len(right)} right choices"
    for choice in item.choices:
        verdict = judged(exercise, item.cell, choice.text, None, item.part).verdict
        if verdict != (RIGHT if choice.slip is None else WRONG):
            yield f"{where}: the choice {choice.text} is {verdict}"


def answers_to(draft: Draft, item: Item) -> Iterator[str]:
    """Right answers: the number in full and as it is shown (where one is wanted), and the formula."""
    if item.cell.table == "shapes":
        yield str(number_of(draft.statement, item.cell)) or "()"
        return
    value = draft.statement.says(item.cell, draft.statement.trace)
    if item.kind != "expressions":
        yield shown(value)
        yield numeral(value)
    if draft.statement.arrays:
        yield from _array_formulas(draft, item)
        return
    tree = None if item.cell.table == "tangent" else expected(draft.statement.symbolic, item.cell)
    if tree is not None and names_in(tree) <= draft.statement.names and not at_kink(draft):
        yield to_text(tree)  # a long one is abbreviated with ∂f/∂a, which nobody can type


def _array_formulas(draft: Draft, item: Item) -> Iterator[str]:
    """The engine's own formula, and the message as the sheet writes it: over what arrived, by either name."""
    formula = None if at_kink(draft) else formula_of(draft.statement, item.cell)
    if formula is not None:
        yield formula
    if item.cell.table == "messages" and not at_kink(draft):
        arrow = next(a for a in arrows(trace_of(draft))
                     if tuple(map(draft.statement.graph.name, a[:2])) == item.cell[1:])  # fmt: skip
        text = to_text(message_tree(draft.statement.graph, arrow.sents))
        yield text
        yield re.sub(rf"(?<!\w)d{item.cell.source}(?!\w)", "g", text)


def trace_of(draft: Draft) -> Trace:
    """The run that is asked about."""
    return draft.statement.trace


def at_kink(draft: Draft) -> bool:
    """Does the run pass a kink, where the formula and the number taken there are two things?"""
    return any(sent.kink >= 0 for sent in draft.statement.trace.sent)


def size(draft: Draft) -> tuple[int, int, int]:
    """How hard a formula is: its steps, its forks, its different ops."""
    graph = draft.statement.graph
    ops = {graph.nodes[index].op for index in graph.steps}
    return len(graph.steps), len(draft.statement.trace.forks), len(ops)


def sizes_by_level(found: list[Draft]) -> list[tuple[float, float, float]]:
    """The mean size at each level."""
    means = []
    for level in range(1, LEVELS + 1):
        sizes = [size(draft) for draft in found if draft.level == level]
        means.append(tuple(mean(column) for column in zip(*sizes, strict=True)))
    return means  # type: ignore[return-value]


def main(wanted: int) -> None:
    """Print the figures."""
    asked = choices = 0
    drawn: list[Draft] = []
    faults: list[str] = []
    start = time.perf_counter()
    for draft in drafts():
        drawn.append(draft)
        asked += len(draft.items)
        choices += sum(len(item.choices) - 1 for item in draft.items if item.choices)
        faults += faults_of(draft)
        if asked >= wanted:
            break
    took = time.perf_counter() - start
    over_arrays = [draft for draft in drawn if draft.statement.arrays]
    print(
        f"over arrays: {sum(len(draft.items) for draft in over_arrays):,} about {len(over_arrays):,} formulas"
    )
    formulas = {draft.statement.formula for draft in drawn}
    print(f"{asked:,} questions about {len(drawn):,} formulas ({len(formulas):,} different) in {took:.0f} s")
    print(f"{choices:,} wrong choices, {len(faults)} faults")
    for fault in faults[:20]:
        print(" ", fault)
    shares = [item.slips.share for draft in drawn for item in draft.items if item.slips]
    print(f"mistakes that show at the chosen points: {mean(shares):.1%}")
    sessions = {(topic, level): session_of(topic, level, 20) for topic in TOPICS for level in (1, 2, 3)}
    again = {key: repeats_in(found) for key, found in sessions.items()}
    formulas_again = {key: forms for key, (_, forms) in again.items() if forms}
    print(f"in {len(sessions)} sessions of 20 formulas: {sum(points for points, _ in again.values())} come")
    print(f"again at the same point, {sum(formulas_again.values())} at another: {formulas_again}")
    for level, (steps, forks, ops) in enumerate(sizes_by_level(drawn), 1):
        print(f"level {level}: {steps:.2f} steps, {forks:.2f} forks, {ops:.2f} different ops")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
