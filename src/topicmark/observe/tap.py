"""Reads a topic along with the student, on the grader's own listener and without a group of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from topicmark.observe.contact import make_no_topics, of_brokers
from topicmark.observe.records import Record

_POLL_MS = 100
_KEPT = 200_000


class Tap:
    """Keeps every record that arrives in ``topic`` while it is open, from the log end at its opening.

    At most 200,000 records are kept (a flood is counted, not stored). ``fault`` is set if reading broke.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: Sequence[int], from_start: bool = False) -> None:
        self._records: list[Record] = []
        self._count = 0
        self._stop = threading.Event()
        self._ready = threading.Event()
        self.fault: str | None = None
        self._consumer = KafkaConsumer(
            **of_brokers(bootstrap),
            client_id="topicmark-tap",
            group_id=None,
            enable_auto_commit=False,
            metadata_max_age_ms=2000,
            reconnect_backoff_max_ms=500,
            fetch_max_wait_ms=100,
        )
        make_no_topics(self._consumer)
        wanted = [TopicPartition(topic, p) for p in partitions]
        self._consumer.assign(wanted)
        if from_start:
            self._consumer.seek_to_beginning(*wanted)
        else:
            self._consumer.seek_to_end(*wanted)
        for partition in wanted:
            self._consumer.position(partition)
        self._thread = threading.Thread(target=self._read, name=f"tap-{topic}", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while not self._stop.is_set():
                for batch in self._consumer.poll(timeout_ms=_POLL_MS).values():
                    now = time.monotonic()
                    self._count += len(batch)
                    if len(self._records) < _KEPT:
                        self._records.extend(Record(m.partition, m.offset, m.key, m.value, now) for m in batch)
        except KafkaError as error:
            self.fault = f"{type(error).__name__}: {error}"
        finally:
            self._consumer.close()

    @property
    def count(self) -> int:
        """How many records have arrived."""
        return self._count

    def records(self, where: Callable[[Record], bool] | None = None) -> list[Record]:
        """What has arrived so far, in the order of arrival."""
        snapshot = self._records[:]
        return [record for record in snapshot if where(record)] if where else snapshot

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def __enter__(self) -> Tap:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
