"""How much memory a command takes, with all that it starts."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import psutil


class Peak(threading.Thread):
    """The highest resident memory of processes and all that they started, sampled until ``stop``; what several of them
    share counts for each."""

    def __init__(self, roots: Sequence[psutil.Process], *, every_s: float = 0.05) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._roots = roots
        self._every_s = every_s
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(self._every_s):
            self.bytes = max(self.bytes, sum(_resident(process) for process in self._family()))

    def stop(self) -> None:
        self._over.set()
        self.join()

    def _family(self) -> set[psutil.Process]:
        found: set[psutil.Process] = set()
        for root in self._roots:
            try:
                found |= {root, *root.children(recursive=True)}
            except psutil.Error:
                continue
        return found


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
