"""What training leaves behind, written whole or not at all: its parameters, and a state to go on from."""

from __future__ import annotations

import contextlib
import json
import os
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from backtrace_cli.engine.datafiles import fail, size_of
from backtrace_cli.engine.descent import Settings
from backtrace_cli.engine.events import plain
from backtrace_cli.engine.training import Epoch, Training
from backtrace_cli.errors import PointError

__all__ = ["Kept", "check_target", "read_state", "restore", "save_parameters", "save_state", "state_path"]

#: The version of the state file. A newer one is refused.
_VERSION = 1
_SUFFIX = ".state.npz"


class Kept(NamedTuple):
    """A state that was read back."""

    path: str
    about: dict[str, Any]
    arrays: dict[str, Any]

    @property
    def settings(self) -> Settings:
        """How the run was trained."""
        return Settings(**{name: self.about["settings"][name] for name in Settings._fields})


def state_path(out: str) -> str:
    """Where the state of a run stands whose parameters go to ``out``.

    >>> state_path("net.npz")
    'net.state.npz'
    """
    return os.path.splitext(out)[0] + _SUFFIX


def check_target(path: str) -> None:
    """Refuse, before an hour of training, a place where nothing can be written. Raises PointError."""
    target = Path(path)
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


def save_parameters(path: str, parameters: Mapping[str, Any]) -> None:
    """Write the parameters under their names, as .npz or .json. Raises PointError."""

    def write(file: IO[bytes]) -> None:
        if path.endswith(".json"):
            found = {name: plain(value) for name, value in parameters.items()}
            file.write(json.dumps(found, ensure_ascii=False).encode("utf-8") + b"\n")
        else:
            _write_arrays(file, parameters)

    _whole(path, write)


def save_state(path: str, training: Training) -> None:
    """Write all that the run needs to go on to the same numbers. Raises PointError."""
    import numpy as np

    about = {
        "version": _VERSION,
        "formula": training.graph.source,
        "data": _fingerprint(training),
        "settings": training.settings.to_dict(),
        "epochs": training.epochs,
        "first": training.first,
    }
    arrays: dict[str, Any] = {
        "about": np.array(json.dumps(about)),
        "losses": np.array(training.losses, dtype=float),
        **{f"parameter {name}": value for name, value in training.parameters.items()},
        **{f"velocity {name}": value for name, value in training.velocities.items()},
    }
    _whole(path, lambda file: _write_arrays(file, arrays))


def _fingerprint(training: Training) -> str:
    return training.examples.fingerprint() + (training.held.fingerprint() if training.held else "")


def _write_arrays(file: IO[bytes], arrays: Mapping[str, Any]) -> None:
    """Arrays as numpy.savez writes them, which takes no array called ``file`` and notes the time of day:
    the same arrays are the same bytes here."""
    import zipfile

    import numpy as np

    with zipfile.ZipFile(file, "w") as archive:
        for name, value in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(value), allow_pickle=False)


def _whole(path: str, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file beside its place and then move it there: it is the old one or the new one, never half."""
    target = Path(os.path.realpath(path))  # through a link, to what it leads to
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        try:
            with beside.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink()
    except OSError as error:
        fail(
            f"{path} can't be written: {(error.strerror or 'no reason given').lower()}",
            "choose another --out",
        )


def read_state(path: str) -> Kept:
    """The state in ``path``. Raises PointError where it is none."""
    import numpy as np

    size_of(path)
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        if about["version"] > _VERSION:
            fail(f"{path} was written by a newer backtrace", "use that one")
        _plausible(about, arrays)
        return Kept(path, about, arrays)
    except PointError:
        raise
    except Exception:  # a file that is no state makes the readers of zips, arrays and JSON raise anything
        beside = state_path(path)
        hint = f"its state is in {beside}" if os.path.exists(beside) and beside != path else None
        fail(
            f"{path} is not the state of a run",
            hint or "a run leaves its state in a file that ends in .state.npz",
        )


def _plausible(about: dict[str, Any], arrays: Mapping[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError where a state lacks something or has it in another form."""
    for name, usual in Settings()._asdict().items():
        kinds = (int, type(None)) if name == "batch" else (int, float) if name == "lr" else type(usual)
        if not isinstance(about["settings"][name], kinds):
            raise TypeError(name)
    Settings(**{name: about["settings"][name] for name in Settings._fields}).refuse_nonsense()
    for number, loss, metrics in [*about["epochs"], *([about["first"]] if about["first"] else [])]:
        if not (isinstance(number, int) and isinstance(loss, float) and isinstance(metrics, dict)):
            raise TypeError("epochs")
    if arrays["losses"].ndim != 1 or any(value.dtype.kind != "f" for value in arrays.values()):
        raise TypeError("arrays")


def restore(training: Training, kept: Kept) -> None:
    """Put ``training``, made anew from the same formula and data, where ``kept`` left off.

    Raises PointError where formula, data or parameters are not those of the run.
    """
    about = kept.about
    if about["formula"] != training.graph.source:
        fail(
            f"the formula is not the one that {kept.path} was trained with", "undo the change, or start anew"
        )
    if about["data"] != _fingerprint(training):
        fail(
            f"the data are not those that {kept.path} was trained with", "give the same --data, or start anew"
        )
    stored = {
        name.partition(" ")[2]: value for name, value in kept.arrays.items() if name.startswith("parameter ")
    }
    shapes = {name: value.shape for name, value in training.parameters.items()}
    if {name: value.shape for name, value in stored.items()} != shapes:
        fail(
            f"{kept.path} trained {', '.join(stored)}, and this run {', '.join(shapes)}",
            "give the same --wrt",
        )
    training.parameters.update(stored)
    for name, value in kept.arrays.items():
        if name.startswith("velocity "):
            training.velocities[name.partition(" ")[2]] = value
    training.losses = array("d", kept.arrays["losses"])
    training.epochs = [Epoch(*epoch) for epoch in about["epochs"]]
    training.first = None if about["first"] is None else Epoch(*about["first"])
