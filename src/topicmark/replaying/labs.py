"""The labs that a course is carried out on: an embedded one, or one in a namespace of its own on a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from topicmark.backends import EmbeddedLab, Wish, ingestion, open_lab, tools, warm
from topicmark.backends.endpoints import behind, datanodes, endpoints
from topicmark.backends.names import IN_ANY_NAMESPACE, PORTS, SERVICES, namespaces
from topicmark.backends.needs import Needs
from topicmark.backends.plan import LabPlan
from topicmark.backends.programs import BROKERS, HEADLESS, IN_A_BROKERS_POD, Forward
from topicmark.backends.replayed import ReplayedLab
from topicmark.model import UsageError
from topicmark.provision import toolchain
from topicmark.provision.runtimes import Runtime
from topicmark.replaying import sitting
from topicmark.replaying.sitting import Sitting
from topicmark.replaying.stage import LabStage
from topicmark.run import wanted
from topicmark.sandbox import Endpoint, Level, Mount, Sandbox, detect
from topicmark.services.hdfs import HTTP_PORT, NAMENODE, RPC_PORT
from topicmark.services.kafka_spec import CLIENT_PORT
from topicmark.services.kubectl import Place
from topicmark.submission import Component, Submission

_FIRST_FREE_PORT = 1024
_SERVED: Sequence[tuple[str, int]] = (
    (BROKERS, CLIENT_PORT),
    (HEADLESS, CLIENT_PORT),
    *((service, PORTS[name]) for name, service in SERVICES.items()),
    (NAMENODE, RPC_PORT),
    (NAMENODE, HTTP_PORT),
)
"""The Services of a lab on a cluster."""


@dataclass(frozen=True, slots=True)
class Play:
    """What is carried out: the course as a hand-in, and the Python for its programs. ``forwards`` are the ports that it
    forwards: a Service's name, the local port, its own."""

    taken: Submission
    runtime: Runtime
    forwards: Sequence[tuple[str, int, int]]

    @property
    def components(self) -> Mapping[str, Component]:
        """Of its manifests, by name."""
        found = (self.taken.registry, self.taken.connect, self.taken.ksqldb)
        return {one.role: one for one in found if isinstance(one, Component)}

    @property
    def needs(self) -> Needs:
        """A whole lab, with its components' settings."""
        components = tuple(wanted(name, self.components.get(name)) for name in PORTS)
        return Needs(hdfs=True, components=components, spaces=namespaces(self.taken.tree, self.taken.files))

    @property
    def mounts(self) -> Sequence[Mount]:
        """What its commands find besides Kafka's tools."""
        return (*self.runtime.mounts(), *ingestion.sqoop(), *sitting.MOUNTS)

    @property
    def path(self) -> Sequence[str]:
        return (*sitting.PATH, *self.runtime.path())


@contextmanager
def embedded(play: Play) -> Iterator[LabStage]:
    """An embedded lab. Raises ``UsageError`` where programs cannot be held, ``LabFault`` if the lab cannot be had."""
    level, why_not = detect()
    if level is not Level.NAMESPACES:
        raise UsageError(f"--replay runs the course's commands, and they cannot be held safely here: {why_not}")
    needs = play.needs
    warm.sweep()
    toolchain.ensure([*needs.parts, toolchain.SQOOP.name])
    with ExitStack() as last:
        lab = EmbeddedLab.new(level=level, needs=needs)
        last.callback(lab.take_down)
        lab.start()
        lab.await_all()
        doors = _doors(LabPlan(lab.kafka.spec, lab.hdfs.spec if lab.hdfs else None, needs), play.forwards)
        sandbox = Sandbox(
            level=level,
            endpoints=doors,
            mounts=(*play.mounts, *tools.mounts()),
            path=(*play.path, *tools.PATH),
            env={**tools.environment(), **ingestion.HADOOP},
            folder=lab.folder.programs,
            marker=lab.folder.marker,
        )
        last.callback(sandbox.close)
        commands = Sitting(sandbox, play.taken.tree)
        last.callback(commands.close)
        named = [(re.escape(name), door.port) for door in doors for name in door.names]
        patterns = [(pattern, door.port) for door in doors for pattern in door.patterns]
        local_ports = frozenset(door.port for door in doors if door.on_localhost)
        yield LabStage(lab, commands, [*named, *patterns], local_ports)


def _doors(plan: LabPlan, forwarded: Sequence[tuple[str, int, int]]) -> list[Endpoint]:
    """All of the lab, on localhost too, as beside port-forwards of every Service."""
    lab = [
        replace(one, on_localhost=one.on_localhost or NAMENODE in one.names)
        for one in endpoints(plan, (), on_localhost=True)
    ]
    taken = {one.port for one in lab}
    more: dict[int, Endpoint] = {}
    for name, local, remote in forwarded:
        targets = behind(lab, name, remote)
        if targets and local not in taken and local >= _FIRST_FREE_PORT:
            label = f"{name}:{remote} on {local}"
            more.setdefault(local, Endpoint(label=label, names=(), port=local, targets=targets, on_localhost=True))
    return [*lab, *more.values(), *datanodes(plan)]


@contextmanager
def on_a_cluster(play: Play, place: Place, say: Callable[[str], None]) -> Iterator[LabStage]:
    """A lab in a namespace of its own, which is deleted afterwards; commands are carried out in a pod there. Raises
    ``LabFault`` if it cannot be had."""
    toolchain.ensure(["kafka", toolchain.SQOOP.name])
    with ExitStack() as last:
        lab = open_lab(Wish("kubernetes", Level.POD, play.needs, {}, reuse=False, place=place, replay=True, say=say))
        last.callback(lab.take_down)
        assert isinstance(lab, ReplayedLab)
        localhost = _on_localhost(play.forwards)
        sandbox = lab.sandbox_in_pods(play.mounts, play.path, (), localhost, ingestion.HADOOP)
        last.callback(sandbox.close)
        commands = Sitting(sandbox, play.taken.tree)
        last.callback(commands.close)
        served = [(f"{re.escape(name)}{IN_ANY_NAMESPACE}", port) for name, port in _SERVED]
        pods = (rf"kafka-controller-\d+\.{re.escape(HEADLESS)}{IN_ANY_NAMESPACE}", CLIENT_PORT)
        yield LabStage(lab, commands, [*served, pods], frozenset(local for local, _, _ in localhost))


def _on_localhost(forwarded: Sequence[tuple[str, int, int]]) -> list[Forward]:
    """All of the lab, and the ports that the course forwards to it."""
    found = {local: (local, service, port) for local, service, port in IN_A_BROKERS_POD}
    found |= {port: (port, NAMENODE, port) for port in (RPC_PORT, HTTP_PORT)}
    for name, local, remote in forwarded:
        if (name, remote) in _SERVED and local >= _FIRST_FREE_PORT:
            found.setdefault(local, (local, name, remote))
    return list(found.values())
