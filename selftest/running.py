"""A grading run that a test watches and disturbs while it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from selftest.cases import ROOT
from topicmark.provision.control import ask
from topicmark.waiting import eventually


class RunningGrade:
    """``topicmark grade`` as a process of its own, its output in a file, its cache's lab folder its own."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        launcher: Sequence[str] = (sys.executable, "-m", "topicmark"),
    ) -> None:
        self.out = folder / "out"
        self._log = folder / "output.txt"
        self._sink = self._log.open("wb")
        listening = ["env", "--default-signal=INT"]  # a job in the background hands down that it ignores SIGINT
        self.process = subprocess.Popen(
            [*listening, *launcher, "grade", *arguments, "--out", str(self.out)],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=self._sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def await_output(self, text: str, within_s: float = 120) -> None:
        """Wait until the run has said ``text``."""
        eventually(
            lambda: text in self.output or self.process.poll() is not None,
            bool,
            within=within_s,
            describe=f"{text!r} in the output",
        )
        assert text in self.output, self.output

    def jvm(self, launcher: str) -> psutil.Process:
        """The lab's JVM with this main class."""
        found = eventually(
            lambda: [p for p in psutil.Process(self.process.pid).children() if launcher in p.cmdline()],
            bool,
            within=60,
            describe=f"the JVM of {launcher}",
            retry_on=(psutil.Error,),
        )
        return found[0]

    def brokers(self) -> psutil.Process:
        """The JVM of the lab's Kafka nodes."""
        return self.jvm("topicmark.lab.KafkaNodes")

    def lab_folder(self) -> Path:
        """Where the lab keeps its brokers' files; waits until all brokers run."""
        folder = Path(self.brokers().cwd())
        eventually(
            lambda: ask(folder, "control", "status", within_s=10).count("running"),
            lambda running: running == 3,
            within=60,
            describe="three brokers",
            retry_on=(OSError,),
        )
        return folder

    def family(self) -> list[psutil.Process]:
        """Every process that the run has started, and the run."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def wait(self, within_s: float = 600) -> int:
        return self.process.wait(timeout=within_s)

    def results(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.out / "results.json").read_text())
        return loaded

    def __enter__(self) -> RunningGrade:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self._sink.close()
