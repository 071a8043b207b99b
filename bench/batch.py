"""A class: submissions an hour, the share of it that goes into starting labs, memory; and 10,000 of them, simulated.

    PYTHONPATH=src:. .venv/bin/python bench/batch.py [--submissions 20] [-k "ex1 or ex4 or ex5"]

``topicmark batch`` grades right and wrong hand-ins of ``selftest/submissions``, first with one worker, then with two;
then, where ``distributed`` is installed, through two Dask workers. Each on labs of its own, after a set-up that is not
counted. Lab start-up is what ``results.json`` says of it (``lab_start_s``), as a share of the runs' time: an upper
bound, for a lab starts while a program's Python is made ready. The cluster of ex1.2 is no lab, but what is graded.
Memory is the resident set of the whole process tree.

From the seconds that each hand-in took with two workers, a larger class on many machines that fail is simulated
(``fleet.py``).
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from fleet import Fleet, drawn, simulate
from memory import Peak

from selftest.cases import CORPUS, ROOT, Case, read
from topicmark.model import RunResult
from topicmark.provision import runtimes, toolchain
from topicmark.reports import results_json
from topicmark.submission import load
from topicmark.waiting import eventually

VARIANTS = (
    "aiokafka-flat",
    "binary-key-commit-each-record",
    "confluent-async",
    "cooperative-sticky-async-commit",
    "dataclasses-in-folders",
    "json-settings-float-readings",
    "kafka-python-3-logging",
    "kafka-python-course-style",
    "one-app-subcommands",
    "six-processes",
)
MUTANTS = (
    "ex1-one-broker",
    "ex1-two-controllers",
    "ex4-producer-literal-key",
    "ex4-producer-no-key",
    "ex4-topic-min-isr-3",
    "ex4-topic-rf-1",
    "ex5-assign-partition-zero",
    "ex5-group-hardcoded",
    "ex5-never-commits-latest",
    "ex5-prints-only-count",
)
TOPICMARK = (sys.executable, "-m", "topicmark")
DASK = (sys.executable, "-m", "dask")
DASK_WORKERS = 2
UP_WITHIN_S = 60
SAMPLED_EVERY_S = 0.25
FAILS_EVERY_MIN = (math.inf, 240, 60, 15)


@dataclass(frozen=True)
class Round:
    """One class, graded."""

    workers: int
    wall_s: float
    peak_mb: float
    runs: Sequence[RunResult]

    @property
    def an_hour(self) -> float:
        return 3600 * len(self.runs) / self.wall_s

    @property
    def lab_share(self) -> float:
        return sum(run.lab_start_s for run in self.runs) / sum(run.duration_s for run in self.runs)

    @property
    def service_s(self) -> list[float]:
        """For each hand-in, what its run took, and its part of all the rest: beginning, taking down, idling at the
        end."""
        rest_s = self.workers * self.wall_s - sum(run.duration_s for run in self.runs)
        return [run.duration_s + rest_s / len(self.runs) for run in self.runs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=len(VARIANTS) + len(MUTANTS))
    parser.add_argument("-k", default="ex1 or ex4 or ex5", help="what is graded of each")
    parser.add_argument("--nodes", type=int, default=100, help="of the simulation, two workers each")
    parser.add_argument("--simulated", type=int, default=10_000, help="submissions of the simulation")
    parser.add_argument("--repair-min", type=float, default=10.0, help="until a node that failed is back")
    parser.add_argument("--seed", type=int, default=4711)
    given = parser.parse_args()
    cases = chosen(given.submissions)
    with tempfile.TemporaryDirectory(prefix="topicmark-bench-") as temporary:
        folder = Path(temporary)
        made_ready(cases, folder)
        print(f"{len(cases)} hand-ins, -k {given.k!r}")
        print(f"{'':18} {'an hour':>8} {'wall s':>8} {'one s: median':>14} {'max':>6} {'lab start':>10} {'peak MB':>8}")
        rounds = [measured(f"{workers} at a time", workers, given.k, cases, folder) for workers in (1, 2)]
        print(f"two workers / one: {rounds[1].an_hour / rounds[0].an_hour:.2f}")
        if (why_not := no_dask()) is None:
            with dask(folder) as (address, others):
                through = measured("Dask, 2 workers", DASK_WORKERS, given.k, cases, folder, address, others)
            print(f"Dask / two workers, wall: {through.wall_s / rounds[1].wall_s:.2f}")
        else:
            print(f"Dask: left out, {why_not}")
    simulated(rounds[1], given)


def chosen(count: int) -> list[Case]:
    """Right and wrong ones in turn."""
    pairs = zip(VARIANTS, MUTANTS, strict=True)
    names = [name for right, wrong in pairs for name in (f"variants/{right}", f"mutants/{wrong}")]
    if not 2 <= count <= len(names):
        raise SystemExit(f"--submissions {count}: from 2 to {len(names)}")
    return [read(CORPUS / name) for name in names[:count]]


def made_ready(cases: Sequence[Case], folder: Path) -> None:
    """The class, and all that a first run would fetch or build."""
    toolchain.ensure(progress=True)
    for case in cases:
        path = case.lay_out(folder / "class" / case.folder.name)
        text = load(path, folder / "staged" / case.folder.name).requirements_text()
        made = runtimes.default(print) if text is None else runtimes.for_requirements(text, print)
        if isinstance(made, runtimes.RuntimeFailure):
            raise SystemExit(f"{case.name}: {made.reason}")


def measured(
    name: str,
    workers: int,
    select: str,
    cases: Sequence[Case],
    folder: Path,
    scheduler: str = "",
    others: Sequence[psutil.Process] = (),
) -> Round:
    """Grade the class and print a row. ``others`` are processes whose memory counts too."""
    place = folder / name.replace(" ", "-")
    out, output = place / "out", place / "output"
    place.mkdir()
    where = [f"--scheduler={scheduler}"] if scheduler else [f"--workers={workers}"]
    env = environment(place / "state")
    with output.open("wb") as said:
        began = time.monotonic()
        batch = subprocess.Popen(
            [*TOPICMARK, "batch", str(folder / "class"), f"--out={out}", f"-k={select}", *where],
            cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        peak = Peak([psutil.Process(batch.pid), *others], every_s=SAMPLED_EVERY_S)
        code = batch.wait()
        wall_s = time.monotonic() - began
        peak.stop()
    if code != 0:
        raise SystemExit(f"{name}: ended with {code}: the figures would mean nothing\n{output.read_text()}")
    runs = [results_json.from_json((out / case.folder.name / results_json.FILE_NAME).read_bytes()) for case in cases]
    found = Round(workers, wall_s, peak.bytes / 2**20, runs)
    took_s = [run.duration_s for run in runs]
    print(
        f"{name:18} {found.an_hour:8.0f} {wall_s:8.1f} {statistics.median(took_s):14.1f} {max(took_s):6.1f}"
        f" {found.lab_share:10.1%} {found.peak_mb:8.0f}",
        flush=True,
    )
    for case, run in zip(cases, runs, strict=True):
        for told in undeserved(case, run):
            print(f"  not as deserved: {case.name} {told}")
    return found


def undeserved(case: Case, run: RunResult) -> Iterator[str]:
    """Tasks of the hand-in's own exercises that got other points than they should."""
    for task in run.tasks:
        if task.exercise in case.exercises and task.points != case.points.get(task.id, task.max_points):
            yield f"{task.id} {task.outcome} {task.points} of {task.max_points}: {task.observed[:120]}"


def environment(state: Path) -> dict[str, str]:
    """For a batch of its own labs, as a teacher starts it at home."""
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return {**kept, "TOPICMARK_STATE": str(state)}


def no_dask() -> str | None:
    """Why there is no row for Dask; None if there is one."""
    if importlib.util.find_spec("distributed") is None:
        return "`distributed` is not installed"
    told = subprocess.run([*TOPICMARK, "batch", "--help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return None if "--scheduler" in told else "this `topicmark batch` has no --scheduler"


@contextlib.contextmanager
def dask(folder: Path) -> Iterator[tuple[str, Sequence[psutil.Process]]]:
    """A scheduler and its workers, each a process with a state folder of its own; the scheduler's address."""
    place = folder / "scheduler.json"
    with contextlib.ExitStack() as up:
        output = folder / "dask-output"
        said = up.enter_context(output.open("wb"))

        def started(name: str, *told: str) -> psutil.Process:
            child = subprocess.Popen(
                [*DASK, *told], cwd=ROOT, env=environment(folder / f"{name}-state"),
                stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip
            up.callback(child.wait)
            up.callback(child.terminate)
            return psutil.Process(child.pid)

        processes = [
            started("scheduler", "scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard",
                    f"--scheduler-file={place}")
        ]  # fmt: skip
        about: Mapping[str, str] = eventually(
            lambda: json.loads(place.read_bytes()), bool, within=UP_WITHIN_S, describe="Dask's scheduler",
            retry_on=(OSError, ValueError),
        )  # fmt: skip
        processes += [
            started(f"worker-{number}", "worker", about["address"], "--nthreads=1", "--nworkers=1", "--no-dashboard",
                    f"--local-directory={folder / f'worker-{number}'}")
            for number in range(DASK_WORKERS)
        ]  # fmt: skip
        eventually(
            lambda: output.read_text().count("Registered to"), lambda count: count >= DASK_WORKERS,
            within=UP_WITHIN_S, describe="Dask's workers",
        )  # fmt: skip
        yield about["address"], processes


def simulated(basis: Round, given: argparse.Namespace) -> None:
    """Print what becomes of a larger class, the more often nodes fail."""
    service_s = drawn(basis.service_s, given.simulated, given.seed)
    print(
        f"\nSimulated: {given.simulated} submissions of {statistics.mean(service_s):.1f} s on the average,"
        f" {given.nodes} nodes of {basis.workers} workers, a node that fails is back after {given.repair_min:g} min"
    )
    print(f"{'a node fails every':>18} {'all graded, min':>16} {'utilisation':>12} {'retries':>8} {'wasted min':>11}"
          f" {'most tries':>11} {'lost':>5}")  # fmt: skip
    for every_min in FAILS_EVERY_MIN:
        fleet = Fleet(given.nodes, basis.workers, 60 * every_min, 60 * given.repair_min)
        outcome = simulate(service_s, fleet, given.seed)
        print(
            f"{'never' if every_min == math.inf else f'{every_min} min':>18} {outcome.makespan_s / 60:16.1f}"
            f" {outcome.utilisation(fleet):12.1%} {outcome.retries:8} {outcome.wasted_s / 60:11.1f}"
            f" {max(outcome.begun):11} {outcome.lost:5}"
        )


if __name__ == "__main__":
    main()
