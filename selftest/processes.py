"""Which processes a test has left."""

from __future__ import annotations

import psutil

from topicmark.services.jvm import MARKER


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
