"""Writing a file whole or not at all: nobody ever reads half of it, and a failure leaves the old one."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO

__all__ = ["write_whole"]


def write_whole(path: str, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a file beside ``path``, and move it there when it is on the disk.

    A link is followed; what is no plain file (``/dev/stdout``, a pipe) is written to as it stands.
    Raises OSError, or ValueError for a name that no file can have.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("wb") as file:
            write(file)
        return
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        with beside.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
