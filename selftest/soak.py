"""Whether regrading is stable: the reference and twelve mutants, graded again and again on a machine that is busy.

    PYTHONPATH=src:. python -m selftest.soak --rounds 30 [--workers 2] [--load 2] [--fresh] [-k PART] [--keep DIR]

Each worker has a lab of its own that is kept up and reset between runs; ``--fresh`` makes one for each run instead.
Beside them ``--load`` processes take all the processor they get. Every run's outcomes and points are compared, task by
task, with the first run of the same hand-in and with what it deserves (full marks, or its ``expect.toml``); each
difference is printed as it comes. Exits 1 if there is any, and
also if a worker broke or the soak was broken off (Ctrl-C, SIGTERM), of which the figures so far are told.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from selftest.cases import CORPUS, ROOT, Case, Graded, grade, read
from selftest.load import load

MUTANTS = (
    "ex1-two-controllers",
    "ex2-no-deletion",
    "ex3-connect-replication-five",
    "ex3-console-topic-tests",
    "ex4-producer-literal-key",
    "ex4-topic-rf-1",
    "ex5-assign-partition-zero",
    "ex5-group-hardcoded",
    "ex6-rounded-time",
    "ex6-two-ids-swapped",
    "ex7-topic-lower-case",
    "ex7-two-connectors",
)
"""Of each exercise such as are judged quickly; most by what happens in time, where a busy machine could tell."""
ONE_RUN_WITHIN_S = 1200
UP_WITHIN_S = 300
DOWN_WITHIN_S = 120

Mark = tuple[str, int]
"""Outcome and points of a task."""


@dataclass(frozen=True)
class HandIn:
    """What is graded, and what it deserves: the points of each task that does not get all of its own."""

    name: str
    options: tuple[str, ...]
    points: Mapping[str, int]
    case: Case | None = None

    def lay_out(self, folder: Path) -> Path:
        return self.case.lay_out(folder) if self.case is not None else ROOT / "submissions" / "reference"


def hand_ins() -> list[HandIn]:
    """The reference, with all exercises, and the mutants, each with its own."""
    found = [HandIn("reference", (), {})]
    for case in (read(CORPUS / "mutants" / name) for name in MUTANTS):
        found.append(HandIn(case.folder.name, ("-k", " or ".join(case.exercises)), case.points, case))
    return found


@dataclass(frozen=True)
class Difference:
    """A task that came out otherwise than it should, or than it did at first; without a task, a run without results."""

    task: str
    told: str


@dataclass
class Verdicts:
    """All that came out so far. Thread safe."""

    runs: int = 0
    differences: int = 0
    second_tries: int = 0
    _first: dict[str, dict[str, Mark]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, hand_in: HandIn, graded: Graded) -> list[Difference]:
        """Compare one more run."""
        with self._lock:
            first = self._first.setdefault(hand_in.name, marks(graded)) if graded.results["tasks"] else None
            found = differences(hand_in, graded, first)
            self.runs += 1
            self.differences += len(found)
            self.second_tries += bool(graded.results["faults"])
        return found


def marks(graded: Graded) -> dict[str, Mark]:
    """By task."""
    return {task["id"]: (task["outcome"], task["points"]) for task in graded.results["tasks"]}


def differences(hand_in: HandIn, graded: Graded, first: Mapping[str, Mark] | None) -> list[Difference]:
    """The tasks in which a run differs from ``first``, or from what the hand-in deserves."""
    tasks = {task["id"]: task for task in graded.results["tasks"]}
    if first is None or graded.code not in (0, 1, 3):
        return [Difference("", f"no results, exit code {graded.code}: {graded.output[-2000:]}")]
    found = []
    for name in sorted(first.keys() | tasks.keys() | hand_in.points.keys()):
        task = tasks.get(name)
        if task is None:
            found.append(Difference(name, f"not graded; at first {first.get(name)}"))
            continue
        mark = (task["outcome"], task["points"])
        deserved = hand_in.points.get(name, task["max_points"])
        outcomes = ("passed",) if deserved == task["max_points"] else ("failed", "blocked")
        if mark != first.get(name) or mark[1] != deserved or mark[0] not in outcomes:
            should = f"{' or '.join(outcomes)} {deserved}"
            seen = f"expected {task['expected']}; seen {task['observed']}"
            found.append(
                Difference(name, f"{mark[0]} {mark[1]}; deserved {should}; at first {first.get(name)}: {seen}")
            )
    return found


@contextmanager
def kept_lab(state: Path) -> Iterator[dict[str, str]]:
    """A lab that stays up; the environment in which ``grade`` finds it."""
    env = {"TOPICMARK_STATE": str(state)}
    topicmark = [sys.executable, "-m", "topicmark"]
    whole = {**os.environ, **env}
    try:
        subprocess.run(
            [*topicmark, "up"], cwd=ROOT, env=whole, check=True, timeout=UP_WITHIN_S, stdout=subprocess.DEVNULL
        )
        yield env
    finally:
        down = [*topicmark, "down", "--all"]
        subprocess.run(down, cwd=ROOT, env=whole, check=False, timeout=DOWN_WITHIN_S, stdout=subprocess.DEVNULL)


Jobs = queue.SimpleQueue[tuple[int, HandIn]]


@dataclass(frozen=True)
class Worker:
    """Grades what is waiting, until nothing is."""

    jobs: Jobs
    verdicts: Verdicts
    folder: Path
    keep: Path | None
    fresh: bool

    def work(self) -> None:
        """Raises whatever its lab does when it cannot be had."""
        if self.fresh:
            self._all({"TOPICMARK_STATE": str(self.folder / "state")}, "--fresh")
            return
        with kept_lab(self.folder / "state") as env:
            self._all(env)

    def _all(self, env: dict[str, str], *options: str) -> None:
        while True:
            try:
                number, hand_in = self.jobs.get_nowait()
            except queue.Empty:
                return
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                self._one(number, hand_in, Path(folder), env, *options)

    def _one(self, number: int, hand_in: HandIn, folder: Path, env: dict[str, str], *options: str) -> None:
        began = time.monotonic()
        submission = hand_in.lay_out(folder / hand_in.name)
        out = folder / "out"
        try:
            graded = grade(submission, out, *options, *hand_in.options, env=env, within_s=ONE_RUN_WITHIN_S)
        except subprocess.TimeoutExpired as expired:
            graded = Graded(-1, {"tasks": [], "faults": []}, str(expired))
        found = self.verdicts.add(hand_in, graded)
        lines = [f"round {number} {hand_in.name}: code {graded.code}, {time.monotonic() - began:.0f} s"]
        lines += [f"  second try: {fault['service']}: {fault['reason']}" for fault in graded.results["faults"]]
        lines += [f"  DIFFERS {one.task}: {one.told}" for one in found]
        print("\n".join(lines), flush=True)
        if found and self.keep is not None and out.exists():
            shutil.copytree(out, self.keep / f"{number}-{hand_in.name}", dirs_exist_ok=True)


def empty(jobs: Jobs) -> None:
    """Nothing more is begun."""
    with suppress(queue.Empty):
        while True:
            jobs.get_nowait()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, required=True, help="how often each hand-in is graded")
    arguments.add_argument("--workers", type=int, default=2, help="how many are graded at a time")
    arguments.add_argument("--load", type=int, default=2, help="busy processes beside them")
    arguments.add_argument("--fresh", action="store_true", help="a new lab for each run")
    arguments.add_argument("-k", default="", help="only hand-ins whose name contains this")
    arguments.add_argument("--keep", type=Path, metavar="DIR", help="keep the results of runs that differ")
    given = arguments.parse_args()

    chosen = [one for one in hand_ins() if given.k in one.name]
    jobs: Jobs = queue.SimpleQueue()
    for number in range(1, given.rounds + 1):
        for hand_in in chosen:
            jobs.put((number, hand_in))
    verdicts = Verdicts()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="topicmark-soak-") as temporary, load(given.load):
        folders = [Path(temporary) / str(number) for number in range(given.workers)]
        for folder in folders:
            folder.mkdir()
        with ThreadPoolExecutor(given.workers) as pool:
            workers = [Worker(jobs, verdicts, folder, given.keep, given.fresh) for folder in folders]
            done = [pool.submit(worker.work) for worker in workers]
            try:
                wait(done)
            except KeyboardInterrupt:
                empty(jobs)  # each worker takes its lab down after the run that it is at; then what came out is told
        broken = [error for one in done if (error := one.exception()) is not None]
    for error in broken:
        print(f"a worker broke: {error!r}")
    print(
        f"{verdicts.runs} runs of {len(chosen)} hand-ins; {verdicts.second_tries} met a fault of ours; "
        f"{verdicts.differences} differing verdicts"
    )
    return 1 if verdicts.differences or broken or verdicts.runs < given.rounds * len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
