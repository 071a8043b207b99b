"""A service's container: testcontainers' own, with aliases, addresses and limits of the lab's, started and stopped at
will. On it: the lab's label, by which it is found."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException, NotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer, Reaper
from testcontainers.core.network import Network

from topicmark.containers import engine
from topicmark.model import LabFault

_TAIL_LINES = 120
_MOST_LINES = 20_000
_NO_WAY_OUT = {"com.docker.network.bridge.enable_ip_masquerade": "false"}
"""What is published on loopback goes through the engine's proxy; nothing else finds its way back."""


def watch_over(*, stays: bool = False) -> None:
    """Let testcontainers' Ryuk remove at once what a killed run leaves; not what ``stays`` up. Where that is switched
    off or cannot be had the next run does it. To be called before containers are started by several threads: each would
    start one."""
    if stays:
        testcontainers_config.ryuk_disabled = True
    if testcontainers_config.ryuk_disabled:
        return
    try:
        Reaper.get_instance()
    except (DockerException, requests.RequestException, OSError, RuntimeError):
        testcontainers_config.ryuk_disabled = True


def make_network(marker: str, state: str) -> Network:
    """The lab's network; ``state`` is its owner's folder. Raises ``LabFault``."""
    with engine.told("no network can be made"):
        network = Network(
            docker_network_kw={"labels": {engine.LABEL: marker, engine.STATE: state}, "options": _NO_WAY_OUT}
        )
        network.name = marker
        return network.create()


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """What a container is made of. ``aliases``: its names on the network. ``published``: by container port, the
    loopback address and port of the host that lead there. ``shown``: host folders by where they are seen, read-only."""

    role: str
    image: str
    env: Mapping[str, str]
    aliases: Sequence[str] = ()
    published: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    command: Sequence[str] = ()
    shown: Mapping[str, Path] = field(default_factory=dict)
    memory_bytes: int = 1024 * 2**20
    uses_sudo: bool = False
    """Whether the image's own start script does."""


class ServiceContainer:
    """One container of a lab. Thread safe: it may be removed while another thread starts it, and then stays away."""

    def __init__(self, plan: ContainerPlan, marker: str, network: Network) -> None:
        self.plan = plan
        self._marker = marker
        self._network = network
        self._container: DockerContainer | None = None
        self._changing = threading.Lock()
        self._removed = False

    def start(self) -> None:
        """Create it the first time, then start it; returns once its process runs. Raises ``LabFault``."""
        with self._changing, engine.told(f"{self.plan.role} cannot be started"):
            if self._removed:
                raise LabFault("the lab was taken down", service=self.plan.role)
            if self._container is None:
                self._container = self._made().start()
            else:
                self._container.get_wrapped_container().start()

    def stop(self, grace_s: int) -> None:
        """SIGTERM, after the grace SIGKILL; returns when it has ended. Raises ``LabFault``."""
        with engine.told(f"{self.plan.role} cannot be stopped"):
            self._wrapped().stop(timeout=grace_s)

    def kill(self) -> None:
        """SIGKILL; returns when it has ended. It may be started again. Raises ``LabFault``."""
        if self.exit_reason() is None:
            self.stop(0)

    def remove(self) -> None:
        """Kill it and remove it with its volumes, for good. Raises ``LabFault``."""
        with self._changing:
            self._removed = True
            found, self._container = self._container, None
        if found is not None:
            engine.remove_container(found.get_container_id())

    def exit_reason(self) -> str | None:
        """How it ended, None while it runs. Raises ``LabFault``."""
        found = self._container
        if found is None:
            return "was not started"
        with engine.told(f"{self.plan.role} cannot be inspected"):
            try:
                state = engine.client().api.inspect_container(found.get_container_id())["State"]
            except NotFound:
                return "was removed"
        if state["Running"]:
            return None
        if state.get("OOMKilled"):
            return "was killed by signal 9: no memory was left"
        code = int(state["ExitCode"])
        return f"was killed by signal {code - 128}" if code in (137, 143) else f"ended with code {code}"

    def logs(self, *, lines: int = _TAIL_LINES, since_s: float = 0.0) -> str:
        """The last lines of its output; with ``since_s`` (epoch seconds) only what is younger. Empty if none."""
        found = self._container
        if found is None:
            return ""
        try:
            with engine.told("logs"):
                said = engine.client().api.logs(found.get_container_id(), tail=lines, since=since_s or None)
        except LabFault:
            return ""
        return bytes(said).decode(errors="replace")

    def all_logs(self) -> str:
        """Its output, at most the last 20,000 lines."""
        return self.logs(lines=_MOST_LINES)

    def copy_out(self, folder: str, pattern: str, into: Path) -> None:
        """Copy the files below its ``folder`` whose paths (from ``./``) match ``pattern``, as ``find`` reads it, to
        ``into``. Raises ``LabFault``."""
        into.mkdir(parents=True)
        packed = ["sh", "-c", 'cd "$0" && find . -path "$1" -type f | tar -cf - -T -', folder, pattern]
        with engine.told(f"files of {self.plan.role} cannot be copied"):
            done = self._wrapped().exec_run(packed, stderr=False)
        if done.exit_code != 0:
            raise LabFault(f"files of {self.plan.role} cannot be copied: code {done.exit_code}", service="docker")
        with tarfile.open(fileobj=io.BytesIO(done.output)) as archive:
            archive.extractall(into, filter="data")

    def _made(self) -> DockerContainer:
        plan = self.plan
        made = DockerContainer(
            plan.image,
            env=dict(plan.env),
            name=f"{self._marker}-{plan.role}",
            network=self._network,
            network_aliases=[plan.role, *plan.aliases],
            volumes=[(str(source), target, "ro") for target, source in plan.shown.items()],
        )
        made.ports = {f"{port}/tcp": place for port, place in plan.published.items()}
        if plan.command:
            made.with_command(list(plan.command))
        held: dict[str, Any] = {
            "labels": {engine.LABEL: self._marker, engine.ROLE: plan.role},
            "hostname": plan.role,
            "mem_limit": plan.memory_bytes,
            "memswap_limit": plan.memory_bytes,
            "security_opt": [] if plan.uses_sudo else ["no-new-privileges"],
        }
        return made.with_kwargs(**held)

    def _wrapped(self) -> Any:
        if self._container is None:
            raise LabFault("was not started", service=self.plan.role)
        return self._container.get_wrapped_container()
