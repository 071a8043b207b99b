"""The system calls a program in a sandbox does not get, as a seccomp filter (``inside.py`` installs it).

Namespaces do not cover everything: virtual-machine sockets ignore the network namespace, anonymous memory files and
System V segments are no part of a process's memory. New namespaces, mounts, keyrings, bpf, perf and io_uring have no
place in a lab and a long history of kernel bugs. What libraries try and can do without gets ENOSYS, the rest EPERM.
"""

from __future__ import annotations

import errno
import platform
import socket
import struct
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NR_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_NEW_NAMESPACES = 0x7E020000
_X32_BIT = 0x40000000
_TIOCSTI = 0x5412
_FAMILIES = (socket.AF_UNSPEC, socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: netlink, for getaddrinfo

# Above 423 the numbers are the same everywhere: io_uring, new mount calls, clone3, memfd_secret.
_COMMON_MISSING = (425, 426, 427, 435, 447)
_COMMON_REFUSED = (428, 429, 430, 431, 432, 433, 442)


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    clone: int
    socket: int
    ioctl: int
    prlimit: int
    missing: tuple[int, ...]
    """memfd_create, shmget"""
    refused: tuple[int, ...]
    """unshare, setns, mount, umount2, pivot_root, add_key, request_key, keyctl, bpf, perf_event_open, userfaultfd"""


_ARCHITECTURES = {
    "x86_64": _Architecture(
        0xC000003E, 56, 41, 16, 302, (319, 29), (272, 308, 165, 166, 155, 248, 249, 250, 321, 298, 323)
    ),
    "aarch64": _Architecture(
        0xC00000B7, 220, 198, 29, 261, (279, 194), (97, 268, 40, 39, 41, 217, 218, 219, 280, 241, 282)
    ),
}


def compile_filter(machine: str = "") -> bytes | None:
    """The filter as an array of ``struct sock_filter``; None for a machine whose call numbers are not known here."""
    architecture = _ARCHITECTURES.get(machine or platform.machine())
    if architecture is None:
        return None
    program = [
        _step(_LOAD, _ARCH_AT),
        _step(_EQUAL, architecture.audit, skip_if=1),
        _refuse(errno.ENOSYS),
        _step(_LOAD, _NR_AT),
        _step(_AT_LEAST, _X32_BIT, skip_if_not=1),
        _refuse(errno.ENOSYS),
    ]
    for number in (*architecture.missing, *_COMMON_MISSING):
        program += _on(number, [_refuse(errno.ENOSYS)])
    for number in (*architecture.refused, *_COMMON_REFUSED):
        program += _on(number, [_refuse(errno.EPERM)])
    program += _on(architecture.clone, [_argument(0), _step(_ANY_BIT, _NEW_NAMESPACES, skip_if_not=1), *_verdict()])
    program += _on(architecture.ioctl, [_argument(1), _step(_EQUAL, _TIOCSTI, skip_if_not=1), *_verdict()])
    # Of itself only: the limits of process 1, which may have the same user, are not the program's to change.
    program += _on(architecture.prlimit, [_argument(0), _step(_EQUAL, 0, skip_if=1), *_verdict()])
    family = [_argument(0)]
    for left, allowed in zip(range(len(_FAMILIES) - 1, -1, -1), _FAMILIES, strict=True):
        family.append(_step(_EQUAL, allowed, skip_if=left + 1))
    program += _on(architecture.socket, [*family, _refuse(errno.EAFNOSUPPORT), _step(_RETURN, _ALLOW)])
    program.append(_step(_RETURN, _ALLOW))
    return b"".join(program)


def _step(code: int, value: int, *, skip_if: int = 0, skip_if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, skip_if, skip_if_not, value)


def _refuse(number: int) -> bytes:
    return _step(_RETURN, _ERRNO | number)


def _argument(index: int) -> bytes:
    """Load the lower half of an argument (little endian)."""
    return _step(_LOAD, _ARGUMENTS_AT + 8 * index)


def _verdict() -> list[bytes]:
    return [_refuse(errno.EPERM), _step(_RETURN, _ALLOW)]


def _on(number: int, body: list[bytes]) -> list[bytes]:
    return [_step(_EQUAL, number, skip_if_not=len(body)), *body]
