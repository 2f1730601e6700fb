"""A class graded by a few worker processes, each of which is replaced when a file hangs or breaks it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import backtrace_cli
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.grading.classroom.course import Course, Task
from backtrace_cli.grading.classroom.grade import ungraded
from backtrace_cli.grading.classroom.plain.record_data import file_record
from backtrace_cli.grading.classroom.records import UNGRADED, FileRecord, StudentRecord
from backtrace_cli.grading.classroom.submission import Folder, collect

__all__ = ["LIMIT", "Plan", "grade_students"]

#: NumPy reserves memory for each thread, and a worker has little of it.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
#: Seconds of computing that one file may take.
LIMIT = 10.0
#: A submission that has broken so many workers is given up.
_PATIENCE = 3
#: So many times its limit a file may take by the clock on the wall, if it doesn't compute but wait.
_SLACK = 6 if hasattr(signal, "SIGPROF") else 1


class Plan(NamedTuple):
    """How a class is graded."""

    course: Course
    only: tuple[str, ...] = ()
    jobs: int = 1
    limit: float = LIMIT
    key: bytes = b""
    """The course's secret, by which variants are drawn."""


def grade_students(plan: Plan, folders: Sequence[Folder]) -> Iterator[tuple[int, StudentRecord]]:
    """(position, record) of every student of ``folders``, as they are done.

    What is in a record depends on the student's files alone, however many workers there are.
    Raises BacktraceError where no worker can be started.
    """
    done: queue.Queue[tuple[int, StudentRecord | BaseException]] = queue.Queue(4 * plan.jobs)
    waiting = iter(list(enumerate(folders)))
    lock, stop = threading.Lock(), threading.Event()
    workers = [_Worker(plan) for _ in range(max(1, min(plan.jobs, len(folders))))]

    def work(worker: _Worker) -> None:
        while not stop.is_set():
            with lock:
                position, folder = next(waiting, (-1, None))
            if folder is None:
                return
            try:
                done.put((position, _student(plan, worker, folder)))
            except BaseException as error:  # handed over, and raised where somebody waits
                if not stop.is_set():
                    done.put((position, error))
                return

    threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        for _ in folders:
            position, record = _next(done, workers)
            if isinstance(record, BaseException):
                raise record
            yield position, record
    finally:
        stop.set()
        for worker in workers:
            worker.end()


def _next(
    done: queue.Queue[tuple[int, StudentRecord | BaseException]], workers: Sequence[_Worker]
) -> tuple[int, StudentRecord | BaseException]:
    """The next student who is done; meanwhile workers that are late are ended."""
    while True:
        for worker in workers:
            worker.check_the_clock()
        try:
            return done.get(timeout=0.05)
        except queue.Empty:
            continue


def _student(plan: Plan, worker: _Worker, folder: Folder) -> StudentRecord:
    """The record of one student: every file, whatever became of the others."""
    tasks = {task.name: task for task in plan.course.tasks}
    handed = collect(folder, list(tasks), plan.course.others)
    found: dict[str, FileRecord] = {}
    ends = time.monotonic() + _PATIENCE * _SLACK * plan.limit
    broken = 0
    while len(found) < len(tasks):
        rest = [name for name in tasks if name not in found]
        if broken >= _PATIENCE or time.monotonic() > ends:
            for name in rest:
                found[name] = _lost(
                    tasks[name], handed.files[name], "too many files before it could not be graded"
                )
            break
        request = {
            "student": folder.known_as, "folder": os.path.abspath(folder.path),
            "files": [[name, handed.files[name]] for name in rest],
        }  # fmt: skip
        for name, reply in zip(rest, worker.ask(request, rest, ends), strict=False):
            if isinstance(reply, str):
                broken += 1
                found[name] = _lost(tasks[name], handed.files[name], reply)
                break
            found[name] = reply
    files = tuple(found[name] for name in tasks)
    ids = tuple((kind, visible_name(value)) for kind, value in folder.ids)
    return StudentRecord(folder.student, visible_name(folder.name), files, handed.strays, ids)


def _lost(task: Task, paths: Sequence[str], why: str) -> FileRecord:
    return ungraded(task, paths[0] if paths else "", UNGRADED, f"could not be graded: {why}")


def _read(line: str, name: str) -> FileRecord | str:
    """The record of the file ``name`` as a worker wrote it, or what went wrong; garbled, nobody knows."""
    try:
        reply = json.loads(line)
        record = str(reply["failed"]) if "failed" in reply else file_record(reply)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return record if isinstance(record, str) or record.exercise == name else ""


class _Worker:
    """A worker process, started when it is first asked and again after it had to be ended."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.process: subprocess.Popen[str] | None = None
        self.clock = threading.Lock()
        self.deadline = float("inf")
        self.late = False
        self.over = False

    def ask(self, request: dict[str, Any], names: Sequence[str], ends: float) -> Iterator[FileRecord | str]:
        """The record of each file; a text, which is the last, for one that has none."""
        process = self.process or self._start()
        try:
            self._send(process, request)
            for name in names:
                self._set_clock(min(ends, time.monotonic() + _SLACK * self.plan.limit))
                assert process.stdout is not None
                line = process.stdout.readline()
                self._set_clock(float("inf"))
                record = _read(line, name)
                if isinstance(record, str):
                    self._drop()
                    yield self._why(record, process.returncode)
                    return
                yield record
        except OSError:  # it died between two students
            self._drop()
            yield self._why("", process.returncode)

    def check_the_clock(self) -> None:
        """End the process if its file takes too long."""
        with self.clock:
            if time.monotonic() > self.deadline and self.process is not None:
                self.late, self.deadline = True, float("inf")
                self.process.kill()

    def _set_clock(self, deadline: float) -> None:
        with self.clock:
            self.late, self.deadline = self.late and deadline == float("inf"), deadline

    def end(self) -> None:
        """End the process for good."""
        self.over = True
        self._drop()

    def _why(self, name: str, code: int) -> str:
        if self.late or (_SLACK > 1 and code == -signal.SIGPROF):
            return f"it took longer than {self.plan.limit:g} seconds"
        if name == "MemoryError":
            return "it took too much memory"
        return f"the grader stopped at it{f' ({name})' if name else ''}"

    def _start(self) -> subprocess.Popen[str]:
        if self.over:
            raise BacktraceError("grading was stopped")
        home = os.path.dirname(os.path.dirname(os.path.abspath(backtrace_cli.__file__)))
        paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        # -P: a file called tomllib.py in a student's folder is not to be imported, wherever we stand.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "backtrace_cli.grading.classroom.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, encoding="ascii",
            env={**_ONE_THREAD, **os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        course = self.plan.course
        self._send(self.process, {"course": os.path.abspath(course.root), "only": self.plan.only,
                                  "limit": self.plan.limit, "key": self.plan.key.hex()})  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self._drop()
            raise BacktraceError("the process that grades can't be started", hint="try --jobs 1")
        if json.loads(line)["course"] != course.digest:
            self._drop()
            raise BacktraceError("the course changed while it was used", hint="start again")
        return self.process

    def _send(self, process: subprocess.Popen[str], data: dict[str, Any]) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(data) + "\n")
        process.stdin.flush()

    def _drop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                try:
                    if stream is not None:
                        stream.close()
                except OSError:  # what was still to be sent to it
                    continue
