"""The lab in containers of the official images: the course's real services, on a network of the lab's own.

Every container has the course's host names on that network, and its ports are published on the addresses that the
embedded lab would have: so whatever asks a lab something finds it at the same place in both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from kafka.errors import KafkaError

import topicmark
from topicmark.backends import fingerprint, tools, warm
from topicmark.backends.base import NOTHING_BEFORE, Ability, Before, Booted
from topicmark.backends.components import Bootable, Components
from topicmark.backends.endpoints import brokers_behind, endpoints
from topicmark.backends.folder import LabFolder
from topicmark.backends.needs import Needs, Wanted
from topicmark.backends.plan import LabPlan, Plan
from topicmark.backends.pulse import Pulse
from topicmark.backends.settings import refused
from topicmark.containers import engine
from topicmark.model import Fault, LabFault, Unable
from topicmark.observe.cluster import ClusterView
from topicmark.observe.segments import Written
from topicmark.provision import maven
from topicmark.sandbox import Level, Mount, Sandbox
from topicmark.services import subnet
from topicmark.services.base import Service
from topicmark.services.connect_env import HUB_COMPONENTS
from topicmark.services.docker import component, console, hdfs, kafka, sink
from topicmark.services.docker.component import ComponentContainer
from topicmark.services.docker.container import ContainerPlan, ServiceContainer, make_network, watch_over
from topicmark.services.docker.hdfs import HdfsContainers
from topicmark.services.docker.kafka import KafkaContainers
from topicmark.services.hdfs import HdfsSpec
from topicmark.services.kafka_spec import KafkaSpec
from topicmark.services.recorder import Recorder
from topicmark.services.refusal import Refusal
from topicmark.waiting import Deadline

START_S = 180.0
QUOTA_BYTES = 4 * 2**30
"""Of what the containers write, all together."""
_MEASURED_EACH = 20
"""Beats of the pulse from one measurement to the next."""
_TOOL_JARS = ("kafka", "client", "compiler")


def prepare(needs: Needs, say: Callable[[str], None], *, stays: bool = False) -> None:
    """Remove what killed runs left, fetch the images and the tools that programs find. What ``stays`` up is not watched
    over. Raises ``LabFault``."""
    engine.require_local()
    warm.sweep_containers()
    wanted = [wanted.name for wanted in needs.components]
    hdfs_image = [hdfs.IMAGE] if needs.hdfs else []
    engine.pull([kafka.IMAGE, *hdfs_image, *(component.IMAGES[name] for name in wanted)], say)
    if "connect" in wanted and needs.connect_plugins is None:
        sink.ensure(say)
    elif needs.connect_plugins is not None:
        _closed_in(needs.connect_plugins)
    maven.fetch(_TOOL_JARS)
    watch_over(stays=stays)


def _closed_in(plugins: Path) -> None:
    """Raises ``LabFault`` if a link in the folder leads out of it: in the container it would lead nowhere, and a worker
    without the sink would cost the student points."""
    for path in plugins.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(plugins.resolve()):
            reason = f"{path} is a link out of the plugins' folder: a container does not see where it leads"
            raise LabFault(reason, service="connect", remedy=f"Copy what it leads to: cp -rL {plugins} plugins")


def started(needs: Needs, properties: Mapping[str, str]) -> DockerLab:
    """A lab that has brokers that serve. Raises ``LabFault``; nothing is left then."""
    lab = DockerLab(needs, properties)
    try:
        lab.start()
    except BaseException:
        lab.take_down()
        raise
    return lab


class DockerLab:
    """A ``Lab``: three brokers, HDFS and components, a container each. It ends with its run."""

    name = "docker"

    def __init__(self, needs: Needs, properties: Mapping[str, str]) -> None:
        self.folder = LabFolder.new()
        self._open = ExitStack()
        self._open.callback(self.folder.remove)
        try:
            self._lay_out(needs, properties)
        except BaseException:
            self._open.close()
            raise

    def _lay_out(self, needs: Needs, properties: Mapping[str, str]) -> None:
        """Everything but the containers."""
        address = subnet.claim()
        self._open.callback(address.release)
        self._open.callback(engine.remove, self.folder.marker)
        spec = KafkaSpec(subnet=address.prefix, properties=dict(properties))
        self._needs = needs
        self._plan = LabPlan(spec, HdfsSpec(address.prefix) if needs.hdfs else None, needs)
        self._network = make_network(self.folder.marker, str(subnet.state_dir()))
        names = self._plan.host_names()
        self.kafka = KafkaContainers(spec, self.folder.marker, self._network, names)
        self.hdfs: HdfsContainers | None = None
        if self._plan.hdfs is not None:
            self.hdfs = HdfsContainers(self._plan.hdfs, self.folder.marker, self._network, names)
        self._kafka_ready = threading.Event()
        self._components = Components(
            self._plan, self.folder.components, self.folder.marker, self._kafka_ready.is_set, self._make, START_S
        )
        self._hdfs_ready = False
        self._view: ClusterView | None = None
        self._beats = 0
        self.pulse = Pulse(self._check)

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def before(self) -> Before:
        return NOTHING_BEFORE

    def unable(self, ability: Ability) -> Unable | None:
        if ability is Ability.IMPORT:
            return Unable("there is no database in it", "Sqoop's task is judged by --backend embedded")
        return None

    def start(self) -> None:
        """Begin with everything at once; returns when Kafka is ready."""
        if self.pulse.begun:
            return
        starters: list[Callable[[], None]] = [self.kafka.start]
        starters += [self.hdfs.start] if self.hdfs is not None else []
        with ThreadPoolExecutor(len(starters)) as pool:
            for started_one in [pool.submit(start) for start in starters]:
                started_one.result()
        for wanted in self._needs.components:
            self._components.begin(wanted)
        self.kafka.await_ready(Deadline.after(START_S))
        self._view = ClusterView(self.bootstrap)
        try:
            self._view.await_coordinators()
        except (LabFault, KafkaError) as error:
            raise LabFault(f"no group coordinators: {error}", service="kafka", log=self.kafka.logs()) from error
        self._kafka_ready.set()
        self.pulse.start()

    def sandbox(
        self, mounts: Sequence[Mount], path: Sequence[str], aliases: Sequence[str], *, in_a_pod: bool = False
    ) -> Sandbox:
        doors = endpoints(self._plan, aliases, on_localhost=in_a_pod)
        return tools.sandbox(Level.CONTAINER, doors, mounts, path, self.folder)

    @contextmanager
    def broker_down(self, node: int) -> Iterator[None]:
        with self.pulse.held():
            self.kafka.stop_node(node)
        try:
            yield
        finally:
            with self.pulse.held():
                self.kafka.start_node(node)

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

    def brokers_behind(self, host: str, port: int, aliases: Sequence[str]) -> Sequence[tuple[str, int]]:
        return brokers_behind(self._plan, host, port, aliases)

    def written(self, topic: str) -> Written:
        return self.kafka.written(topic)

    def auto_created(self) -> set[str]:
        return self.kafka.auto_created()

    def topic_defaults(self) -> tuple[int, int]:
        chosen = self.kafka.spec.properties
        return int(chosen.get("num.partitions", 1)), int(chosen.get("default.replication.factor", 1))

    def overused(self) -> str:
        return ""

    def faults(self, since: float) -> list[Fault]:
        return self.pulse.faults(since)

    def close(self) -> None:
        self.take_down()

    def await_all(self) -> None:
        """Until everything that was asked for is ready. Raises ``LabFault``."""
        _ = self.webhdfs_url
        for wanted in self._needs.components:
            self.component(wanted.name, working=True)

    def leave(self) -> None:
        """Leave it up for people; ``warm.down`` takes it down. Raises ``LabFault`` and ``KafkaError``."""
        assert self._view is not None
        cluster, marker = self._view.cluster_id(), self.folder.marker
        self.pulse.stop()
        recorder = Recorder.of_brokers(self.bootstrap, cluster, self.folder.recorder, marker=marker)
        recorder.start()
        urls = {wanted.name: self.component(wanted.name).url for wanted in self._needs.components}
        at = {"bootstrap": self.bootstrap, "webhdfs_url": self.webhdfs_url, "urls": urls}
        self.folder.leave(fingerprint.take(self._view, urls, self.webhdfs_url), for_people=True)
        recorder.await_ready()
        self.folder.keep(backend=self.name, console_url=self._begin_console(), **at)
        self._components.leave()
        self._view.close()
        self._open.pop_all()  # what would end it: nobody is to call it
        self.folder.release()

    def _begin_console(self) -> str:
        """Start Redpanda Console beside it; its address. It is there a moment later."""
        address = f"{self._plan.subnet}.{console.HOST}"
        plan = ContainerPlan(
            role="redpanda",
            image=console.image(),
            env=console.environment(),
            aliases=[console.SERVICE],
            published={console.PORT: (address, console.PORT)},
            memory_bytes=console.MEMORY_BYTES,
        )
        try:
            engine.pull([console.image()], lambda _: None)
            ServiceContainer(plan, self.folder.marker, self._network).start()
        except LabFault:
            return ""  # hands-on work is possible without it
        return f"http://{address}:{console.PORT}"

    def take_down(self) -> None:
        """Remove the lab's containers, its network and its folder."""
        at_rest = self.pulse.stop()
        if self._view and at_rest:
            self._view.close()
        try:
            self._components.close()
        finally:
            self._open.close()

    def versions(self) -> Mapping[str, str]:
        images = {"kafka": kafka.IMAGE}
        images |= {"hdfs": hdfs.IMAGE} if self._needs.hdfs else {}
        images |= {wanted.name: component.IMAGES[wanted.name] for wanted in self._needs.components}
        if "connect" in images:
            plugins = self._needs.connect_plugins
            images["connect"] += f", HDFS 2 sink: {sink.PLUGIN if plugins is None else f'from {plugins}'}"
        return {"topicmark": topicmark.__version__, "docker": engine.version(), **images}

    def _make(self, wanted: Wanted, plan: Plan, _: Path, marker: str) -> Bootable | Refusal:
        if (refusal := refused(wanted, plan)) is not None:
            return refusal
        name, address = wanted.name, plan.address_of(wanted.name)
        plugins = self._needs.connect_plugins
        image = component.IMAGES[name]
        if name == "connect" and plugins is None:
            image = sink.WITH_SINK
        made = ContainerPlan(
            role=name,
            image=image,
            env={**component.QUICK[name], **wanted.env},
            aliases=[spoken for spoken, at in plan.host_names().items() if at == address],
            published={wanted.port: (address, wanted.port)},
            shown={HUB_COMPONENTS: plugins} if name == "connect" and plugins is not None else {},
            memory_bytes=component.MEMORY_BYTES[name],
        )
        return ComponentContainer(name, made, f"http://{address}:{wanted.port}", marker, self._network)

    def _check(self) -> Fault | None:
        services: list[Service] = [self.kafka, *([self.hdfs] if self.hdfs is not None else [])]
        for service in services:
            if reason := service.died():
                remedy = "The lab is rebuilt and the exercise run again once."
                return Fault(service.name, reason, service.logs(), remedy)
        if paused := [state.role for state in engine.states(self.folder.marker) if "(Paused)" in state.status]:
            return Fault(
                "docker", f"somebody paused {', '.join(sorted(paused))}", remedy="docker unpause, or run again."
            )
        self._beats += 1
        if self._beats % _MEASURED_EACH == 0 and engine.written_bytes(self.folder.marker) > QUOTA_BYTES:
            return Fault("lab", f"the lab's disk quota of {QUOTA_BYTES >> 30} GiB is used up")
        return self._components.check()
