"""Files of arrays, written whole or not at all: the parameters of a run, and where its files may stand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.whole_file import whole_file
from backtrace_cli.engine.events import plain
from backtrace_cli.runs.files.array_files import ABOUT
from backtrace_cli.runs.files.refusals import fail

__all__ = ["check_target", "free_path", "save_parameters", "state_path", "write_arrays", "write_whole"]

_SUFFIX = ".state.npz"


def state_path(out: str) -> str:
    """Where the state of a run stands whose parameters go to ``out``.

    >>> state_path("net.npz")
    'net.state.npz'
    """
    return os.path.splitext(out)[0] + _SUFFIX


def free_path(stem: str) -> str:
    """Where the state of a run without ``--out`` may stand and no other does."""
    names = (f"{stem}{number}{_SUFFIX}" for number in ("", *(f"-{n}" for n in range(2, 10**6))))
    return next(name for name in names if not os.path.lexists(name))


def check_target(path: str, read: Mapping[str, str]) -> None:
    """Refuse, before an hour of training, a place where nothing can be written, or where a file
    stands that this run reads (``read``: each file, and what it is). Raises PointError."""
    target = Path(path)
    for other, what in read.items():
        for written in (path, state_path(path)):
            if _same_file(written, other) and not (what == "state" and written != path):
                fail(f"{shorten(path, 60)} would overwrite {shorten(other, 60)}, the {what} of this run"
                     if written == path else f"the state of this run would overwrite {shorten(other, 60)}, "
                     f"its {what}", "choose another --out")  # fmt: skip
    if target.suffix not in (".npz", ".json"):
        fail(f"{path} is not .npz or .json", f"write --out {target.stem or 'parameters'}.npz")
    if path.endswith(_SUFFIX):
        fail(f"{path} is the name of a state", f"write --out {path.removesuffix(_SUFFIX)}.npz")
    folder = target.parent
    if not folder.is_dir():
        fail(f"there is no folder {folder}", "make it first, or choose another")
    if target.is_dir():
        fail(f"{path} is a folder", "give the file in it a name")
    if not os.access(folder, os.W_OK):
        fail(f"nothing can be written to the folder {folder}", "choose another")


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # one of them is not there
        return False


def save_parameters(path: str, parameters: Mapping[str, Any], about: Mapping[str, Any] = {}) -> None:  # noqa: B006
    """Write the parameters under their names, as .npz or .json, and what is to be known ``about`` them, where
    there is any. Raises PointError."""

    import numpy as np

    def write(file: IO[bytes]) -> None:
        if path.endswith(".json"):
            found = {name: plain(value) for name, value in parameters.items()}
            whole = {**found, **({ABOUT: about} if about else {})}
            file.write(json.dumps(whole, ensure_ascii=False).encode("utf-8") + b"\n")
        else:
            write_arrays(file, {**parameters, **({ABOUT: np.array(json.dumps(about))} if about else {})})

    write_whole(path, write)


def write_arrays(file: IO[bytes], arrays: Mapping[str, Any]) -> None:
    """Arrays as numpy.savez writes them, which takes no array called ``file`` and notes the time of day:
    the same arrays are the same bytes here."""
    import zipfile

    import numpy as np

    with zipfile.ZipFile(file, "w") as archive:
        for name, value in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(value), allow_pickle=False)


def write_whole(path: str, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file beside its place and then move it there: it is the old one or the new one, never half."""
    try:
        with whole_file(path) as file:
            write(file)
    except OSError as error:
        fail(
            f"{path} can't be written: {(error.strerror or 'no reason given').lower()}",
            "choose another --out",
        )
