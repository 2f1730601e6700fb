"""A formula that was written from Python source, and which of its places is which place in the file."""

from __future__ import annotations

import ast

from backtrace_cli.base.caret import Span

__all__ = ["Piece", "PythonText", "node_span"]

#: A stretch of the formula and the node that it was written from.
Piece = tuple[int, int, ast.AST]


class PythonText(str):
    """The formula; an error about a place in it is shown in the file that it comes from.

    >>> text = PythonText("x*2", "def f(x):\\n    return x*2\\n", "model.py", [])
    >>> text, text.place(Span(0, 1))[2]
    ('x*2', 'model.py')
    """

    file: str
    path: str
    pieces: list[Piece]

    def __new__(cls, text: str, file: str, path: str, pieces: list[Piece]) -> PythonText:
        """The formula ``text``, written from the source ``file`` of the file ``path``."""
        made = super().__new__(cls, text)
        made.file, made.path, made.pieces = file, path, pieces
        return made

    def place(self, span: Span | None) -> tuple[Span | None, str, str]:
        """Where ``span`` of the formula stands in the file, with the file's text and name."""
        if span is None:
            return None, self.file, self.path
        around = [piece for piece in self.pieces if piece[0] <= span.start and span.end <= piece[1]]
        if not around:
            around = [piece for piece in self.pieces if piece[0] <= span.start < piece[1]]
        best = min(around, key=lambda piece: piece[1] - piece[0], default=None)
        return (node_span(self.file, best[2]) if best else Span(0, 0)), self.file, self.path


def node_span(file: str, node: ast.AST) -> Span:
    """Where ``node`` stands in ``file``, in characters (ast counts bytes, line by line)."""
    lines = file.splitlines(keepends=True)

    def at(line: int, column: int) -> int:
        before = sum(map(len, lines[: line - 1]))
        row = lines[line - 1] if line <= len(lines) else ""
        return before + len(row.encode()[:column].decode(errors="ignore"))

    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    end_line = getattr(node, "end_lineno", None) or line
    end_column = getattr(node, "end_col_offset", None)
    start = at(line, column)
    end = at(end_line, end_column) if end_column is not None else start + 1
    first = file.find("\n", start)
    return Span(start, min(end, first) if first >= 0 else end)
