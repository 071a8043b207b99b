"""A Dask scheduler and its workers as processes of their own, on loopback, for the tests of ``batch --scheduler``."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from selftest.cases import ROOT
from topicmark.waiting import eventually

_UP_S = 60
_ALONE = ("--host", "127.0.0.1", "--no-dashboard")


class Grid:
    """All of it is ended with ``close``, by force."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self._run("dask_scheduler", *_ALONE, "--port", "0", "--scheduler-file", str(file))
        self.address = eventually(
            lambda: _address(file), bool, within=_UP_S, describe="a scheduler", watch=self._require_alive
        )

    def worker(self, path: Sequence[Path] = ()) -> psutil.Process:
        """One more, ready. ``path`` is where it looks for packages first."""
        number = len(self._started)
        name = f"worker-{number}"
        began = self._run(
            "dask_worker", self.address, *_ALONE, "--nthreads", "1", "--no-nanny", "--name", name,
            "--local-directory", str(self._folder / name), path=path,
        )  # fmt: skip
        eventually(
            lambda: (self._folder / f"{number}.said").read_text(),
            lambda said: "Registered to" in said,
            within=_UP_S,
            describe=name,
            watch=self._require_alive,
        )
        return psutil.Process(began.pid)

    def close(self) -> None:
        for one in self._started:
            one.kill()
            one.wait()

    def _run(self, program: str, *options: str, path: Sequence[Path] = ()) -> subprocess.Popen[bytes]:
        packages = [*map(str, path), str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        with (self._folder / f"{len(self._started)}.said").open("wb") as said:
            began = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *options],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self._started.append(began)
        return began

    def _require_alive(self) -> None:
        assert self._started[-1].poll() is None, (self._folder / f"{len(self._started) - 1}.said").read_text()


@contextlib.contextmanager
def grid(folder: Path, workers: int = 0) -> Iterator[Grid]:
    """A scheduler with so many workers."""
    folder.mkdir()
    made = Grid(folder)
    try:
        for _ in range(workers):
            made.worker()
        yield made
    finally:
        made.close()


def worker_of(run: int) -> psutil.Process:
    """The worker that has started the run with this process id: its parent is the leash."""
    return psutil.Process(run).parents()[1]


def _address(file: Path) -> str:
    try:
        return str(json.loads(file.read_text())["address"])
    except (OSError, ValueError):
        return ""
