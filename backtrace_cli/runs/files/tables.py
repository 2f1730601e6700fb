"""Training data from files: named columns and arrays of numbers, every fault told with its place."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.language.tokens.lexer import normal_name
from backtrace_cli.runs.files.columns import plain_name, read_columns
from backtrace_cli.runs.files.faults import refuse_json, refuse_lists
from backtrace_cli.runs.files.refusals import fail, need_room, size_of
from backtrace_cli.runs.point import as_floats, other_spellings

__all__ = ["Tables", "given_tables", "read_tables"]

#: A number in JSON takes this many bytes while it is read, for each byte in the file at most.
_JSON_GROWTH = 20


class Tables(NamedTuple):
    """What the data files hold."""

    arrays: dict[str, Any]
    """Each column and array that was asked for, by the name the formula knows it under."""
    left: dict[str, str]
    """Names in the files that nobody asked for, with the file."""
    files: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    """The classes of each column of words, in their order; its array holds their numbers."""

    def classify(self, name: str, words: Sequence[str], path: str, known: Sequence[str]) -> None:
        """Take in a column of words, as the number of each among those ``known`` or, where nothing is known,
        among its own, sorted; PointError for another word."""
        import numpy as np

        classes = tuple(known) or tuple(sorted(set(words)))
        number = {word: place for place, word in enumerate(classes)}
        for place, word in enumerate(words):
            if word not in number:
                fail(f"{path}, example {place + 1}: {shorten(word, 24)} is no class of {shorten(name, 24)}",
                     f"its classes are {', '.join(shorten(one, 24) for one in classes[:8])}")  # fmt: skip
        self.labels[name] = classes
        self.add(name, np.array([float(number[word]) for word in words]), path)

    def add(self, name: str, value: Any, path: str) -> None:
        """Take in one column or array; PointError where the name is taken."""
        if name in self.arrays:
            fail(f"{shorten(name, 24)} is given twice, the second time by {path}", "give it once")
        self.arrays[name] = value


def read_tables(
    texts: Sequence[str],
    needed: Collection[str],
    wordy: Mapping[str, Sequence[str]] = {},  # noqa: B006
) -> Tables:
    """The columns and arrays in the files that ``--data`` names.

    Each text is a file (``d.csv``, ``d.npz``, ``d.json``), whose columns or arrays bear
    names of their own, or ``X=@x.npy``, one array under a name. Only what is in
    ``needed`` is read. The columns in ``wordy`` may hold words for classes, those given or, where none are,
    any. Raises PointError, which says the file, the line and the column.
    """
    spelled = _spellings(needed)
    pairs = [text.partition("=@") for text in texts]
    found = Tables({}, {}, tuple((path if at else name).strip() for name, at, path in pairs), {})
    for (name, at, _), path in zip(pairs, found.files, strict=True):
        if at:
            _one(found, normal_name(name.strip()), path, spelled)
        else:
            _many(found, path, spelled, wordy)
    return found


def given_tables(
    data: Mapping[str, Any],
    needed: Collection[str],
    wordy: Mapping[str, Sequence[str]] = {},  # noqa: B006
) -> Tables:
    """Columns and arrays that Python code hands over, by name. Raises PointError."""
    found = Tables({}, {}, ("the arrays given",) if data else (), {})
    spelled = _spellings(needed)
    for title, value in data.items():
        name = plain_name(title)
        if name in spelled:
            _take(found, "the arrays given", spelled[name], value, wordy)
        else:
            found.left[name] = "the arrays given"
    return found


def _spellings(needed: Collection[str]) -> dict[str, str]:
    """Every way to write the names in ``needed``, with the formula's own."""
    spelled = {other: name for name in needed for other in other_spellings(name)}
    return {**spelled, **{name: name for name in needed}}


def _one(found: Tables, name: str, path: str, spelled: Mapping[str, str]) -> None:
    """``X=@x.npy``: one array, or one of a .csv's numbers with or without a header."""
    ending = _ending(path, (".npy", ".csv", ".json"))
    if name not in spelled:
        hint = nearest_of(name, dict.fromkeys(spelled.values()), "it reads")
        fail(f"the formula reads no data called {shorten(name, 24)}", hint)
    if ending == ".npy":
        value = _checked(path, name, _npy(path))
    elif ending == ".json":
        value = _json(path)
        if isinstance(value, dict):
            fail(f"{path} is an object of arrays, which have names of their own", f"write --data {path}")
        value = _checked(path, name, value)
    else:
        columns = read_columns(path, None)
        value = columns.values[:, 0] if len(columns.header) == 1 else columns.values
    found.add(spelled[name], value, path)


def _take(found: Tables, path: str, name: str, value: Any, wordy: Mapping[str, Sequence[str]]) -> None:
    """An array by name: numbers, or, where that may be, words for classes."""
    words = _words(value) if name in wordy else None
    if words is not None:
        found.classify(name, words, path, wordy[name])
    else:
        found.add(name, _checked(path, name, value), path)


def _words(value: Any) -> list[str] | None:
    """The words in a list, or an array, of words; None for anything else."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    found = value.tolist() if kind in ("U", "O") else value
    wordy = isinstance(found, (list, tuple)) and found and all(isinstance(word, str) for word in found)
    return [" ".join(word.split()) for word in found] if wordy else None


def _many(found: Tables, path: str, spelled: Mapping[str, str], wordy: Mapping[str, Sequence[str]]) -> None:
    """A file of named columns or arrays."""
    ending = _ending(path, (".csv", ".npz", ".json"))
    if ending == ".csv":
        columns = read_columns(path, spelled, [name for name in spelled if spelled[name] in wordy])
        for place, name in enumerate(columns.names):
            found.add(spelled[name], columns.values[:, place], path)
        for name, words in columns.words.items():
            found.classify(spelled[name], words, path, wordy[spelled[name]])
        found.left.update({name: path for name in columns.header if name not in spelled})
        return
    named = _npz(path, spelled) if ending == ".npz" else _json(path)
    if not isinstance(named, dict):
        fail(f"{path} holds one array, which has no name", f"write --data X=@{path}")
    for title, value in named.items():
        name = plain_name(title)
        if name in spelled:
            _take(found, path, spelled[name], value, wordy)
        else:
            found.left[name] = path


def _npy(path: str) -> Any:
    import numpy as np

    size = size_of(path)
    try:
        with open(path, "rb") as file:
            form = np.lib.format
            old = form.read_magic(file) == (1, 0)
            shape, _, _ = (form.read_array_header_1_0 if old else form.read_array_header_2_0)(file)
            need_room(path, size, 8 * math.prod(shape))
            file.seek(0)
            return form.read_array(file, allow_pickle=False)
    except PointError:
        raise
    except Exception:  # bytes that are no array make NumPy's reader raise anything
        fail(f"{path} is not an array that NumPy wrote", "save it with numpy.save, without objects")


def _npz(path: str, needed: Collection[str]) -> dict[str, Any]:
    """The arrays of a .npz file; those that nobody needs are left unread, as None."""
    import zipfile

    import numpy as np

    size_of(path)
    try:
        with zipfile.ZipFile(path) as file:
            sizes = {item.filename.removesuffix(".npy"): item.file_size for item in file.infolist()}
        wanted = {name for name in sizes if plain_name(name) in needed}
        need_room(path, os.path.getsize(path), 2 * sum(sizes[name] for name in wanted))
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            return {name: arrays[name] if name in wanted else None for name in sizes}
    except PointError:
        raise
    except Exception:  # bytes that are no archive make its readers raise anything
        fail(f"{path} is not a file of arrays that NumPy wrote", "save it with numpy.savez, without objects")


def _json(path: str) -> Any:
    size = size_of(path)
    need_room(path, size, _JSON_GROWTH * size)
    try:
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file)
    except UnicodeDecodeError:
        fail(f"{path} is not text in UTF-8", "save it as UTF-8")
    except json.JSONDecodeError as error:
        refuse_json(path, error, 'write an object of arrays: {"X": [[1, 2], [3, 4]], "y": [0, 1]}')
    except (RecursionError, ValueError):
        fail(f"{path} does not hold arrays of numbers", 'write {"X": [[1, 2], [3, 4]], "y": [0, 1]}')


def _checked(path: str, name: str, value: Any) -> Any:
    """``value`` as an array of finite numbers with examples along its first axis."""
    import numpy as np

    shown = shorten(name, 24)
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise ValueError
    except (ValueError, TypeError, OverflowError):
        if isinstance(value, list):
            refuse_lists(path, name, value)
        fail(f"{shown} in {path} is not an array of numbers", "numbers only, every row of the same length")
    if not found.ndim or not found.size:
        what = "is one number" if not found.ndim else "is empty"
        fail(f"{shown} in {path} {what}", "its first axis counts the examples")
    found = as_floats(found)
    with np.errstate(all="ignore"):
        fine = math.isfinite(np.add.reduce(found, axis=None)) or bool(np.isfinite(found).all())
    if not fine:
        place = np.argwhere(~np.isfinite(found))[0]
        shown_value = "nan" if np.isnan(found[tuple(place)]) else "infinite"
        where = ", ".join(map(str, place))
        fail(f"{shown}[{where}] in {path} is {shown_value}", "leave that example out, or put a number there")
    return found


def _ending(path: str, known: tuple[str, ...]) -> str:
    ending = os.path.splitext(path)[1].lower()
    if ending not in known:
        words = f"{', '.join(known[:-1])} or {known[-1]}"
        hint = f"write --data X=@{path}" if ending == ".npy" else "write --data values.csv"
        fail(f"{path} is not {words}" if path else "--data names no file", hint)
    return ending
