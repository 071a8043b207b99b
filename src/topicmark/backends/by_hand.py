"""Labs that people work in by hand, as they are found: addresses, names, what was done, and what is told of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from topicmark.backends import tools
from topicmark.backends.endpoints import endpoints
from topicmark.backends.folder import LabFolder
from topicmark.backends.hands import Whose, whose
from topicmark.backends.names import PORTS
from topicmark.backends.needs import Needs, Wanted
from topicmark.backends.plan import LabPlan
from topicmark.backends.residents import Residents
from topicmark.sandbox import Endpoint
from topicmark.sandbox.interactive import Tools
from topicmark.services.hdfs import HdfsSpec
from topicmark.services.kafka_spec import KafkaSpec


def lab_needs(connect_plugins: Path | None = None, ksqldb_home: Path | None = None) -> Needs:
    """A whole lab, as the course's manifests have it."""
    components = tuple(Wanted.of_the_course(name) for name in PORTS)
    return Needs(hdfs=True, components=components, connect_plugins=connect_plugins, ksqldb_home=ksqldb_home)


@dataclass(frozen=True, slots=True)
class HandsOnLab:
    """One lab that is up. ``done``: what was done in it by hand. ``is_whole``: as ``up`` left it, not as a run did."""

    folder: LabFolder
    backend: str
    subnet: str
    since: float
    whose: Whose
    done: str
    is_whole: bool
    console_url: str = ""

    @classmethod
    def of(cls, folder: LabFolder, state: Whose = Whose.FREE, done: str = "") -> HandsOnLab:
        """The lab that was kept in this folder. Raises ``KeyError`` if there is none."""
        about = folder.about() or {}
        host = str(about["bootstrap"]).split(":")[0]
        left = folder.left() or {}
        return cls(
            folder,
            str(about.get("backend", "embedded")),
            host.rpartition(".")[0],
            float(about["since"]),
            state,
            done,
            bool(left.get("for_people")),
            str(about.get("console_url", "")),
        )

    @property
    def marker(self) -> str:
        return self.folder.marker

    @property
    def plan(self) -> LabPlan:
        return LabPlan(KafkaSpec(subnet=self.subnet), HdfsSpec(self.subnet), lab_needs())

    @property
    def bootstrap(self) -> str:
        """Brokers for tools of one's own on this machine."""
        return self.plan.bootstrap

    @property
    def webhdfs_url(self) -> str:
        return HdfsSpec(self.subnet).webhdfs_url

    @property
    def urls(self) -> Mapping[str, str]:
        """Of the components that run."""
        if self.backend == "embedded":
            running = Residents.of(self.folder).urls
            return {name: running[name] for name in PORTS if name in running}
        return {name: f"http://{self.plan.address_of(name)}:{port}" for name, port in PORTS.items()}

    def endpoints(self) -> Sequence[Endpoint]:
        """What a shell in it reaches: the course's names, and on localhost what a port-forward would put there."""
        return endpoints(self.plan, (), on_localhost=True)

    def tools(self) -> Tools:
        return Tools(tools.mounts(), tools.PATH, tools.environment())

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Somebody works in it for the length of the block: no run takes it."""
        guest = self.folder.visit()
        try:
            yield
        finally:
            os.close(guest)


def labs(backend: str = "") -> list[HandsOnLab]:
    """Those that are up, of this backend or of any; the ones that a run has right now are left out."""
    found = []
    for folder in LabFolder.all():
        about = folder.about()
        if about is None or (backend and about.get("backend", "embedded") != backend) or not folder.lease():
            continue
        try:
            state, done = whose(folder)
            found.append(HandsOnLab.of(LabFolder(folder.path), state, done))
        finally:
            folder.release()
    return found
