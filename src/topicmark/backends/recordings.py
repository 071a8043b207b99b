"""Flight recorders beside clusters that others run."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from topicmark.backends.attached import AttachedLab
from topicmark.backends.attachment import Attachment
from topicmark.backends.kubernetes import KubernetesLab
from topicmark.backends.needs import Needs
from topicmark.model import LabFault, Unable
from topicmark.sandbox import Level
from topicmark.services.kubectl import Place
from topicmark.services.recorder import Recorder, forget_old, tape_of
from topicmark.services.subnet import state_dir

MARKER = "recorder"
THERE = "topicmark.backends.recording_there"


@dataclass(frozen=True, slots=True)
class Recording:
    """A cluster that is recorded. ``is_new``: it was not before."""

    cluster: str
    place: str
    tape: Path
    is_new: bool = False


def begin(attachment: Attachment | None, place: Place | None) -> Recording:
    """Record the cluster at these addresses, or in this namespace. Raises ``LabFault`` if it does not answer."""
    forget_old()
    cluster = _cluster_of(attachment, place)
    folder = state_dir() / "recorders" / cluster
    with contextlib.suppress(LabFault):
        known = Recorder.reattach(folder)
        return Recording(cluster, " ".join(known.source), known.tape)
    if place is not None:
        source = ["--namespace", place.namespace, "--context", place.context]
        source += ["--kubeconfig", str(place.kubeconfig)] if place.kubeconfig else []
        recorder = Recorder(cluster, source, folder, marker=MARKER, module=THERE)
    else:
        assert attachment is not None
        recorder = Recorder.of_brokers(attachment.bootstrap, cluster, folder, marker=MARKER)
    recorder.start()
    return Recording(cluster, " ".join(recorder.source), recorder.tape, recorder.await_ready())


def _cluster_of(attachment: Attachment | None, place: Place | None) -> str:
    needs = Needs()
    lab: AttachedLab
    if place is not None:
        lab = KubernetesLab(Attachment(), level=Level.NAMESPACES, needs=needs, allow_writes=False, place=place)
    else:
        kafka = attachment.kafka if attachment is not None else ()
        lab = AttachedLab(Attachment(kafka), level=Level.NAMESPACES, needs=needs, allow_writes=False)
    try:
        lab.start()
        return lab.cluster_id
    except Unable as error:
        raise LabFault(str(error), service="kafka", remedy=error.remedy) from error
    finally:
        lab.close()


def running() -> Iterator[Recording]:
    """Those that record now."""
    for _, recorder in _recorders():
        if recorder is not None:
            yield Recording(recorder.cluster, " ".join(recorder.source), tape_of(recorder.cluster))


def end_all() -> int:
    """End them; how many there were. The tapes stay."""
    ended = 0
    for folder, recorder in _recorders():
        if recorder is not None:
            recorder.stop()
            ended += 1
        shutil.rmtree(folder, ignore_errors=True)
    return ended


def _recorders() -> Iterator[tuple[Path, Recorder | None]]:
    for folder in sorted((state_dir() / "recorders").glob("*")):
        try:
            yield folder, Recorder.reattach(folder)
        except LabFault:
            yield folder, None
