"""Arrays from files: .npy, .npz, .csv and .json; nothing in a file is ever executed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.limits import MOST_ENTRIES_BY, most_entries
from backtrace_cli.base.plain_values import Given
from backtrace_cli.runs.files.refusals import refuse_pipe

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ABOUT", "FROM_FILE", "as_floats", "read_about", "read_array", "read_arrays", "read_kept"]

#: What a file of parameters says beside them, such as the names of classes: an entry that is no array.
ABOUT = "about these parameters"

#: What a value that came from a file of many is called where it was given.
FROM_FILE = "@"
_ONE = (".npy", ".npz", ".csv", ".json")
_MANY = (".npz", ".json")
#: A number takes so many bytes, and in text not much less.
_BYTES = 8


def as_floats(value: Any) -> Any:
    """``value`` as an array of floats: single precision stays, all else becomes double.

    Raises ValueError or TypeError for what holds anything but real numbers.
    """
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind == "c" or (array.dtype.kind == "O" and any(entry is None for entry in array.flat)):
        raise ValueError("no real numbers")
    return array if array.dtype == np.float32 else np.asarray(value, dtype=float)


def read_array(name: str, path: str) -> Any:
    """The array in the file ``path``; of an .npz or a .json object the one called ``name``, or the only one.

    Raises PointError, which says what is wrong with the file.
    """
    shown = shorten(name, 24)
    if _ending(path) not in _ONE:
        told = f"{shown} comes from {path}, which is not .npy, .npz, .csv or .json"
        raise PointError(told if path else f"{shown}=@ names no file", hint=f"write {shown}=@values.csv")
    found = _read(path)
    if not isinstance(found, dict):
        return found
    if name not in found and len(found) != 1:
        has = ", ".join(shorten(key, 24) for key in list(found)[:8]) or "nothing"
        raise PointError(f"{path} has no array called {shown}", hint=f"it holds {has}")
    return found.get(name, next(iter(found.values())))


def read_arrays(path: str) -> dict[str, Given]:
    """All the arrays of an .npz file or a .json object, by their names. Raises PointError."""
    if _ending(path) not in _MANY:
        told = f"{path} holds one array at most, without a name" if path else "@ names no file"
        raise PointError(told, hint="write W=@values.csv, or @values.npz for many")
    found = _read(path)
    if not isinstance(found, dict):
        raise PointError(f"{path} holds one array, without a name", hint=f"write W=@{path}")
    return {name: Given(FROM_FILE, array) for name, array in found.items()}


def read_kept(name: str, path: str) -> Any:
    """The array in a file, or its arrays by name, in the precision in which they stand there.

    Raises PointError; ``name`` is what they are called in it.
    """
    if _ending(path) not in _ONE:
        raise PointError(f"{path} is not .npy, .npz, .pt, .csv or .json",
                         hint="save it with numpy.savez")  # fmt: skip
    return _read(path, kept=True)


def read_about(path: str) -> dict[str, Any]:
    """What a file of parameters (see ``read_arrays``, which is to have read it) says beside them."""
    import json

    import numpy as np

    try:
        if _ending(path) == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                found = json.loads(str(archive[ABOUT])) if ABOUT in archive.files else {}
        else:
            with open(path, encoding="utf-8-sig") as file:
                found = json.load(file).get(ABOUT, {})
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError, AttributeError):
        return {}


def _ending(path: str) -> str:
    """``.npz`` of ``data/w.npz``."""
    return os.path.splitext(path)[1]


def _read(path: str, kept: bool = False) -> Any:
    """The array in a file, or its arrays by name; ``kept`` as they stand there, or as floats."""
    import warnings
    from pathlib import Path

    file = Path(path)
    try:
        refuse_pipe(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = _arrays(file)
            if kept:
                return found
            if isinstance(found, dict):
                return {name: _own(array) for name, array in found.items()}
            return _own(found)
    except FileNotFoundError:
        hint = "check its name and the folder you are in"
        raise PointError(f"there is no file {path}", hint=hint) from None
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise PointError(f"{path} can't be read: {reason}", hint="check the file's name") from None
    except MemoryError:
        raise PointError(f"{path} holds more than fits into memory", hint="give a part of it") from None
    except PointError:
        raise
    except Exception as error:  # bytes that are no array make the readers of zips and arrays raise anything
        if "encrypted" in str(error):
            raise PointError(f"{path} is encrypted", hint="save it without a password") from None
    _say_where(path, file)
    raise PointError(f"{path} does not hold one array of numbers",
                     hint="numbers only, every row of the same length")  # fmt: skip


def _say_where(path: str, file: Path) -> None:
    """Raise PointError with the place at which a .csv or .json file goes wrong, if one is found."""
    import json

    from backtrace_cli.runs.files.faults import refuse_csv, refuse_json, refuse_lists

    if not file.is_file():  # a name that no file can have
        return
    if file.suffix == ".csv":
        if _has_header(file):
            raise PointError(f"{path} begins with a line of names, and one array of numbers is expected",
                             hint="leave that line out; train --data reads columns by name")  # fmt: skip
        refuse_csv(path)
    elif file.suffix == ".json":
        try:
            found = json.loads(file.read_text(encoding="utf-8-sig"))
        except json.JSONDecodeError as error:
            refuse_json(path, error, "write a list of numbers, [[1, 2], [3, 4]], or an object of such lists")
        except (ValueError, RecursionError):  # no text, or a whole number of thousands of digits
            return
        for name, value in found.items() if isinstance(found, dict) else [("", found)]:
            refuse_lists(path, name, value)
            if value == []:
                raise PointError(f"{name or 'the list'} in {path} is empty", hint="put numbers into it")


def _has_header(file: Path) -> bool:
    """Is the first line of a .csv made of names?"""
    try:
        with file.open(encoding="utf-8-sig") as stream:
            cells = stream.readline(10_000).split(",")
    except (OSError, UnicodeDecodeError):
        return False
    return len(cells) > 0 and all(cell.strip(' "\r\n').isidentifier() for cell in cells)


def _arrays(file: Path) -> Any:
    import json
    import zipfile

    import numpy as np

    if file.suffix == ".npz":
        with zipfile.ZipFile(file) as packed:
            _refuse_many(file, sum(item.file_size for item in packed.infolist()) // _BYTES)
        with np.load(file, allow_pickle=False) as archive:
            return {name: _checked(archive[name]) for name in archive.files if name != ABOUT}
    _refuse_many(file, file.stat().st_size // _BYTES)
    if file.suffix == ".npy":
        with file.open("rb") as stream:
            return _checked(np.lib.format.read_array(stream, allow_pickle=False))
    if file.suffix == ".csv":
        return _checked(np.loadtxt(file, delimiter=",", ndmin=1, encoding="utf-8-sig"))
    data = json.loads(file.read_text(encoding="utf-8-sig"))
    if isinstance(data, dict):
        return {name: _checked(np.asarray(value)) for name, value in data.items() if name != ABOUT}
    return _checked(np.asarray(data))


def _refuse_many(file: Path, count: int) -> None:
    """Refuse a file of so many numbers, where that is more than a formula could make."""
    if count > most_entries():
        raise PointError(f"{file} holds some {count:,} numbers, of {most_entries():,} at most",
                         hint=f"give a part of it, or raise {MOST_ENTRIES_BY}")  # fmt: skip


def _checked(array: Any) -> Any:
    if not hasattr(array, "dtype") or array.dtype.kind not in "biuf" or not array.size:
        raise ValueError("no numbers")
    return array


def _own(array: Any) -> Any:
    return array if array.dtype.kind == "b" else as_floats(array)  # true and false can't be an index
