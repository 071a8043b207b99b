"""How many labs this machine can carry at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import psutil

LAB_BYTES: Mapping[str, int] = {"embedded": 3 * 2**29, "docker": 6 * 2**30}
"""Of memory, by backend, at the most: a lab of all services with the programs of a hand-in."""
PER_CORE = 2
"""Grading is mostly waiting: while one hand-in is graded, the lab of the next one starts."""
_SPARED_BYTES = 2**29
_CGROUP = Path("/sys/fs/cgroup")


def workers(backend: str, *, cores: int | None = None, free_bytes: int | None = None) -> int:
    """``PER_CORE`` for each core, if the memory that is free is enough for their labs; at least one."""
    cores = cores if cores is not None else len(os.sched_getaffinity(0))
    free_bytes = free_bytes if free_bytes is not None else _free_bytes()
    return max(1, min(PER_CORE * cores, (free_bytes - _SPARED_BYTES) // LAB_BYTES[backend]))


def _free_bytes() -> int:
    """Of the machine, or of the container that this runs in."""
    free: int = psutil.virtual_memory().available
    try:
        limit, used = ((_CGROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
        return free if limit == "max" else min(free, int(limit) - int(used))
    except (OSError, ValueError):
        return free  # no cgroup of version 2 of our own
