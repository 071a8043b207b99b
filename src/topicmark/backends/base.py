"""What every backend offers to the fixtures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from topicmark.model import Fault
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


class Lab(Protocol):
    """A running lab. Waits raise ``LabFault``: whatever goes wrong in here is ours."""

    name: str

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
