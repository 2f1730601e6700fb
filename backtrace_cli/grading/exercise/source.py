"""An exercise file as text and as data, and on which line each key stands."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from typing import Any, NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.base.whole_file import read_patiently
from backtrace_cli.grading.exercise.backslashes import doubled
from backtrace_cli.grading.exercise.encoding import text_of
from backtrace_cli.grading.exercise.toml_slips import slip

__all__ = ["MOST_BYTES", "Source", "read_exercise_text", "read_small", "read_source"]

#: A file larger than this is no exercise.
MOST_BYTES = 1_000_000

_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[][{}=\n]''', re.DOTALL
)
#: Python's reader of TOML takes minutes for a key of some ten thousand parts: its time grows with the square.
_MOST_PARTS = 200
_RUN = re.compile(r"[^,=\[\]{}#\n]+")
_QUOTES = 'text stands in quotes: title = "…"; a key with -> or / stands in quotes too: "b->x" = ""'
#: A line longer than this is not searched for slips.
_MOST_SHOWN = 500
_OPEN, _WRITTEN = re.compile(r"=\s*'[^']*$"), re.compile(r"\S")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")

#: What students and authors write formulas into. There a backslash is LaTeX's; in the last two a line
#: break may be meant.
_FORMULAS = {"values", "local", "tangent", "messages", "gradient", "lines", "wrong", "mended"}
_BROKEN = {"formula", "variants"}

Path = tuple[str, ...]


class Source:
    """The text of one file, what TOML makes of it, and where its keys stand.

    >>> source = Source("x.toml", '[values]\\nc = 1')
    >>> source.data, source.line("values", "c")
    ({'values': {'c': 1}}, 2)
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        """The file as it stands."""
        if any(found[0].count(".") > _MOST_PARTS for found in _RUN.finditer(text)):
            raise BacktraceError(f"{visible_name(path)} has a key of more than {_MOST_PARTS} parts",
                                 hint="a key of an exercise is short: x, or \"b->x\"")  # fmt: skip
        self._doubled = doubled(text, _formulas(text) if "\\" in text else iter(()))
        try:
            self.data: dict[str, Any] = tomllib.loads(self.toml)
        except RecursionError:
            raise BacktraceError(f"{visible_name(path)} nests its brackets too deeply",
                                 hint="an exercise needs lists at most two deep") from None  # fmt: skip
        except ValueError as error:  # TOMLDecodeError, and a whole number of thousands of digits
            raise self._not_toml(str(error)) from None
        self._lines = dict(_keys(text))

    @property
    def toml(self) -> str:
        """The file as TOML has to read it, the backslashes of LaTeX doubled."""
        return self._doubled.text

    @property
    def file_title(self) -> str:
        """What an exercise is called that has no title of its own."""
        name = self.path.replace("\\", "/").rpartition("/")[2]
        return name.removesuffix(".toml").replace("_", " ")

    def line(self, *path: str | int) -> int:
        """The line (from 1) of the key at ``path``, or of the nearest thing around it.

        A number in ``path`` counts the tables of an array of tables.
        """
        parts = tuple(str(part) for part in path)
        while parts and parts not in self._lines:
            inside = [line for path, line in self._lines.items() if path[: len(parts)] == parts]
            if inside:
                return min(inside)
            parts = parts[:-1]
        return self._lines.get(parts, 1)

    def fail(self, message: str, *path: str | int, hint: str | None = None) -> NoReturn:
        """Raise a BacktraceError that points at the line of ``path``."""
        if not self.text.strip():
            raise BacktraceError(
                f"{visible_name(self.path)} is empty", hint="copy the exercise again, or save it"
            )
        number = self.line(*path)
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: number - 1])
        row = lines[number - 1]
        first = start + len(row) - len(row.lstrip())
        span = Span(first, start + max(1, len(row.rstrip("\r"))))
        raise BacktraceError(message, span=span, source=self.text, origin=visible_name(self.path), hint=hint)

    def mend(self, error: BacktraceError, written: str, *path: str | int) -> BacktraceError:
        """``error``, found in the string ``written`` of the key at ``path``, placed in the file.

        The caret points into the file's own line where the string stands there as written.
        """
        if error.span is None or error.source != written:
            return self._at_line(error, *path)
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: self.line(*path) - 1])
        offset = self.text.replace("\r\n", " \n").find(written, start)
        if offset < 0:
            return self._at_line(error, *path)
        moved = [s and Span(s.start + offset, s.end + offset) for s in (error.span, error.also)]
        return BacktraceError(error.message, span=moved[0], also=moved[1], source=self.text,
                              origin=visible_name(self.path), hint=error.hint)  # fmt: skip

    def _at_line(self, error: BacktraceError, *path: str | int) -> BacktraceError:
        origin = f"{visible_name(self.path)}, line {self.line(*path)}"
        if error.span is None or error.source is None:
            return BacktraceError(f"{origin}: {error.message}", hint=error.hint)
        return BacktraceError(error.message, span=error.span, also=error.also, source=error.source,
                              origin=origin, hint=error.hint)  # fmt: skip

    def _not_toml(self, words: str) -> BacktraceError:
        place = _PLACE.search(words)
        said = _PLACE.sub("", words).replace("(at end of document)", "").strip() or "it can't be read"
        lines = self.toml.split("\n")
        if place is not None:
            row, column = int(place[1]), int(place[2])
        elif "(at end of document)" in words:
            ends = _OPEN if "'" in said else _WRITTEN  # of a '…' never closed the line isn't told
            row = max((n for n, line in enumerate(lines, 1) if ends.search(line)), default=1)
            column = len(lines[row - 1].rstrip())
        elif "set_int_max_str_digits" in said:
            return BacktraceError(f"{visible_name(self.path)} has a number of thousands of digits",
                                  hint="write it as a power: 1e300")  # fmt: skip
        else:
            return BacktraceError(f"{visible_name(self.path)} is not TOML: {said[:200]}", hint=_QUOTES)
        start = self._doubled.before(sum(len(line) + 1 for line in lines[: row - 1]) + max(column, 1) - 1)
        said, hint = self._slip(row, said)
        return BacktraceError(f"this is not TOML: {said[:200]}", span=Span(start, start + 1),
                              source=self.text, origin=visible_name(self.path), hint=hint)  # fmt: skip

    def _slip(self, row: int, said: str) -> tuple[str, str]:
        """What is wrong in the line ``row``, of which TOML says ``said``, and what to write."""
        written = (*self.text.split("\n"), "")[row - 1]
        found = slip(written, said) if len(written) < _MOST_SHOWN else None
        if found is not None:
            return visible(found[0]), visible(found[1])
        if said in ("Unterminated string", r"Illegal character '\n'", 'Expected "\'"'):
            return "the text in quotes is not closed on this line", _QUOTES
        if "Unescaped" in said or "hex value" in said:
            return 'in "…" a backslash is TOML\'s', "write the text between single quotes: '…'"
        return said, _QUOTES


def read_source(path: str, name: str = "", *, links: bool = True) -> Source:
    """The file at ``path``. Raises BacktraceError where it can't be used; nothing in it is executed."""
    return Source(name or path, read_exercise_text(path, name, links=links))


def read_exercise_text(path: str, name: str = "", *, links: bool = True) -> str:
    """The text of the file at ``path``. Raises BacktraceError where it is no small plain file of text.

    ``name`` is what messages call it, if not ``path``. ``links=False`` refuses a symbolic link.
    """
    shown = visible_name(name or path)
    if path.endswith(".py"):
        hint = f"an engine is marked by: backtrace doctor {shown}"
        raise BacktraceError(f"{shown} is Python, and no file of answers", hint=hint)
    try:
        # A pipe or a device could block or never end, so only a plain file is opened.
        mode = (os.stat if links else os.lstat)(path).st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "not a plain file"
            what = "a link, which is not followed" if stat.S_ISLNK(mode) else what
            raise BacktraceError(f"{shown} is {what}", hint="give the exercise file itself")
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | (0 if links else getattr(os, "O_NOFOLLOW", 0))
        with open(os.open(path, flags), "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise BacktraceError(f"there is no file {shown}", hint="check the file's name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no reason given"
        raise BacktraceError(f"{shown} can't be read: {reason.lower()}") from None
    if len(data) > MOST_BYTES:
        raise BacktraceError(f"{shown} is larger than {MOST_BYTES // 1000:,} kB, which no exercise is",
                             hint="is it the right file?")  # fmt: skip
    try:
        return text_of(data)
    except UnicodeDecodeError:
        raise BacktraceError(f"{shown} is not text in UTF-8", hint="save it as UTF-8") from None


def read_small(path: str, what: str, most: int, hint: str) -> bytes:
    """The bytes of a small file that is no exercise, such as ``what`` = "the key". Raises BacktraceError."""
    shown = f"{what} {visible_name(path)}"
    try:
        data = read_patiently(path, most + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name can't be read").lower()
        raise BacktraceError(f"{shown} can't be read: {reason}", hint="check its name") from None
    if len(data) > most:
        raise BacktraceError(f"{shown} is longer than {most:,} bytes", hint=hint)
    return data


def _formulas(text: str) -> Iterator[tuple[int, str, bool]]:
    """(start, string as written, may a line break be meant in it?) of every "…" in which a formula stands."""
    table: Path = ()
    begin, depth = 0, 0
    left: str | None = None
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token == "\n" and depth <= 0:
            before = text[begin : found.start()].split("#")[0].strip()
            if left is None and before.startswith("["):
                table = _path(before.strip("[] \t"))
            begin, left, depth = found.end(), None, 0
        elif token == "=" and left is None:
            left = text[begin : found.start()].strip()
        elif left is not None and token in "[]{}":
            depth += 1 if token in "[{" else -1
        elif left is not None and token.startswith('"') and "\\" in token:
            top = (*table, *_path(left))[0]
            if top in _FORMULAS or top in _BROKEN:
                yield found.start(), token, top in _BROKEN or token.startswith('"""')


def _keys(text: str) -> Iterator[tuple[Path, int]]:
    """(path, line) of every table header and every key, for a text that TOML can read."""
    table: Path = ()
    counts: dict[Path, int] = {}
    for line, left, header in _statements(text):
        if header:
            table = _path(left.strip("[] \t"))
            if left.startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            yield table, line
        else:
            yield (*table, *_path(left)), line


def _statements(text: str) -> Iterator[tuple[int, str, bool]]:
    """(line, header or key as written, is it a header?) of each statement of the file."""
    line, begin, depth = 1, 0, 0
    left: str | None = None
    header = False
    started = 1
    for found in _TOKEN.finditer(text):
        token = found[0]
        if depth == 0 and left is None and not text[begin : found.start()].strip() and token == "[":
            header = True
        if token == "\n":
            if depth == 0:
                written = text[begin : found.start()].split("#")[0].strip()
                if header:
                    yield started, written, True
                elif left is not None:
                    yield started, left, False
                begin, left, header, started = found.end(), None, False, line + 1
        elif token == "=" and depth == 0 and left is None:
            left = text[begin : found.start()].strip()
        elif not header:
            depth += (token in "[{") - (token in "]}")
        line += token.count("\n")
    if header:
        yield started, text[begin:].split("#")[0].strip(), True
    elif left is not None:
        yield started, left, False


def _path(written: str) -> Path:
    """The parts of a dotted key, read by TOML itself."""
    try:
        inner: Any = tomllib.loads(f"{written} = 0")
    except ValueError:
        return (written,)
    parts: list[str] = []
    while isinstance(inner, dict):
        key, inner = next(iter(inner.items()))
        parts.append(key)
    return tuple(parts)
