"""What there is on services that others run, before a run and after it: exactly the difference is removed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from kafka.errors import KafkaError

from topicmark.backends.base import Before
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectView
from topicmark.observe.connect import Refused as ConnectRefused
from topicmark.observe.hdfs import HdfsView
from topicmark.observe.ksqldb import Declined, KsqlView, quoted
from topicmark.observe.registry import RegistryView, Rejected
from topicmark.waiting import Deadline, WaitExpired, eventually

HDFS_LEVELS = 6
"""Deep enough for ``/user/<name>/<folder>/topics/<topic>/partition=N``."""
_GONE_S = 20.0
_LOOK_S = 30.0
_PASSES = 8  # a stream can only be dropped after those made of it


@dataclass
class Inventory:
    """Looks at the services that are given; the others hold nothing. ``tag`` is part of the names of all that services
    of ours make for themselves."""

    tag: str
    cluster: ClusterView | None = None
    connect: ConnectView | None = None
    ksqldb: KsqlView | None = None
    registry: RegistryView | None = None
    hdfs: HdfsView | None = None
    left: list[str] = field(default_factory=list)
    """What could not be removed, in words."""

    def take(self) -> Before:
        """What is there now. Raises ``LabFault`` if a service does not tell."""
        return Before(
            topics=self._topics(),
            groups=self.cluster.all_groups() if self.cluster else frozenset(),
            connectors=self._connectors(),
            streams=frozenset(name for _, name in self._sources()),
            queries=self._queries(),
            subjects=self._subjects(),
            hdfs=self._paths(),
        )

    def clear_services(self, before: Before) -> None:
        """Remove connectors, queries, streams and schemas that were not there ``before``. Goes on where one cannot be
        removed, and keeps it in ``left``."""
        with self._trying("connectors"):
            self._delete_connectors(before)
        with self._trying("queries and streams"):
            self._drop_streams(before)
        with self._trying("schemas"):
            self._delete_subjects(before)

    def clear_storage(self, before: Before) -> None:
        """The same for groups, topics and files, once nobody of the run uses them any more."""
        with self._trying("consumer groups"):
            self._delete_groups(before)
        with self._trying("topics"):
            self._delete_topics(before)
        with self._trying("files in HDFS"):
            self._delete_files(before)

    @contextmanager
    def _trying(self, what: str) -> Iterator[None]:
        try:
            yield
        except (LabFault, KafkaError, WaitExpired, OSError, ValueError) as error:
            self.left.append(f"{what}: {error}")

    # Kafka

    def _topics(self) -> frozenset[str]:
        return frozenset(self.cluster.topics()) if self.cluster else frozenset()

    def _delete_topics(self, before: Before) -> None:
        """Whoever still names a topic has it auto-created again: then it is deleted once more."""
        if self.cluster is None:
            return
        cluster = self.cluster

        def left() -> frozenset[str]:
            found = frozenset(name for name in self._topics() - before.topics if self._is_of_the_run(name))
            for name in found:
                cluster.delete_topic(name)
            return found

        eventually(left, lambda names: not names, within=_GONE_S, describe="topics to go", retry_on=(KafkaError,))

    def _is_of_the_run(self, topic: str) -> bool:
        """Services that others run keep their own records in topics whose names begin with an underscore."""
        return self.tag in topic or not topic.startswith("_")

    def _delete_groups(self, before: Before) -> None:
        """Members whose programs were killed linger until their sessions end: they are removed first."""
        if self.cluster is None:
            return
        cluster = self.cluster

        def left() -> set[str]:
            found = {group for group in cluster.all_groups() - before.groups if not _belongs_to(group, before)}
            for group in found:
                cluster.evict(group)
                cluster.delete_group(group)
            return found

        eventually(left, lambda names: not names, within=_GONE_S, describe="groups to go", retry_on=(KafkaError,))

    # Connect

    def _connectors(self) -> frozenset[str]:
        found = self.connect.connectors() if self.connect else ()
        if isinstance(found, ConnectRefused):
            raise LabFault(f"Connect answers {found.status}: {found.message}", service="connect")
        return frozenset(found)

    def _delete_connectors(self, before: Before) -> None:
        for name in self._connectors() - before.connectors:
            assert self.connect is not None
            self.connect.delete(name)

    # ksqlDB

    def _sources(self) -> frozenset[tuple[str, str]]:
        """``STREAM`` or ``TABLE``, and the name."""
        if self.ksqldb is None:
            return frozenset()
        streams, tables = self.ksqldb.streams(), self.ksqldb.tables()
        if isinstance(streams, Declined) or isinstance(tables, Declined):
            raise LabFault(f"ksqlDB does not tell its streams: {streams}, {tables}", service="ksqldb")
        return frozenset({*(("STREAM", one.name) for one in streams), *(("TABLE", name) for name in tables)})

    def _queries(self) -> frozenset[str]:
        found = self.ksqldb.queries() if self.ksqldb else ()
        if isinstance(found, Declined):
            raise LabFault(f"ksqlDB does not tell its queries: {found.message}", service="ksqldb")
        return frozenset(query.id for query in found)

    def _drop_streams(self, before: Before) -> None:
        if self.ksqldb is None:
            return
        for query in self._queries() - before.queries:
            self.ksqldb.run(f"TERMINATE {query};")
        for _ in range(_PASSES):
            made = sorted(one for one in self._sources() if one[1] not in before.streams)
            for kind, name in made:
                self.ksqldb.run(f"DROP {kind} {quoted(name)};")
            if not made:
                return
        raise LabFault(f"{', '.join(name for _, name in made)} cannot be dropped", service="ksqldb")

    # Registry

    def _subjects(self) -> frozenset[str]:
        found = self.registry.subjects() if self.registry else ()
        if isinstance(found, Rejected):
            raise LabFault(f"the registry answers {found.status}: {found.message}", service="registry")
        return frozenset(found)

    def _delete_subjects(self, before: Before) -> None:
        for subject in self._subjects() - before.subjects:
            assert self.registry is not None
            self.registry.delete(subject)
            self.registry.delete(subject, for_good=True)

    # HDFS

    def _paths(self) -> frozenset[str]:
        if self.hdfs is None:
            return frozenset()
        return frozenset(entry.path for entry in self.hdfs.tree(levels=HDFS_LEVELS, within=Deadline.after(_LOOK_S)))

    def _delete_files(self, before: Before) -> None:
        if self.hdfs is None:
            return
        deleted: list[str] = []
        for path in sorted(self._paths() - before.hdfs):
            if not any(path.startswith(f"{folder}/") for folder in deleted):
                self.hdfs.delete(path, recursive=True)
                deleted.append(path)


def _belongs_to(group: str, before: Before) -> bool:
    """Whether a connector or a query that was there before reads by this group; it may have begun only now."""
    is_a_connectors = group.removeprefix("connect-") in before.connectors and group.startswith("connect-")
    return is_a_connectors or any(group.endswith(f"query_{query}") for query in before.queries)
