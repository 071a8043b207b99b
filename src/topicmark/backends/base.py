"""What every backend offers to the fixtures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from topicmark.model import Fault
from topicmark.sandbox import Mount, Sandbox


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

    def auto_created(self) -> set[str]:
        """Topics for which a broker asked by itself, when a client first named them. Necessary for an auto-created
        topic, not sufficient: a broker that has not yet heard of a new topic asks as well, and is refused."""
        ...

    def topic_defaults(self) -> tuple[int, int]:
        """Partitions and replication factor of a topic for which nobody chose any."""
        ...

    def faults(self, since: float) -> list[Fault]:
        """What broke in the lab since the monotonic time ``since``; looks once more now."""
        ...

    def close(self) -> None: ...

    def versions(self) -> Mapping[str, str]: ...
