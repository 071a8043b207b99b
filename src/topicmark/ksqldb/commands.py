"""The command topic: every statement that changed something, in order. What a restart reads to be as before.

ksqlDB writes it in transactions, so that its offsets, and with them its sequence numbers and query ids, go up by two.
Here each statement is one plain record, and the numbers are counted as if it were not, and as if the first record were
the stream of the processing log, which is here from the start.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import KafkaException, TopicPartition

from topicmark.ksqldb.broker import Broker, bounds, partition_count, take

_FLUSH_S = 20.0


@dataclass(frozen=True, slots=True)
class Command:
    """``sequence`` is ksqlDB's commandSequenceNumber, ``query`` the number in the id of a query that it starts."""

    sequence: int
    statement: str
    properties: dict[str, str]

    @property
    def query(self) -> int:
        return self.sequence - 1


class CommandLog:
    def __init__(self, broker: Broker, service_id: str) -> None:
        self._broker = broker
        self.topic = f"_confluent-ksql-{service_id}_command_topic"
        self._next = 0

    def ensure(self) -> None:
        """Create the topic if need be: as many replicas as there are brokers, three at most."""
        if self.topic not in self._broker.topics():
            replicas = min(3, self._broker.broker_count())
            config = {"cleanup.policy": "delete", "retention.ms": "-1", "unclean.leader.election.enable": "false"}
            self._broker.create(self.topic, 1, replicas, config)

    def replay(self) -> Iterator[Command]:
        """All commands so far."""
        consumer = self._broker.consumer(f"{self.topic}-replay")
        try:
            partition_count(consumer, self.topic)
            low, high = bounds(consumer, self.topic, 1)[0]
            self._next = high
            if low == high:
                return
            consumer.assign([TopicPartition(self.topic, 0, low)])
            position = low
            while position < high:
                for message in take(consumer, 500, 1.0):
                    if message.error():
                        continue
                    position = message.offset() + 1
                    told = json.loads(message.value())
                    yield Command(2 * message.offset() + 2, told["statement"], told["properties"])
        finally:
            consumer.close()

    @property
    def following(self) -> int:
        """The sequence number that the next command will have."""
        return 2 * self._next + 2

    def append(self, statement: str, properties: dict[str, str]) -> Command:
        """Write a command; returns when it is kept. Raises ``KafkaException``."""
        kept: list[tuple[object, int]] = []
        self._broker.producer.produce(
            self.topic,
            json.dumps({"statement": statement, "properties": properties}).encode(),
            partition=0,
            on_delivery=lambda error, message: kept.append((error, message.offset())),
        )
        deadline = time.monotonic() + _FLUSH_S
        while not kept and time.monotonic() < deadline:
            self._broker.producer.poll(0.05)
        if not kept or kept[0][0] is not None:
            raise KafkaException(kept[0][0] if kept else "the command was not kept in time")
        self._next = kept[0][1] + 1
        return Command(2 * kept[0][1] + 2, statement, properties)
