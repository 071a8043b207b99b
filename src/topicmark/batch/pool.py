"""Workers of this machine: grading runs side by side, a process each, and one thread that waits for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from topicmark.backends.held import Held
from topicmark.batch import process
from topicmark.batch.hand_ins import HandIn
from topicmark.batch.process import Process
from topicmark.batch.store import OUTPUT, Store
from topicmark.batch.turns import LONGEST_S, Ended
from topicmark.waiting import Deadline


@dataclass(frozen=True, slots=True)
class _Running:
    worker: str
    process: Process
    limit: Deadline


@dataclass
class Pool:
    """``command`` and a hand-in's path and ``--out=FOLDER`` grade it, with the exit codes of ``topicmark grade``.
    ``lock`` is a descriptor that runs keep open until they end, ``held`` where they leave their labs to one another."""

    store: Store
    command: Sequence[str]
    count: int
    lock: int
    held: Held | None = None
    longest_s: float = LONGEST_S
    grace_s: float = process.GRACE_S
    _running: list[_Running] = field(default_factory=list)

    def present(self) -> Sequence[str]:
        return [f"worker {number}" for number in range(1, self.count + 1)]

    def begin(self, hand_in: HandIn, worker: str) -> None:
        folder = self.store.folder(hand_in.name)
        command = [*self.command, str(hand_in.path), f"--out={folder}"]
        started = Process.start(command, folder / OUTPUT, [self.lock], self.held)
        self._running.append(_Running(worker, started, Deadline.after(self.longest_s)))

    def await_some(self) -> Sequence[Ended]:
        """Those that take far too long are ended here."""
        left_s = min(one.limit.left_s for one in self._running)
        over = process.ended([one.process for one in self._running], left_s)
        late = [one for one in self._running if one.limit.passed and one.process not in over]
        process.end([one.process for one in late], self.grace_s)
        told = [Ended(one.worker, one.process.forget()) for one in self._running if one.process in over]
        for one in late:
            one.process.forget()
            told.append(Ended(one.worker, None, f"took more than {self.longest_s:.0f} s"))
        self._running = [one for one in self._running if one.process not in over and one not in late]
        return told

    def end(self) -> None:
        running = [one.process for one in self._running]
        try:
            process.end(running, self.grace_s)
        finally:
            for one in running:
                one.forget()
            self._running = []
