"""The embedded lab: real Kafka from Maven's jars, no Docker. Each lab has a loopback subnet of its own."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

from kafka.errors import KafkaError

import topicmark
from topicmark.backends import fingerprint, residents, tools
from topicmark.backends.base import NOTHING_BEFORE, Ability, Before, Booted
from topicmark.backends.components import Components, make, make_detached
from topicmark.backends.endpoints import brokers_behind, endpoints
from topicmark.backends.folder import LabFolder
from topicmark.backends.needs import Needs, Wanted
from topicmark.backends.plan import LabPlan
from topicmark.backends.pulse import Pulse
from topicmark.backends.residents import Residents
from topicmark.model import Fault, LabFault, Unable
from topicmark.observe import segments
from topicmark.observe.cluster import ClusterView
from topicmark.provision import jarset, java, postgresql
from topicmark.sandbox import Level, Mount, Sandbox
from topicmark.services import subnet
from topicmark.services.base import Service
from topicmark.services.hdfs import HdfsCluster, HdfsSpec
from topicmark.services.kafka import KafkaCluster, KafkaSpec
from topicmark.services.postgresql import PORT as POSTGRESQL_PORT
from topicmark.services.postgresql import PostgreSql
from topicmark.waiting import Deadline

START_S = 60.0
QUOTA_BYTES = 4 * 2**30
CLIENT_PORT = 9092
MOST_REPLICAS = 3000
THE_LABS = ("__*", "_schemas", "_connect-*", "_confluent-*")
"""Topics that keep the lab going: programs may read them."""
# What a student may choose for the whole cluster and then notice in exercise 4. Everything else is the lab's.
CHOSEN_BY_VALUES = frozenset(
    {
        "auto.create.topics.enable",
        "compression.type",
        "default.replication.factor",
        "log.cleanup.policy",
        "log.retention.bytes",
        "log.retention.hours",
        "log.retention.minutes",
        "log.retention.ms",
        "min.insync.replicas",
        "num.partitions",
    }
)


class EmbeddedLab:
    """Three brokers in one JVM, HDFS in another, and components. Make one with ``new``, or ``attach`` to a kept one."""

    name = "embedded"

    def __init__(
        self,
        folder: LabFolder,
        kafka: KafkaCluster,
        hdfs: HdfsCluster | None,
        *,
        level: Level,
        needs: Needs,
        kept: bool,
        for_people: bool = False,
        held: bool = False,
    ) -> None:
        self.folder = folder
        self.kafka = kafka
        self.hdfs = hdfs
        self.kept = kept
        self._for_people = for_people
        self._held = held
        self._level = level
        self._needs = needs
        self._down: set[int] = set()
        self._beats = 0
        self._open = ExitStack()
        self._view: ClusterView | None = None
        self._hdfs_ready = False
        self._kafka_ready = threading.Event()
        self._plan = LabPlan(kafka.spec, hdfs.spec if hdfs is not None else None, needs)
        self._components = Components(
            self._plan,
            folder.components,
            folder.marker,
            self._kafka_ready.is_set,
            make_detached if for_people else make,
        )
        self.pulse = Pulse(self._check, folder.path)

    @classmethod
    def new(
        cls,
        *,
        level: Level,
        needs: Needs,
        properties: Mapping[str, str] | None = None,
        kept: bool = False,
        held: tuple[Path, int] | None = None,
    ) -> EmbeddedLab:
        """A lab that is yet to be started. ``kept`` lets it outlive this process, with its components, for people;
        ``held``, a place for its folder and a descriptor, lets it without them until that descriptor ends."""
        place, leash = held or (None, None)
        folder = LabFolder.new(place)
        address = subnet.claim()
        spec = KafkaSpec(subnet=address.prefix, properties=dict(properties or {}), guarded=THE_LABS)
        kafka = KafkaCluster(spec, folder.kafka, marker=folder.marker, detached=kept, leash=leash)
        hdfs = None
        if needs.hdfs:
            hdfs = HdfsCluster(HdfsSpec(address.prefix), folder.hdfs, marker=folder.marker, detached=kept, leash=leash)
        lab = cls(
            folder, kafka, hdfs, level=level, needs=needs, kept=kept or held is not None, for_people=kept,
            held=held is not None,
        )  # fmt: skip
        lab._open.callback(address.release)
        return lab

    @classmethod
    def attach(
        cls, folder: LabFolder, *, level: Level, needs: Needs, for_people: bool = False, held: bool = False
    ) -> EmbeddedLab:
        """The kept lab in ``folder``, whose lease the caller holds, to be reset: its components and its recorder are
        ended. ``for_people`` lets those that come instead stay up. One that is ``held`` may be without HDFS. Raises
        ``LabFault`` if it no longer runs."""
        kafka = KafkaCluster.reattach(folder.kafka)
        hdfs = HdfsCluster.reattach(folder.hdfs) if folder.hdfs.exists() or not held else None
        folder.take_over()
        Residents.of(folder).end()
        return cls(folder, kafka, hdfs, level=level, needs=needs, kept=True, for_people=for_people, held=held)

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def before(self) -> Before:
        return NOTHING_BEFORE

    def unable(self, ability: Ability) -> Unable | None:  # noqa: ARG002 — it can do everything
        return None

    def start(self) -> None:
        """Begin with everything at once; returns when Kafka is ready, which all that follows needs."""
        if self.pulse.begun:
            return
        self.kafka.start()
        if self.hdfs is not None:
            self.hdfs.start()
        self._begin_components()
        self.kafka.await_ready(Deadline.after(START_S))
        self._view = ClusterView(self.bootstrap)
        self._await_coordinators(self._view)
        self._kafka_ready.set()
        self.pulse.start()

    def _begin_components(self) -> None:
        for wanted in self._needs.components:
            self._components.begin(wanted)
        if self._needs.table:
            self._components.begin(Wanted(PostgreSql.name, {}, POSTGRESQL_PORT))

    def await_all(self) -> None:
        """Until everything that was asked for is ready, or is known not to run with its settings."""
        if self.hdfs is not None:
            self.hdfs.await_ready(START_S)
        for wanted in self._needs.components:
            self._components.outcome(wanted.name, working=False)

    @property
    def webhdfs_url(self) -> str:
        if self.hdfs is None:
            raise LabFault("this lab has no HDFS", service="hdfs")
        if not self._hdfs_ready:
            self.hdfs.await_ready(START_S)
            self._hdfs_ready = True
        return self.hdfs.webhdfs_url

    def component(self, name: str, *, working: bool = False) -> Booted:
        return self._components.outcome(name, working=working)

    def component_killed(self, name: str) -> AbstractContextManager[None]:
        return self._components.killed(name)

    def sandbox(
        self, mounts: Sequence[Mount], path: Sequence[str], aliases: Sequence[str], *, in_a_pod: bool = False
    ) -> Sandbox:
        doors = endpoints(self._plan, aliases, on_localhost=in_a_pod)
        return tools.sandbox(self._level, doors, mounts, path, self.folder)

    @contextmanager
    def broker_down(self, node: int) -> Iterator[None]:
        with self.pulse.held():
            self._down.add(node)
            self.kafka.stop_node(node)
        try:
            yield
        finally:
            with self.pulse.held():
                self.kafka.start_node(node)
                self._down.discard(node)

    def brokers_behind(self, host: str, port: int, aliases: Sequence[str]) -> Sequence[tuple[str, int]]:
        return brokers_behind(self._plan, host, port, aliases)

    def written(self, topic: str) -> segments.Written:
        return segments.written(self.kafka.data_folders(), topic)

    def auto_created(self) -> set[str]:
        return self.kafka.auto_created()

    def topic_defaults(self) -> tuple[int, int]:
        chosen = self.kafka.spec.properties
        return int(chosen.get("num.partitions", 1)), int(chosen.get("default.replication.factor", 1))

    def reset(self, properties: Mapping[str, str]) -> None:
        """A truly new cluster in the warm JVM: no topic, no group, no offset, a new cluster id. Verified."""
        with self.pulse.held():
            try:
                self._view = self._recycled(properties)
            except KafkaError as error:
                raise LabFault(f"the brokers do not answer: {error!r}", service="kafka") from error
            self._begin_components()  # which make topics at once
            self._await_coordinators(self._view)
            self._kafka_ready.set()

    def _recycled(self, properties: Mapping[str, str]) -> ClusterView:
        with closing(self._view or ClusterView(self.bootstrap)) as view:
            before = view.cluster_id()
        self.kafka.recycle(properties)
        if self.hdfs is not None:
            self.hdfs.reset()
        with ExitStack() as closing_if_not_fresh:
            fresh = closing_if_not_fresh.enter_context(closing(ClusterView(self.bootstrap)))
            if fresh.cluster_id() == before or fresh.topics():
                raise LabFault("the reset left something of the run before", service="kafka")
            closing_if_not_fresh.pop_all()
        return fresh

    def overused(self) -> str:
        usage = self.kafka.usage()
        if usage.records_bytes > QUOTA_BYTES:
            return f"its records fill more than the lab's {QUOTA_BYTES >> 30} GiB"
        if usage.replicas > MOST_REPLICAS:
            return f"{usage.replicas} replicas of partitions were made, and a lab has room for {MOST_REPLICAS}"
        return ""

    def _await_coordinators(self, view: ClusterView) -> None:
        try:
            view.await_coordinators()
        except (LabFault, KafkaError) as error:
            raise LabFault(f"no group coordinators: {error}", service="kafka", log=self.kafka.logs()) from error

    def faults(self, since: float) -> list[Fault]:
        self._beats = 0
        return self.pulse.faults(since)

    def _check(self) -> Fault | None:
        return self._check_kafka() or self._check_hdfs() or self._components.check()

    def _check_hdfs(self) -> Fault | None:
        reason = self.hdfs.died() or self.hdfs.halted() if self.hdfs is not None else None
        return self._fault(reason, self.hdfs) if reason and self.hdfs is not None else None

    def _check_kafka(self) -> Fault | None:
        reason = self.kafka.died() or self.kafka.halted()
        if reason is not None:
            return self._fault(reason)
        try:
            statuses = self.kafka.statuses()
        except OSError as error:
            return self._fault(f"the brokers' process does not answer: {error}")
        for node, status in statuses.items():
            if node not in self._down and status != "running":
                return self._fault(f"broker {node} is {status}")
        if self.kafka.data_bytes() > QUOTA_BYTES:
            return self._fault(f"the lab's disk quota of {QUOTA_BYTES >> 30} GiB is used up")
        self._beats += 1
        if self._beats % 4 == 1 and self._view is not None:
            return self._check_brokers(self._view)
        return None

    def _check_brokers(self, view: ClusterView) -> Fault | None:
        began = time.monotonic()
        try:
            alive = set(view.brokers())
        except KafkaError as error:
            return self._fault(f"the brokers do not answer: {error!r}")
        wanted = {node.node_id for node in self.kafka.spec.nodes} - self._down
        if not wanted <= alive:
            return self._fault(f"brokers {sorted(wanted - alive)} are not in the cluster")
        if time.monotonic() - began > 5.0:
            return self._fault(f"the brokers took {time.monotonic() - began:.1f} s to answer")
        return None

    def _fault(self, reason: str, service: Service | None = None) -> Fault:
        service = service or self.kafka
        return Fault(service.name, reason, service.logs(), "The lab is rebuilt and the exercise run again once.")

    def close(self) -> None:
        """Done with the lab. One that is kept is left up, for others; any other is taken down."""
        if not self.kept or self.kafka.died() is not None or (self.hdfs and self.hdfs.died() is not None):
            self.take_down()
            return
        try:
            self.leave()
        except (LabFault, KafkaError):
            self.take_down()

    def leave(self) -> None:
        """Leave it up for others, as it is: remembered, so that it shows what they do in it, and recorded. Raises
        ``LabFault`` and ``KafkaError``."""
        if not self.pulse.stop() or self._view is None:
            raise LabFault("the brokers do not answer", service="kafka")
        if self._held:
            shutil.rmtree(self.folder.programs, ignore_errors=True)
            self._let_go()
            self.folder.release()
            return
        recorder = residents.record(self.folder, self.kafka, self._view.cluster_id())
        if self._for_people:
            self._components.leave()
        else:
            self._components.close()
        shutil.rmtree(self.folder.programs, ignore_errors=True)
        urls = Residents.of(self.folder).urls
        webhdfs_url = self.hdfs.webhdfs_url if self.hdfs is not None else None
        self.folder.leave(fingerprint.take(self._view, urls, webhdfs_url), for_people=self._for_people)
        self._let_go()
        if self._for_people:
            recorder.await_ready()
        self.folder.release()

    def take_down(self) -> None:
        """End the lab's processes and remove its folder."""
        self._let_go()
        if self.kept:
            Residents.of(self.folder).end()
        if self.hdfs is not None:
            self.hdfs.stop()
        self.kafka.stop()
        self.folder.remove()

    def _let_go(self) -> None:
        at_rest = self.pulse.stop()
        self._components.close()
        if self._view and at_rest:  # kafka-python lets a call wait for ever whose client is closed under it
            self._view.close()
        self._open.close()

    def versions(self) -> Mapping[str, str]:
        known = {
            "kafka": jarset.version("kafka", "kafka_2.13"),
            "hdfs": jarset.version("hdfs", "hadoop-client-minicluster"),
            "connect": f"{jarset.version('connect', 'connect-runtime')}, HDFS 2 sink: {self._sink_version()}",
            "registry": f"Apicurio {jarset.version('registry', 'apicurio-registry-app')} in Confluent's place",
            "sqoop": jarset.version("sqoop", "sqoop"),
            **({PostgreSql.name: postgresql.version()} if self._needs.table else {}),
        }
        shown = {part: known[part] for part in self._needs.parts if part in known}
        return {"topicmark": topicmark.__version__, "java": java.java_version(), **shown}

    def _sink_version(self) -> str:
        plugins = self._needs.connect_plugins
        return f"Topicmark's own, {topicmark.__version__}" if plugins is None else f"from {plugins}"
