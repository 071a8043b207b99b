"""Programs in the grader's own container, where no further namespaces can be made: names and addresses of the lab.

Graders of platforms are such containers: root, without the right to make namespaces, thrown away after one run. Its
``/etc/hosts`` is ours to write there, and its loopback device has all of 127.0.0.0/8.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from topicmark.model import LabFault
from topicmark.sandbox.network import Network
from topicmark.sandbox.spec import Mount

REMARKS = (
    "Programs ran in the container of this one run, as a user of their own, without namespaces: they could see its "
    "files and reach its network.",
)
HOSTS = Path("/etc/hosts")
_OURS = re.compile(r"127\.0\.1\.(\d+)")
_blocks = itertools.count(1)
_MOST_BLOCKS = 250


def why_not() -> str:
    """Why this machine cannot be such a container; empty if it can."""
    if os.geteuid() != 0:
        return "the grader is not root in it"
    return "" if os.access(HOSTS, os.W_OK) else f"{HOSTS} cannot be written"


def show(mounts: Sequence[Mount]) -> None:
    """Links at the mounts' targets, in place of those of an earlier sandbox: the container's files are ours.

    Raises ``LabFault`` if something else is there.
    """
    for mount in mounts:
        if mount.source == mount.target or (mount.target.is_symlink() and mount.target.readlink() == mount.source):
            continue
        try:
            mount.target.parent.mkdir(parents=True, exist_ok=True)
            if mount.target.is_symlink():
                mount.target.unlink()
            mount.target.symlink_to(mount.source)
        except OSError as error:
            reason = f"{mount.target} cannot be made for programs: {error.strerror}"
            raise LabFault(reason, service="sandbox", remedy="use an image without it") from error


class Lines:
    """The lab's names in ``/etc/hosts``, marked as those of one sandbox. Other sandboxes' names stay."""

    def __init__(self, network: Network, block: int) -> None:
        self._mark = f"# topicmark {os.getpid()}.{block}"
        lines = [f"{_shifted(address, block)} {name}" for name, address in network.names.items()]
        self._change([f"{line} {self._mark}" for line in lines])

    def remove(self) -> None:
        """Take them out again. Harmless if done before."""
        self._change([])

    def _change(self, new: list[str]) -> None:
        # in place: a container's /etc/hosts is a mount of its own, which nothing can be renamed over
        with HOSTS.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = [line for line in file.read().splitlines() if not line.endswith(self._mark)]
            file.seek(0)
            file.write("\n".join([*kept, *new]) + "\n")
            file.truncate()


def offer(network: Network) -> tuple[list[int], list[socket.socket], list[str], Lines]:
    """Listeners for every endpoint, at addresses that no other sandbox has: endpoint indices, sockets, remarks on those
    that could not be had, and the names that lead there."""
    block = next(_blocks) % _MOST_BLOCKS + 1
    indices, sockets, remarks = [], [], []
    for index, address, port in network.listeners:
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_shifted(address, block), port))
            listener.listen(256)
        except OSError as error:
            with contextlib.suppress(OSError):
                listener.close()
            if ":" not in address:  # many containers have no IPv6
                remarks.append(f"{address}:{port} could not be offered: {error.strerror}.")
            continue
        indices.append(index)
        sockets.append(listener)
    return indices, sockets, remarks, Lines(network, block)


def _shifted(address: str, block: int) -> str:
    """``127.0.1.7`` in a sandbox's own block of addresses; other addresses as they are."""
    match = _OURS.fullmatch(address)
    return f"127.0.{block}.{match[1]}" if match else address
