"""The first program of a shell in the lab's network. Standard library and ``inside.py`` only, which stands beside it.

Started as ``python -I -S -E inside_shell.py CONTROL LISTENERS USER GROUP PROGRAM ARGUMENT…``. It opens the listeners (a
JSON list of ``[index, address, port]``) and the name server's socket, hands them out over ``CONTROL``, waits for ``go``
and turns into the program, as the user who started it.
"""

# pathlib and contextlib take longer to import than all the rest here.
# ruff: noqa: PTH120, PTH123, S606
from __future__ import annotations

import array
import ctypes
import json
import os
import signal
import socket
import sys

MYPY = False
if MYPY:
    from topicmark.sandbox import inside
else:
    sys.path.insert(0, os.path.dirname(__file__))
    import inside

    del sys.path[0]


def become_oneself(user: int, group: int) -> None:
    """Give up being root in the user namespace around this one, which was needed for port 53."""
    if ctypes.CDLL(None, use_errno=True).unshare(inside.CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace for the shell")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} 0 1"), ("gid_map", f"{group} 0 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    listeners = json.loads(sys.argv[2])
    user, group = int(sys.argv[3]), int(sys.argv[4])
    argv = sys.argv[5:]
    indices, sockets = inside.listen(listeners)
    dns = inside.open_dns()
    opened = [dns, *sockets] if dns is not None else sockets
    fds = array.array("i", [one.fileno() for one in opened])
    hello = json.dumps({"listeners": indices, "dns": dns is not None}).encode()
    control.sendmsg([hello], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
    if control.recv(16) != b"go":
        return
    for one in [control, *opened]:
        one.close()
    if os.geteuid() == 0 and user != 0:
        become_oneself(user, group)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except FileNotFoundError:
        sys.stderr.write(f"topicmark: {argv[0]}: not found\n")
        sys.exit(inside.NOT_FOUND)
    except OSError as error:
        sys.stderr.write(f"topicmark: {argv[0]}: {error.strerror}\n")
        sys.exit(inside.NOT_EXECUTABLE)


if __name__ == "__main__":
    main()
