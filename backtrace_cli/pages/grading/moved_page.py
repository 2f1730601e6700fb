"""Whose marks move, and why, as a page: the sum is the last line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backtrace_cli.grading.classroom.again.moved_marks import Moved
from backtrace_cli.grading.classroom.record_words import amount, counted
from backtrace_cli.pages.document import HEADING, QUIET, VALUE, Block, Heading, Paragraph, Space

__all__ = ["moved_page"]


def moved_page(moves: Iterable[Moved], students: int) -> Iterator[Block]:
    """Everybody who moves, each change with its reason."""
    up = down = other = 0
    yield Space()
    yield Paragraph([("Whose marks move", HEADING)], said="Whose marks move.")
    for one in moves:
        before, after = _points(one.before), _points(one.after)
        change = (one.after or (0, 0))[0] - (one.before or (0, 0))[0]
        up, down, other = up + (change > 0), down + (change < 0), other + (not change)
        yield Heading(one.student, [f"   {before} → {after}"], said=f"{one.student}: {before}, now {after}.")
        for each in one.changes:
            points = ""
            if each.before or each.after:
                points = f"{each.before or 'nothing'} → {each.after or 'nothing'}, "
            parts = [(f"{each.answer}: ", ""), (points, VALUE), (each.why, QUIET)]
            said = "".join(text for text, _ in parts).replace("→", "to")
            yield Paragraph(parts, indent=3, said=said + ".")
    yield Space()
    moving = up + down + other
    last = f"{moving:,} of {counted(students, 'student')} move" if moving else "Nobody's mark moves"
    counts = ((up, "up"), (down, "down"), (other, "otherwise"))
    ways = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    last += f": {ways}" if ways else ""
    yield Paragraph([(last, HEADING)], said=last + ".")


def _points(found: tuple[float, float] | None) -> str:
    return "not there" if found is None else f"{amount(found[0])} of {amount(found[1])}"
