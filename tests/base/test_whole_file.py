"""Files written whole or not at all: after a full disk or a kill the old one stands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backtrace_cli.base.whole_file import sweep, whole_file, whole_text

KILLED = """
import sys, time
from backtrace_cli.base.whole_file import whole_text
with whole_text(sys.argv[1]) as file:
    file.write("half" * 100_000)
    file.flush()
    print("now", flush=True)
    time.sleep(60)
"""


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """An error while writing, as of a full disk, changes nothing; nor does a fresh file overwrite."""
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half() -> None:
        with whole_text(path) as file:
            file.write("half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        half()
    with pytest.raises(FileExistsError), whole_text(path, fresh=True) as file:
        file.write("new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """The complaint comes at the latest when the file is closed."""
    with pytest.raises(OSError, match="space"), whole_file("/dev/full") as file:
        file.write(b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    """What it left half written goes with a later write, once it is old, or with the lock's holder."""
    path = tmp_path / "a.txt"
    path.write_text("old")
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert path.read_text() == "old"
    (left,) = (name for name in os.listdir(tmp_path) if name != "a.txt")
    with whole_text(path) as file:
        file.write("new")
    assert left in os.listdir(tmp_path)  # it could be another process's, writing just now
    os.utime(tmp_path / left, (time.time() - 7200,) * 2)
    with whole_text(path) as file:
        file.write("newer")
    assert path.read_text() == "newer"
    assert os.listdir(tmp_path) == ["a.txt"]
    (tmp_path / ".a.txt-01234567.tmp").touch()
    (tmp_path / ".b.txt-01234567.tmp").touch()
    sweep(path)
    assert sorted(os.listdir(tmp_path)) == [".b.txt-01234567.tmp", "a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
def test_modes_and_links_are_kept(tmp_path: Path) -> None:
    """A file keeps its mode, a link stays a link, and what is private is so from the first byte."""
    path, link = tmp_path / "a.txt", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with whole_text(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    with whole_file(tmp_path / "own", private=True) as raw:
        raw.write(b"x")
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o600
