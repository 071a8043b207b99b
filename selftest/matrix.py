"""Every fault of the lab, against the reference and a hand-in that is wrong: nobody pays for it, nobody gains by it.

    PYTHONPATH=src:. .venv/bin/python -m selftest.matrix [-k EXPRESSION] [--workers 2]

Faults of the whole machine (a port that is taken, a full disk, a clock that jumps) need root and a C compiler.
Prints a line for each run and, at the end, how many broke the rule; exit code 1 if any did. A run takes up to some
minutes and the whole some hours: no test, but something to do before a release.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from selftest import elsewhere
from selftest.cases import CORPUS, ROOT, read
from selftest.elsewhere import Machine
from selftest.load import load
from selftest.running import RunningGrade
from topicmark.backends.embedded import QUOTA_BYTES
from topicmark.provision.control import ask
from topicmark.waiting import eventually

PAUSE_S = 20.0
BUSY_LOOPS = 4
MAINS = {
    "kafka": "topicmark.lab.KafkaNodes",
    "hdfs": "topicmark.hdfs.HdfsNodes",
    "connect": "topicmark.connect.LabWorker",
    "registry": "topicmark.registry.RegistryFront",
    "ksqldb": "topicmark.ksqldb",
}
NODES = {"kafka": "1", "hdfs": "datanode-1"}
PORTS = {"kafka": 9092, "hdfs": 9870, "connect": 8083, "registry": 8081, "ksqldb": 8088}
JUMP_S = 3600


@dataclass(frozen=True)
class Exercise:
    """What it stands on, the words of the run at which the fault comes, and a hand-in that loses points."""

    services: tuple[str, ...]
    moment: str
    mutant: str


EXERCISES = {
    "ex1": Exercise(("kafka",), "  ex1.2 ", "ex1-one-broker"),
    "ex2": Exercise(("kafka",), "  ex2.2 ", "ex2-other-key"),
    "ex3": Exercise(("kafka", "registry", "connect", "ksqldb"), "  ex3.2 ", "ex3-console-only-producer"),
    "ex4": Exercise(("kafka",), "  ex4.2 ", "ex4-topic-rf-1"),
    "ex5": Exercise(("kafka",), "  ex5.2 ", "ex5-group-hardcoded"),
    "ex6": Exercise(("kafka", "ksqldb"), "statements", "ex6-five-streams"),
    "ex7": Exercise(("kafka", "hdfs", "connect"), "connector ", "ex7-two-connectors"),
}


def killed(run: RunningGrade, service: str) -> None:
    run.jvm(MAINS[service]).kill()


def paused(run: RunningGrade, service: str) -> None:
    process = run.jvm(MAINS[service])
    process.suspend()
    until = time.monotonic() + PAUSE_S
    eventually(lambda: time.monotonic() > until or not process.is_running(), bool, within=PAUSE_S + 5, describe="20 s")
    with contextlib.suppress(psutil.NoSuchProcess):
        process.resume()


def restarted(run: RunningGrade, service: str) -> None:
    folder, node = Path(run.jvm(MAINS[service]).cwd()), NODES[service]
    with contextlib.suppress(OSError):  # the run may notice, and take its lab down, before the answer comes
        ask(folder, "control", f"stop {node}", within_s=30)
        ask(folder, "control", f"start {node}", within_s=60)


def out_of_memory(run: RunningGrade, service: str) -> None:
    process = run.jvm(MAINS[service])
    process.rlimit(resource.RLIMIT_AS, (2**20, 2**20))


def quota_filled(run: RunningGrade, service: str) -> None:
    ballast = Path(run.jvm(MAINS[service]).cwd()) / "data" / "0" / "ballast"
    eventually(ballast.parent.is_dir, bool, within=60, describe="the folder of a broker that has just begun to start")
    with ballast.open("wb") as file:
        file.truncate(0)
        subprocess.run(["fallocate", "-l", str(QUOTA_BYTES + 2**20), str(ballast)], check=True)


OF_A_SERVICE: tuple[Callable[[RunningGrade, str], None], ...] = (killed, paused, restarted, out_of_memory, quota_filled)
ONLY_FOR = {restarted: ("kafka", "hdfs"), quota_filled: ("kafka",)}


def disk_full(run: RunningGrade, service: str) -> None:
    """It stays so: what fills it is nothing of the lab's."""
    elsewhere.fill(Path(f"/proc/{run.process.pid}/root{run.out.parent / 'state'}"))  # where only the run sees the disk


def clock_ahead(run: RunningGrade, service: str) -> None:
    elsewhere.set_clock(_clock(run.out.parent), JUMP_S)


def clock_back(run: RunningGrade, service: str) -> None:
    elsewhere.set_clock(_clock(run.out.parent), -JUMP_S)


def _clock(folder: Path) -> Path:
    return folder / "clock"


OF_THE_MACHINE: tuple[Callable[[RunningGrade, str], None], ...] = (disk_full, clock_ahead, clock_back)


@dataclass(frozen=True)
class Run:
    exercise: str
    service: str
    fault: str
    who: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.exercise, self.service, self.fault, self.who)))


def planned() -> list[Run]:
    found = []
    for name, exercise in EXERCISES.items():
        for who in ("reference", "mutant"):
            for service in exercise.services:
                for fault in OF_A_SERVICE:
                    if service in ONLY_FOR.get(fault, exercise.services):
                        found.append(Run(name, service, fault.__name__, who))
                found.append(Run(name, service, "port_taken", who))
            of_all = ["squeezed", "own_kill", *(fault.__name__ for fault in OF_THE_MACHINE)]
            found += [Run(name, "", fault, who) for fault in of_all]
    return found


def carried_out(run: Run, folder: Path) -> tuple[str, str]:
    """What of the rule was broken, empty if nothing; and what became of the run."""
    exercise = EXERCISES[run.exercise]
    case = read(CORPUS / "mutants" / exercise.mutant)
    lost = case.points if run.who == "mutant" else {}
    submission = ROOT / "submissions" / "reference" if run.who == "reference" else case.lay_out(folder / "hand-in")
    told = [str(submission), "--fresh", "-k", run.exercise]
    env = {"TOPICMARK_STATE": str(folder / "state")}
    if run.fault == "own_kill":
        with RunningGrade(folder / "first", *told, env=env) as first:
            first.await_output(exercise.moment, 300)
            first.process.kill()
            first.process.wait()
            if (first.out / "results.json").exists() and first.results()["finished"]:
                return "a run that was killed says that it is finished", ""
    with load(BUSY_LOOPS) if run.fault == "squeezed" else contextlib.nullcontext():
        return _judged(run, exercise, lost, folder, told, env)


def _machine(run: Run, folder: Path) -> Machine:
    if run.fault == "port_taken":
        return elsewhere.with_port_taken(PORTS[run.service])
    if run.fault == "disk_full":
        return elsewhere.with_small_disk(folder / "state")
    if run.fault.startswith("clock_"):
        return elsewhere.with_own_clock(_clock(folder))
    return Machine()


def _judged(
    run: Run, exercise: Exercise, lost: dict[str, int], folder: Path, told: list[str], env: dict[str, str]
) -> tuple[str, str]:
    on_purpose = {fault.__name__: fault for fault in (*OF_A_SERVICE, *OF_THE_MACHINE)}
    machine = _machine(run, folder)
    with RunningGrade(folder, *told, env={**env, **machine.env}, launcher=machine.launcher) as running:
        if run.fault in on_purpose:
            running.await_output(exercise.moment, 300)
            on_purpose[run.fault](running, run.service)
        code = running.wait(900)
        results = running.results()
    wrong = []
    for task in results["tasks"]:
        most = lost.get(task["id"], task["max_points"])
        if task["outcome"] in ("infra", "not_run"):
            continue
        if task["points"] != most:
            wrong.append(f"{task['id']} {task['outcome']} {task['points']}/{most}: {task['observed'][:120]}")
    spoilt = any(task["outcome"] == "infra" for task in results["tasks"])
    if code != (3 if spoilt else 1 if lost else 0):
        wrong.append(f"exit code {code}")
    if spoilt and not results["faults"]:
        wrong.append("infra without a fault")
    faults = "; ".join(f"{fault['service']}: {fault['reason'][:80]}" for fault in results["faults"])
    return "; ".join(wrong), f"{'not all ' if spoilt else ''}graded{f', {faults}' if faults else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", help="only runs whose line holds all these words")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    runs = [run for run in planned() if all(word in str(run).split() for word in given.k.split())]
    counts = {"right": 0, "wrong": 0}
    lock = threading.Lock()

    def one(run: Run) -> None:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="topicmark-matrix-") as folder:
            (Path(folder) / "first").mkdir()
            try:
                wrong, became = carried_out(run, Path(folder))
            except Exception as error:  # noqa: BLE001 — counted, and the others go on
                wrong, became = f"{type(error).__name__}: {str(error)[:200]}", "broke off"
        with lock:
            counts["wrong" if wrong else "right"] += 1
            print(f"{run}: {wrong or 'as it should'} ({became}, {time.monotonic() - began:.0f} s)", flush=True)  # noqa: T201

    with ThreadPoolExecutor(given.workers) as pool:
        list(pool.map(one, runs))
    print(f"{sum(counts.values())} runs, {counts['wrong']} broke the rule")  # noqa: T201
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
