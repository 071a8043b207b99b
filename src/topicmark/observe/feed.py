"""Puts records into a topic as a producer of the course would, through the grader's own listener."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from kafka import KafkaProducer
from kafka.errors import KafkaError

from topicmark.model import LabFault
from topicmark.observe.contact import of_brokers
from topicmark.observe.forms import Form

_ACK_S = 15.0


@dataclass(frozen=True, slots=True)
class Fed:
    """A record that was acknowledged. ``number`` is its number within the run."""

    number: int
    sensor: str
    partition: int
    offset: int


class Feeder:
    """Sends new records in a learnt form, spread evenly over all partitions. Thread-safe.

    ``tokens`` maps what identifies a record to its number; readers of output share it.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._topic = topic
        self._partitions = partitions
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self.tokens: dict[str, int] = {}
        self.fed: dict[int, Fed] = {}
        self._producer = KafkaProducer(
            **of_brokers(bootstrap),
            client_id="topicmark-feeder",
            acks="all",
            linger_ms=0,
            request_timeout_ms=10_000,
            metadata_max_age_ms=2000,
            reconnect_backoff_max_ms=500,
        )

    def feed(self, form: Form, count: int) -> list[Fed]:
        """Send ``count`` records and wait until the brokers have them. Raises ``LabFault`` if they do not take them."""
        with self._lock:
            pending = []
            for _ in range(count):
                number = next(self._numbers)
                forged = form.forge(number)
                for token in forged.tokens:
                    self.tokens[token] = number
                future = self._producer.send(
                    self._topic, key=forged.key, value=forged.value, partition=number % self._partitions
                )
                pending.append((number, forged.sensor, future))
            try:
                self._producer.flush(timeout=_ACK_S)
                sent = [Fed(number, sensor, *_where(future.get(timeout=_ACK_S))) for number, sensor, future in pending]
            except KafkaError as error:
                raise LabFault(f"the brokers did not take the grader's records: {error}", service="kafka") from error
            self.fed.update({one.number: one for one in sent})
            return sent

    def feed_each_partition(self, form: Form) -> list[Fed]:
        """One record into every partition."""
        return self.feed(form, self._partitions)

    def close(self) -> None:
        end_producer(self._producer)


def end_producer(producer: KafkaProducer, within_s: float = 2.0) -> None:
    """Close a producer whatever it still holds. ``KafkaProducer.close`` gives up with its thread running if records
    cannot be flushed in time, and that thread would go on asking for its topics, which has them auto-created."""
    try:
        producer.close(timeout=within_s)
    except KafkaError:
        if producer._sender is not None:
            producer._sender.force_close()


def _where(metadata: object) -> tuple[int, int]:
    return int(metadata.partition), int(metadata.offset)  # type: ignore[attr-defined]


def numbers(fed: Sequence[Fed]) -> set[int]:
    return {one.number for one in fed}
