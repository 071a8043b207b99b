"""A student who works by hand: a folder, a state folder of its own, and what is to be typed for exercise 2."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from selftest.cases import ROOT, Graded, grade

REFERENCE = ROOT / "submissions" / "reference"
TOPIC = "test-redpanda"
RIGHT = b'{"id":1,"status":"it works"}'
STEPS = f"""\
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic {TOPIC} --partitions 1 --replication-factor 3 &&
echo '1;{RIGHT.decode()}' | kafka-console-producer.sh --bootstrap-server kafka:9092 --topic {TOPIC} \
    --property parse.key=true --property key.separator=';' &&
echo '{{"partitions":[{{"topic":"{TOPIC}","partition":0,"offset":-1}}],"version":1}}' >delete.json &&
kafka-delete-records.sh --bootstrap-server kafka:9092 --offset-json-file delete.json
"""


class Home:
    """A student's folder, with a state folder of its own: no other test's lab is seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"TOPICMARK_STATE": str(folder / "state"), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        self.handed_in = folder / "mine"
        shutil.copytree(REFERENCE, self.handed_in)
        (self.handed_in / "exercise02.sh").unlink()

    def run(self, *arguments: str, within_s: float = 180) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "topicmark", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within_s,
        )

    def grade(self, select: str, *options: str, submission: Path | None = None) -> Graded:
        out = self.folder / f"out-{time.monotonic_ns()}"
        return grade(submission or self.handed_in, out, "-k", select, *options, env=self.env)

    def labs(self) -> list[Path]:
        return [lab for lab in (self.folder / "state" / "labs").iterdir() if (lab / "lab.json").exists()]
