"""The embedded lab as a course's steps find it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from topicmark.backends import EmbeddedLab, ingestion, tools, warm
from topicmark.backends.endpoints import behind, datanodes, endpoints
from topicmark.backends.names import PORTS
from topicmark.backends.needs import Needs
from topicmark.backends.plan import LabPlan
from topicmark.course.replay import Ending
from topicmark.course.replay.reach import Reach
from topicmark.model import LabFault, UsageError
from topicmark.observe.connect import ConnectorStatus, ConnectView, Refused
from topicmark.observe.ksqldb import KsqlSession, KsqlView
from topicmark.provision import toolchain
from topicmark.provision.runtimes import Runtime
from topicmark.replaying import sitting
from topicmark.replaying.sitting import Sitting
from topicmark.run import wanted
from topicmark.sandbox import Endpoint, Level, Sandbox, detect
from topicmark.services.hdfs import NAMENODE
from topicmark.submission import Component
from topicmark.waiting import holds_for

_FIRST_FREE_PORT = 1024
_RUNS_ON_S = 15.0


class EmbeddedStage:
    """As ``course.replay.Stage``; ``doors`` are what its sandbox reaches."""

    def __init__(self, lab: EmbeddedLab, commands: Sitting, doors: Sequence[Endpoint]) -> None:
        self._lab = lab
        self._commands = commands
        self._doors = doors
        self._connect = ConnectView(lab.component("connect", working=True).url)
        self._session = KsqlSession(KsqlView(lab.component("ksqldb", working=True).url))

    def reach(self, ports: Mapping[str, frozenset[int] | None]) -> Reach:
        """What can be reached in it, beside the Services of the course."""
        named = [(re.escape(name), door.port) for door in self._doors for name in door.names]
        patterns = [(pattern, door.port) for door in self._doors for pattern in door.patterns]
        return Reach([*named, *patterns], frozenset(door.port for door in self._doors if door.on_localhost), ports)

    def run(self, number: int, text: str, folder: str | None, within_s: float) -> Ending:
        return self._commands.run(number, text, folder, within_s)

    def type(self, statement: str) -> Ending:
        declined = self._session.run(statement)
        if declined is None:
            return Ending(0)
        lost = "the embedded ksqlDB does not do this; the real one may" if declined.not_here else ""
        return Ending(1, declined.message, lost)

    def component(self, name: str) -> str:
        return self._lab.component(name).refusal

    def connectors(self) -> Mapping[str, str]:
        names = self._connect.connectors()
        if isinstance(names, Refused):
            raise LabFault(names.message, service="connect")
        return {name: self._why_not(name) for name in names}

    def _why_not(self, name: str) -> str:
        """A connector that runs may fail at its first record: it is looked at for a while."""
        _, status = holds_for(lambda: self._connect.status(name), _works, seconds=_RUNS_ON_S, pause_s=0.5)
        return status.message if isinstance(status, Refused) else " | ".join(status.failures)

    def ended_since(self) -> Mapping[int, Ending]:
        return self._commands.ended_since()

    def check(self) -> None:
        """Raises ``LabFault`` if something of the lab broke meanwhile: then nothing that was seen counts."""
        for fault in self._lab.faults(0.0):
            raise LabFault(fault.reason, service=fault.service, log=fault.log, remedy=fault.remedy)


def _works(status: ConnectorStatus | Refused) -> bool:
    return not isinstance(status, Refused) and not status.failures


@contextmanager
def embedded(
    tree: Path, components: Mapping[str, Component], runtime: Runtime, forwarded: Sequence[tuple[str, int, int]]
) -> Iterator[EmbeddedStage]:
    """A whole lab of its own, with these components' settings, for programs on ``runtime`` in the files of ``tree``.

    ``forwarded`` are port-forwards: a Service's name, the local port, its own. Raises ``UsageError`` where programs
    cannot be held, ``LabFault`` if the lab cannot be had.
    """
    level, why_not = detect()
    if level is not Level.NAMESPACES:
        raise UsageError(f"--replay runs the course's commands, and they cannot be held safely here: {why_not}")
    needs = Needs(hdfs=True, components=tuple(wanted(name, components.get(name)) for name in PORTS))
    warm.sweep()
    toolchain.ensure([*needs.parts, toolchain.SQOOP.name])
    with ExitStack() as last:
        lab = EmbeddedLab.new(level=level, needs=needs)
        last.callback(lab.take_down)
        lab.start()
        lab.await_all()
        doors = _doors(LabPlan(lab.kafka.spec, lab.hdfs.spec if lab.hdfs else None, needs), forwarded)
        sandbox = Sandbox(
            level=level,
            endpoints=doors,
            mounts=(*runtime.mounts(), *tools.mounts(), *ingestion.sqoop(), *sitting.MOUNTS),
            path=(*sitting.PATH, *runtime.path(), *tools.PATH),
            env={**tools.environment(), **ingestion.HADOOP},
            folder=lab.folder.programs,
            marker=lab.folder.marker,
        )
        last.callback(sandbox.close)
        commands = Sitting(sandbox, tree)
        last.callback(commands.close)
        yield EmbeddedStage(lab, commands, doors)


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
