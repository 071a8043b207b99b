"""A lab that others run, by its addresses: looked at, or, if that is allowed, written to and tidied up again."""

from __future__ import annotations

import socket
import sys
import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import requests
from kafka.errors import KafkaError

import topicmark
from topicmark.backends import tools
from topicmark.backends.attached_endpoints import Whereabouts, endpoints
from topicmark.backends.attachment import CONSOLE, HDFS, KAFKA, OPTIONS, WEBHDFS, Address, Attachment
from topicmark.backends.base import NOTHING_BEFORE, Ability, Before, Booted
from topicmark.backends.endpoints import behind
from topicmark.backends.fill_in import FILLED_IN, FillIns
from topicmark.backends.folder import LabFolder
from topicmark.backends.inventory import Inventory
from topicmark.backends.names import PORTS
from topicmark.backends.needs import Needs
from topicmark.backends.probing import SHOWN, Found, probe, silent
from topicmark.backends.pulse import Pulse
from topicmark.backends.recorded import recorded
from topicmark.model import Fault, LabFault, Unable
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectView
from topicmark.observe.console import ConsoleView
from topicmark.observe.hdfs import HdfsView
from topicmark.observe.ksqldb import KsqlView
from topicmark.observe.registry import RegistryView
from topicmark.observe.segments import Written
from topicmark.sandbox import Level, Mount, Sandbox

_CONNECT_S = 5.0
_REQUEST_S = 60.0
_BEATS = 4
_EMBEDDED = "Use --backend embedded"
_CANNOT: Mapping[Ability, str] = {
    Ability.BOOT: "services that others run are not booted from manifests",
    Ability.STOP_BROKER: "brokers that others run are not stopped",
    Ability.KILL_COMPONENT: "services that others run are not killed",
    Ability.IMPORT: "the table that is imported is one of Topicmark's own, in an embedded lab",
    Ability.TELL_AUTO_CREATED: "only brokers' logs tell whether a topic with nothing but defaults was made on purpose",
}


@dataclass
class _Cluster:
    """The brokers, once they have answered."""

    view: ClusterView
    id: str
    brokers: Mapping[int, tuple[str, int]]


@dataclass
class AttachedLab:
    """What the attachment names, and services of ours that stand in for what tasks need besides. It ends nothing but
    these; what came into being while it was open and may be written to is removed again."""

    attachment: Attachment
    level: Level
    needs: Needs
    allow_writes: bool
    before: Before = NOTHING_BEFORE
    folder: LabFolder = field(default_factory=LabFolder.new)
    _tag: str = field(default_factory=lambda: f"topicmark-{uuid.uuid4().hex[:8]}")
    _cluster: _Cluster | None = None
    _found: dict[str, Found] = field(default_factory=dict)
    _fill_ins: FillIns | None = None
    _inventory: Inventory | None = None
    _beats: int = 0
    _closed: bool = False

    name = "attached"

    def __post_init__(self) -> None:
        self.pulse = Pulse(self._check)

    # The life of a lab

    def start(self) -> None:
        """Look what answers. Raises ``LabFault`` if the brokers do not; of other services it is told when asked."""
        if self.pulse.begun:
            return
        if self.attachment.kafka:
            self._cluster = self._reach_brokers()
        for service in self.attachment.urls:
            if service != HDFS:
                self._found[service] = probe(service, self.attachment, self._cluster.id if self._cluster else None)
        if self.allow_writes:
            self._remember()
        if self._cluster is not None:
            self._fill_ins = self._offer_fill_ins(list(self._cluster.brokers.values()))
        self.pulse.start()

    def close(self) -> None:
        """Done with it: remove what the run made, end services of ours. Others' go on."""
        if self._closed:
            return
        self._closed = True
        at_rest = self.pulse.stop()
        if self._inventory is not None:
            self._inventory.clear_services(self.before)
        if self._fill_ins is not None:
            self._fill_ins.close()
        if self._inventory is not None:
            self._inventory.clear_storage(self.before)
            for one in self.left:
                sys.stderr.write(f"topicmark: could not be removed again: {one}\n")
        if self._cluster is not None and at_rest:  # a call that is under way would wait for ever
            self._cluster.view.close()
        self.folder.remove()

    def _remember(self) -> None:
        """What is there before the run."""
        inventory = self._open_inventory()
        self.before = inventory.take()
        self._inventory = inventory  # not sooner: what it has not seen it would take for the run's, and remove

    def take_down(self) -> None:
        """As ``close``: the next one to ask attaches anew."""
        self.close()

    @property
    def left(self) -> list[str]:
        """What the run made and could not be removed again, in words."""
        return self._inventory.left if self._inventory is not None else []

    # What it offers

    def unable(self, ability: Ability) -> Unable | None:
        if ability is Ability.WRITE:
            remedy = "Give --allow-writes to have the submission replayed there"
            return None if self.allow_writes else Unable("what others run is only looked at", remedy)
        return Unable(_CANNOT[ability], _EMBEDDED)

    @property
    def bootstrap(self) -> str:
        if self._cluster is None:
            raise self._missing(KAFKA)
        return self._contact()

    @property
    def webhdfs_url(self) -> str:
        if WEBHDFS in self._found:
            return self._through(self._found[WEBHDFS].required())
        if self._fill_ins is None or not self._fills_in(WEBHDFS):
            raise self._missing(WEBHDFS)
        return self._fill_ins.webhdfs_url

    def component(self, name: str, *, working: bool = False) -> Booted:
        """What was given; only with ``working`` one of ours in its place. Raises ``Unable`` if there is neither."""
        if name in self._found:
            return Booted(self._found[name].required(), {}, PORTS[name])
        if not working or self._fill_ins is None or not self._fills_in(name):
            raise self._missing(name)
        return self._fill_ins.booted(name)

    def console_refusal(self) -> str | None:
        if CONSOLE not in self._found:
            return None
        return self._asked_console(self._found[CONSOLE].required())

    def _asked_console(self, url: str) -> str:
        view = ConsoleView(url)
        try:
            if ailment := view.ailment():
                return ailment
            if self._cluster is None:
                return ""
            return view.stranger(self._cluster.brokers, self._cluster.view.topics())
        except requests.RequestException as error:
            raise silent(CONSOLE, self.attachment, str(error)) from error

    def component_killed(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002
        raise Unable(_CANNOT[Ability.KILL_COMPONENT], _EMBEDDED)

    def broker_down(self, node: int) -> AbstractContextManager[None]:  # noqa: ARG002
        raise Unable(_CANNOT[Ability.STOP_BROKER], _EMBEDDED)

    def brokers_behind(self, host: str, port: int, aliases: Sequence[str]) -> Sequence[tuple[str, int]]:
        where = Whereabouts(self.attachment.kafka, self._brokers().brokers, {})
        return behind(endpoints(where, aliases, on_localhost=False), host, port)

    @property
    def cluster_id(self) -> str:
        """Of the brokers. Raises ``Unable`` if there are none."""
        return self._brokers().id

    def written(self, topic: str) -> Written:
        found = recorded(self.cluster_id, topic)
        if found is None:
            return Written(
                unreadable=f"nobody recorded what passed through {topic}. Let `topicmark up --backend {self.name}` do "
                "so before, or give --allow-writes to have the submission replayed there"
            )
        return found

    def auto_created(self) -> set[str]:
        raise Unable(_CANNOT[Ability.TELL_AUTO_CREATED], _EMBEDDED)

    def topic_defaults(self) -> tuple[int, int]:
        cluster = self._brokers()
        settings = cluster.view.broker_settings(min(cluster.brokers))
        return int(settings.get("num.partitions", 1)), int(settings.get("default.replication.factor", 1))

    def sandbox(
        self, mounts: Sequence[Mount], path: Sequence[str], aliases: Sequence[str], *, in_a_pod: bool = False
    ) -> Sandbox:
        if not self.allow_writes:
            raise Unable("programs are not run where nothing may be written", "Give --allow-writes")
        where = self._whereabouts()
        if far := where.unreachable():
            told = ", ".join(f"{host}:{port}" for host, port in far)
            raise Unable(
                f"brokers advertise the addresses {told}, which do not exist in the sandbox that programs run in",
                "Let them advertise host names, or localhost",
            )
        doors = endpoints(where, aliases, on_localhost=in_a_pod)
        return tools.sandbox(self.level, doors, mounts, path, self.folder)

    def versions(self) -> Mapping[str, str]:
        found = {"topicmark": topicmark.__version__}
        if self._cluster is not None:
            count = len(self._cluster.brokers)
            found[KAFKA] = f"{count} brokers at {self.attachment.bootstrap}, cluster {self._cluster.id}"
        for service, one in self._found.items():
            found[service] = " ".join(filter(None, (one.version, f"at {one.url}")))
        if self._fill_ins is not None:
            found |= dict.fromkeys(self._fill_ins.running(), f"Topicmark's own beside them, {topicmark.__version__}")
        return found

    def overused(self) -> str:
        return ""

    def faults(self, since: float) -> list[Fault]:
        self._beats = 0
        return self.pulse.faults(since)

    # Brokers

    def _brokers(self) -> _Cluster:
        if self._cluster is None:
            raise self._missing(KAFKA)
        return self._cluster

    def _reach_brokers(self) -> _Cluster:
        if not any(self._connects(host, port) for host, port in self.attachment.kafka):
            raise silent(KAFKA, self.attachment, "no connection")
        view = ClusterView(self._contact())
        try:
            return self._seen_through(view)
        except BaseException:
            view.close()
            raise

    def _seen_through(self, view: ClusterView) -> _Cluster:
        try:
            brokers, cluster_id = view.addresses(), view.cluster_id()
            if self.allow_writes:  # for the first question makes a topic
                view.await_coordinators()
        except (KafkaError, LabFault) as error:
            raise silent(KAFKA, self.attachment, repr(error)) from error
        if lost := ", ".join(f"{host}:{port}" for host, port in brokers.values() if not self._connects(host, port)):
            raise LabFault(
                f"{self.attachment.told(KAFKA)}: brokers advertise {lost}, which cannot be reached from here",
                service=KAFKA,
                remedy="Give the address of a listener that advertises names which resolve on this machine.",
            )
        return _Cluster(view, cluster_id, brokers)

    def _check(self) -> Fault | None:
        """A broker or a service of ours that is gone."""
        if self._fill_ins is not None and (fault := self._fill_ins.check()) is not None:
            return fault
        self._beats += 1
        if self._cluster is None or self._beats % _BEATS != 1:
            return None
        remedy = "What runs there is not the grader's to repair. The exercise is run again once."
        try:
            alive = set(self._cluster.view.brokers())
        except KafkaError as error:
            lost = self._cluster.view.silent(self._cluster.brokers)
            who = f"brokers {lost} do not answer" if lost else "a broker did not answer"
            return Fault(KAFKA, f"{who}: {error!r}", remedy=remedy)
        if gone := set(self._cluster.brokers) - alive:
            return Fault(KAFKA, f"brokers {sorted(gone)} are not in the cluster any more", remedy=remedy)
        return None

    # Services

    def _missing(self, service: str) -> Unable:
        return Unable(f"{SHOWN[service]} was not given", f"Give {OPTIONS[service]}")

    def _fills_in(self, service: str) -> bool:
        """Whether one of ours stands in. Connect and HDFS only together: neither of theirs can reach one of ours."""
        if self._fill_ins is None or not self.allow_writes or service in self._found:
            return False
        return service in FILLED_IN and not (service != "ksqldb" and {"connect", WEBHDFS} & self._found.keys())

    # What is there

    def _whereabouts(self) -> Whereabouts:
        broken = self._broken()
        services = {s: at for s in self.attachment.urls if s not in broken and (at := self.attachment.address(s))}
        if self._fill_ins is not None:
            services |= self._fill_ins.addresses([name for name in self._wanted() if self._fills_in(name)])
        brokers = self._cluster.brokers if self._cluster is not None else {}
        return Whereabouts(self.attachment.kafka, brokers, services)

    def _wanted(self) -> list[str]:
        return [*(wanted.name for wanted in self.needs.components), *([WEBHDFS] if self.needs.hdfs else [])]

    def _broken(self) -> Collection[str]:
        return [service for service, one in self._found.items() if not one.usable]

    def _open_inventory(self) -> Inventory:
        def url(service: str, wanted: bool = True) -> str | None:
            return found.url if wanted and (found := self._found.get(service)) is not None and found.usable else None

        connect, ksqldb, registry = url("connect"), url("ksqldb"), url("registry")
        webhdfs = url(WEBHDFS, self.needs.hdfs)
        return Inventory(
            self._tag,
            self._cluster.view if self._cluster is not None else None,
            ConnectView(connect, request_s=_REQUEST_S) if connect else None,
            KsqlView(ksqldb, request_s=_REQUEST_S) if ksqldb else None,
            RegistryView(registry) if registry else None,
            HdfsView(self._through(webhdfs)) if webhdfs else None,
        )

    # How to get there: for labs whose names do not resolve here

    def _contact(self) -> str:
        """The brokers, as clients of ours are told."""
        return self.attachment.bootstrap

    def _through(self, webhdfs_url: str) -> str:
        """The namenode, as clients of ours are told."""
        return webhdfs_url

    def _connects(self, host: str, port: int) -> bool:
        """Whether somebody listens where a broker says that it is."""
        try:
            socket.create_connection((host, port), timeout=_CONNECT_S).close()
        except OSError:
            return False
        return True

    def _offer_fill_ins(self, brokers: Sequence[Address]) -> FillIns | None:
        return FillIns(self.attachment.bootstrap, brokers, self.needs, self.folder, self._tag)
