"""An engine's file examined in a process of its own, which is ended when it takes too long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import backtrace_cli
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.clinic.bedside.patient import Found, Names

__all__ = ["LIMIT", "MEMORY", "Visit"]

#: Seconds of computing that one graph may take, and bytes that the process may.
LIMIT, MEMORY = 5.0, 4_000_000_000
#: So many times its limit by the clock on the wall, where it doesn't compute but wait.
_SLACK = 4
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Visit:
    """The class ``name`` of the Python file ``path``, in its process; to be used in a with statement.

    Raises BacktraceError where there is no such file or class, or it is no engine.
    """

    def __init__(self, path: str, name: str, names: Names | None = None, limit: float = LIMIT) -> None:
        if not os.path.isfile(path):
            raise BacktraceError(f"there is no file {visible_name(path)}",
                                 hint="backtrace doctor my_engine.py:Value")  # fmt: skip
        self.path, self.name, self.limit = path, name, limit
        self.setting = {
            "file": path,
            "name": name,
            "names": (names or Names())._asdict(),
            "limit": limit,
            "memory": MEMORY,
        }
        self.process: subprocess.Popen[str] | None = None
        self.found = self._start()

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def answers(self, programs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """What each program came to; of one that broke the process, that."""
        for program in programs:
            if self.process is None:
                self._start()
            reply = self._ask(program)
            if reply is None:
                self._end()
                reply = {"slow": self.limit} if self.late else {"error": "it ended the process", "line": ""}
            yield reply

    def _start(self) -> Found:
        home = os.path.dirname(os.path.dirname(os.path.abspath(backtrace_cli.__file__)))
        paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "backtrace_cli.clinic.bedside.ward"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, encoding="ascii",
            env={**_ONE_THREAD, **os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        reply = self._ask(self.setting)
        if reply is None or "found" not in reply:
            self._end()
            raise self._refusal(reply or {})
        found = reply["found"]
        return Found(Names(**found["names"]), found["arrays"], found["free"], tuple(found["offers"]))

    def _refusal(self, reply: Mapping[str, Any]) -> BacktraceError:
        if not reply:
            what = (
                f"takes longer than {self.limit:g} s to import"
                if self.late
                else "ends the process it is imported in"
            )
            return BacktraceError(f"{visible_name(self.path)} {what}",
                                  hint="put what it runs under: if __name__ == '__main__'")  # fmt: skip
        frames = "".join(f"\n  {visible(shorten(line, 100))}" for line in reply.get("frames", []))
        return BacktraceError(visible(reply["refused"]) + frames)

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The reply to one line; None where the process is gone, or was ended as it was late."""
        process = self.process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self.late = False
        clock = threading.Timer(_SLACK * self.limit + 5, self._ring, [process])
        clock.daemon = True
        clock.start()
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            reply: dict[str, Any] | None = json.loads(line) if line else None
            return reply
        except (OSError, ValueError):
            return None
        finally:
            clock.cancel()

    def _ring(self, process: subprocess.Popen[str]) -> None:
        self.late = True
        process.kill()

    def _end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:  # what was still to be sent to it
                        continue
