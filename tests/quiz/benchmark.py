"""How long a learner waits: from start to the first question, and from an answer to the next one.

    python tests/quiz/benchmark.py

Everything is measured through a pseudo-terminal, from the key to the prompt. Hold the
ratios, not the milliseconds.
"""

from __future__ import annotations

import os
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
_PROMPT = b" > "


def until(handle: int, mark: bytes | None, limit: float = 20.0) -> bytes:
    """Read until ``mark`` comes as the last thing, or the end where there is none."""
    found = b""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        ready, _, _ = select.select([handle], [], [], 0.5)
        if ready:
            try:
                piece = os.read(handle, 65536)
            except OSError:
                break
            if not piece:
                break
            found += piece
        if mark is not None and mark in found[-40:]:
            break
    return found


def started(words: list[str], env: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """``backtrace`` on a pseudo-terminal of its own."""
    outer, inner = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "backtrace_cli", *words], stdin=inner, stdout=inner, stderr=inner, env=env,
        start_new_session=True,
    )  # fmt: skip
    os.close(inner)
    return child, outer


def start_up(words: list[str], mark: bytes | None, env: dict[str, str]) -> float:
    """Seconds from the start to ``mark`` (or to the end)."""
    begun = time.perf_counter()
    child, handle = started(words, env)
    until(handle, mark)
    took = time.perf_counter() - begun
    child.kill()
    child.wait()
    os.close(handle)
    return took


def answers(words: list[str], env: dict[str, str], count: int) -> list[float]:
    """Seconds from each typed answer to the next prompt."""
    child, handle = started(words, env)
    until(handle, _PROMPT)
    found = []
    for number in range(count):
        line = (b"1\r", b"show\r", b"?\r", b"2*x\r")[number % 4]
        begun = time.perf_counter()
        os.write(handle, line)
        seen = until(handle, _PROMPT, 5)
        found.append(time.perf_counter() - begun)
        if not seen or child.poll() is not None:
            break
    child.kill()
    child.wait()
    os.close(handle)
    return found


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "TERM": "xterm-256color", "BACKTRACE_PROGRESS": str(Path(folder) / "p.json"),
               "COLUMNS": "80", "LINES": "30"}  # fmt: skip
        evaluated: list[float] = []
        asked: list[float] = []
        for _ in range(ROUNDS):
            evaluated.append(start_up(["eval", "x*y + sin(x)", "--at", "x=2,y=3"], None, env))
            asked.append(start_up(["quiz"], _PROMPT, env))
        one, two = statistics.median(evaluated), statistics.median(asked)
        print(
            f"backtrace eval, whole: {one * 1000:.0f} ms; quiz to its first question: "
            f"{two * 1000:.0f} ms; ratio {two / one:.2f}"
        )
        for words in (["--level", "1"], ["--level", "3"], ["--level", "5"],
                      *(["--level", level, "--topic", topic] for topic in ("vectors", "matrices", "network")
                        for level in ("1", "5"))):  # fmt: skip
            times = answers(["quiz", *words, "--count", "200"], env, 80)
            times.sort()
            middle, slowest = (times[place] * 1000 for place in (len(times) // 2, -1))
            print(f"{' '.join(words)}: answer to next question, median {middle:.0f} ms, "
                  f"slowest of {len(times)}: {slowest:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
