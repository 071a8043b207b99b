"""Kafka as the embedded ksqlDB uses it: topics, offsets and clients (confluent-kafka), with little memory each."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from topicmark.ksqldb.errors import RequestError

_WAIT_S = 20.0
_HEARSAY_S = 2.0
_NOT_YET = ("UNKNOWN_TOPIC_OR_PART", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "_UNKNOWN_PARTITION")
_QUIET = {"log_level": 0, "socket.keepalive.enable": True, "reconnect.backoff.max.ms": 500}


_OUT_OF_REACH = frozenset(
    {"_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_MSG_TIMED_OUT", "_RESOLVE", "_FAIL", "_CRIT_SYS_RESOURCE"}
)


def out_of_reach(error: BaseException) -> bool:
    """Whether the client itself could not do it, and no broker refused: nothing that anybody asked for is to blame."""
    if not isinstance(error, KafkaException):
        return isinstance(error, OSError)
    said = error.args[0] if error.args else ""
    return isinstance(said, str) or said.name() in _OUT_OF_REACH


@dataclass(frozen=True, slots=True)
class Topic:
    """``replicas``: the number of replicas of each partition."""

    name: str
    replicas: tuple[int, ...]


class Broker:
    """A cluster. Every method may raise ``KafkaException``."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap, **_QUIET})
        # one for the process; records of one key go where Java's clients put them. Made at once: it takes a moment
        # to be given its id
        self.producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                # it asks every five minutes about all topics it ever wrote to: one that was deleted would come back
                "allow.auto.create.topics": False,
                "partitioner": "murmur2_random",
                "linger.ms": 2,
                "topic.metadata.refresh.fast.interval.ms": 20,
                "retry.backoff.ms": 20,
                "queue.buffering.max.kbytes": 4096,
                **_QUIET,
            }
        )
        self._made: dict[str, Topic] = {}

    def consumer(self, group: str, **settings: Any) -> Consumer:
        """A consumer that commits nothing of itself."""
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "queued.max.messages.kbytes": 1024,
                "fetch.message.max.bytes": 262144,
                "fetch.max.bytes": 1048576,
                "queued.min.messages": 5000,
                "fetch.queue.backoff.ms": 10,
                "fetch.error.backoff.ms": 100,
                "topic.metadata.refresh.interval.ms": 5000,
                **_QUIET,
                **settings,
            }
        )

    def cluster_id(self) -> str:
        return str(self.admin.list_topics(timeout=_WAIT_S).cluster_id)

    def broker_count(self) -> int:
        return len(self.admin.list_topics(timeout=_WAIT_S).brokers)

    def topics(self) -> dict[str, Topic]:
        """All topics by name, with those made here that the broker asked has not heard of yet."""
        listed = self.admin.list_topics(timeout=_WAIT_S).topics
        found = {
            name: Topic(name, tuple(len(part.replicas) for _, part in sorted(topic.partitions.items())))
            for name, topic in listed.items()
            if topic.error is None
        }
        for name in [name for name in list(self._made) if name in found]:
            self._made.pop(name, None)
        return {**found, **self._made}

    def find(self, name: str) -> Topic | None:
        """The topic, if there is one. Another client may just have made it: not every broker knows at once."""
        deadline = time.monotonic() + _HEARSAY_S
        while True:
            found = self.topics().get(name)
            if found is not None or time.monotonic() > deadline:
                return found
            threading.Event().wait(0.05)

    def create(self, name: str, partitions: int, replicas: int, config: dict[str, str]) -> None:
        """Create a topic; returns when the controller has made it. Raises ``RequestError``."""
        made = self.admin.create_topics(
            [NewTopic(name, num_partitions=partitions, replication_factor=replicas, config=config)]
        )
        try:
            made[name].result(_WAIT_S)
        except KafkaException as error:
            if out_of_reach(error):
                raise
            if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                raise RequestError(f"Failed to guarantee existence of topic {name}: {error.args[0].str()}") from error
        self._made[name] = Topic(name, (replicas,) * partitions)

    def delete(self, name: str) -> None:
        self._made.pop(name, None)
        with contextlib.suppress(KafkaException):
            self.admin.delete_topics([name])[name].result(_WAIT_S)

    def close(self) -> None:
        self.producer.flush(2)


def take(consumer: Consumer, count: int, wait_s: float) -> list[Message]:
    """What has come, at most ``count``; waits for the first only. ``Consumer.consume`` waits for all of them."""
    first = consumer.poll(wait_s)
    return [] if first is None else [first, *consumer.consume(count - 1, 0)]


def partition_count(consumer: Consumer, topic: str) -> int:
    """Partitions of a topic; waits for a new one to be known to the broker asked. Raises ``KafkaException``."""
    deadline = time.monotonic() + _WAIT_S
    while True:
        found = consumer.list_topics(topic, timeout=_WAIT_S).topics[topic]
        if found.error is None and found.partitions and all(part.leader >= 0 for part in found.partitions.values()):
            return len(found.partitions)
        if time.monotonic() > deadline:
            raise KafkaException(found.error or f"topic {topic} has no leader")
        threading.Event().wait(0.03)


def bounds(consumer: Consumer, topic: str, partitions: int) -> dict[int, tuple[int, int]]:
    """First and next offset of each partition; waits for a new one to be known to its broker."""
    deadline = time.monotonic() + _WAIT_S
    while True:
        try:
            return {
                partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_WAIT_S)
                for partition in range(partitions)
            }
        except KafkaException as error:
            if error.args[0].name() not in _NOT_YET or time.monotonic() > deadline:
                raise
        threading.Event().wait(0.03)
