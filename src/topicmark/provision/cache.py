"""The folder where everything that is fetched or built once is kept, and the locks that guard it."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """``$TOPICMARK_CACHE``, else the user's cache folder for ``topicmark``. Made if missing.

    Raises ``OSError`` if it cannot be made.
    """
    chosen = os.environ.get("TOPICMARK_CACHE")
    folder = Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_cache_dir("topicmark"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def tell_waiting(name: str) -> None:
    """Say on stderr that another run holds the lock ``name``."""
    sys.stderr.write(f"topicmark: waiting for another run ({name}) …\n")
    sys.stderr.flush()


@contextmanager
def locked(name: str, waiting: Callable[[str], None] = tell_waiting) -> Iterator[None]:
    """Hold the lock ``name`` across processes and threads; released when the block ends or the process dies.

    ``waiting`` is called once with the name if another holds it. Not reentrant.
    """
    folder = cache_dir() / "locks"
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting(name)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
