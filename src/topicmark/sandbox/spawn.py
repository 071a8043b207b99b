"""Starting processes that must die with the grader, all from one thread that lives as long as the grader.

The kernel's parent-death signal (``bwrap --die-with-parent``) is sent when the *thread* that started the process
ends, so a process started by a short-lived worker thread would be killed with that thread.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

MARKER = "TOPICMARK_LAB"

_lock = threading.Lock()
_thread: ThreadPoolExecutor | None = None


def spawn(
    argv: Sequence[str],
    *,
    stdin: int | IO[bytes],
    stderr: int | IO[bytes],
    pass_fds: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
    uid: int | None = None,
    new_session: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a process with nothing but the given descriptors and environment. Raises ``OSError``."""
    work = _spawner().submit(
        subprocess.Popen,
        list(argv),
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=tuple(pass_fds),
        env=dict(env or {}),
        cwd="/",
        start_new_session=new_session,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else (),
    )
    return work.result()


def marked(marker: str) -> dict[str, str]:
    """The environment of a process on the host's side: how orphans are recognised, and nothing else."""
    return {MARKER: marker, "LANG": "C.UTF-8", "PATH": os.defpath}


def _spawner() -> ThreadPoolExecutor:
    global _thread
    with _lock:
        if _thread is None:
            _thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="topicmark-spawn")
        return _thread
