"""Counting the processes of a sandbox from outside, through the sandbox's own /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Sequence

from topicmark.sandbox.running import Usage
from topicmark.sandbox.spec import Limits

_MEASURED = ("RssAnon:", "RssShmem:", "VmSwap:")
_PROPORTIONAL = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")


class NamespaceCensus:
    """Looks through a descriptor of the sandbox's /proc, which lists exactly its processes, and of its scratch folders.

    The descriptors were opened by ``inside.py`` before the program started. Owns all of them.
    """

    def __init__(self, init_fd: int, proc_fd: int, scratch_fds: Sequence[int]) -> None:
        self._init = init_fd
        self._proc = proc_fd
        self._scratch = tuple(scratch_fds)
        self._closed = False
        self._lock = threading.Lock()

    def usage(self, limits: Limits) -> Usage | None:
        """Process 1 is ours and is not counted. Memory is not looked at once there are too many processes."""
        with self._lock:
            return None if self._closed else self._usage(limits)

    def _usage(self, limits: Limits) -> Usage | None:
        try:
            pids = [name for name in os.listdir(self._proc) if name.isdigit() and name != "1"]  # noqa: PTH208 (a descriptor)
            files = sum(usage.f_files - usage.f_ffree for usage in map(os.fstatvfs, self._scratch) if usage.f_files)
        except OSError:
            return None
        if len(pids) > limits.processes:
            return Usage(len(pids), 0, files)
        memory = sum(self._kib(f"{pid}/status", _MEASURED) for pid in pids) * 1024
        if memory > limits.memory_bytes:
            # Forked processes share pages: count each page once before saying that it is too much.
            shares = sum(self._kib(f"{pid}/smaps_rollup", _PROPORTIONAL) for pid in pids) * 1024
            memory = shares or memory
        return Usage(len(pids), memory, files)

    def kill(self) -> None:
        """Kill process 1 of the namespace; the kernel kills the rest."""
        with self._lock, contextlib.suppress(OSError):
            if not self._closed:
                signal.pidfd_send_signal(self._init, signal.SIGKILL)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for fd in (self._init, self._proc, *self._scratch):
                os.close(fd)

    def _kib(self, path: str, fields: Sequence[str]) -> int:
        """The sum of some fields of a file under /proc, in KiB; 0 for a process that is gone."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        except OSError:
            return 0
        try:
            text = os.read(fd, 8192).decode("ascii", "replace")
        except OSError:
            return 0
        finally:
            os.close(fd)
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(tuple(fields)))
