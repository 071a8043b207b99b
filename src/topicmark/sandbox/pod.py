"""The pod level: a program in a pod of its own, beside the services of a lab on a cluster.

Its files, packages and tools are carried in, and all that comes and goes is carried, by one ``kubectl attach``: that
needs no registry, volume provisioner or ConfigMap, and no permission but on pods. ``in_pod.py`` is process 1 in there,
``pod_link.py`` is this side of the line. The pod ends when its input does, so with the grader, however that ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from topicmark.model import LabFault
from topicmark.sandbox.baggage import Baggage
from topicmark.sandbox.link import NetworkUse
from topicmark.sandbox.pod_spec import pod, pod_name
from topicmark.sandbox.running import Parts, Usage
from topicmark.sandbox.spawn import spawn
from topicmark.sandbox.spec import Limits, Mount
from topicmark.sandbox.text import plain
from topicmark.waiting import WaitExpired, eventually

RUNS_WITHIN_S = 300.0
"""A node may have to pull the image first."""
HOPELESS_S = 60.0
"""For how long a pod may have trouble before it is given up: a pull is tried again, a node may become free."""
_HELLO_WITHIN_S = 180.0
_LOOK_EVERY_S = 0.3
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_REMEDY = "kubectl get events shows what holds pods up. The exercise is run again once."


@dataclass(frozen=True, slots=True)
class PodState:
    """How a pod is. ``trouble`` says why it does not run, ``lost`` that it never will."""

    running: bool
    trouble: str = ""
    lost: bool = False


class Pods(Protocol):
    """Where pods are made. Each call raises ``LabFault``."""

    image: str
    """With the Python that packages were made for."""
    labels: Mapping[str, str]
    """Of every pod."""
    localhost: Sequence[tuple[int, str, int]]
    """Ports on the loopback of programs that sit in a broker's pod, with the host and port they lead to."""
    environment: Mapping[str, str]
    """Of a kubectl that runs on."""
    marker: str
    """In the environment of processes on the grader's side (``TOPICMARK_LAB``)."""

    def hosts(self) -> Mapping[str, Sequence[str]]:
        """Names by address that the cluster's DNS does not know."""

    def create(self, document: Mapping[str, Any]) -> None: ...

    def state(self, name: str) -> PodState: ...

    def attach(self, name: str) -> list[str]:
        """The command that carries a pod's input and output."""

    def ask(self, name: str) -> list[str]:
        """The command that prints the pod as JSON."""

    def delete(self, name: str) -> None:
        """At once; does not wait until it is gone."""


@dataclass
class PodBox:
    """How the programs of one sandbox are put into pods. ``tools`` are carried into those only that may start them."""

    pods: Pods
    mounts: Sequence[Mount]
    tools: Sequence[Mount]
    state: Path
    _removing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="removal"))

    def __post_init__(self) -> None:
        self._bare = Baggage(self.mounts, self.state / "packages.tar.gz")
        self._full = Baggage([*self.mounts, *self.tools], self.state / "everything.tar.gz")

    def order(self) -> dict[str, Any]:
        """What ``in_pod.py`` is told beyond what ``inside.py`` is."""
        pythons = [mount.target / "bin" for mount in self.mounts if (mount.source / "bin" / "python").is_symlink()]
        names = ("python", "python3", f"python3.{sys.version_info.minor}")
        return {
            "weak": True,  # it has its user id already, and may make no namespace
            "filter": "",  # seccomp is the container's
            "localhost": [list(one) for one in self.pods.localhost],
            "pythons": [str(folder / name) for folder in pythons for name in names],
        }

    def start(self, label: str, limits: Limits, errors: Path, cargo: int, *, tools: bool) -> Parts:
        """Make the pod and carry in what it needs, up to where it waits for ``go``. Raises ``LabFault``; nothing is
        left then."""
        baggage = (self._full if tools else self._bare).packed()
        name = pod_name(label)
        made = pod(
            name,
            self.pods.image,
            limits,
            labels=self.pods.labels,
            architecture=_ARCHITECTURES.get(platform.machine(), platform.machine()),
            hosts=self.pods.hosts(),
        )
        with contextlib.ExitStack() as undo:
            undo.callback(self._remove, name)
            self.pods.create(made)
            self._await_running(name, label)
            parts = self._linked(name, label, errors, cargo, baggage)
            undo.pop_all()
        return parts

    def close(self) -> None:
        """Returns when the API server was told to delete every pod."""
        self._removing.shutdown(wait=True)

    def _await_running(self, name: str, label: str) -> None:
        troubled_at = [0.0]

        def runs() -> PodState:
            state = self.pods.state(name)
            now = time.monotonic()
            troubled_at[0] = (troubled_at[0] or now) if state.trouble else 0.0
            if state.lost or (state.trouble and now - troubled_at[0] > HOPELESS_S):
                raise LabFault(f"the pod of {label} does not run: {state.trouble}", service="pods", remedy=_REMEDY)
            return state

        try:
            eventually(
                runs,
                lambda state: state.running,
                within=RUNS_WITHIN_S,
                describe=f"the pod of {label} to run",
                pause_s=_LOOK_EVERY_S,
            )
        except WaitExpired as error:
            raise LabFault(str(error), service="pods", remedy=_REMEDY) from error

    def _linked(self, name: str, label: str, errors: Path, cargo: int, baggage: Path) -> Parts:
        with contextlib.ExitStack() as held:
            control, their_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            terminal, their_terminal = socket.socketpair()
            for one in (control, terminal):
                held.callback(one.close)
            with their_control, their_terminal, errors.open("wb") as complaints:
                fds = [their_control.fileno(), their_terminal.fileno(), cargo]
                link = [sys.executable, "-I", "-S", str(Path(__file__).with_name("pod_link.py")), *map(str, fds)]
                try:
                    process = spawn(
                        [*link, str(baggage), json.dumps(self.pods.ask(name)), *self.pods.attach(name)],
                        stdin=subprocess.DEVNULL,
                        stderr=complaints,
                        pass_fds=fds,
                        env={**self.pods.environment, "TOPICMARK_LAB": self.pods.marker},
                        new_session=True,
                    )
                    held.callback(process.wait)
                    held.callback(process.kill)
                    process_fd = os.pidfd_open(process.pid)
                except OSError as error:
                    raise LabFault(f"{label} cannot be linked to its pod: {error}", service="pods") from error
            held.callback(os.close, process_fd)
            _await_hello(control, label, errors)
            held.pop_all()
        terminal.setblocking(False)
        census = _PodCensus(control, lambda: self._remove_soon(name))
        return Parts(
            ended=process.poll,
            process_fd=process_fd,
            control=control,
            terminal=terminal.detach(),
            census=census,
            errors=errors,
            on_end=lambda: self._forget(name),
            network=NetworkUse,
            pid=process.pid,
            heard=census.hear,
        )

    def _forget(self, name: str) -> NetworkUse:
        self._remove_soon(name)
        return NetworkUse()

    def _remove_soon(self, name: str) -> None:
        with contextlib.suppress(RuntimeError):  # closed
            self._removing.submit(self._remove, name)

    def _remove(self, name: str) -> None:
        with contextlib.suppress(LabFault):  # its input has ended, so it ends; and it is found by its label
            self.pods.delete(name)


class _PodCensus:
    """Knows what the pod tells of itself."""

    def __init__(self, control: socket.socket, remove: Callable[[], None]) -> None:
        self._control = control
        self._remove = remove
        self._usage: Usage | None = None

    def hear(self, message: Mapping[str, Any]) -> None:
        if "usage" in message:
            self._usage = Usage(*message["usage"])

    def usage(self, limits: Limits) -> Usage | None:  # noqa: ARG002 — it is measured in the pod
        return self._usage

    def kill(self) -> None:
        """Its processes by itself, and its pod by the cluster, should it not be able to."""
        with contextlib.suppress(OSError):
            self._control.send(b"kill")
        self._remove()

    def close(self) -> None:
        self._usage = None


def _await_hello(control: socket.socket, label: str, errors: Path) -> None:
    poll = select.poll()
    poll.register(control, select.POLLIN)
    until = time.monotonic() + _HELLO_WITHIN_S
    why = f"no answer within {_HELLO_WITHIN_S:.0f} s"
    while poll.poll(max(0.0, until - time.monotonic()) * 1000):
        data = control.recv(4096)
        message = json.loads(data) if data else {"reason": "it ended at once"}
        if "hello" in message:
            return
        why = str(message.get("reason") or message.get("fault") or "")
        if why:
            break
    said = plain(errors.read_text(errors="replace")).strip()[-500:]
    told = f"{why.removeprefix('lost: ')}. {said}".strip()
    raise LabFault(f"{label} could not be put into its pod: {told}", service="pods", remedy=_REMEDY)
