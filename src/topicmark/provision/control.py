"""One line to a unix-domain socket, one line back: how the Java launcher of the Kafka nodes is told what to do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_LONGEST_ANSWER_BYTES = 1 << 16


def ask(folder: Path, name: str, command: str, *, within_s: float) -> str:
    """Send ``command`` to the socket ``name`` in ``folder``; its answer without the line end.

    Goes through a descriptor of the folder: a socket's path may have 107 bytes only, a lab's folder more.
    Raises ``OSError`` (``TimeoutError`` among them) if nobody listens or answers.
    """
    directory = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(within_s)
            connection.connect(f"/proc/self/fd/{directory}/{name}")
            connection.sendall(command.encode() + b"\n")
            with connection.makefile("rb") as answer:
                line = answer.readline(_LONGEST_ANSWER_BYTES)
    finally:
        os.close(directory)
    if not line.endswith(b"\n"):
        raise ConnectionError(f"{name}: no answer to {command!r}")
    return line.decode(errors="replace").rstrip("\n")
