"""The process in which an engine of somebody's own is imported and run.

``backtrace doctor`` starts it. It reads lines of JSON: first which file and class, then programs; it answers
each with a line. What the engine itself prints goes nowhere.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from types import ModuleType
from typing import IO, Any

from backtrace_cli.base.limits import confine
from backtrace_cli.clinic.bedside.held import told
from backtrace_cli.clinic.bedside.patient import Names, NoEngine, Patient

__all__ = ["serve"]

_MOST_FRAMES = 4


class _TooLong(BaseException):
    """The time for one graph is over; no ``except Exception`` of the engine's catches it."""


def serve(requests: Iterable[str], replies: IO[str]) -> None:
    """Answer ``requests`` until they end: first the engine, then a program a line."""
    source = iter(requests)
    setting = json.loads(next(source))
    confine(setting["memory"])
    try:
        patient = _watched(setting["limit"], lambda: _patient(setting))
    except _TooLong:
        _reply(replies, {"refused": f"{setting['file']} takes longer than {setting['limit']:g} s to import"})
        return
    except _Refused as refusal:
        _reply(replies, {"refused": refusal.args[0], "frames": refusal.args[1]})
        return
    found = patient.found
    _reply(replies, {"found": {**found._asdict(), "names": found.names._asdict()}})
    for line in source:
        program = json.loads(line)
        try:
            answer = _watched(setting["limit"], lambda program=program: patient.run(program))
        except _TooLong:
            answer = {"slow": setting["limit"]}
        except MemoryError:
            answer = {"error": "MemoryError: it takes more memory than it may", "line": ""}
        _reply(replies, answer)


class _Refused(Exception):
    """No engine; the words, and what of a traceback concerns its file."""


def _patient(setting: dict[str, Any]) -> Patient:
    path = setting["file"]
    try:
        module = _imported(path)
    except _TooLong:
        raise
    except BaseException as error:  # SystemExit among them: a file may call exit()
        raise _Refused(
            f"{setting['file']} can't be imported: {told(error)}", _own_frames(error, path)
        ) from None
    thing = getattr(module, setting["name"], None)
    if thing is None:
        classes = [name for name, one in vars(module).items() if isinstance(one, type)
                   and one.__module__ == module.__name__]  # fmt: skip
        there = f"; its classes: {', '.join(classes[:6])}" if classes else "; it has no class"
        raise _Refused(f"{path} has no {setting['name']}{there}", [])
    try:
        return Patient(thing, vars(module), Names(**setting["names"]))
    except NoEngine as error:
        raise _Refused(f"{setting['name']} can't be examined: {error}", []) from None


def _imported(path: str) -> ModuleType:
    """The module of the file, which finds its neighbours in its own folder; in a package, as a part of it."""
    sys.dont_write_bytecode = True  # nothing is left beside their file
    folder, name = os.path.split(os.path.abspath(path))
    name = name.removesuffix(".py")
    sys.path.insert(0, folder)
    if os.path.exists(os.path.join(folder, "__init__.py")):
        while os.path.exists(os.path.join(folder, "__init__.py")):
            folder, package = os.path.split(folder)
            name = f"{package}.{name}"
        sys.path.insert(0, folder)
        return importlib.import_module(name)
    name = name if name.isidentifier() and name not in sys.modules else f"_engine_{abs(hash(name))}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _own_frames(error: BaseException, path: str) -> list[str]:
    """The lines of the traceback that stand in the engine's own file."""
    if isinstance(error, SyntaxError) and error.lineno:
        return [f"line {error.lineno}: {(error.text or '').strip()}"]
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if os.path.abspath(f.filename) == os.path.abspath(path)
    ]
    return [f"line {frame.lineno}: {frame.line}" for frame in frames[-_MOST_FRAMES:]]


def _watched(limit: float, work: Any) -> Any:
    """What ``work`` gives, within so many seconds of computing; raises _TooLong."""
    if not hasattr(signal, "setitimer"):
        return work()  # the parent's clock has to do

    def ring(_signal: int, _frame: Any) -> None:
        raise _TooLong

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _reply(replies: IO[str], data: dict[str, Any]) -> None:
    replies.write(json.dumps(data) + "\n")
    replies.flush()


def _main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    nowhere = os.open(os.devnull, os.O_RDWR)
    requests = os.fdopen(os.dup(0), encoding="ascii")
    for own in (0, 1, 2):  # the engine may print and ask as it likes: nobody listens
        os.dup2(nowhere, own)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(requests, replies)


if __name__ == "__main__":
    _main()
