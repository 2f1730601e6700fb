"""What training leaves behind, written whole or not at all: its parameters, and a state to go on from."""

from __future__ import annotations

import json
import math
import os
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.whole_file import whole_file
from backtrace_cli.engine.events import plain
from backtrace_cli.runs.files.refusals import fail, size_of
from backtrace_cli.training.examples import digest
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.training import Best, Epoch, Training

__all__ = [
    "MAY_CHANGE", "Kept", "Safe", "Snapshot", "check_target", "free_path", "read_state", "restore",
    "save_parameters", "save_state", "state_path",
]  # fmt: skip

#: The version of the state file. Any other is refused.
_VERSION = 3
_SUFFIX = ".state.npz"
#: What a run that is resumed may be given otherwise than before.
MAY_CHANGE = "only --lr, --epochs, --patience and --metric may change"


class Snapshot(NamedTuple):
    """Where a run stood after some update; nothing is moved in place."""

    updates: int
    parameters: dict[str, Any]
    states: dict[str, Any]
    best: Best | None

    @classmethod
    def of(cls, training: Training) -> Snapshot:
        """Where ``training`` stands now."""
        return cls(training.updates, dict(training.parameters), dict(training.states), training.best)


class Safe:
    """The start of the best epoch so far, for a run that breaks later on.

    Where the loss has become infinite, the parameters had gone astray long before: no step length
    mends the last ones. Those at the start of the epoch with the least loss are known to be good,
    as it is from them that this loss was reached.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        self.best: Snapshot | None = None
        self._least = math.inf
        self._begun = Snapshot.of(training) if self._between() else None

    def _between(self) -> bool:
        return not self.training.updates % self.training.batches

    def look(self) -> None:
        """Call this after every update."""
        if not self._between():
            return
        loss = self.training.epochs[-1].loss
        if self._begun is not None and loss < self._least:
            self.best, self._least = self._begun, loss
        self._begun = Snapshot.of(self.training)


class Kept(NamedTuple):
    """A state that was read back."""

    path: str
    about: dict[str, Any]
    arrays: dict[str, Any]

    @property
    def settings(self) -> Settings:
        """How the run was trained."""
        return Settings(**{name: self.about["settings"][name] for name in Settings._fields})

    def named(self, sort: str) -> dict[str, Any]:
        """The arrays of one sort, by what follows it in their names."""
        return {name.partition(" ")[2]: v for name, v in self.arrays.items() if name.startswith(f"{sort} ")}


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


def save_parameters(path: str, parameters: Mapping[str, Any]) -> None:
    """Write the parameters under their names, as .npz or .json. Raises PointError."""

    def write(file: IO[bytes]) -> None:
        if path.endswith(".json"):
            found = {name: plain(value) for name, value in parameters.items()}
            file.write(json.dumps(found, ensure_ascii=False).encode("utf-8") + b"\n")
        else:
            _write_arrays(file, parameters)

    _whole(path, write)


def save_state(path: str, training: Training, at: Snapshot | None = None) -> None:
    """Write all that the run needs to go on to the same numbers, from now or from where it was
    ``at``. Raises PointError."""
    import numpy as np

    updates, parameters, states, best = at or Snapshot.of(training)
    about = {
        "version": _VERSION,
        "formula": training.graph.formula,
        "data": _fingerprint(training),
        "constants": constants_of(training),
        "began": training.began,
        "settings": training.settings.to_dict(),
        "epochs": training.epochs[: updates // training.batches],
        "first": training.first,
        "best": best and best[:2],
    }
    arrays: dict[str, Any] = {
        "about": np.array(json.dumps(about)),
        "losses": np.array(training.losses[:updates], dtype=float),
        **{f"parameter {name}": value for name, value in parameters.items()},
        **{f"state {name}": value for name, value in states.items()},
        **{f"best {name}": value for name, value in (best.parameters if best else {}).items()},
    }
    _whole(path, lambda file: _write_arrays(file, arrays))


def constants_of(training: Training) -> dict[str, str]:
    """The digest of every value that the run reads and does not change, sizes among them."""
    return {
        **{name: digest(value) for name, value in training.constants.items()},
        **{name: str(size) for name, size in training.graph.sizes.items()},
    }


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
    try:
        with whole_file(path) as file:
            write(file)
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
        version = about["version"]
        if type(version) is not int or version < 1:
            raise ValueError("version")
        if version != _VERSION:
            newer = version > _VERSION
            fail(f"{path} was written by {'a newer' if newer else 'an older'} backtrace",
                 "use that one" if newer else "use that one, or start anew")  # fmt: skip
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
        if isinstance(usual, str) and not isinstance(about["settings"][name], str):
            raise TypeError(name)
    if not math.isfinite(about["settings"]["lr"]):
        raise ValueError("lr")
    Settings.made(about["settings"])
    if about["best"] is not None and not isinstance(about["best"][1], float):
        raise TypeError("best")
    for digests in (about["constants"], about["began"]):
        if not all(isinstance(value, str) for value in digests.values()):
            raise TypeError("digests")
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
    if about["formula"] != training.graph.formula:
        fail(
            f"the formula is not the one that {kept.path} was trained with", "undo the change, or start anew"
        )
    if about["data"] != _fingerprint(training):
        fail(
            f"the data are not those that {kept.path} was trained with", "give the same --data, or start anew"
        )
    stored = kept.named("parameter")
    shapes = {name: value.shape for name, value in training.parameters.items()}
    if {name: value.shape for name, value in stored.items()} != shapes:
        fail(
            f"{kept.path} trained {', '.join(stored)}, and this run {', '.join(shapes)}",
            "give the same --wrt",
        )
    _same_values(training, kept)
    training.parameters.update(stored)
    training.states.update(kept.named("state"))
    if about["best"] is not None:
        training.best = Best(about["best"][0], about["best"][1], kept.named("best"))
    training.losses = array("d", kept.arrays["losses"])
    training.epochs = [Epoch(*epoch) for epoch in about["epochs"]]
    training.first = None if about["first"] is None else Epoch(*about["first"])
    training.began = dict(about["began"])
    training.restored = training.updates


def _same_values(training: Training, kept: Kept) -> None:
    """Refuse constants, and first values that were given, that are not those of the run."""
    now, then = constants_of(training), kept.about["constants"]
    changed = [name for name in {**then, **now} if now.get(name) != then.get(name)]
    changed += [
        name for name in training.given if name in training.began
        and training.began[name] != kept.about["began"].get(name)
    ]  # fmt: skip
    if changed:
        what = "first value" if changed[0] in training.began else "value"
        fail(f"{changed[0]} has another {what} than {kept.path} was trained with",
             f"give --at {changed[0]}=… as that run had it; {MAY_CHANGE}")  # fmt: skip
