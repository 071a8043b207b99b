"""What hostile input may cost. Processor time, not the clock's: a busy machine makes nothing look slow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

LITTLE_CPU_S = 20.0
"""Far above what any of it takes, far below what it would take if its effort grew with the square of the input."""


@contextmanager
def little_effort(most_cpu_s: float = LITTLE_CPU_S) -> Iterator[None]:
    """The block takes at most so much of the processor, in seconds."""
    began = time.process_time()
    yield
    assert time.process_time() - began < most_cpu_s
