"""Grading runs side by side: a process each, in a session of its own, its output in a file.

One thread waits for all of them. Whoever stops listening, for whatever reason, ends what still runs.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from topicmark.batch.hand_ins import HandIn
from topicmark.batch.store import OUTPUT, Store
from topicmark.batch.verdicts import State, Verdict
from topicmark.reports.text import clipped, one_line
from topicmark.services import leash
from topicmark.waiting import Deadline, WaitExpired, eventually

_GRADED, _REFUSED = (0, 1), 2  # exit codes of a grading run
_TRIES = 2
_LONGEST_S = 3600.0
"""A run has limits of its own, and ends long before. One that does not is a fault of ours."""
_GRACE_S = 45.0
"""In which a run that is told to end takes its lab down."""
_LONGEST_REASON = 300
_TAIL_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Job:
    """A hand-in in turn. ``failed_on`` is the worker on which a fault of ours spoilt the first try."""

    hand_in: HandIn
    tries: int = 0
    failed_on: int | None = None


@dataclass(frozen=True, slots=True)
class _Running:
    job: Job
    worker: int
    process: subprocess.Popen[bytes]
    pidfd: int
    limit: Deadline


@dataclass
class Pool:
    """``command`` grades one hand-in into a folder and ends with the exit codes of ``topicmark grade``. ``started`` is
    told each hand-in at its start. ``lock`` is a descriptor that runs keep open until they end."""

    store: Store
    command: Callable[[HandIn, Path], Sequence[str]]
    workers: int
    lock: int
    started: Callable[[HandIn], None] = lambda hand_in: None  # noqa: ARG005
    longest_s: float = _LONGEST_S
    grace_s: float = _GRACE_S
    _waiting: deque[Job] = field(default_factory=deque)
    _running: dict[int, _Running] = field(default_factory=dict)

    def grade(self, hand_ins: Sequence[HandIn]) -> Iterator[Verdict]:
        """The verdict of each as soon as it is there. Ends all runs when the iterator is closed, or an exception (a
        ``KeyboardInterrupt``, say) comes in between."""
        self._waiting.extend(Job(one) for one in hand_ins)
        try:
            while self._waiting or self._running:
                self._start()
                for ended in self._await_some():
                    if (verdict := self._judged(ended)) is not None:
                        yield verdict
        finally:
            self._end(list(self._running.values()))

    def _start(self) -> None:
        """Give every worker that is free the first hand-in that it may have."""
        busy = {one.worker for one in self._running.values()}
        for worker in range(self.workers):
            if worker in busy:
                continue
            fitting = (one for one in self._waiting if self.workers == 1 or one.failed_on != worker)
            if (job := next(fitting, None)) is not None:
                self._waiting.remove(job)
                self._run(job, worker)

    def _run(self, job: Job, worker: int) -> None:
        self.store.claim(job.hand_in)
        folder = self.store.folder(job.hand_in.name)
        self.started(job.hand_in)
        with (folder / OUTPUT).open("wb") as output:
            process = subprocess.Popen(
                # its input is never written to: when we are gone, however that came, it closes and the run ends
                [sys.executable, "-I", str(leash.__file__), *self.command(job.hand_in, folder)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(os.environ),
                start_new_session=True,
                pass_fds=[self.lock],
            )
        pidfd = os.pidfd_open(process.pid)
        self._running[pidfd] = _Running(job, worker, process, pidfd, Deadline.after(self.longest_s))

    def _await_some(self) -> list[_Running]:
        """Runs that have ended; those that take far too long are ended here."""
        left_s = min(one.limit.left_s for one in self._running.values())
        ready, _, _ = select.select(list(self._running), [], [], left_s)
        ended = [self._running[pidfd] for pidfd in ready]
        late = [one for one in self._running.values() if one.limit.passed and one not in ended]
        self._end(late)
        for one in ended:
            self._forget(one)
        return ended + late

    def _judged(self, ended: _Running) -> Verdict | None:
        """None if it is tried again."""
        hand_in, code = ended.job.hand_in, ended.process.returncode
        run = self.store.result(hand_in.name)
        if code in _GRADED and run is not None and run.could_be_graded:
            self.store.complete(hand_in.name, run)
            return Verdict(hand_in.name, State.GRADED, run)
        said = _last_line(self.store.folder(hand_in.name) / OUTPUT)
        if code == _REFUSED:
            return Verdict(hand_in.name, State.REFUSED, reason=said or "refused without a word")
        if ended.job.tries + 1 < _TRIES:
            again = replace(ended.job, tries=ended.job.tries + 1, failed_on=ended.worker)
            self._waiting.append(again)
            return None
        faults = "; ".join(f"{fault.service}: {fault.reason}" for fault in run.faults) if run is not None else ""
        late = f"took more than {self.longest_s:.0f} s" if ended.limit.passed else ""
        reason = late or faults or f"the run ended with {code}. {said}"
        return Verdict(hand_in.name, State.FAULT, run, clipped(one_line(reason), _LONGEST_REASON))

    def _forget(self, one: _Running) -> None:
        """End by force what is left of it; most often nothing. Until it is waited for, its number is nobody else's."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.wait()
        assert one.process.stdin is not None
        one.process.stdin.close()
        os.close(one.pidfd)
        del self._running[one.pidfd]

    def _end(self, some: Sequence[_Running]) -> None:
        """First as Ctrl+C does, so that labs are taken down in order; then by force."""
        for one in some:
            one.process.terminate()
        try:
            eventually(
                lambda: select.select([one.pidfd for one in some], [], [], 0)[0],
                lambda ended: len(ended) == len(some),
                within=self.grace_s,
                describe="the end of all runs",
            )
        except WaitExpired:
            pass  # by force, below
        finally:
            for one in some:
                self._forget(one)


def _environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Without what tells a run that it is the only one of a GitHub job, which would get a summary of each."""
    return {name: value for name, value in outer.items() if not name.startswith("GITHUB_")}


def _last_line(output: Path) -> str:
    """What a run said last, on one line; a message may go over several, so it begins where the program's name does."""
    try:
        with output.open("rb") as file:
            file.seek(max(0, output.stat().st_size - _TAIL_BYTES))
            said = file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
    begins = max(said.rfind("\ntopicmark: ") + 1, 0)
    words = said[begins:] if said.startswith("topicmark: ", begins) else said.rpartition("\n")[2]
    return clipped(one_line(words.removeprefix("topicmark: ").removeprefix("ERROR: ")), _LONGEST_REASON)
