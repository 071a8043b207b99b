"""The grader's end of a program's pod: between ``in_pod.py``'s frames, carried by ``kubectl attach``, and descriptors.

Runs alone, a process for each program, standard library only:
``pod_link.py CONTROL TERMINAL CARGO BAGGAGE ASK KUBECTL ARGUMENT…``. ``CONTROL`` is a SOCK_SEQPACKET socket, as
``inside.py`` has it: ``go``, ``signal N`` and ``kill`` come in; out go JSON objects: ``{"hello": true}``, ``{"usage":
[processes, memory_bytes, files]}``, and at the end ``{"status": wait status}``, ``{"fault": text}`` or ``{"reason":
text}`` if the pod went away around the program. ``TERMINAL`` is a stream socket, what is typed and what was printed.
``CARGO`` is a descriptor, ``BAGGAGE`` a file (empty: none), ``ASK`` a JSON list: the command that prints the pod.

If the grader goes, ``CONTROL`` closes, then ``kubectl`` is ended, and the pod ends because its input does.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import IO, Any

CHUNK_BYTES = 1 << 18
HEARD_EVERY_S = 10.0
ENDED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.5
ASK_WITHIN_S = 20.0
GRACE_S = 2.0
OWN_DISK = ("storage usage exceeds", "local ephemeral storage limit", "Usage of EmptyDir volume")


class Relay:
    def __init__(self, control: socket.socket, terminal: socket.socket, kubectl: subprocess.Popen[bytes]) -> None:
        assert kubectl.stdin is not None
        assert kubectl.stdout is not None
        self.control, self.terminal, self.kubectl = control, terminal, kubectl
        self.sink: IO[bytes] = kubectl.stdin
        self.source: IO[bytes] = kubectl.stdout
        self.killed = False
        """Whether nobody asks any more what became of it."""

    # To the pod

    def feed(self, cargo: int, baggage: str) -> None:
        """All that goes in, until the grader is gone."""
        try:
            self._send_file(b"C", os.dup(cargo))
            if baggage:
                self._send_file(b"B", os.open(baggage, os.O_RDONLY))
            self._frame(b"R")
            self._pass_on()
        except BrokenPipeError:
            return  # whoever reads from the pod tells what became of it
        self.end()

    def _send_file(self, kind: bytes, fd: int) -> None:
        offset = 0
        while data := os.pread(fd, CHUNK_BYTES, offset):
            self._frame(kind, data)
            offset += len(data)
        os.close(fd)

    def _pass_on(self) -> None:
        poll = select.poll()
        for one in (self.control, self.terminal):
            poll.register(one, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poll.poll(HEARD_EVERY_S * 1000)]
            if not ready:
                self._frame(b"K")
            if self.control.fileno() in ready:  # first: nobody can type before it was let go
                message = self.control.recv(64)
                if not message:
                    self.killed = True
                    return
                self._obey(message)
            if self.terminal.fileno() in ready:
                typed = self.terminal.recv(CHUNK_BYTES)
                if not typed:
                    return
                self._frame(b"T", typed)

    def _obey(self, message: bytes) -> None:
        if message == b"go":
            self._frame(b"G")
        elif message == b"kill":
            self.killed = True
            self._frame(b"E")
        else:
            self._frame(b"S", message.split()[1])

    def _frame(self, kind: bytes, content: bytes = b"") -> None:
        self.sink.write(kind + struct.pack(">I", len(content)) + content)
        self.sink.flush()

    # From the pod

    def follow(self) -> bool:
        """Pass on what comes out. Whether the end of the program came with it."""
        while frame := self._receive():
            kind, content = frame
            if kind == b"O":
                self.terminal.sendall(content)
            elif kind == b"H":
                self.tell(hello=True)
            elif kind == b"U":
                self.tell(usage=json.loads(content))
            elif kind == b"F":
                self.tell(fault=content.decode("utf-8", "replace"))
                return True
            elif kind == b"X":
                self.tell(status=int(content))
                return True
            else:
                raise ValueError(f"this is no frame: {kind + content[:80]!r}")
        return False

    def _receive(self) -> tuple[bytes, bytes] | None:
        head = self.source.read(5)
        if len(head) < 5:
            return None
        (length,) = struct.unpack(">I", head[1:])
        content = self.source.read(length)
        return (head[:1], content) if len(content) == length else None

    def tell(self, **message: Any) -> None:
        with contextlib.suppress(OSError):  # the grader is gone
            self.control.send(json.dumps(message).encode())

    def end(self) -> None:
        """End kubectl."""
        with contextlib.suppress(OSError):
            self.sink.close()
        with contextlib.suppress(ProcessLookupError):
            self.kubectl.terminate()
        try:
            self.kubectl.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.kubectl.kill()
            self.kubectl.wait()


def why_gone(ask: list[str]) -> str:
    """Why a program's pod broke off, as the reason of an ``Exit``."""
    until = time.monotonic() + ENDED_WITHIN_S
    while True:
        pod, complaint = look(ask)
        status = pod.get("status") or {}
        found = judged(pod, status) if pod else ""
        if found or time.monotonic() > until:
            return found or f"lost: the connection to its pod broke off {complaint}".strip()
        if not pod and "not found" in complaint.lower():
            return "lost: its pod was deleted"
        time.sleep(LOOK_EVERY_S)  # noqa: TID251 (nothing of ours is here)


def look(ask: list[str]) -> tuple[dict[str, Any], str]:
    try:
        done = subprocess.run(ask, capture_output=True, timeout=ASK_WITHIN_S, check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            return {}, done.stderr.decode("utf-8", "replace").strip()[-300:]
        return dict(json.loads(done.stdout)), ""
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return {}, str(error)


def judged(pod: dict[str, Any], status: dict[str, Any]) -> str:
    """What the pod's status says of its end; empty if it says nothing yet."""
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    if reason == "Evicted" and any(words in message for words in OWN_DISK):
        return f"killed: disk limit, {message}"
    if reason == "DeadlineExceeded":
        return "killed: wall time, its pod's deadline"
    if reason:
        return f"lost: the cluster took its pod down: {reason} {message}".strip()
    for one in status.get("conditions") or ():
        if one.get("type") == "DisruptionTarget" and one.get("status") == "True":
            return f"lost: the cluster takes its pod down: {one.get('reason')} {one.get('message') or ''}".strip()
    for one in status.get("containerStatuses") or ():
        ended = (one.get("state") or {}).get("terminated")
        if ended and ended.get("reason") == "OOMKilled":
            return "killed: memory limit, the kernel ended it at its container's"
        if ended:
            return f"lost: its container ended with code {ended.get('exitCode')} {ended.get('message') or ''}".strip()
    return "lost: its pod is being deleted" if "deletionTimestamp" in (pod.get("metadata") or {}) else ""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then closes our control socket
    control, terminal = (socket.socket(fileno=int(word)) for word in sys.argv[1:3])
    cargo, baggage, ask = int(sys.argv[3]), sys.argv[4], json.loads(sys.argv[5])
    for fd in (control.fileno(), terminal.fileno(), cargo):
        os.set_inheritable(fd, False)
    kubectl = subprocess.Popen(sys.argv[6:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    relay = Relay(control, terminal, kubectl)
    threading.Thread(target=relay.feed, args=(cargo, baggage), daemon=True).start()
    try:
        ended = relay.follow()
    except (OSError, ValueError) as error:
        ended = True
        relay.tell(reason=f"lost: {error}")
    relay.end()
    if not ended and not relay.killed:
        relay.tell(reason=why_gone(ask))


if __name__ == "__main__":
    main()
    os._exit(0)
