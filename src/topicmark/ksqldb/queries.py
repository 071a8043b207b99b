"""A persistent query: a thread that reads a topic, transforms, writes another, and loses and doubles nothing.

A batch is written first and committed then. With each commit goes, as its metadata, how far the sink had come. A query
that starts again reads what the sink holds beyond that: these records it wrote and did not commit. It makes the same
records again from the same input and leaves those out. So the sink has no trace of transactions (the real one's has
none), and every consumer sees each record once, whatever its isolation level. All functions of the embedded ksqlDB
give the same result for the same record, or this would not hold.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, Message, TopicPartition

from topicmark.ksqldb.broker import Broker, bounds, out_of_reach, partition_count, take
from topicmark.ksqldb.errors import ROW_ERRORS
from topicmark.ksqldb.formats import writer
from topicmark.ksqldb.projection import Projection
from topicmark.ksqldb.sources import Stream

_BATCH = 1000
_POLL_S = 0.2
_WAIT_S = 20.0
_SESSION_MS = 6000
_PATIENCE_S = 10.0
"""For which a query may be without Kafka before it counts as failed."""
_log = logging.getLogger(__name__)
_Row = tuple[bytes | None, bytes | None, int]


@dataclass
class PersistentQuery:
    """``id`` as ksqlDB gives it, ``text`` its statement, ``reset`` where it begins if it never ran."""

    id: str
    text: str
    projection: Projection
    sink: Stream
    group: str
    reset: str
    broker: Broker
    written: int = 0
    last_written_ms: int = 0
    first_written_at: float = 0.0
    error: str | None = None
    positions: dict[int, int] = field(default_factory=dict)
    _sink_ends: dict[int, int] = field(default_factory=dict)
    _old_ends: dict[int, int] = field(default_factory=dict)
    _tail: Counter[_Row] = field(default_factory=Counter)
    _tail_until: dict[int, int] = field(default_factory=dict)
    _fresh: bool = False
    _prepared: Consumer | None = None
    _alarmed: bool = False
    """Whether its client has said that brokers are out of reach."""
    _failing: tuple[float, str] | None = None
    """Since when (monotonic) it has not reached Kafka, and why."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def source_topic(self) -> str:
        return self.projection.source.topic

    @property
    def failure(self) -> str:
        """Why it cannot go on, through no fault of its statement; empty if it can."""
        thread = self._thread
        if thread is not None and not thread.is_alive() and not self._stop.is_set():
            return self.error or "its thread has ended"
        failing = self._failing
        return failing[1] if failing is not None and time.monotonic() - failing[0] > _PATIENCE_S else ""

    @property
    def state(self) -> str:
        return "ERROR" if self.error else "RUNNING"

    def prepare(self) -> None:
        """Fix where it begins, in Kafka: from now on it misses nothing, whatever becomes of this process."""
        consumer = self._consumer()
        try:
            partitions = partition_count(consumer, self.source_topic)
            committed = self._committed(consumer, partitions)
            if all(part.offset == OFFSET_INVALID for part in committed):
                ends = bounds(consumer, self.source_topic, partitions)
                self.positions = {part: low if self.reset == "earliest" else high for part, (low, high) in ends.items()}
                sink = bounds(consumer, self.sink.topic, partition_count(consumer, self.sink.topic))
                self._sink_ends = {part: high for part, (_, high) in sink.items()}
                self._commit(consumer)
                self._fresh = True
        except BaseException:
            consumer.close()
            raise
        self._prepared = consumer

    def start(self) -> None:
        self._thread = threading.Thread(target=self._live, name=self.id, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; returns when its last batch is committed."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_WAIT_S)

    # -- its thread -----------------------------------------------------------------------------------------------

    def _live(self) -> None:
        while not self._stop.is_set():
            consumer = None
            try:
                consumer, self._prepared = self._prepared or self._consumer(), None
                self._run(consumer)
            except (KafkaException, OSError) as error:
                _log.warning("%s: %s; it goes on from its last commit", self.id, error)
                if out_of_reach(error) and self._failing is None:
                    self._failing = time.monotonic(), str(error)
                self._stop.wait(0.5)
            except Exception as error:  # noqa: BLE001 (told as the query's state)
                _log.exception("%s failed", self.id)
                self.error = str(error)
                return
            finally:
                if consumer is not None:
                    consumer.close()

    def _run(self, consumer: Consumer) -> None:
        if not self._fresh:
            self._recover(consumer)
            self._failing = None
        self._fresh = False
        consumer.subscribe([self.source_topic], on_assign=self._assigned)
        while not self._stop.is_set():
            messages = take(consumer, _BATCH, _POLL_S)
            if self._alarmed:
                self._alarmed = False
                partition_count(consumer, self.source_topic)  # whether it is so
                self._failing = None
            good = [message for message in messages if message.error() is None]
            for message in messages:
                if message.error() is not None and message.error().fatal():
                    raise KafkaException(message.error())
            if good:
                self._write(good)
                self._commit(consumer)
                self._failing = None

    def _alarm(self, _: object) -> None:
        """Called in ``take``; of one broker that is down as of all."""
        self._alarmed = True

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for part in partitions:
            if part.partition in self.positions:
                part.offset = self.positions[part.partition]
        consumer.assign(partitions)

    def _write(self, messages: list[Message]) -> None:
        producer, topic = self.broker.producer, self.sink.topic
        rows, write_key, write_value = self.projection.rows, self._write_key, self._write_value
        pending, failures = 0, []
        ends = self._sink_ends

        def delivered(error: Any, message: Message) -> None:
            nonlocal pending
            pending -= 1
            if error is not None:
                failures.append(error)
            else:
                end = message.offset() + 1
                if end > ends.get(message.partition(), 0):
                    ends[message.partition()] = end

        for message in messages:
            partition, offset = message.partition(), message.offset()
            timestamp = message.timestamp()[1]
            self.positions[partition] = offset + 1
            try:
                made = rows(message.key(), message.value(), timestamp, partition, offset)
                if made is None:
                    continue
                key = None if made[0] is None else write_key(made[0])
                value = None if made[1] is None else write_value(made[1])
            except ROW_ERRORS as error:
                _log.info("%s left out %s-%d@%d: %s", self.id, self.source_topic, partition, offset, error)
                continue
            if self._tail and self._was_written(partition, offset, (key, value, timestamp)):
                continue
            pending += 1
            while True:
                try:
                    producer.produce(topic, value, key, timestamp=timestamp, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.05)
            self.written += 1
        while pending > 0:
            producer.poll(0.02)
        if failures:
            raise KafkaException(failures[0])
        if self.written:
            self.last_written_ms = int(time.time() * 1000)
            self.first_written_at = self.first_written_at or time.monotonic()

    def _was_written(self, partition: int, offset: int, row: _Row) -> bool:
        if offset >= self._tail_until.get(partition, 0) or not self._tail[row]:
            return False
        self._tail[row] -= 1
        if not self._tail[row]:
            del self._tail[row]
        return True

    def _commit(self, consumer: Consumer) -> None:
        if self._tail and all(self.positions.get(part, end) >= end for part, end in self._tail_until.items()):
            self._tail.clear()
        ends = self._old_ends if self._tail else self._sink_ends  # what is not made again yet must be found again
        told = json.dumps({"sink": ends}, separators=(",", ":"))
        offsets = [TopicPartition(self.source_topic, part, at, told) for part, at in self.positions.items()]
        for _ in range(20):
            try:
                answer = consumer.commit(offsets=offsets, asynchronous=False)
            except KafkaException as error:
                _log.info("%s: commit: %s", self.id, error)
            else:
                if all(part.error is None for part in answer):
                    return
            if self._stop.wait(0.1):
                return
        raise KafkaException("cannot commit")

    def _recover(self, consumer: Consumer) -> None:
        """Where the last commit left it, and what it wrote after that."""
        partitions = partition_count(consumer, self.source_topic)
        committed = [part for part in self._committed(consumer, partitions) if part.offset != OFFSET_INVALID]
        self.positions = {part.partition: part.offset for part in committed}
        self._sink_ends = {}
        for part in committed:
            for sink, end in json.loads(part.metadata or "{}").get("sink", {}).items():
                self._sink_ends[int(sink)] = max(end, self._sink_ends.get(int(sink), 0))
        sink_bounds = bounds(consumer, self.sink.topic, partition_count(consumer, self.sink.topic))
        self._tail_until = {part: high for part, (_, high) in bounds(consumer, self.source_topic, partitions).items()}
        self._tail = Counter()
        self._old_ends = dict(self._sink_ends)
        behind = {
            part: (max(low, self._sink_ends.get(part, 0)), high)
            for part, (low, high) in sink_bounds.items()
            if max(low, self._sink_ends.get(part, 0)) < high
        }
        if behind:
            self._read_tail(consumer, behind)
        for part, (_, high) in sink_bounds.items():
            self._sink_ends[part] = max(high, self._sink_ends.get(part, 0))

    def _read_tail(self, consumer: Consumer, behind: dict[int, tuple[int, int]]) -> None:
        consumer.assign([TopicPartition(self.sink.topic, part, low) for part, (low, _) in behind.items()])
        left = {part: high for part, (_, high) in behind.items()}
        deadline = time.monotonic() + _WAIT_S
        while left and time.monotonic() < deadline and not self._stop.is_set():
            for message in take(consumer, _BATCH, _POLL_S):
                if message.error() is not None or message.partition() not in left:
                    continue
                if message.offset() < left[message.partition()]:
                    self._tail[(message.key(), message.value(), message.timestamp()[1])] += 1
                if message.offset() + 1 >= left[message.partition()]:
                    del left[message.partition()]
        consumer.unassign()
        if left and not self._stop.is_set():
            raise KafkaException(f"cannot read the end of {self.sink.topic}")

    def _consumer(self) -> Consumer:
        name = f"{self.group}-StreamThread-1-consumer"
        return self.broker.consumer(
            self.group,
            **{
                "client.id": name,
                "error_cb": self._alarm,
                "group.instance.id": name,
                "session.timeout.ms": _SESSION_MS,
                "heartbeat.interval.ms": 1500,
                "partition.assignment.strategy": "range",
                "max.poll.interval.ms": 300_000,
            },
        )

    def _committed(self, consumer: Consumer, partitions: int) -> list[TopicPartition]:
        wanted = [TopicPartition(self.source_topic, part) for part in range(partitions)]
        return list(consumer.committed(wanted, timeout=_WAIT_S))

    def __post_init__(self) -> None:
        self._write_key: Callable[[Any], bytes | None] = (
            writer(self.sink.keys, self.sink.key_format) if self.sink.keys else lambda _: None
        )
        self._write_value = writer(self.sink.values, self.sink.value_format)
