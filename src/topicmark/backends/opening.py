"""One lab for one run, from whichever backend is asked for. A new backend is a module and a line in ``BACKENDS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from topicmark.backends import held, warm
from topicmark.backends.attached import AttachedLab
from topicmark.backends.attachment import Attachment
from topicmark.backends.base import Lab
from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.held import Held
from topicmark.backends.kubernetes import KubernetesLab
from topicmark.backends.needs import Needs
from topicmark.backends.replayed import ReplayedLab
from topicmark.model import LabFault
from topicmark.provision import toolchain
from topicmark.sandbox import Level
from topicmark.services.kubectl import Place


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run wants of its lab. ``properties`` are the broker settings that the student chose."""

    backend: str
    level: Level
    needs: Needs
    properties: Mapping[str, str]
    reuse: bool
    """Whether a kept lab will do, made as new."""
    attachment: Attachment | None = None
    """Where services already run that are to be used."""
    allow_writes: bool = False
    """Whether what already runs may be written to."""
    place: Place | None = None
    """The namespace of a cluster in which a lab was deployed."""
    allow_disruption: bool = False
    """Whether its brokers may be restarted."""
    replay: bool = False
    """Whether to make a namespace of the run's own there."""
    held: Held | None = None
    """Where labs are that earlier runs of a class have left, and this one leaves its own."""
    say: Callable[[str], None] = lambda text: None  # noqa: ARG005
    """Told what is going on that takes a while."""
    remark: Callable[[str], None] = lambda text: None  # noqa: ARG005
    """Told what belongs into the report of the run."""


def open_lab(wish: Wish) -> Lab:
    """A lab that is up and has brokers that serve. Raises ``LabFault`` if it cannot be had."""
    return BACKENDS[wish.backend](wish)


def _embedded(wish: Wish) -> Lab:
    warm.sweep()
    toolchain.ensure(wish.needs.parts)
    if wish.held is not None:
        found = held.take(wish.held, level=wish.level, needs=wish.needs, properties=wish.properties)
        if found is not None:
            return found
    elif wish.reuse:
        found = warm.take(level=wish.level, needs=wish.needs, properties=wish.properties, spared=wish.remark)
        if found is not None:
            return found
    try:
        if wish.held is not None:
            return _started(held.new(wish.held, level=wish.level, needs=wish.needs, properties=wish.properties))
        return _started(EmbeddedLab.new(level=wish.level, needs=wish.needs, properties=wish.properties))
    except LabFault:
        if not wish.properties:
            raise
        return _embedded(replace(wish, properties={}))  # values that no broker takes cost ex1.2, not all


def _attached(wish: Wish) -> Lab:
    warm.sweep()
    toolchain.ensure(["kafka"] if wish.allow_writes else [])
    attachment = wish.attachment or Attachment()
    return _started(AttachedLab(attachment, level=wish.level, needs=wish.needs, allow_writes=wish.allow_writes))


def _kubernetes(wish: Wish) -> Lab:
    warm.sweep()
    place, writes = wish.place or Place(), wish.allow_writes or wish.replay
    toolchain.ensure(["kafka"] if writes else [])
    if wish.replay:
        return _started(
            ReplayedLab(Attachment(), level=wish.level, needs=wish.needs, allow_writes=True, place=place, say=wish.say)
        )
    return _started(
        KubernetesLab(
            Attachment(),
            level=wish.level,
            needs=wish.needs,
            allow_writes=writes,
            place=place,
            allow_disruption=wish.allow_disruption,
        )
    )


def _started(lab: Lab) -> Lab:
    try:
        lab.start()
    except BaseException:
        lab.close()
        raise
    return lab


def _docker(wish: Wish) -> Lab:
    from topicmark.backends import docker  # takes a while to import, and the other backends need none of it

    docker.prepare(wish.needs, wish.say)
    try:
        return docker.started(wish.needs, wish.properties)
    except LabFault:
        if not wish.properties:
            raise
        return _docker(replace(wish, properties={}))


BACKENDS: Mapping[str, Callable[[Wish], Lab]] = {
    "embedded": _embedded,
    "docker": _docker,
    "attached": _attached,
    "kubernetes": _kubernetes,
}
