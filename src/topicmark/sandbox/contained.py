"""Programs in the grader's own container, where no further namespaces can be made: names and addresses of the lab.

Graders of platforms are such containers: root, without the right to make namespaces, thrown away after one run. Its
``/etc/hosts`` and ``/etc/resolv.conf`` are ours to write there, and its loopback device has all of 127.0.0.0/8.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.sandbox.network import Network
from topicmark.sandbox.spec import Mount

REMARKS = (
    "Programs ran in the container of this one run, as a user of their own, without namespaces: they could see its "
    "files and reach its network.",
)
HOSTS = Path("/etc/hosts")
RESOLVER = Path("/etc/resolv.conf")
_OURS = re.compile(r"127\.0\.1\.(\d+)")
_blocks = itertools.count(1)
_MOST_BLOCKS = 250


def why_not() -> str:
    """Why this machine cannot be such a container; empty if it can."""
    if os.geteuid() != 0:
        return "the grader is not root in it"
    return "".join(f"{path} cannot be written. " for path in (HOSTS, RESOLVER) if not os.access(path, os.W_OK)).strip()


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


class Names:
    """The lab's names in the container: in ``/etc/hosts``, and by a name server those that are patterns only. In both
    files lines are marked as one sandbox's; those of other sandboxes stay."""

    def __init__(self, network: Network, block: int) -> None:
        self._mark = f"# topicmark {os.getpid()}.{block}"
        _change(HOSTS, self._mark, [f"{address} {name} {self._mark}" for name, address in network.names.items()])
        self._server = f"nameserver 127.0.{block}.53"
        _change(RESOLVER, self._mark, [self._mark, self._server], dropped=(self._server,))

    def remove(self) -> None:
        """Take them out again. Harmless if done before."""
        _change(HOSTS, self._mark, [])
        _change(RESOLVER, self._mark, [], dropped=(self._server,))


def _change(path: Path, mark: str, new: Sequence[str], dropped: Sequence[str] = ()) -> None:
    """Put lines first, in place of those that end with ``mark`` or are ``dropped``."""
    # in place: in a container both are mounts of their own, which nothing can be renamed over
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = [line for line in file.read().splitlines() if not line.endswith(mark) and line not in dropped]
        file.seek(0)
        file.write("".join(f"{line}\n" for line in [*new, *kept]))
        file.truncate()


@dataclass(frozen=True, slots=True)
class Offer:
    """What programs of one sandbox reach: the gateway's order, with the descriptors that go with it."""

    order: Mapping[str, Any]
    sockets: Sequence[socket.socket]
    names: Names
    remarks: Sequence[str]


def offer(network: Network) -> Offer:
    """Listeners for every endpoint and a name server, at addresses that no other sandbox has, and names leading there.

    What could not be had is in the remarks. Raises ``LabFault`` if the container's files cannot be written.
    """
    block = next(_blocks) % _MOST_BLOCKS + 1
    shifted = replace(
        network,
        listeners=[(index, _shifted(address, block), port) for index, address, port in network.listeners],
        names={name: _shifted(address, block) for name, address in network.names.items()},
        patterns=[(pattern, _shifted(address, block)) for pattern, address in network.patterns],
    )
    indices: list[int] = []
    sockets: list[socket.socket] = []
    remarks: list[str] = []
    server = _bound(socket.SOCK_DGRAM, f"127.0.{block}.53", 53, remarks)
    for index, address, port in shifted.listeners:
        if listener := _bound(socket.SOCK_STREAM, address, port, remarks):
            indices.append(index)
            sockets.append(listener)
    try:
        names = Names(shifted, block)
    except OSError as error:
        reason = f"the lab's names cannot be told in this container: {error}"
        raise LabFault(reason, service="sandbox") from error
    order = shifted.order(indices, dns=server is not None)
    return Offer(order, [*([server] if server else []), *sockets], names, remarks)


def _bound(kind: socket.SocketKind, address: str, port: int, remarks: list[str]) -> socket.socket | None:
    """A socket there, listening if it is a stream's; None if there can be none, which goes to the ``remarks``."""
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        if kind is socket.SOCK_STREAM:
            made.listen(256)
    except OSError as error:
        made.close()
        if ":" not in address:  # many containers have no IPv6
            remarks.append(f"{address}:{port} could not be offered: {error.strerror}.")
        return None
    return made


def _shifted(address: str, block: int) -> str:
    """``127.0.1.7`` in a sandbox's own block of addresses; other addresses as they are."""
    match = _OURS.fullmatch(address)
    return f"127.0.{block}.{match[1]}" if match else address
