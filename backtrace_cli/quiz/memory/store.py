"""The progress file: where it lies, and writing it so that nothing is ever lost or half there.

A save reads the file again under a lock, adds what is new, writes beside it, and renames.
A kill at any moment leaves the old file or the new one. Two sessions at once each add
their own. The lock and the folder of the platform are libraries' work.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.own_files import PLACE, own_file
from backtrace_cli.base.safe_text import visible
from backtrace_cli.base.whole_file import sweep, whole_file
from backtrace_cli.quiz.memory.progress import Progress, folded, from_text, to_text
from backtrace_cli.quiz.session import Outcome

__all__ = ["PLACE", "Store", "now_here"]

#: A larger file is no progress: years of daily use take a tenth of this.
MOST_BYTES = 5_000_000
_WAIT = 5.0


def now_here() -> datetime:
    """The time, in the learner's own zone."""
    return datetime.now().astimezone()


class Store:
    """The progress file of one learner.

    >>> import tempfile
    >>> store = Store(Path(tempfile.mkdtemp()) / "progress.json")
    >>> store.add([Outcome("forks", 1, "gradient", "", "right")], now_here()).asked
    1
    >>> store.load().asked
    1
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """Where the file lies: as the environment says, or where the platform keeps such things."""
        if self._path is None:
            self._path = own_file()
        return self._path

    @property
    def shown(self) -> str:
        """The path as it may be printed."""
        return visible(str(self.path))

    def load(self) -> Progress:
        """What the file holds; nothing where there is no file. Raises BacktraceError."""
        return self._read(self.path) or Progress()

    def add(self, outcomes: Sequence[Outcome], now: datetime) -> Progress:
        """Add ``outcomes`` to what the file holds by now. Raises BacktraceError, the file unharmed."""
        with self._locked():
            progress = folded(self._read(self.path) or Progress(), outcomes, now)
            self._write(self.path, to_text(progress))
        return progress

    def replace(self, progress: Progress) -> Path | None:
        """Put ``progress`` in the place of what the file holds, of which a copy is kept beside it."""
        with self._locked():
            kept = self._keep()
            self._write(self.path, to_text(progress))
        return kept

    def reset(self) -> Path | None:
        """Forget everything; a copy is kept beside the file. None where there was nothing."""
        if not self.path.exists():
            return None
        with self._locked():
            kept = self._keep()
            with self._explained("can't be removed"):
                self.path.unlink(missing_ok=True)
        return kept

    def export(self) -> str:
        """The text of the file."""
        return to_text(self.load())

    def read_other(self, path: Path) -> Progress:
        """What another progress file holds. Raises BacktraceError."""
        found = self._read(path)
        if found is None:
            raise BacktraceError(f"there is no file {visible(str(path))}", hint="check the file's name")
        return found

    # -- parts ---------------------------------------------------------------------

    def _read(self, path: Path) -> Progress | None:
        shown = visible(str(path))
        try:
            if path.exists() and not path.is_file():  # a pipe would be waited for without an end
                raise BacktraceError(f"{shown} is no file", hint=f"{PLACE} can name another one")
            with open(path, "rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no reason given"
            raise BacktraceError(f"{shown} can't be read: {reason.lower()}") from None
        if len(data) > MOST_BYTES:
            raise BacktraceError(f"{shown} is larger than any progress", hint="is it the right file?")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BacktraceError(f"{shown} is not text in UTF-8") from None
        return from_text(text, shown)

    def _write(self, path: Path, text: str | bytes) -> None:
        """Write beside, reach the disk, rename: whoever reads sees the old file or the new one."""
        with self._explained("can't be written"), whole_file(path, private=True) as file:
            file.write(text.encode() if isinstance(text, str) else text)

    def _keep(self) -> Path | None:
        """A copy of the file as it is, whatever it holds, beside it."""
        with self._explained("can't be copied"):
            try:
                data = self.path.read_bytes()
            except FileNotFoundError:
                return None
            name = f"{self.path.stem}.before"
            kept = self.path.with_name(f"{name}{self.path.suffix}")
            number = 1
            while kept.exists():  # an older copy may be the one that somebody wants back
                number += 1
                kept = self.path.with_name(f"{name}-{number}{self.path.suffix}")
        self._write(kept, data)
        return kept

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        import filelock

        with self._explained("can't be written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(f"{self.path}.lock", timeout=_WAIT)
        with self._explained("can't be locked"):
            try:
                lock.acquire()
            except filelock.Timeout:
                if not Path(lock.lock_file).exists():  # nobody holds what can't be made
                    raise OSError(errno.EACCES, "nothing can be put into its folder") from None
                raise BacktraceError(
                    f"{self.shown} is being written by another program",
                    hint="wait for it to end, and try again",
                ) from None
        try:
            sweep(self.path)
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn the system's complaint into words."""
        try:
            yield
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            if isinstance(error, FileExistsError):
                reason = "what should be its folder is a file"
            raise BacktraceError(
                f"the progress in {self.shown} {what}: {reason}",
                hint=f"{PLACE} can name another file",
            ) from None
