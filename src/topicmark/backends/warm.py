"""Labs that stay up between runs: ``topicmark up``, ``status``, ``down``; and who may use one now."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import psutil

from topicmark.backends import held
from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.folder import LabFolder, labs_folder
from topicmark.backends.hands import Whose, whose
from topicmark.backends.needs import Needs
from topicmark.backends.residents import Residents
from topicmark.model import LabFault
from topicmark.sandbox import Level
from topicmark.services.hdfs import HdfsCluster
from topicmark.services.jvm import MARKER
from topicmark.services.kafka import KafkaCluster
from topicmark.services.subnet import state_dir


@dataclass(frozen=True, slots=True)
class KeptLab:
    """A lab that ``up`` made. ``since`` in seconds since the epoch; ``done`` is what was done in it by hand."""

    marker: str
    backend: str
    bootstrap: str
    since: float
    whose: Whose
    done: str
    memory_bytes: int


def keep(lab: EmbeddedLab) -> None:
    """Let other runs find this lab, and leave it to people and to them. Raises ``LabFault`` and ``KafkaError``."""
    lab.folder.keep(bootstrap=lab.bootstrap, backend=lab.name)
    lab.leave()


def take(
    *,
    level: Level,
    needs: Needs,
    properties: Mapping[str, str],
    spared: Callable[[str], None] = lambda text: None,  # noqa: ARG005
    for_people: bool = False,
) -> EmbeddedLab | None:
    """A kept lab that nobody uses, as new; None if there is none. One that cannot be reset is taken down.

    One in which somebody did something by hand is left alone, and ``spared`` is told.
    """
    for folder in _kept_folders("embedded"):
        if not folder.lease():
            continue
        state, done = whose(folder)
        if state is Whose.YOURS:
            folder.release()
            spared(f"The lab that is up ({folder.marker}) is yours and was left alone: {done}. This run has a lab of "
                   "its own. `topicmark down` ends yours.")  # fmt: skip
            continue
        if state is Whose.DEAD:
            _end(folder)
            continue
        try:
            lab = EmbeddedLab.attach(folder, level=level, needs=needs, for_people=for_people)
        except LabFault:
            _end(folder)
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
        state, done, memory = Whose.IN_USE, "", 0
        if folder.lease():
            try:
                state, done = whose(folder)
            finally:
                folder.release()
        with contextlib.suppress(LabFault):  # containers have theirs elsewhere
            services = (KafkaCluster.reattach(folder.kafka), HdfsCluster.reattach(folder.hdfs))
            memory = sum(one.rss_bytes() for one in services) + Residents.of(folder).rss_bytes()
        backend = str(about.get("backend", EmbeddedLab.name))
        yield KeptLab(folder.marker, backend, str(about["bootstrap"]), float(about["since"]), state, done, memory)


def _kept_folders(backend: str) -> Iterator[LabFolder]:
    for folder in LabFolder.all():
        about = folder.about()
        if about is not None and about.get("backend", EmbeddedLab.name) == backend:
            yield folder


def _end(folder: LabFolder) -> None:
    """Kill what is left of a lab and remove its folder. Only for whoever holds the lease."""
    with contextlib.suppress(LabFault):
        Residents.of(folder).end()  # and what was recorded
    if (folder.about() or {}).get("backend") == "docker":
        from topicmark.containers import engine

        engine.remove(folder.marker)
    for process in _processes(folder.marker):
        process.kill()
    folder.remove()


def down(*, everything: bool) -> tuple[int, int]:
    """Take kept labs down; with ``everything`` also what runs left behind that were killed. Labs in use are left.

    Returns how many were taken down, and how many are in use.
    """
    taken = busy = 0
    LabFolder.clear()
    if everything:
        taken += len(sweep_containers())
    for folder in LabFolder.all():
        if folder.about() is None and not everything:
            continue
        if not folder.lease():
            busy += 1
            continue
        _end(folder)
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
            if folder.path.exists() and (folder.about() is not None or not folder.lease()):
                continue  # it stays up, or a run has it
            engine.remove(marker)
            folder.remove()
            gone.append(marker)
    except LabFault:
        return gone  # no engine, or it says no: then nothing of ours can be seen there
    return gone


def sweep() -> None:
    """Remove what runs left behind that were killed."""
    held.sweep()
    LabFolder.clear()
    for folder in LabFolder.all():
        if folder.about() is None and folder.lease():
            _end(folder)


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
