"""A reader of terminal pictures that knows nothing of how they are drawn.

It looks at the characters alone: at an arrow's head it walks the line back, through bends and
joints, straight on where a line passes under another, until it comes to a box or a name.
"""

from __future__ import annotations

import re
from collections import defaultdict

__all__ = ["edges_in", "names_in"]

UP, RIGHT, DOWN, LEFT = (0, -1), (1, 0), (0, 1), (-1, 0)
ARMS = {
    **dict.fromkeys("│┃┆", {UP, DOWN}), **dict.fromkeys("─━┄", {LEFT, RIGHT}),
    **dict.fromkeys("┌┏", {RIGHT, DOWN}), **dict.fromkeys("┐┓", {LEFT, DOWN}),
    **dict.fromkeys("└┗", {RIGHT, UP}), **dict.fromkeys("┘┛", {LEFT, UP}),
    **dict.fromkeys("├┣", {UP, DOWN, RIGHT}), **dict.fromkeys("┤┫", {UP, DOWN, LEFT}),
    **dict.fromkeys("┬┳", {LEFT, RIGHT, DOWN}), **dict.fromkeys("┴┻", {LEFT, RIGHT, UP}),
    **dict.fromkeys("┼╋", {UP, DOWN, LEFT, RIGHT}),
}  # fmt: skip


class Grid:
    """A picture as cells, with its boxes and the names that stand alone."""

    def __init__(self, lines: list[str]) -> None:
        width = max(map(len, lines))
        self.rows = [line.ljust(width) for line in lines]
        self.ascii = all(line.isascii() for line in lines)
        self.inside: dict[tuple[int, int], str] = {}
        self._boxes()
        self._names()

    def at(self, x: int, y: int) -> str:
        return self.rows[y][x] if 0 <= y < len(self.rows) and 0 <= x < len(self.rows[y]) else " "

    def _boxes(self) -> None:
        """A box: a title in its upper frame, its sides straight down to its lower frame."""
        for y, row in enumerate(self.rows):
            for found in re.finditer(r"[╭┏+#] (?=([^\W\d]\w*))", row):
                x, rest = found.start(), row[found.end() :]
                end = re.match(r"[^╭┏]*? [-─━=]*[╮┓+#]", rest)
                if end is None:
                    continue
                right, low = found.end() + end.end() - 1, y + 1
                while self.at(x, low) in "│┃|#" and not self._bottom(x, right, low):
                    low += 1
                if not self._bottom(x, right, low):
                    continue
                for row_number in range(y, low + 1):
                    for column in range(x, right + 1):
                        self.inside[column, row_number] = found[1]

    def _bottom(self, x: int, right: int, y: int) -> bool:
        """Is there a lower frame from ``x`` to ``right``?"""
        frame = "".join(self.at(column, y) for column in range(x, right + 1))
        return re.fullmatch(r"\+-+\+|#=+#|[╰┗][─━]+[╯┛┴┻]", frame) is not None

    def _names(self) -> None:
        """A name with a line that begins one space after it, and no box or line before it."""
        lines = "-+.|" if self.ascii else "─┄━┬┐┘┴"
        name = r"(?<!\S)([^\W\d]\w*)(?: \(\*\)| !| [\d()×x,]+)* (?=[" + re.escape(lines) + "])"
        for y, row in enumerate(self.rows):
            for found in re.finditer(name, row):
                if (found.start(), y) in self.inside:
                    continue
                for column in range(found.start(), found.end()):
                    self.inside[column, y] = found[1]

    def arms(self, x: int, y: int, coming: tuple[int, int]) -> set[tuple[int, int]]:
        """Where the line at a cell goes on, for one who came moving in direction ``coming``."""
        char = self.at(x, y)
        across = coming in (LEFT, RIGHT)
        if not self.ascii:
            if char in "│┃┆" and across:
                return {coming}  # it passes under
            return ARMS.get(char, set()) - {(-coming[0], -coming[1])}
        if char in "|:#" or char in "-.=":
            return {coming}
        if char != "+":
            return set()
        found = set()
        for arm in {UP, RIGHT, DOWN, LEFT} - {(-coming[0], -coming[1])}:
            beside = self.at(x + arm[0], y + arm[1])
            if (
                beside in ("+|:#" if arm in (UP, DOWN) else "+-.=<>")
                or (x + arm[0], y + arm[1]) in self.inside
            ):
                found.add(arm)
        return found

    def source(self, x: int, y: int, coming: tuple[int, int]) -> set[str]:
        """Every box or name that the line reaches which leads away from an arrow's head."""
        found: set[str] = set()
        seen = set()
        waiting = [(x + coming[0], y + coming[1], coming)]
        while waiting:
            x, y, coming = waiting.pop()
            if (x, y, coming) in seen:
                continue
            seen.add((x, y, coming))
            if (x, y) in self.inside:
                found.add(self.inside[x, y])
                continue
            if self.at(x, y) in "▶◀<>":
                continue
            arms = self.arms(x, y, coming)
            assert arms, f"a line breaks off at {x},{y}: {self.rows[y]}"
            waiting += [(x + arm[0], y + arm[1], arm) for arm in arms]
        return found


def edges_in(lines: list[str]) -> list[tuple[str, str, int]]:
    """(child, reader, which of the reader's arrows, from the top) for every arrow in the picture."""
    grid = Grid(lines)
    heads: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for y, row in enumerate(grid.rows):
        for x, char in enumerate(row):
            if char in "▶◀<>" and (x, y) not in grid.inside:
                into = RIGHT if char in "▶>" else LEFT
                reader = grid.inside[x + into[0], y]
                sources = grid.source(x, y, (-into[0], 0))
                assert len(sources) == 1, f"{sources} at {x},{y}"
                heads[reader].append((y, sources.pop()))
    return sorted(
        (child, reader, number)
        for reader, found in heads.items()
        for number, (_, child) in enumerate(sorted(found))
    )


def names_in(lines: list[str]) -> set[str]:
    """The names of all boxes and variables."""
    return set(Grid(lines).inside.values())
