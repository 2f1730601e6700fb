"""What a class got wrong, as a page: mistakes, answers, groups, chapters, the hardest answer last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.grading.classroom.record_words import amount, counted, stem
from backtrace_cli.grading.statistics.class_statistics import ClassStatistics, Made
from backtrace_cli.grading.statistics.items import Item, WrongAnswer
from backtrace_cli.pages.document import (
    HEADING,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Note,
    Paragraph,
    Space,
    Table,
)

__all__ = ["Shown", "class_page", "digest"]

#: So many mistakes, answers, places and names are shown; files have all of them.
_MISTAKES, _ITEMS, _PLACES, _NAMES, _FEW, _DIGEST, _CORRECTIONS = 12, 12, 2, 12, 3, 3, 30


class Shown(NamedTuple):
    """How much is told."""

    names: bool = True
    """Who it was; else how many."""


def class_page(found: ClassStatistics, shown: Shown = Shown()) -> Iterator[Block]:  # noqa: B008
    """The whole page."""
    extent = f"{counted(found.students, 'student')}, {counted(found.answers, 'answer')} each"
    absent = f", {found.absent:,} handed in nothing" if found.absent else ""
    yield Space()
    yield Paragraph([("What the class got wrong", HEADING), (f"     {extent}{absent}", QUIET)],
                    said=f"What the class got wrong: {extent}{absent}.")  # fmt: skip
    if found.mistakes:
        yield from _mistakes(found)
        yield from _groups(found, shown)
    yield from _items(found)
    yield from _chapters(found, shown)
    yield from _put_right(found, shown)
    yield Space()
    yield Paragraph([(_last(found), HEADING)], said=_last(found) + ".")


def digest(found: ClassStatistics) -> Iterator[Block]:
    """The few lines of it that stand at the end of a graded class."""
    if not found.mistakes:
        return
    yield Heading("What the class got wrong")
    yield _bars(found, found.mistakes[:_DIGEST])
    yield Paragraph([(_last(found), "")], indent=3, said=_last(found) + ".")
    yield Paragraph([("more of it: --report json=grades.json, then backtrace report grades.json", QUIET)],
                    indent=3)  # fmt: skip


# -- mistakes ------------------------------------------------------------------------


def _mistakes(found: ClassStatistics) -> Iterator[Block]:
    explained = found.wrong - found.unexplained
    aside = f"   {counted(found.wrong, 'wrong answer')}, {explained:,} of them explained"
    yield Heading("Mistakes", [aside], said=f"{aside.strip()}.")
    yield _bars(found, found.mistakes[:_MISTAKES])
    if more := found.mistakes[_MISTAKES:]:
        answers = sum(one.answers for one in more)
        text = f"and {len(more)} more with {counted(answers, 'answer')}"
        yield Paragraph([(text, QUIET)], indent=3, said=text + ".")


def _bars(found: ClassStatistics, mistakes: Sequence[Made]) -> Table:
    most = max((one.answers for one in found.mistakes), default=1)

    def rows(wording: object) -> Iterator[tuple[str, ...]]:
        for one in mistakes:
            yield (f"{one.answers:,}", f"{one.answers / most:.3f}", f"{len(one.who):,}", one.mistake,
                   _where(one))  # fmt: skip

    def said(wording: object) -> Iterator[str]:
        for one in mistakes:
            who = f"{counted(len(one.who), 'student')} more than once" if one.who else "nobody twice"
            where = _where(one).replace("\n", "; ")
            yield f"{one.mistake}: {counted(one.answers, 'answer')}, {who}; {where}."

    columns = (
        Column("answers", right=True, style=VALUE), Column("", bar=True, style=VALUE),
        Column("twice by", right=True, keep=True, lead="twice by "),
        Column("mistake", style=HEADING, keep=True), Column("made in", style=QUIET, below=1),
    )  # fmt: skip
    return Table(columns, rows, said)


def _where(one: Made) -> str:
    """The exercises in which it was made most, each with the question that it was made at most."""
    places = [f"{stem(where.exercise)} {where.answers:,}, most at {where.asked}" for where in one.where]
    more = len(places) - _PLACES
    return "\n".join([*places[:_PLACES], *([f"and {counted(more, 'more exercise')}"] if more > 0 else [])])


def _groups(found: ClassStatistics, shown: Shown) -> Iterator[Block]:
    groups = [one for one in found.mistakes if one.who]
    if not groups:
        return
    yield Heading("The same fault", ["   made at least twice"], said="Students with the same fault.")
    for one in groups[:_MISTAKES]:
        text = f"{one.mistake} ({one.title}): {_people(one.who, shown)}"
        yield Paragraph([(text, "")], indent=3, said=text + ".")


def _people(names: Sequence[str], shown: Shown, most: int = _NAMES) -> str:
    if not shown.names:
        return counted(len(names), "student")
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# -- answers -------------------------------------------------------------------------


def _items(found: ClassStatistics) -> Iterator[Block]:
    hardest = [item for item in found.hardest if item.right < item.tried][:_ITEMS]
    if not hardest:
        return
    yield Heading("The hardest answers", ["   right, how well it tells students apart (−1 to 1)"],
                  said="The hardest answers.")  # fmt: skip

    def rows(wording: object) -> Iterator[tuple[str, ...]]:
        for item in hardest:
            yield (f"{item.facility:.0%}", f"{item.facility:.3f}", _apart(item), _label(item), _wrong(item))

    def said(wording: object) -> Iterator[str]:
        for item in hardest:
            yield f"{_label(item)}: {item.facility:.0%} right; {_wrong(item)}."

    columns = (
        Column("right", right=True, style=VALUE), Column("", bar=True, style=VALUE),
        Column("apart", right=True, keep=True, lead="apart "), Column("answer", keep=True),
        Column("commonest wrong answer", style=QUIET, below=1, wide=True),
    )  # fmt: skip
    yield Table(columns, rows, said)


def _apart(item: Item) -> str:
    if item.discrimination is None:
        return ""
    return f"{item.discrimination:.2f}".replace("-", "−")


def _label(item: Item) -> str:
    return f"{stem(item.exercise)} {item.table} {item.key}"


def _wrong(item: Item) -> str:
    if not item.common:
        return f"{item.blank:,} left it blank" if item.blank else ""
    return _told(item.common[0])


def _told(wrong: WrongAnswer) -> str:
    cause = f": {' and '.join(wrong.mistakes)}" if wrong.mistakes else ""
    return f"{wrong.text} ({counted(wrong.times, 'student')}{cause})"


# -- chapters ------------------------------------------------------------------------


def _chapters(found: ClassStatistics, shown: Shown) -> Iterator[Block]:
    tried = [one for one in found.chapters if one.tried]
    if not tried:
        return
    yield Heading(
        "Chapters", ["   right, and who needs them again"], said="Chapters, and who needs them again."
    )

    def rows(wording: object) -> Iterator[tuple[str, ...]]:
        for one in tried:
            yield (one.name, f"{one.right / one.tried:.0%}", f"{one.right / one.tried:.3f}",
                   f"{len(one.who):,}", _people(one.who, shown, _FEW) if shown.names else "")  # fmt: skip

    def said(wording: object) -> Iterator[str]:
        for one in tried:
            who = _people(one.who, shown) if one.who else "nobody"
            yield f"{one.name}: {one.right / one.tried:.0%} right; needed again by {who}."

    columns = (
        Column("chapter"), Column("right", right=True, style=VALUE, keep=True),
        Column("", bar=True, style=VALUE), Column("needed by", right=True, keep=True, lead="needed by "),
        Column("who", style=QUIET, below=1, wide=True),
    )  # fmt: skip
    yield Table(columns, rows, said)
    yield from _notes(one for one in (_absent(found),) if one)


def _put_right(found: ClassStatistics, shown: Shown) -> Iterator[Block]:
    """What was corrected by hand, by whom and why."""
    if not found.put_right:
        return
    moved = sum(one.after - one.before for one in found.put_right)
    aside = f"{counted(len(found.put_right), 'answer')}, {moved:+.10g} points".replace("-", "−")
    yield Heading("Put right by hand", [f"   {aside}"], said=f"Put right by hand: {aside}.")
    for one in found.put_right[:_CORRECTIONS] if shown.names else ():
        points = f"{amount(one.before)} to {amount(one.after)} of {amount(one.of)}"
        text = f"{one.student}, {one.answer}: {points}, by {one.by}, {one.when}: {one.reason}"
        yield Paragraph([(text, "")], indent=3, said=text + ".")
    if shown.names and len(found.put_right) > _CORRECTIONS:
        more = f"and {len(found.put_right) - _CORRECTIONS:,} more: --as json has them all"
        yield Paragraph([(more, QUIET)], indent=3, said=more + ".")


def _absent(found: ClassStatistics) -> str:
    gone = [f"{one.name} {one.absent:,}" for one in found.chapters if one.absent]
    return f"not handed in: {', '.join(gone)}" if gone else ""


def _notes(texts: Iterable[str]) -> Iterator[Block]:
    yield from (Note(text, said=text + ".") for text in texts)


def _last(found: ClassStatistics) -> str:
    """The hardest answer in a sentence."""
    hardest = found.hardest
    if not hardest or hardest[0].right == hardest[0].tried:
        return "Every answer that was handed in is right" if hardest else "Nobody handed anything in"
    item = hardest[0]
    common = item.common[0] if item.common else None
    wrong = f"; commonest wrong: {common.text} ({counted(common.times, 'student')})" if common else ""
    return f"Hardest answer: {_label(item)}: {item.facility:.0%} right{wrong}"
