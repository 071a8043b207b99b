"""A run on a machine where something is wrong: a port that is taken, a small disk, a clock that jumps.

The machine is a network or mount namespace of the run's own, which needs root, or a preloaded library, which needs a C
compiler: nobody else notices. As a program it is what ``Machine.launcher`` starts: it makes the machine
and goes on as ``topicmark``.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topicmark import cli
from topicmark.sandbox import Mount, Sandbox
from topicmark.services.jvm import Jvm

DISK_BYTES = 512 * 2**20
_SEEN_INSIDE = Path("/opt/clock")
_CLOCK = "ahead"
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40


@dataclass(frozen=True)
class Machine:
    """``launcher`` takes the place of ``topicmark``, ``env`` goes with it."""

    launcher: Sequence[str] = (sys.executable, "-m", "topicmark")
    env: Mapping[str, str] = field(default_factory=dict)


def with_port_taken(port: int) -> Machine:
    """Somebody listens there on all addresses, from before the start until the end."""
    return Machine(("unshare", "--net", *_itself("port", str(port))))


def with_small_disk(state: Path) -> Machine:
    """Labs and all that is remembered between runs are on a disk of ``DISK_BYTES``."""
    state.mkdir(parents=True)
    return Machine(("unshare", "--mount", *_itself("disk", str(state))), {"TOPICMARK_STATE": str(state)})


def with_own_clock(folder: Path) -> Machine:
    """The wall clock is ahead of the true one by what ``set_clock`` last said; the monotonic one is not touched."""
    folder.mkdir(mode=0o755)
    library, source = folder / "clock.so", Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-Wall", "-Werror", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    set_clock(folder, 0)
    return Machine(_itself("clock", str(folder)), _preloaded(folder))


def set_clock(folder: Path, ahead_s: int) -> None:
    """Let the clock jump, for all processes of the run at once."""
    clock = folder / _CLOCK
    with clock.open("r+b" if clock.exists() else "wb") as file:  # written over: it is looked at all the time
        file.write(struct.pack("=q", ahead_s))


def _preloaded(folder: Path) -> dict[str, str]:
    return {"LD_PRELOAD": str(folder / "clock.so"), "TOPICMARK_CLOCK": str(folder / _CLOCK)}


def fill(folder: Path) -> None:
    """Leave nothing on the disk on which ``folder`` is."""
    with (folder / "ballast").open("wb") as file:
        size, step = 0, DISK_BYTES
        while step >= 4096:
            try:
                os.posix_fallocate(file.fileno(), size, step)
                size += step
            except OSError:
                step //= 2


def _itself(*told: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "selftest.elsewhere", *told, "--")


def _take_port(port: int) -> socket.socket:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", _IFF_UP | _IFF_RUNNING)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)
    return socket.create_server(("0.0.0.0", port))


def _mount_disk(state: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(state)], check=True)


def _pass_clock_on(folder: Path) -> None:
    """Services and programs get an environment of their own, in which the clock is not."""
    spawn, make = Jvm.spawn, Sandbox.__init__

    def spawned(*told: Any, extra: Mapping[str, str] | None = None, **more: Any) -> Jvm:
        return spawn(*told, extra={**_preloaded(folder), **(extra or {})}, **more)

    def made(self: Sandbox, *, mounts: Sequence[Mount] = (), env: Mapping[str, str] | None = None, **more: Any) -> None:
        shown = Mount(folder, _SEEN_INSIDE)
        make(self, mounts=(*mounts, shown), env={**_preloaded(_SEEN_INSIDE), **(env or {})}, **more)

    Jvm.spawn = staticmethod(spawned)  # type: ignore[method-assign]
    Sandbox.__init__ = made  # type: ignore[method-assign]


def main() -> int:
    """``KIND WHAT… -- grade …``"""
    at = sys.argv.index("--")
    kind, *told = sys.argv[1:at]
    taken = _take_port(int(told[0])) if kind == "port" else None
    if kind == "disk":
        _mount_disk(Path(told[0]))
    elif kind == "clock":
        _pass_clock_on(Path(told[0]))
    try:
        return cli.main(sys.argv[at + 1 :])
    finally:
        if taken is not None:
            taken.close()


if __name__ == "__main__":
    sys.exit(main())
