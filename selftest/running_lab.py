"""A lab that a test runs for others to attach to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from topicmark.backends import EmbeddedLab
from topicmark.backends.base import Before
from topicmark.backends.inventory import Inventory
from topicmark.backends.needs import Needs, Wanted
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectView
from topicmark.observe.hdfs import HdfsView
from topicmark.observe.ksqldb import KsqlView
from topicmark.observe.registry import RegistryView
from topicmark.provision import toolchain
from topicmark.sandbox import Level
from topicmark.services.kafka import KafkaCluster

COMPONENTS = ("registry", "connect", "ksqldb")


@dataclass(frozen=True)
class RunningLab:
    """An embedded lab, seen as somebody else's: by its addresses only."""

    lab: EmbeddedLab
    components: tuple[str, ...] = ()

    def options(self, *services: str) -> list[str]:
        """Options that attach to these services: ``kafka``, components, ``webhdfs``, ``hdfs``."""
        return [f"--{'kafka' if one == 'kafka' else one + '-url'}={self.address(one)}" for one in services]

    def address(self, service: str) -> str:
        if service == "kafka":
            return self.lab.bootstrap
        if service == "webhdfs":
            return self.lab.webhdfs_url
        if service == "hdfs":
            return self.lab.webhdfs_url.replace("http://", "hdfs://").replace(":9870", ":9000")
        return self.lab.component(service).url


def seen(theirs: RunningLab) -> Before:
    """All that there is on the lab, now."""
    cluster = ClusterView(theirs.lab.bootstrap)
    urls = {component: theirs.address(component) for component in theirs.components}
    try:
        return Inventory(
            "nobody",
            cluster,
            ConnectView(urls["connect"]) if "connect" in urls else None,
            KsqlView(urls["ksqldb"]) if "ksqldb" in urls else None,
            RegistryView(urls["registry"]) if "registry" in urls else None,
            HdfsView(theirs.address("webhdfs")) if theirs.lab.hdfs is not None else None,
        ).take()
    finally:
        cluster.close()


@contextmanager
def running_lab(*components: str | Wanted, hdfs: bool = False, namespace: str = "default") -> Iterator[RunningLab]:
    """One with these components, as the course's manifests have those that are only named; ended after the block.
    Brokers advertise names of that namespace."""
    wanted = tuple(Wanted.of_the_course(one) if isinstance(one, str) else one for one in components)
    needs = Needs(hdfs=hdfs, components=wanted, spaces=tuple(dict.fromkeys(("default", namespace))))
    toolchain.ensure(needs.parts)
    lab = EmbeddedLab.new(level=Level.NAMESPACES, needs=needs)
    if namespace != "default":
        lab = _advertising(lab, namespace, needs)
    try:
        lab.start()
        lab.await_all()
        lab.pulse.stop()  # nobody grades on it from this side
        yield RunningLab(lab, tuple(one.name for one in wanted))
    finally:
        lab.take_down()


def _advertising(lab: EmbeddedLab, namespace: str, needs: Needs) -> EmbeddedLab:
    """The same lab, not yet started, its brokers called as in that namespace."""
    kafka = KafkaCluster(replace(lab.kafka.spec, namespace=namespace), lab.folder.kafka, marker=lab.folder.marker)
    other = EmbeddedLab(lab.folder, kafka, lab.hdfs, level=Level.NAMESPACES, needs=needs, kept=False)
    other._open.push(lab._open.pop_all().__exit__)  # the lease on its subnet
    return other
