"""A class of made-up hand-ins, and a command that grades one as it says itself, for the tests of ``batch``.

A hand-in is a folder with a file ``plan``: ``4``, or ``infra then 4`` for what comes of the first run and what of the
next ones. Words: a number of points of 4, ``infra``, ``crash``, ``refuse``, ``hang``, ``kill`` (whoever has
started it), ``unfinished``, ``claims`` (it says that all is well and writes nothing). Runs note in ``log`` what they
do.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import psutil

from selftest.made_up import a_run, a_task
from topicmark import cli
from topicmark.batch import command
from topicmark.model import Fault, Outcome, RunResult
from topicmark.reports import results_json
from topicmark.waiting import eventually


class Class:
    """A folder of hand-ins, where their results go, and what the runs did."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.log = folder / "handed-in", folder / "out", folder / "log"
        self.folder.mkdir()

    def hand_in(self, name: str, plan: str, *, answers: str = "", mark: str = "") -> Path:
        """``mark`` makes it another one than those with the same plan; by default its name does."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "plan").write_text(f"{plan}\n{mark or name}\n")
        if answers:
            (folder / "answers.toml").write_text(answers)
        return folder

    @property
    def grade(self) -> list[str]:
        """The command to be put in place of ``topicmark grade``."""
        return [sys.executable, "-m", "selftest.batches", str(self.log)]

    def batch(self, *options: str) -> int:
        """Its exit code."""
        parser = argparse.ArgumentParser()
        command.declare_batch(parser)
        given = [str(self.folder), f"--out={self.out}", *options]
        return command.run(parser.parse_args(given), cli.ROOT, grade=self.grade[1:])

    def noted(self, event: str = "start") -> list[str]:
        """Names of hand-ins in the order in which this was noted of them."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.split("\t")[1] for line in lines if line.startswith(f"{event}\t")]

    def alive(self) -> list[int]:
        """Processes of runs of this class."""
        found = []
        for process in psutil.process_iter():
            try:
                if str(self.log) in process.cmdline() and "selftest.batches" in process.cmdline():
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found


def _grade(log: Path, path: Path, out: Path) -> int:
    name = path.name
    before = log.read_text().count(f"start\t{name}\n") if log.exists() else 0
    _note(log, f"start\t{name}")
    steps = (path / "plan").read_text().splitlines()[0].split(" then ")
    word = steps[min(before, len(steps) - 1)]
    print(f"grading {name}: {word}")  # noqa: T201
    code = 1
    if word == "refuse":
        print("topicmark: plan:1: this cannot be read.\nWrite another one.", file=sys.stderr)  # noqa: T201
        return 2
    if word == "crash":
        raise RuntimeError("the fake broke")
    if word == "kill":
        psutil.Process().parents()[1].kill()
        word = "hang"
    if word == "hang":
        results_json.write(_run(name, 3, finished=False), out)
        try:
            _note(log, f"hangs\t{name}")
            eventually(lambda: False, bool, within=600, describe="being told to end")
        finally:
            _note(log, f"ended\t{name}")
    elif word == "infra":
        task = a_task("ex1.1", Outcome.INFRA, 0, 4)
        results_json.write(a_run(task, submission=name, faults=[Fault("kafka", "a broker died")]), out)
        code = 3
    elif word == "unfinished":
        results_json.write(_run(name, 4, finished=False), out)
    elif word != "claims":
        results_json.write(_run(name, int(word)), out)
        code = 0 if word == "4" else 1
    _note(log, f"done\t{name}")
    return code


def _run(name: str, points: int, *, finished: bool = True) -> RunResult:
    outcome = Outcome.PASSED if points == 4 else Outcome.FAILED
    seen = "" if points == 4 else f"{points} of 60 records in group g-{name}"
    tasks = [a_task("ex1.1", outcome, points, 4, observed=seen), a_task("ex1.2", Outcome.PASSED, 2, 2)]
    return a_run(*tasks, submission=name, finished=finished, duration_s=12.0)


def _note(log: Path, line: str) -> None:
    with log.open("a") as file:
        file.write(f"{line}\n")


def _main() -> int:
    log, *options = sys.argv[1:]
    path = next(one for one in options if not one.startswith("-"))
    out = next(one.removeprefix("--out=") for one in options if one.startswith("--out="))
    return _grade(Path(log), Path(path), Path(out))


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(_main())
