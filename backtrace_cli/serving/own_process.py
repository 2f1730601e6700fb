"""A process of its own in which one question is answered, so that it can be ended when it takes too long."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.serving.protocol import Served, Tool

__all__ = ["SECONDS", "Worker"]

#: A question that takes longer is given up, …
SECONDS = 20.0
#: … and so is one that takes more memory, where the system can hold a process to that.
_MOST_MEMORY = 2_000_000_000


class Worker:
    """Runs tools in another process, which is started when it is needed and anew after it was ended."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._process: Any = None
        self._pipe: Any = None

    def tools(self, known: Mapping[str, Tool]) -> dict[str, Tool]:
        """``known``, each run over there."""

        def there(name: str) -> Any:
            return lambda given: self.ask(name, given)

        return {name: tool._replace(run=there(name)) for name, tool in known.items()}

    def ask(self, name: str, given: dict[str, Any]) -> Served:
        """What the tool ``name`` answers. Raises BacktraceError, also where it takes too long."""
        if self._process is None or not self._process.is_alive():
            self._start()
        self._pipe.send((name, given))
        try:
            if not self._pipe.poll(self.seconds):
                raise BacktraceError(
                    f"this takes longer than {self.seconds:g} s", hint="ask about something smaller"
                )
            kind, found = self._pipe.recv()
        except EOFError:
            self.close()
            raise BacktraceError(
                "this takes more than there is", hint="ask about something smaller"
            ) from None
        except BacktraceError:
            self.close()
            raise
        if kind == "refused":
            raise BacktraceError(found)
        if kind == "broken":
            raise RuntimeError(found)
        return Served(*found)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None


def _work(pipe: Any) -> None:
    """Answer what comes until nothing does."""
    _hold_memory()
    from backtrace_cli.serving.tools import TOOLS

    while True:
        try:
            name, given = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            pipe.send(("answered", tuple(TOOLS[name].run(given))))
        except BacktraceError as error:
            pipe.send(("refused", error.report()))
        except MemoryError:
            pipe.send(("refused", "this takes more memory than there is: ask for less"))
        except Exception as error:  # told apart from what the one who asked can mend
            pipe.send(("broken", type(error).__name__))


def _hold_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    except (ImportError, ValueError, OSError):  # another system
        return
