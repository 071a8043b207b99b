"""Wall time and peak memory of grading the reference: some exercises and all, cold and on a lab that is up.

    .venv/bin/python bench/grade.py [--rounds 5]

The cases take turns within one run. Beside them, as a yardstick for the machine's speed: one plain ``kafka.Kafka``
until a client sees it (``bench/start.py`` has the details). Memory is the resident set of the whole process tree,
sampled every 50 ms; a kept lab's brokers are counted with the warm cases.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from memory import Peak

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "submissions" / "reference"
CASES = {
    "-k ex5": ("-k", "ex5"),
    "-k ex7": ("-k", "ex7"),
    "ex1 ex4 ex5": ("-k", "ex1 or ex4 or ex5"),
    "everything": (),
}
LAUNCHERS = {"topicmark.lab.KafkaNodes", "topicmark.hdfs.HdfsNodes"}


@dataclass(frozen=True)
class Figure:
    wall_s: float
    peak_mb: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = arguments.parse_args().rounds
    names = [f"{name} {lab}" for name in CASES for lab in ("cold", "warm")]
    figures: dict[str, list[Figure]] = {name: [] for name in names}
    _topicmark("grade", str(REFERENCE), "-k", "ex1", "--out", tempfile.mkdtemp())  # set-up done, caches warm
    for _ in range(rounds):
        for name, options in CASES.items():
            figures[f"{name} cold"].append(_measured("--fresh", *options))
        _topicmark("up")
        try:
            for name, options in CASES.items():
                figures[f"{name} warm"].append(_measured(*options))
        finally:
            _topicmark("down")
    print(f"{'':20} {'wall s: min':>12} {'median':>8} {'max':>8} {'peak MB: median':>17}")
    for name in names:
        walls = [figure.wall_s for figure in figures[name]]
        peak = statistics.median(figure.peak_mb for figure in figures[name])
        print(f"{name:20} {min(walls):12.1f} {statistics.median(walls):8.1f} {max(walls):8.1f} {peak:17.0f}")


def _topicmark(*arguments: str) -> None:
    subprocess.run([str(ROOT / "topicmark"), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def _measured(*options: str) -> Figure:
    with tempfile.TemporaryDirectory() as out:
        began = time.monotonic()
        run = subprocess.Popen(
            [str(ROOT / "topicmark"), "grade", str(REFERENCE), "--out", out, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        labs = [process for process in psutil.process_iter() if _is_lab(process)]
        peak = Peak([psutil.Process(run.pid), *labs])
        code = run.wait()
        wall_s = time.monotonic() - began
        peak.stop()
    if code != 0:
        sys.exit(f"grading the reference ended with {code}: the figures would mean nothing")
    return Figure(wall_s, peak.bytes / 2**20)


def _is_lab(process: psutil.Process) -> bool:
    try:
        return bool(LAUNCHERS & set(process.cmdline()))
    except psutil.Error:
        return False


if __name__ == "__main__":
    main()
