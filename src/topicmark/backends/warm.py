"""Labs that stay up between runs: ``topicmark up``, ``status``, ``down``; and who may use one now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psutil

from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.folder import LabFolder, labs_folder
from topicmark.backends.needs import Needs
from topicmark.model import LabFault
from topicmark.sandbox import Level
from topicmark.services.hdfs import HdfsCluster
from topicmark.services.jvm import MARKER
from topicmark.services.kafka import KafkaCluster
from topicmark.services.subnet import state_dir


@dataclass(frozen=True, slots=True)
class KeptLab:
    """A lab that ``up`` made. ``since`` in seconds since the epoch."""

    marker: str
    bootstrap: str
    since: float
    in_use: bool
    alive: bool
    memory_bytes: int


def keep(lab: EmbeddedLab) -> None:
    """Let other runs find this lab, and leave it to them."""
    lab.folder.keep(bootstrap=lab.bootstrap)
    lab.close()


def take(*, level: Level, needs: Needs, properties: Mapping[str, str]) -> EmbeddedLab | None:
    """A kept lab that nobody uses, as new; None if there is none. One that cannot be reset is taken down."""
    for folder in LabFolder.all():
        if folder.about() is None or not folder.lease():
            continue
        try:
            lab = EmbeddedLab.attach(folder, level=level, needs=needs)
        except LabFault:
            folder.remove()
            continue
        try:
            lab.reset(properties)
            lab.pulse.start()
        except LabFault:
            lab.take_down()
            continue
        return lab
    return None


def kept() -> Iterator[KeptLab]:
    """Every lab that was left up."""
    for folder in LabFolder.all():
        about = folder.about()
        if about is None:
            continue
        free = folder.lease()
        folder.release()
        memory, alive = 0, False
        try:
            services: list[KafkaCluster | HdfsCluster] = [
                KafkaCluster.reattach(folder.kafka),
                HdfsCluster.reattach(folder.hdfs),
            ]
            memory = sum(service.rss_bytes() for service in services)
            alive = not any(service.died() for service in services)
        except LabFault:
            pass  # told as not alive
        yield KeptLab(folder.marker, str(about["bootstrap"]), float(about["since"]), not free, alive, memory)


def down(*, everything: bool) -> tuple[int, int]:
    """Take kept labs down; with ``everything`` also what runs left behind that were killed. Labs in use are left.

    Returns how many were taken down, and how many are in use.
    """
    taken = busy = 0
    if everything:
        taken += len(sweep_containers())
    for folder in LabFolder.all():
        if folder.about() is None and not everything:
            continue
        if not folder.lease():
            busy += 1
            continue
        for process in _processes(folder.marker):
            process.kill()
        folder.remove()
        taken += 1
    return taken, busy


def sweep_containers() -> list[str]:
    """Remove the containers and networks of labs that nobody uses any more, with their folders; their markers.

    Nothing where there is no Docker. Labs of another user, or of another state folder, are left alone.
    """
    from topicmark.containers import engine

    gone = []
    try:
        for marker in sorted(engine.markers(str(state_dir()))):
            folder = LabFolder(labs_folder() / marker)
            if folder.path.exists() and not folder.lease():
                continue
            engine.remove(marker)
            folder.remove()
            gone.append(marker)
    except LabFault:
        return gone  # no engine, or it says no: then nothing of ours can be seen there
    return gone


def sweep() -> None:
    """Remove what runs left behind that were killed."""
    for folder in LabFolder.all():
        if folder.about() is None and folder.lease():
            for process in _processes(folder.marker):
                process.kill()
            folder.remove()


def _processes(marker: str) -> list[psutil.Process]:
    """Processes of this user that carry the lab's marker."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == marker:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
