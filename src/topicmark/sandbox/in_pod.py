"""The first program in a pod: process 1 of its container. Standard library and ``inside.py`` only, which stands beside
it in the pod's command.

It talks with the grader over its standard input and output, which ``kubectl attach`` carries. Both ways go frames: one
byte that says what it is, four with the length (big endian), then the content.

1. in: ``C`` parts of the cargo (``cargo.py``), ``B`` parts of the baggage (a tar file, gzip, for ``/``), then ``R``
2. out: ``H`` once all of it is unpacked
3. in: ``G``, and the program starts as a child of this process
4. in, at any time: ``T`` what is typed, ``S`` a signal's number, ``E`` to end it all, ``K`` to be heard from. End of
   file means that the grader is gone
5. out, at any time: ``O`` what the program printed, ``U`` what it uses: processes, bytes of memory, files
6. out: ``X`` the wait status of the program, or ``F`` why it could not be started. Then this process ends
"""

# pathlib and contextlib take longer to import than all the rest here.
# ruff: noqa: PTH108, PTH208, PTH211, BLE001
from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
import tarfile
import threading
import time

from topicmark.sandbox import inside

MYPY = False  # mypy takes this for True; importing typing at every start would cost milliseconds
if MYPY:
    from collections.abc import Iterator
    from typing import Any, NoReturn


USAGE_EVERY_S = 1.0
LAST_OUTPUT_S = 2.0
CHUNK_BYTES = 1 << 16
MEASURED = ("RssAnon:", "RssShmem:", "VmSwap:")
PROPORTIONAL = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")


class GraderGone(Exception):
    """End of input: nobody is there any more."""


class Line:
    """Frames on two descriptors."""

    def __init__(self, source: int, sink: int) -> None:
        self.source, self.sink = source, sink
        self._come = b""

    def send(self, kind: bytes, content: bytes = b"") -> None:
        data = memoryview(kind + struct.pack(">I", len(content)) + content)
        while data:
            data = data[os.write(self.sink, data) :]

    def receive(self) -> tuple[bytes, bytes]:
        """The next frame; waits for it."""
        while True:
            for frame in self.waiting():
                return frame
            self.listen()

    def listen(self) -> None:
        """Take in what has come; waits if nothing has."""
        data = os.read(self.source, CHUNK_BYTES)
        if not data:
            raise GraderGone
        self._come += data

    def waiting(self) -> Iterator[tuple[bytes, bytes]]:
        """Frames that have come as a whole."""
        while len(self._come) >= 5:
            (length,) = struct.unpack(">I", self._come[1:5])
            if len(self._come) < 5 + length:
                return
            kind, content = self._come[:1], self._come[5 : 5 + length]
            self._come = self._come[5 + length :]
            yield kind, content


class Baggage:
    """The parts of the baggage as a file to read from."""

    def __init__(self, line: Line, first: bytes) -> None:
        self._line, self._left = line, first
        self.over = False

    def read(self, size: int) -> bytes:
        while not self._left and not self.over:
            kind, self._left = self._line.receive()
            self.over = kind != b"B"
        given, self._left = self._left[:size], self._left[size:]
        return given

    def close(self) -> None:
        """Read what is left of it."""
        while not self.over:
            self._left = b""
            self.read(1)


def take_in(line: Line) -> tuple[dict[str, Any], int, int]:
    """The order, the cargo's descriptor and where in it the files begin; the baggage is unpacked meanwhile."""
    cargo = os.memfd_create("cargo", os.MFD_CLOEXEC)
    kind, content = line.receive()
    while kind == b"C":
        while content:
            content = content[os.write(cargo, content) :]
        kind, content = line.receive()
    if kind == b"B":
        baggage = Baggage(line, content)
        with tarfile.open(fileobj=baggage, mode="r|gz") as archive:  # type: ignore[call-overload]
            archive.extractall("/", filter="fully_trusted")  # noqa: S202 (it is the grader's)
        baggage.close()
    order, offset = inside.read_cargo(cargo)
    for name in order["pythons"]:  # as the image has it, not as the grader's machine does
        if os.path.islink(name):  # noqa: PTH114
            os.unlink(name)
            os.symlink(os.path.realpath(sys.executable), name)
    return order, cargo, offset


# What it uses


def usage(scratch: list[str]) -> list[int]:
    pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    files = 0
    for path in scratch:
        held = os.statvfs(path)
        files += held.f_files - held.f_ffree if held.f_files else 0
    memory = sum(kib(pid, "status", MEASURED) for pid in pids)
    if len(pids) > 1:  # forked processes share pages
        memory = sum(kib(pid, "smaps_rollup", PROPORTIONAL) for pid in pids) or memory
    return [len(pids), memory * 1024, files]


def kib(pid: str, file: str, fields: tuple[str, ...]) -> int:
    try:
        with open(f"/proc/{pid}/{file}") as found:  # noqa: PTH123
            return sum(int(line.split()[1]) for line in found if line.startswith(fields))
    except (OSError, ValueError):
        return 0


# What is on localhost


def offer(entries: list[tuple[int, str, int]]) -> None:
    """Ports of this pod's loopback that lead elsewhere, as port-forwards do."""
    for port, host, target in entries:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            try:
                listener = socket.create_server((address, port), family=family)
            except OSError:
                continue  # no such family here, or taken
            threading.Thread(target=accept, args=(listener, (host, target)), daemon=True).start()


def accept(listener: socket.socket, target: tuple[str, int]) -> None:
    while True:
        near, _ = listener.accept()
        try:
            far = socket.create_connection(target, timeout=5)
        except OSError:
            near.close()
            continue
        far.settimeout(None)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=pour, args=(source, sink), daemon=True).start()


def pour(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(CHUNK_BYTES):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        sink.close()


# The program


class Attendant:
    """Waits for the end of the program; passes on what it prints, what is typed, signals."""

    def __init__(self, line: Line, program: int, terminal: int, wake: int, order: dict[str, Any]) -> None:
        self.line, self.program, self.terminal, self.wake = line, program, terminal, wake
        self.scratch: list[str] = order["scratch"]
        self.until_last: bool = order["until_last"]
        self.status: int | None = None
        self.ending = False
        self._told = 0.0

    def attend(self) -> int:
        poll = select.poll()
        for fd in (self.line.source, self.terminal, self.wake):
            poll.register(fd, select.POLLIN)
        self.obey()  # what came together with the go
        while True:
            found = inside.reap(self.program)
            self.status = found if found is not None else self.status
            if self.status is not None and (self.ending or not (self.until_last and inside.others_left())):
                return self.status
            self.tell_usage()
            for fd, _ in poll.poll(USAGE_EVERY_S * 1000):
                if fd == self.wake:
                    os.read(fd, 4096)
                elif fd == self.terminal:
                    if not self.pass_on():
                        poll.unregister(fd)
                else:
                    self.line.listen()
                    self.obey()

    def obey(self) -> None:
        for kind, content in self.line.waiting():
            if kind == b"T":
                os.write(self.terminal, content)
            elif kind == b"S":
                try:
                    os.killpg(self.program, int(content))
                except ProcessLookupError:
                    pass  # the program ended meanwhile
            elif kind == b"E":
                self.ending = True
                end_others(self.program)

    def pass_on(self) -> bool:
        """Pass on what was printed; False if nobody holds the other end any more."""
        try:
            data = os.read(self.terminal, CHUNK_BYTES)
        except OSError:
            return False  # EIO
        self.line.send(b"O", data)
        return bool(data)

    def tell_usage(self) -> None:
        now = time.monotonic()
        if now - self._told >= USAGE_EVERY_S:
            self._told = now
            self.line.send(b"U", json.dumps(usage(self.scratch)).encode())

    def last_output(self) -> None:
        poll = select.poll()
        poll.register(self.terminal, select.POLLIN)
        until = time.monotonic() + LAST_OUTPUT_S
        while time.monotonic() < until and poll.poll(100) and self.pass_on():
            pass


def end_others(program: int) -> None:
    """Kill every process of the container but this one."""
    try:
        if os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)
        else:  # no container around it: nobody else's are ended
            os.killpg(program, signal.SIGKILL)
    except ProcessLookupError:
        pass


def start(order: dict[str, Any], cargo: int, offset: int) -> tuple[int, int, int]:
    """The program, its terminal, and where its complaint is read if it could not be started."""
    terminal, slave = inside.open_terminal()
    complaint, complain = os.pipe()
    program = os.fork()
    if program == 0:
        signal.set_wakeup_fd(-1)
        try:
            inside.run_program(order, cargo, offset, slave)
        except (OSError, ValueError) as error:
            os.write(complain, str(error).encode())
        os._exit(inside.NOT_EXECUTABLE)
    os.close(slave)
    os.close(complain)
    os.close(cargo)
    try:
        os.setpgid(program, program)
    except OSError:
        pass  # the child did it first, and may have turned into the program already
    return program, terminal, complaint


def main() -> NoReturn:
    if inside.c_library().prctl(inside.PR_SET_DUMPABLE, 0, 0, 0, 0):  # or the program could write to our output
        os._exit(1)
    line = Line(0, os.dup(1))
    os.dup2(2, 1)
    for fd in (0, line.sink):
        os.set_inheritable(fd, False)
    order, cargo, offset = take_in(line)
    line.send(b"H")
    while line.receive()[0] != b"G":
        pass
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    program, terminal, complaint = start(order, cargo, offset)
    offer(order["localhost"])
    attendant = Attendant(line, program, terminal, wake, order)
    status = attendant.attend()
    end_others(program)
    attendant.last_output()
    os.set_blocking(complaint, False)
    try:
        said = os.read(complaint, 4096)
    except BlockingIOError:
        said = b""
    line.send(b"F" if said else b"X", said or str(status).encode())
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    try:
        main()
    except GraderGone:
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
