"""A lab as a course's steps find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topicmark.backends import Lab
from topicmark.course.replay import Ending
from topicmark.course.replay.reach import Reach
from topicmark.model import LabFault
from topicmark.observe.connect import ConnectorStatus, ConnectView, Refused
from topicmark.observe.ksqldb import KsqlSession, KsqlView
from topicmark.replaying.sitting import Sitting
from topicmark.waiting import holds_for

_RUNS_ON_S = 15.0


class LabStage:
    """As ``course.replay.Stage``; ``doors`` and ``local_ports``, as in ``Reach``, are what its sandbox reaches."""

    def __init__(
        self, lab: Lab, commands: Sitting, doors: Sequence[tuple[str, int]], local_ports: frozenset[int]
    ) -> None:
        self._lab = lab
        self._commands = commands
        self._doors = doors
        self._local_ports = local_ports
        self._connect = ConnectView(lab.component("connect", working=True).url)
        self._session = KsqlSession(KsqlView(lab.component("ksqldb", working=True).url))

    def reach(self, ports: Mapping[str, frozenset[int] | None]) -> Reach:
        """What can be reached in it, beside the Services of the course."""
        return Reach(self._doors, self._local_ports, ports)

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
