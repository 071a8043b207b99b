"""A lab that a test runs for others to attach to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from topicmark.backends import EmbeddedLab
from topicmark.backends.needs import Needs, Wanted
from topicmark.provision import toolchain
from topicmark.sandbox import Level

COMPONENTS = ("registry", "connect", "ksqldb")


@dataclass(frozen=True)
class RunningLab:
    """An embedded lab, seen as somebody else's: by its addresses only."""

    lab: EmbeddedLab

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


@contextmanager
def running_lab(*components: str, hdfs: bool = False) -> Iterator[RunningLab]:
    """One with these components, as the course's manifests have them; ended after the block."""
    needs = Needs(hdfs=hdfs, components=tuple(Wanted.of_the_course(name) for name in components))
    toolchain.ensure(needs.parts)
    lab = EmbeddedLab.new(level=Level.NAMESPACES, needs=needs)
    try:
        lab.start()
        lab.await_all()
        lab.pulse.stop()  # nobody grades on it from this side
        yield RunningLab(lab)
    finally:
        lab.take_down()
