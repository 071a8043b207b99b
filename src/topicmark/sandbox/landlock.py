"""A process of the lab that carries out what others hand in, held to its own files (Landlock, Linux 5.13 and later).

A worker of Connect opens whatever address a connector's settings name, ``file:///`` too. It keeps its process id, and
needs no rights for this. Run as ``python -I -S landlock.py RULES PROGRAM ARGUMENT…``: standard library only.

Source of the constants: the kernel's ``landlock.h`` (uapi) and its page on Landlock for user space.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
from collections.abc import Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVS = 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_FIRST = (1 << 13) - 1
"""Every right over files that the first version knows; later ones are added where the kernel knows them."""
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_SCOPED = 0b11
"""Abstract sockets and signals of those outside; since version 6."""


def held(argv: Sequence[str], *, readable: Sequence[str], writable: Sequence[str]) -> list[str]:
    """The command for a program that can open nothing else for reading or running (``readable``), nor for changing
    (``writable``). ``argv`` itself where the kernel has no Landlock. Paths that do not exist are left out."""
    if version() < 1:
        return list(argv)
    rules = json.dumps({"readable": list(readable), "writable": list(writable)})
    return [sys.executable, "-I", "-S", __file__, rules, *argv]


def version() -> int:
    """Of Landlock in this kernel; 0 if it has none."""
    found: int = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(found, 0)


def hold(readable: Sequence[str], writable: Sequence[str]) -> None:
    """This process, from now on and for good, and whatever it starts. Raises ``OSError``."""
    known = version()
    everything = _FIRST | (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    attributes = struct.pack("=QQQ", everything, 0, _SCOPED) if known >= 6 else struct.pack("=Q", everything)
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    for path in readable:
        _allow(ruleset, path, _READ)
    for path in writable:
        _allow(ruleset, path, everything)
    if ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the process could gain rights")
    _call(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        there = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        mine = rights if os.path.isdir(path) else rights & _ON_A_FILE  # noqa: PTH112 (pathlib takes longer to import)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", mine, there), 0)
    finally:
        os.close(there)


def _call(number: int, *arguments: object) -> int:
    kernel = ctypes.CDLL(None, use_errno=True)
    result: int = kernel.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock cannot be used")
    return result


if __name__ == "__main__":
    rules = json.loads(sys.argv[1])
    hold(rules["readable"], rules["writable"])
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
