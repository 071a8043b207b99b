"""What every backend offers to the fixtures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from topicmark.model import Fault, Unable
from topicmark.observe.segments import Written
from topicmark.sandbox import Mount, Sandbox


@dataclass(frozen=True, slots=True)
class Booted:
    """What came of a component that was booted from a container's environment ``env``.

    ``url`` is where the grader reaches it, ``port`` the container port to which its Service leads; ``refusal`` says why
    it does not run with these settings, empty if it does.
    """

    url: str
    env: Mapping[str, str]
    port: int
    refusal: str = ""
    unusable: str = ""
    """Why a lab of ours must not run it, though a cluster might; then ``refusal`` says the same."""


class Ability(StrEnum):
    """What not every lab can do, or may do."""

    WRITE = "write"
    """Make and clear topics, records, streams, connectors and schemas; run the student's programs."""
    BOOT = "boot"
    """Boot components as the submission's manifests have them; without it those that run are looked at."""
    STOP_BROKER = "stop a broker"
    KILL_COMPONENT = "kill a component"
    TELL_AUTO_CREATED = "tell what was auto-created"


@dataclass(frozen=True, slots=True)
class Before:
    """What was there before the run, by name: no task changes or clears it. Empty in a lab of the run's own."""

    topics: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    connectors: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()
    """Streams and tables of ksqlDB."""
    queries: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    hdfs: frozenset[str] = frozenset()
    """Paths."""


NOTHING_BEFORE = Before()


def require(lab: Lab, ability: Ability) -> None:
    """Raises ``Unable`` if the lab cannot do it, or must not."""
    reason = lab.unable(ability)
    if reason is not None:
        raise reason


def require_fresh(lab: Lab, topic: str) -> None:
    """The run is about to make or clear a topic. Raises ``Unable`` if the lab is not to be written to, or if the topic
    was there before the run."""
    require(lab, Ability.WRITE)
    if topic in lab.before.topics:
        raise Unable(
            f"there is a topic {topic} already, and what was there before is not touched",
            f"Delete or rename {topic}, or grade on a lab of the run's own (--backend embedded)",
        )


@runtime_checkable
class HasConsole(Protocol):
    """A lab in which a console may run."""

    def console_refusal(self) -> str | None:
        """Why the console that runs there does not serve this cluster, empty if it does; None if there is none to be
        asked. Raises ``LabFault`` if that is not up to whoever deployed it."""
        ...


class Lab(Protocol):
    """A running lab. Waits raise ``LabFault``: whatever goes wrong in here is ours.

    What this lab cannot do raises ``Unable``: the task is ``not_run``, with the remedy. ``unable`` tells beforehand.
    """

    name: str

    def unable(self, ability: Ability) -> Unable | None:
        """Why this lab cannot do it, with the remedy; None if it can."""
        ...

    @property
    def before(self) -> Before:
        """What was there before the run and must stay as it is."""
        ...

    @property
    def bootstrap(self) -> str:
        """``host:port,…`` of the brokers' listener for the grader."""
        ...

    def start(self) -> None:
        """Bring the lab up and wait until it is ready. Idempotent."""
        ...

    def sandbox(
        self, mounts: Sequence[Mount], path: Sequence[str], aliases: Sequence[str], *, in_a_pod: bool = False
    ) -> Sandbox:
        """A sandbox from which exactly this lab can be reached, under the course's names.

        ``in_a_pod`` is for what one types inside a broker's pod: there ``localhost:9092`` is a broker.
        """
        ...

    def broker_down(self, node: int) -> AbstractContextManager[None]:
        """Stops one broker for the length of the block, and brings it back."""
        ...

    @property
    def webhdfs_url(self) -> str:
        """``http://host:port`` of the namenode; waits until HDFS is ready. Only in a lab that was asked for it."""
        ...

    def component(self, name: str, *, working: bool = False) -> Booted:
        """The ``registry``, ``connect`` or ``ksqldb`` of the submission's manifest; waits until it runs or is known not
        to. With ``working`` the course's own takes the place of one that does not run."""
        ...

    def component_killed(self, name: str) -> AbstractContextManager[None]:
        """Kills a component that runs; after the block it is started again and ready."""
        ...

    def brokers_behind(self, host: str, port: int, aliases: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where a program in a pod gets that names this host and port, as the grader reaches it: addresses of brokers,
        none if they lead to no broker. ``aliases`` as for ``sandbox``."""
        ...

    def written(self, topic: str) -> Written:
        """Every record that was written to the topic since the lab was new, also those deleted less than a minute ago,
        and those of a topic of that name which was deleted."""
        ...

    def auto_created(self) -> set[str]:
        """Topics that exist, or existed last, because a broker asked for them by itself when a client first named
        them."""
        ...

    def topic_defaults(self) -> tuple[int, int]:
        """Partitions and replication factor of a topic for which nobody chose any."""
        ...

    def overused(self) -> str:
        """What the submission's programs used up so far that a lab can no longer be judged by; empty if nothing. It is
        their doing, not a fault of the lab: nothing of ours comes near it."""
        ...

    def faults(self, since: float) -> list[Fault]:
        """What broke in the lab since the monotonic time ``since``; looks once more now."""
        ...

    def close(self) -> None:
        """Done with it: whoever keeps it goes on, any other lab is taken down."""
        ...

    def take_down(self) -> None:
        """It is of no use any more: end what it started. Whoever asks next gets another."""
        ...

    def versions(self) -> Mapping[str, str]:
        """What runs in it, by part, for the report."""
        ...
