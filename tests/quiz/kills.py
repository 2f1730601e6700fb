"""Kill a program at random moments while it writes progress, and look at what is left.

    python tests/quiz/kills.py [COUNT]

kills it 1,000 times (or COUNT). Each answer that was reported as kept must still be
there afterwards, and the file must always be whole.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from backtrace_cli.quiz.memory.store import Store, now_here
from backtrace_cli.quiz.session import Outcome

_ONE = Outcome("forks", 1, "gradient", "", "wrong", missed=(("lost path", ""),))


def write_until_killed(path: Path, report: int) -> None:
    """Add one answer after another, and report each one that is kept."""
    store = Store(path)
    while True:
        store.add([_ONE], now_here())
        os.write(report, b".")


def kill_once(path: Path, dice: random.Random) -> int:
    """One process that writes and is killed; how many answers it reported as kept."""
    inside, outside = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(inside)
            write_until_killed(path, outside)
        finally:
            os._exit(1)
    os.close(outside)
    os.read(inside, 1)  # it is at work
    time.sleep(dice.uniform(0, 0.012))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    kept = 1
    while piece := os.read(inside, 65536):
        kept += len(piece)
    os.close(inside)
    return kept


def kills(path: Path, count: int, seed: int = 0) -> tuple[int, int]:
    """(answers reported as kept, answers in the file) after ``count`` kills; raises if the file is broken."""
    dice = random.Random(seed)
    reported = 0
    for _ in range(count):
        reported += kill_once(path, dice)
        found = Store(path).load().asked
        assert found >= reported, f"{reported - found} answers are lost"
        reported = found  # one that was kept and killed before it could be reported
    return reported, Store(path).load().asked


if __name__ == "__main__":
    import filelock  # noqa: F401  (loaded before the forks, as is the scheduler)
    import fsrs  # noqa: F401

    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "progress.json"
        begun = time.perf_counter()
        reported, found = kills(place, wanted)
        left = sorted(path.name for path in Path(folder).iterdir())
        print(
            f"{wanted:,} kills in {time.perf_counter() - begun:.0f} s: "
            f"{found:,} answers kept, none lost, the file whole"
        )
        print(f"left in the folder: {', '.join(left)}")
