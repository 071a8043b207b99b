"""Watching a cluster's topics: which are there, where they begin and end, every record; by a client without a group."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError
from kafka.protocol.consumer import ListOffsetsRequest
from kafka.protocol.metadata import MetadataRequest

from topicmark.observe.contact import make_no_topics, of_brokers
from topicmark.recorder import TOPICS
from topicmark.recorder.tape import Tape

LOOKS_EVERY_S = 0.2
_POLL_MS = 100
_REQUEST_MS = 3000
_ENDS = (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
_ABSENT_LOOKS = 3  # brokers hear of a change one after the other
_CLIENT = {"client_id": "topicmark-recorder", "reconnect_backoff_max_ms": 300, "metadata_max_age_ms": 2000}


class OtherCluster(Exception):
    """At the addresses is another cluster than the one whose records are kept."""


@dataclass
class Watch:
    """Keeps on ``tape`` what happens in ``topics`` of the cluster until ``over``, or until nobody has answered for
    ``patience_s``. Nothing in it makes a topic: all topics are listed, none is asked for by name. ``still_wanted`` is
    asked with every look."""

    bootstrap: str
    cluster: str
    tape: Tape
    over: threading.Event
    patience_s: float
    still_wanted: Callable[[], bool] = lambda: True
    topics: tuple[str, ...] = TOPICS
    _absent: dict[str, int] = field(default_factory=dict)
    _read: dict[TopicPartition, str] = field(default_factory=dict)
    """The life of the topic of each partition that is read."""
    _heard_at: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Until there is an end. Raises ``OtherCluster``."""
        while self._goes_on():
            try:
                with self._clients() as (admin, consumer):
                    self._watch(admin, consumer)
            except (KafkaError, OSError):
                self.over.wait(LOOKS_EVERY_S)

    def _goes_on(self) -> bool:
        silent_s = time.monotonic() - self._heard_at
        return not self.over.is_set() and self.still_wanted() and silent_s < self.patience_s

    @contextlib.contextmanager
    def _clients(self) -> Iterator[tuple[KafkaAdminClient, KafkaConsumer]]:
        with contextlib.ExitStack() as opened:
            at = of_brokers(self.bootstrap)
            admin = KafkaAdminClient(**at, **_CLIENT, request_timeout_ms=_REQUEST_MS, bootstrap_timeout_ms=_REQUEST_MS)
            opened.callback(admin.close)
            consumer = KafkaConsumer(
                **at,
                **_CLIENT,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=_POLL_MS,
                bootstrap_timeout_ms=_REQUEST_MS,
            )
            opened.callback(consumer.close)
            make_no_topics(consumer)
            self._read.clear()
            yield admin, consumer

    def _watch(self, admin: KafkaAdminClient, consumer: KafkaConsumer) -> None:
        look_at = 0.0
        while self._goes_on():
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOKS_EVERY_S
                with contextlib.suppress(KafkaError):
                    self._look(admin, consumer)
            if self._read:
                self._keep(consumer.poll(timeout_ms=_POLL_MS))
            else:
                self.over.wait(LOOKS_EVERY_S / 2)

    def _look(self, admin: KafkaAdminClient, consumer: KafkaConsumer) -> None:
        manager = admin._manager
        request = MetadataRequest(topics=None, allow_auto_topic_creation=False)
        answer = manager.run(manager.send, request).to_dict()
        if answer["cluster_id"] != self.cluster:
            raise OtherCluster(f"{answer['cluster_id']} instead of {self.cluster}")
        self._heard_at = time.monotonic()
        known = {one["name"]: one for one in answer["topics"] if one["error_code"] == 0}
        self._note(known)
        self._follow(consumer)
        for topic in self.tape.there.keys() & known.keys():
            self._measure(admin, known[topic])

    def _note(self, known: Mapping[str, Mapping[str, Any]]) -> None:
        for topic in self.topics:
            if topic in known:
                self._absent.pop(topic, None)
                self.tape.made(topic, str(known[topic]["topic_id"]), len(known[topic]["partitions"]))
            elif topic in self.tape.there:
                self._absent[topic] = self._absent.get(topic, 0) + 1
                if self._absent[topic] >= _ABSENT_LOOKS:
                    self.tape.gone(topic)

    def _follow(self, consumer: KafkaConsumer) -> None:
        """Read what is there, and nothing else. One that was deleted and made again is read from its beginning."""
        wanted = {
            TopicPartition(topic, number): life
            for topic, (life, partitions) in self.tape.there.items()
            if not self.tape.is_full(topic)
            for number in range(partitions)
        }
        if wanted == self._read:
            return
        fresh = [tp for tp, life in wanted.items() if self._read.get(tp) != life]
        consumer.assign(list(wanted))
        self._read = wanted
        for tp in fresh:
            begin = self.tape.next_offset((tp.topic, wanted[tp], tp.partition))
            if begin:
                consumer.seek(tp, begin)  # if it was deleted meanwhile, the reset leads to what is left
            else:
                consumer.seek_to_beginning(tp)

    def _keep(self, batches: Mapping[TopicPartition, Any]) -> None:
        for tp, batch in batches.items():
            found = [(one.offset, one.timestamp, one.key, one.value) for one in batch]
            self.tape.records((tp.topic, self._read[tp], tp.partition), found)
            self._heard_at = time.monotonic()

    def _measure(self, admin: KafkaAdminClient, topic: Mapping[str, Any]) -> None:
        """Asks the leaders themselves: kafka-python's own call asks for the topic's metadata first, by name."""
        by_leader: dict[int, list[int]] = {}
        for one in topic["partitions"]:
            if one["leader_id"] >= 0:
                by_leader.setdefault(one["leader_id"], []).append(one["partition_index"])
        for leader, numbers in by_leader.items():
            low, high = (self._offsets(admin, leader, topic["name"], numbers, end) for end in _ENDS)
            for number in low.keys() & high.keys():
                self.tape.bounds((topic["name"], str(topic["topic_id"]), number), low[number], high[number])

    def _offsets(
        self, admin: KafkaAdminClient, leader: int, topic: str, partitions: list[int], end: OffsetSpec
    ) -> dict[int, int]:
        asked, manager = ListOffsetsRequest.ListOffsetsTopic, admin._manager
        each = [asked.ListOffsetsPartition(partition_index=number, timestamp=end) for number in partitions]
        request = ListOffsetsRequest(isolation_level=0, topics=[asked(name=topic, partitions=each)])
        answer = manager.run(manager.send, request, leader)
        return {
            int(found.partition_index): int(found.offset)
            for one in answer.topics
            for found in one.partitions
            if found.error_code == 0  # else it was deleted or moved this instant: the next look tells
        }
