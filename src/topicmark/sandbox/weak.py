"""The weak level: resource limits, a scrubbed environment and a copy of the files. For programs that are trusted.

What does not work: a program sees the host's files, processes and network. The lab's host names do not resolve
(that needs a namespace), so a program with the course's names in it does not reach the lab; endpoints that are
``on_localhost`` are offered on 127.0.0.1 if the port is free. Mounts are not shown at their targets, the size of the
scratch folder is not limited, and a process that kills its parent gets away from ``stop``. If the grader runs as
root, programs run as a user id that no account has.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import psutil

from topicmark.sandbox.network import Network
from topicmark.sandbox.running import Usage
from topicmark.sandbox.spec import Limits, Mount

REMARKS = (
    "Programs ran in the weak sandbox: they could see this machine's files, processes and network.",
    "In the weak sandbox the lab's host names do not resolve: programs reach the lab only under localhost.",
)


class ProcessCensus:
    """Walks the descendants of a process that adopts every orphan of theirs (a subreaper)."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def usage(self, limits: Limits) -> Usage | None:
        """Memory is the resident size, so what processes share is counted for each."""
        memory = 0
        processes = self._descendants()
        for process in processes[: limits.processes]:
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
        return Usage(len(processes), memory, 0)

    def kill(self) -> None:
        """Kill the descendants, again and again until none is left, then their ancestor."""
        for _ in range(100):
            processes = [one for one in self._descendants() if _lives(one)]
            if not processes:
                break
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        with contextlib.suppress(OSError):
            os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """Nothing is held open."""

    def _descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._pid).children(recursive=True)
        except psutil.Error:
            return []


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def offer_on_localhost(network: Network) -> tuple[list[int], list[socket.socket], list[str]]:
    """Listeners on the host's 127.0.0.1 for endpoints that want it: endpoint indices, sockets, remarks on failures."""
    indices, sockets, remarks = [], [], []
    for index, address, port in network.listeners:
        if address != "127.0.0.1":
            continue
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(256)
        except OSError as error:
            listener.close()
            remarks.append(f"localhost:{port} could not be offered: {error.strerror}.")
            continue
        indices.append(index)
        sockets.append(listener)
    return indices, sockets, remarks


def on_host(path: str, mounts: Sequence[Mount]) -> str:
    """Where something at an inside path is on the host."""
    for mount in mounts:
        if Path(path).is_relative_to(mount.target):
            return str(mount.source / Path(path).relative_to(mount.target))
    return path
