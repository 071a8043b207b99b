"""Kafka's log segments, read from disk: what was ever written to a topic, records that were deleted since included.

DeleteRecords, retention and the deletion of a topic only move an offset or rename a file at first; the bytes stay for
``file.delete.delay.ms`` (a minute) at least. So nothing that a program wrote and then deleted can be missed, however
quick it was: a record that a broker has acknowledged is in the file. (apache/kafka 3.8.0, UnifiedLog.scala: deleted
records go with their segment; LocalLog.scala: ``<topic>-<partition>.<32 hex>-delete``, ``<segment>.log.deleted``.)
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kafka.errors import KafkaError
from kafka.record import MemoryRecords

from topicmark.observe.records import Record

_MOST_BYTES = 32 * 2**20
"""Of one segment. A flood is not read to its end."""
_MOST_RECORDS = 200_000
_MOST_PACKED_BYTES = 64 * 1024
"""Of a compressed batch: a megabyte may unpack to a gigabyte."""
_GZIP = 1


@dataclass(frozen=True, slots=True)
class Written:
    """Records by partition and offset, each once. ``unreadable`` says why there may be more, empty if there are not."""

    records: tuple[Record, ...] = ()
    unreadable: str = ""


def written(folders: Iterable[Path], topic: str) -> Written:
    """Every record that was written to a topic of this name.

    ``folders`` are the brokers' data folders. A topic that was deleted and made again yields the records of both.
    """
    unreadable = ""
    named = re.compile(rf"{re.escape(topic)}-(\d+)(?:\.[0-9a-f]{{32}}-delete)?")
    found: dict[tuple[int, int, bytes | None, bytes | None], Record] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"{topic}-*")):
            match = named.fullmatch(path.name)
            if match is None:
                continue
            for segment in sorted(path.glob("*.log*")):
                for record in _records(_content(segment), int(match[1])):
                    if isinstance(record, str):
                        unreadable = record
                    elif len(found) < _MOST_RECORDS:
                        found.setdefault((record.partition, record.offset, record.key, record.value), record)
    return Written(tuple(sorted(found.values(), key=lambda record: (record.partition, record.offset))), unreadable)


def _content(segment: Path) -> bytes:
    """Its bytes; none if it was removed this instant."""
    try:
        with segment.open("rb") as file:
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        return b""


def _records(data: bytes, partition: int) -> Iterator[Record | str]:
    """The records of a segment, and why a batch of it cannot be read."""
    now = time.monotonic()
    batches = MemoryRecords(data)
    while batches.has_next():
        size_bytes = batches._next_slice.nbytes
        batch = batches.next_batch()
        if getattr(batch, "is_control_batch", False):
            continue
        packing = batch.compression_type
        if packing and (packing != _GZIP or size_bytes > _MOST_PACKED_BYTES):
            yield f"a batch of {size_bytes} bytes is compressed (type {packing})"
            continue
        try:
            for record in batch:
                yield Record(partition, record.offset, record.key, record.value, now)
        except (KafkaError, ValueError, EOFError, OSError) as error:
            yield f"a batch cannot be read: {error}"
