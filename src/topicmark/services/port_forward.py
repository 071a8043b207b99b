"""A way from a free loopback port into a pod: ``kubectl port-forward``, opened again when it dies."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from topicmark.model import LabFault
from topicmark.services import leash
from topicmark.services.jvm import MARKER
from topicmark.services.kubectl import Cluster, environment
from topicmark.waiting import Deadline, WaitExpired, eventually

HOST = "127.0.0.1"
OPEN_S = 20.0
_STOP_S = 5.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 3.0
_LISTENS = re.compile(rf"Forwarding from {re.escape(HOST)}:(\d+) ->")


@dataclass
class PortForward:
    """``target`` as kubectl takes it: ``svc/kafka-connect``, ``pod/kafka-controller-0``; ``port`` is that of the
    Service or the container. The local port is chosen by kubectl and stays the same for life."""

    cluster: Cluster
    target: str
    port: int
    log: Path
    marker: str
    local_port: int = 0
    fault: LabFault | None = None
    """Why it is closed at present; it is tried again and again."""
    down_since: float = 0.0
    """On the monotonic clock, while there is a fault."""
    reopened: int = 0
    losses: list[str] = field(default_factory=list)
    """What kubectl said each time that it ended by itself."""
    _process: subprocess.Popen[bytes] | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Thread | None = None

    def open(self, within_s: float = OPEN_S) -> int:
        """Open it; the local port. Raises ``LabFault``."""
        self._spawn(Deadline.after(within_s))
        self._guard = threading.Thread(target=self._keep_open, name=f"forward-{self.target}", daemon=True)
        self._guard.start()
        return self.local_port

    def close(self) -> None:
        """End it. Returns when the process is gone."""
        self._stop.set()
        self._end()
        if self._guard is not None and self._guard is not threading.current_thread():
            self._guard.join(timeout=_STOP_S + OPEN_S)

    def said(self) -> str:
        """What kubectl said last."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
        except OSError:
            return ""

    @property
    def pid(self) -> int | None:
        """Of the process that holds it open."""
        return self._process.pid if self._process is not None else None

    def _spawn(self, deadline: Deadline) -> None:
        # kubectl is content with [::1] if the IPv4 port is taken, and says nothing: so it is told the address
        ports = f"{self.local_port or ''}:{self.port}"
        command = self.cluster.command("port-forward", f"--address={HOST}", self.target, ports)
        with self.log.open("wb") as sink:
            self._process = self._start(command, sink)
        try:
            found = eventually(self._listening, bool, within=deadline, describe=self._told(), watch=self._alive)
        except WaitExpired:
            self._end()
            raise self._cannot(f"kubectl does not say where it listens: {self.said()}") from None
        except LabFault:
            self._end()
            raise
        assert found is not None
        self.local_port = found

    def _start(self, command: list[str], sink: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [sys.executable, "-I", str(leash.__file__), *command],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**environment(), MARKER: self.marker},
                start_new_session=True,
            )
        except OSError as error:
            raise self._cannot(str(error)) from error

    def _listening(self) -> int | None:
        found = _LISTENS.search(self.log.read_text(errors="replace"))
        return int(found.group(1)) if found else None

    def _alive(self) -> None:
        if self._stop.is_set():
            raise self._cannot("the lab was closed")
        if self._process is not None and self._process.poll() is not None and self._listening() is None:
            raise self._cannot(self.said() or f"kubectl ended with code {self._process.returncode}")

    def _keep_open(self) -> None:
        """kubectl ends when the pod is gone or the connection is lost; whoever is connected is cut off, the next one is
        let through again."""
        while not self._stop.is_set():
            process = self._process
            assert process is not None
            process.wait()
            self._release(process)
            if self._stop.is_set():
                return
            self.losses = [*self.losses[-9:], self.said()]
            pause_s = _FIRST_PAUSE_S
            while not self._stop.wait(pause_s) and not self._reopened():
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _reopened(self) -> bool:
        try:
            self._spawn(Deadline.after(OPEN_S))
        except LabFault as error:
            self.down_since = self.down_since if self.fault is not None else time.monotonic()
            self.fault = error
            return False
        self.fault = None
        self.reopened += 1
        return True

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        self._release(process)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _release(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()

    def _told(self) -> str:
        return f"a port-forward to {self.target}:{self.port} in {self.cluster.place.told()}"

    def _cannot(self, why: str) -> LabFault:
        return LabFault(f"{self._told()} cannot be opened: {why}", service="port-forward", log=self.said())
