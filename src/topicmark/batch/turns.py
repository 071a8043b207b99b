"""Who is graded when, by which worker, how often, and what comes of it: the same wherever the runs are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from topicmark.batch.hand_ins import HandIn
from topicmark.batch.store import OUTPUT, Store
from topicmark.batch.verdicts import State, Verdict
from topicmark.reports.text import clipped, one_line

LONGEST_S = 3600.0
"""A run has limits of its own, and ends long before. One that does not is a fault of ours."""
_GRADED, _REFUSED = (0, 1), 2  # exit codes of a grading run
_LONGEST_REASON = 300
_TAIL_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Job:
    """A hand-in in turn. ``failed_on`` is the worker on which a fault of ours spoilt the first try."""

    hand_in: HandIn
    tries: int = 0
    failed_on: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The run of ``worker`` is over, and all that came of it is in the store. ``code`` is None if nobody knows how it
    ended, or it had to be ended; ``why`` says so then."""

    worker: str
    code: int | None
    why: str = ""


class Workers(Protocol):
    """Where hand-ins are graded, each worker one at a time."""

    def present(self) -> Sequence[str]:
        """Their names, whether they are at work or not. Workers may come and go."""

    def begin(self, hand_in: HandIn, worker: str) -> None:
        """Start the run of a hand-in that was claimed in the store."""

    def await_some(self) -> Sequence[Ended]:
        """Runs that have ended, each told once. None of them if workers came. Raises ``LabFault``."""

    def end(self) -> None:
        """End all runs that still go on."""


@dataclass
class Turns:
    """``started`` is told each hand-in at the start of a run for it. ``most_tries`` are those of one hand-in."""

    store: Store
    workers: Workers
    started: Callable[[HandIn], None] = lambda hand_in: None  # noqa: ARG005
    most_tries: int = 2
    _waiting: deque[Job] = field(default_factory=deque)
    _running: dict[str, Job] = field(default_factory=dict)

    def grade(self, hand_ins: Sequence[HandIn]) -> Iterator[Verdict]:
        """The verdict of each as soon as it is there. Ends all runs when the iterator is closed, or an exception (a
        ``KeyboardInterrupt``, say) comes in between."""
        self.queue(Job(one) for one in hand_ins)
        try:
            while self._waiting or self._running:
                self.start()
                for one in self.workers.await_some():
                    if (verdict := self._judged(self._running.pop(one.worker), one)) is not None:
                        yield verdict
        finally:
            self.workers.end()

    def queue(self, jobs: Iterator[Job]) -> None:
        """They come after those that wait already."""
        self._waiting.extend(jobs)

    def start(self) -> None:
        """Give every worker that is free the first hand-in that it may have."""
        present = self.workers.present()
        for worker in present:
            if worker in self._running:
                continue
            fitting = (one for one in self._waiting if len(present) == 1 or one.failed_on != worker)
            if (job := next(fitting, None)) is not None:
                self._waiting.remove(job)
                self._running[worker] = job
                self.store.claim(job.hand_in)
                self.started(job.hand_in)
                self.workers.begin(job.hand_in, worker)

    def _judged(self, job: Job, ended: Ended) -> Verdict | None:
        """None if it is tried again."""
        name = job.hand_in.name
        run = self.store.result(name)
        if run is not None and run.could_be_graded and (ended.code in _GRADED or run.is_empty):
            self.store.complete(name, run)
            return Verdict(name, State.GRADED, run)
        said = _last_line(self.store.folder(name) / OUTPUT)
        if ended.code == _REFUSED:
            return Verdict(name, State.REFUSED, reason=said or "refused without a word")
        if job.tries + 1 < self.most_tries:
            self._waiting.append(replace(job, tries=job.tries + 1, failed_on=ended.worker))
            return None
        faults = "; ".join(f"{fault.service}: {fault.reason}" for fault in run.faults) if run is not None else ""
        reason = ended.why or faults or f"the run ended with {ended.code}. {said}"
        return Verdict(name, State.FAULT, run, clipped(one_line(reason), _LONGEST_REASON))


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
