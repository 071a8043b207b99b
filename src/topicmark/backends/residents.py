"""What lives in a lab between runs beside its brokers and HDFS: the course's components, and the flight recorder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from topicmark.backends.folder import LabFolder
from topicmark.model import LabFault
from topicmark.services.connect import ConnectWorker
from topicmark.services.kafka import KafkaCluster
from topicmark.services.ksqldb import KsqlDb
from topicmark.services.process import ProcessService
from topicmark.services.recorder import Recorder, forget
from topicmark.services.registry import Registry

_COMPONENTS: tuple[type[ConnectWorker | KsqlDb | Registry], ...] = (ConnectWorker, KsqlDb, Registry)


@dataclass(frozen=True, slots=True)
class Residents:
    """Those of one lab that run now."""

    components: Mapping[str, ConnectWorker | KsqlDb | Registry]
    recorder: Recorder | None
    recorded: str | None
    """The cluster that is on tape, whether the recorder still runs or not."""

    @classmethod
    def of(cls, folder: LabFolder) -> Residents:
        components = {}
        for kind in _COMPONENTS:
            try:
                components[kind.name] = kind.reattach(folder.components / kind.name)
            except LabFault:
                continue  # it does not run
        try:
            recorder = Recorder.reattach(folder.recorder)
        except LabFault:
            recorder = None
        return cls(components, recorder, Recorder.last_of(folder.recorder))

    @property
    def urls(self) -> dict[str, str]:
        """By component."""
        return {name: one.url for name, one in self.components.items()}

    def end(self) -> None:
        """Kill them, and forget what was recorded: the cluster is about to go. Whoever is killed amid this leaves a
        record by which the next one forgets. Raises ``LabFault``."""
        for one in self._all():
            one.stop()
        if self.recorded is not None:
            forget(self.recorded)
        for one in self._all():
            one.clean()

    def rss_bytes(self) -> int:
        """Their resident memory."""
        return sum(one.rss_bytes() for one in self._all())

    def _all(self) -> Iterator[ProcessService]:
        yield from self.components.values()
        if self.recorder is not None:
            yield self.recorder


def record(folder: LabFolder, kafka: KafkaCluster, cluster: str) -> Recorder:
    """Begin to record the lab's cluster, for as long as its brokers' process lives."""
    assert kafka._process is not None
    owner = (kafka._process.process.pid, kafka._process.started_at)
    recorder = Recorder.of_brokers(kafka.bootstrap, cluster, folder.recorder, marker=folder.marker, owner=owner)
    recorder.start()
    return recorder
