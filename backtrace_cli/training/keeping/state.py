"""What training leaves behind, written whole or not at all: its parameters, and a state to go on from."""

from __future__ import annotations

import json
import math
import os
from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.runs.files.refusals import fail, size_of
from backtrace_cli.training.examples import digest
from backtrace_cli.training.keeping.parameter_files import state_path, write_arrays, write_whole
from backtrace_cli.training.keeping.snapshots import Snapshot
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.training import Best, Epoch, Training

__all__ = ["MAY_CHANGE", "Kept", "read_state", "restore", "save_state"]

#: The version of the state file. Any other is refused.
_VERSION = 3
#: What a run that is resumed may be given otherwise than before.
MAY_CHANGE = "only --lr, --epochs, --patience and --metric may change"


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
    write_whole(path, lambda file: write_arrays(file, arrays))


def constants_of(training: Training) -> dict[str, str]:
    """The digest of every value that the run reads and does not change, sizes among them."""
    return {
        **{name: digest(value) for name, value in training.constants.items()},
        **{name: str(size) for name, size in training.graph.sizes.items()},
    }


def _fingerprint(training: Training) -> str:
    return training.examples.fingerprint() + (training.held.fingerprint() if training.held else "")


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
