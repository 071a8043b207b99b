"""The first program of a shell in the lab's network. Standard library only, nothing of the grader.

Started as ``python -I -S -E inside_shell.py CONTROL LISTENERS USER GROUP PROGRAM ARGUMENT…``. It opens the listeners (a
JSON list of ``[index, address, port]``) and the name server's socket, hands them out over ``CONTROL``, waits for ``go``
and turns into the program, as the user who started it.
"""

# pathlib and contextlib take longer to import than all the rest here.
# ruff: noqa: PTH123, S606
from __future__ import annotations

import array
import ctypes
import json
import os
import signal
import socket
import sys

CLONE_NEWUSER = 0x10000000
NOT_FOUND, NOT_EXECUTABLE = 127, 126


def listen(entries: list[tuple[int, str, int]]) -> tuple[list[int], list[socket.socket]]:
    """One listening socket per entry; addresses that do not exist here (no IPv6) are left out."""
    indices, sockets = [], []
    for index, address, port in entries:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            one = socket.socket(family, socket.SOCK_STREAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, port))
            one.listen(256)
        except OSError:
            if family == socket.AF_INET6:
                continue
            raise
        indices.append(index)
        sockets.append(one)
    return indices, sockets


def name_server() -> list[socket.socket]:
    """Its socket; none where port 53 may not be bound."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        server.bind(("127.0.0.1", 53))
    except OSError:
        server.close()
        return []
    return [server]


def become_oneself(user: int, group: int) -> None:
    """Give up being root in the user namespace around this one, which was needed for port 53."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace for the shell")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} 0 1"), ("gid_map", f"{group} 0 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    listeners = json.loads(sys.argv[2])
    user, group = int(sys.argv[3]), int(sys.argv[4])
    argv = sys.argv[5:]
    indices, sockets = listen(listeners)
    dns = name_server()
    fds = array.array("i", [one.fileno() for one in [*dns, *sockets]])
    hello = json.dumps({"listeners": indices, "dns": bool(dns)}).encode()
    control.sendmsg([hello], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
    if control.recv(16) != b"go":
        return
    for one in [control, *dns, *sockets]:
        one.close()
    if os.geteuid() == 0 and user != 0:
        become_oneself(user, group)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except FileNotFoundError:
        sys.stderr.write(f"topicmark: {argv[0]}: not found\n")
        sys.exit(NOT_FOUND)
    except OSError as error:
        sys.stderr.write(f"topicmark: {argv[0]}: {error.strerror}\n")
        sys.exit(NOT_EXECUTABLE)


if __name__ == "__main__":
    main()
