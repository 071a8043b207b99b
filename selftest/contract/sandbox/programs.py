"""Servers that a sandboxed program may reach, the programs, and how they are looked at from outside."""

from __future__ import annotations

import contextlib
import os
import socketserver
import textwrap
import threading
from pathlib import Path

import psutil

from topicmark.sandbox import Command, Limits, Program, Sandbox
from topicmark.waiting import eventually

MIB = 2**20
OURS = f"47{os.getpid()}"
"""Programs are told by a word in their command line; each test worker has its own."""
SCRIPT = f"program-{OURS}.sh"
HEADLESS = r"kafka-controller-1\.kafka-controller-headless\.[a-z0-9-]+\.svc\.cluster\.local"


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.request.sendall(f"{self.server.name}\n".encode())  # type: ignore[attr-defined]
            while data := self.request.recv(1 << 16):
                self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, name: str) -> None:
        super().__init__((host, 0), Echo)
        self.name = name
        self.host, self.port = host, int(self.server_address[1])
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Runs:
    """Starts programs given as Python or shell source."""

    def __init__(self, sandbox: Sandbox, tree: Path) -> None:
        self.sandbox = sandbox
        self.tree = tree

    def python(self, source: str, *args: str, limits: Limits | None = None, command: Command | None = None) -> Program:
        (self.tree / "program.py").write_text(textwrap.dedent(source))
        return self.sandbox.start(
            command or Command(["python3", "program.py", *args]), self.tree, "program", limits=limits
        )

    def shell(self, source: str, *, until_last: bool = False, env: dict[str, str] | None = None) -> Program:
        (self.tree / SCRIPT).write_text(textwrap.dedent(source))
        return self.sandbox.start(Command(["sh", SCRIPT], until_last=until_last, env=env or {}), self.tree, "script")

    def printed(self, source: str, *args: str) -> str:
        with self.python(source, *args) as program:
            program.wait(20)
            return program.output()


def await_output(program: Program, text: str, within: float = 10) -> str:
    def alive() -> None:
        assert program.running or text in program.output(), f"{program.exit}: {program.tail()}"

    return eventually(program.output, lambda seen: text in seen, within=within, describe=repr(text), watch=alive)


def processes_named(word: str) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE and word in " ".join(process.info["cmdline"] or ()):
            found.append(process.info["pid"])
    return found


CONNECT = """
    import socket, sys
    for place in sys.argv[1:]:
        host, port = place.rsplit(":", 1)
        try:
            with socket.create_connection((host, int(port)), 3) as plug:
                greeting = plug.makefile("rb").readline().decode().strip()
                print(place, "reached", greeting)
        except OSError as error:
            print(place, "failed", type(error).__name__)
"""
