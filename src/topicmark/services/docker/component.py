"""The registry, Connect and ksqlDB as containers of Confluent's images, each with the environment of a manifest."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from testcontainers.core.network import Network

from topicmark.services.connect import worker_info
from topicmark.services.docker.container import ContainerPlan, ServiceContainer
from topicmark.services.ksqldb import is_running
from topicmark.services.refusal import Refusal, SettingsJudge
from topicmark.services.registry import serves
from topicmark.waiting import Deadline, WaitExpired, eventually

IMAGES: Mapping[str, str] = {
    "registry": "confluentinc/cp-schema-registry:7.3.1",
    "connect": "confluentinc/cp-kafka-connect:7.3.1",
    "ksqldb": "confluentinc/cp-ksqldb-server:7.3.1",
}
MEMORY_BYTES: Mapping[str, int] = {"registry": 640 * 2**20, "connect": 1280 * 2**20, "ksqldb": 1536 * 2**20}
QUICK: Mapping[str, Mapping[str, str]] = {
    "registry": {"SCHEMA_REGISTRY_HEAP_OPTS": "-Xmx256m"},
    "connect": {
        "KAFKA_HEAP_OPTS": "-Xms128m -Xmx640m",
        "CONNECT_OFFSET_FLUSH_INTERVAL_MS": "1000",
        "CONNECT_SCHEDULED_REBALANCE_MAX_DELAY_MS": "0",
    },
    "ksqldb": {"KSQL_HEAP_OPTS": "-Xms128m -Xmx768m"},
}
"""What only costs time or memory in a lab. Each gives way to a setting of the student's."""
_ANSWERS: Mapping[str, Callable[[str], object]] = {"registry": serves, "connect": worker_info, "ksqldb": is_running}
_LINE = re.compile(r"^\[?\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)[,.](\d{3})\]? (\w+) (.*?)(?: \(([\w.$-]+)(?::\d+)?\))?$")


@dataclass(slots=True)
class _Log:
    """A container's output in the words that ``SettingsJudge`` knows: Confluent's images log
    ``[date time,ms] LEVEL message (logger:line)``."""

    container: ServiceContainer
    from_s: float = 0.0

    def since_start(self) -> str:
        lines = self.container.logs(lines=5000, since_s=self.from_s).splitlines()
        return "\n".join(map(as_logged, lines))

    def tail(self) -> str:
        return self.container.logs()


def as_logged(line: str) -> str:
    """A line of a Confluent image's log as ``telling_line`` reads it; any other line as it is."""
    found = _LINE.match(line)
    if found is None:
        return line
    clock, millis, level, message, logger = found.groups()
    return f"{clock}.{millis} {level} {(logger or 'out').rsplit('.', 1)[-1]}: {message}"


class ComponentContainer:
    """A ``Service`` that is made from a container's environment. ``url`` is where the grader reaches it."""

    def __init__(self, name: str, plan: ContainerPlan, url: str, marker: str, network: Network) -> None:
        self.name = name
        self.url = url
        self._container = ServiceContainer(plan, marker, network)
        self._log = _Log(self._container)

    def start(self) -> None:
        """Start the container; returns once its process runs. Raises ``LabFault``."""
        if self.died() is not None:
            self._log.from_s = time.time()
            self._container.start()

    def probe(self) -> bool:
        """Whether it answers where its users look for it."""
        return bool(_ANSWERS[self.name](self.url))

    def await_ready(
        self, within: float | Deadline, *, kafka_ready: Callable[[], bool] = lambda: True
    ) -> bool | Refusal:
        """Block until it can be used, or until it is plain that it never will be with these settings.

        As ``ConnectWorker.await_ready``; raises ``LabFault`` for what is no fault of the settings.
        """
        judge = SettingsJudge(self.name, self._log, kafka_ready)

        def seen() -> bool | Refusal | None:
            if how := self._container.exit_reason():
                return judge.ended(how)
            return True if self.probe() else judge.running()

        try:
            answer: Any = eventually(
                seen, lambda answer: answer is not None, within=within, describe=f"{self.name} to answer", pause_s=0.2
            )
        except WaitExpired as error:
            answer = judge.expired(str(error))
        return answer if isinstance(answer, Refusal) else True

    def died(self) -> str | None:
        """Why it no longer runs; None while it does."""
        return self._container.exit_reason()

    def halted(self) -> str | None:
        """Nothing that it tells: the backend sees at once which of all containers are paused."""
        return None

    def kill(self) -> None:
        """SIGKILL; returns when it has ended. ``start`` starts the same container again."""
        self._container.kill()

    def stop(self) -> None:
        """Kill and remove the container. What it keeps is in Kafka."""
        self._container.remove()

    def clean(self) -> None:
        """Nothing is left after ``stop``."""

    def logs(self) -> str:
        """The last lines of its output."""
        return self._container.logs()


__all__ = ["IMAGES", "MEMORY_BYTES", "QUICK", "ComponentContainer"]
