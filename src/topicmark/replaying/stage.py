"""A lab as a course's steps find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing

from kafka.errors import KafkaError

from topicmark.backends import Lab
from topicmark.course.replay import Ending
from topicmark.course.replay.reach import Reach
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectorStatus, ConnectView, Refused
from topicmark.observe.ksqldb import KsqlSession, KsqlView
from topicmark.replaying.sitting import Sitting
from topicmark.waiting import WaitExpired, eventually, holds_for

_RUNS_ON_S = 15.0
_COMMITS_WITHIN_S = 75.0
"""A worker commits every 60 s if nobody tells it otherwise."""


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
        """A connector that runs may fail at its first record: it is looked at for a while. A sink with a wrong address
        goes on running for ever, and writes nothing."""
        _, status = holds_for(lambda: self._connect.status(name), _works, seconds=_RUNS_ON_S, pause_s=0.5)
        if isinstance(status, Refused):
            return status.message
        config = self._connect.config(name)
        if status.failures or isinstance(config, Refused):
            return " | ".join(status.failures)
        return self._held_up(f"connect-{name}", config)

    def _held_up(self, group: str, config: Mapping[str, str]) -> str:
        """The records that a sink ought to have written long since, if it has never committed anything."""
        size = config.get("flush.size", "")
        if not size.isdecimal() or any(key.startswith("consumer.override.") for key in config):
            return ""
        topics = [topic.strip() for topic in config.get("topics", "").split(",")]
        with closing(ClusterView(self._lab.bootstrap)) as view:
            try:
                return eventually(
                    lambda: _waiting(view, group, topics, max(int(size), 1)),
                    lambda told: not told,
                    within=_COMMITS_WITHIN_S,
                    describe="a commit of the sink",
                    retry_on=(KafkaError,),
                    pause_s=1.0,
                )
            except WaitExpired as expired:
                if isinstance(expired.last, str):
                    return f"it runs, and after {_COMMITS_WITHIN_S:.0f} s {expired.last}. Does it reach its hdfs.url?"
                raise LabFault(str(expired), service="kafka") from expired

    def ended_since(self) -> Mapping[int, Ending]:
        return self._commands.ended_since()

    def check(self) -> None:
        """Raises ``LabFault`` if something of the lab broke meanwhile: then nothing that was seen counts."""
        for fault in self._lab.faults(0.0):
            raise LabFault(fault.reason, service=fault.service, log=fault.log, remedy=fault.remedy)


def _waiting(view: ClusterView, group: str, topics: Sequence[str], flush_size: int) -> str:
    """What of a file's size or more lies in a partition; empty if nothing does, or something was committed."""
    ends = view.ends(topics)
    if any(view.committed(group, topic) for topic in ends):
        return ""
    for topic, found in ends.items():
        begins = view.begin_offsets(topic, found)
        for partition, end in found.items():
            if end - begins[partition] >= flush_size:
                return (
                    f"nothing is written of the {end - begins[partition]} records in {topic}, partition {partition} "
                    f"(flush.size {flush_size})"
                )
    return ""


def _works(status: ConnectorStatus | Refused) -> bool:
    return not isinstance(status, Refused) and not status.failures
