"""Which processes a test has left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from topicmark.services.jvm import MARKER
from topicmark.waiting import eventually


def marked(value: str) -> set[int]:
    """Processes whose environment carries the lab's marker."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == value:
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


def dies_with_its_parent(script: str, folder: Path, *arguments: str) -> bool:
    """Run a Python ``script`` that makes ``service``, in ``folder``, and kill it: whether the service ends too.

    ``folder`` is its first argument and the service's marker. Raises ``AssertionError`` if more than it was started.
    """
    told = "\nprint(service.pid, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", f"import sys; from pathlib import Path\n{script}{told}", str(folder), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        try:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            eventually(lambda: marked(str(folder)), lambda found: found == {pid}, within=5, describe=f"only {pid}")
        finally:
            parent.kill()
    return not eventually(
        lambda: marked(str(folder)), lambda left: not left, within=5, describe="no process of the lab"
    )
