"""Queries whose rows go to a client: push queries, pull queries on streams, and PRINT."""

from __future__ import annotations

import datetime
import itertools
import json
import random
from collections.abc import Sequence
from typing import Any

from confluent_kafka import Message, TopicPartition

from topicmark.ksqldb.broker import Broker, bounds, partition_count, take
from topicmark.ksqldb.errors import ROW_ERRORS
from topicmark.ksqldb.formats import Column, to_json
from topicmark.ksqldb.projection import Projection

_BATCH = 500
_POLL_S = 0.2
_POLL_IDLE_S = 1.0
_NO_DATA = "¯\\_(ツ)_/¯ - no data processed"
_PRINTED = itertools.count()


class Feed:
    """The records of a topic, from where it is said, to where it was (``bounded``) or on and on."""

    def __init__(self, broker: Broker, topic: str, group: str, *, earliest: bool, bounded: bool) -> None:
        self._consumer = broker.consumer(group)
        partitions = partition_count(self._consumer, topic)
        ends = bounds(self._consumer, topic, partitions)
        self._left = {part: high for part, (low, high) in ends.items() if low < high} if bounded else None
        self._consumer.assign(
            [TopicPartition(topic, part, low if earliest else high) for part, (low, high) in ends.items()]
        )
        self.closed = False

    @property
    def over(self) -> bool:
        return self.closed or self._left == {}

    def poll(self, wait_s: float = _POLL_S) -> list[Message]:
        """The next records, none after ``wait_s`` without any. Blocks."""
        if self.over:
            return []
        found = [message for message in take(self._consumer, _BATCH, wait_s) if message.error() is None]
        if self._left is None:
            return found
        kept = []
        for message in found:
            end = self._left.get(message.partition())
            if end is not None and message.offset() < end:
                kept.append(message)
            if end is not None and message.offset() + 1 >= end:
                del self._left[message.partition()]
        return kept

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._consumer.close()


class RowQuery:
    """A push or pull query. ``poll`` until ``done``; ``final`` then says why."""

    def __init__(
        self, broker: Broker, projection: Projection, service_id: str, *, push: bool, earliest: bool, limit: int | None
    ) -> None:
        self.projection, self.limit = projection, limit
        self.id = f"transient_{projection.resolved.source}_{random.getrandbits(63)}"
        group = f"_confluent-ksql-{service_id}{self.id}"
        self._feed = Feed(broker, projection.source.topic, group, earliest=earliest or not push, bounded=not push)
        self._encode = [to_json(kind) for _, kind in projection.values]
        self._sent = 0
        self.done = limit == 0
        self.final = "Limit Reached" if self.done else "Query Completed"

    @property
    def columns(self) -> Sequence[Column]:
        return self.projection.values

    def poll(self) -> list[str]:
        """The next rows, each the inside of a JSON array. Blocks for a moment."""
        rows: list[str] = []
        for message in self._feed.poll():
            try:
                made = self.projection.rows(
                    message.key(), message.value(), message.timestamp()[1], message.partition(), message.offset()
                )
            except ROW_ERRORS:
                continue
            if made is None or made[1] is None:
                continue
            rows.append(",".join([encode(value) for encode, value in zip(self._encode, made[1], strict=True)]))
            self._sent += 1
            if self.limit is not None and self._sent >= self.limit:
                self.done, self.final = True, "Limit Reached"
                return rows
        self.done = self.done or self._feed.over
        return rows

    def close(self) -> None:
        self.done = True
        self._feed.close()


class Printing:
    """PRINT: the records as text, after two lines that say what keys and values seem to be."""

    def __init__(self, broker: Broker, topic: str, *, earliest: bool, interval: int, limit: int | None) -> None:
        self._feed = Feed(broker, topic, f"_confluent-ksql-print-{next(_PRINTED)}", earliest=earliest, bounded=False)
        self._interval, self._limit = interval, limit
        self._seen = self._sent = 0
        self._begun = False
        self._formats: list[list[str] | None] = [None, None]
        self.done = False

    def poll(self) -> str:
        """The next lines; an empty line if nothing came for a second. Blocks."""
        messages = self._feed.poll(_POLL_IDLE_S)
        if not messages:
            return "\n"
        lines: list[str] = []
        for message in messages:
            self._formats = [
                _narrowed(formats, data)
                for formats, data in zip(self._formats, (message.key(), message.value()), strict=True)
            ]
        if not self._begun:
            self._begun = True
            for what, formats in zip(("Key", "Value"), self._formats, strict=True):
                lines.append(f"{what} format: {_NO_DATA if formats is None else ' or '.join(formats)}")
        for message in messages:
            self._seen += 1
            if (self._seen - 1) % self._interval:
                continue
            lines.append(_line(message, self._formats))
            self._sent += 1
            if self._limit is not None and self._sent >= self._limit:
                self.done = True
                break
        return "".join(f"{line}\n" for line in lines)

    def close(self) -> None:
        self.done = True
        self._feed.close()


def _narrowed(formats: list[str] | None, data: bytes | None) -> list[str] | None:
    if data is None:
        return formats
    possible = _possible(data)
    if formats is None:
        return possible
    return [one for one in formats if one in possible] or ["UNRECOGNIZED_BYTES"]


def _possible(data: bytes) -> list[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if text.isprintable() or all(char.isprintable() or char.isspace() for char in text):
        try:
            json.loads(text)
        except ValueError:
            return ["KAFKA_STRING"]
        return ["JSON", "KAFKA_STRING"]
    return {4: ["KAFKA_INT"], 8: ["KAFKA_BIGINT", "KAFKA_DOUBLE"]}.get(len(data), ["UNRECOGNIZED_BYTES"])


def _line(message: Message, formats: Sequence[list[str] | None]) -> str:
    milliseconds = message.timestamp()[1]
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)
    key, value = (_shown(data, form) for data, form in zip((message.key(), message.value()), formats, strict=True))
    return (
        f"rowtime: {moment:%Y/%m/%d %H:%M:%S}.{milliseconds % 1000:03} Z, key: {key}, value: {value}, "
        f"partition: {message.partition()}"
    )


def _shown(data: bytes | None, formats: list[str] | None) -> str:
    if data is None or formats is None:
        return "<null>"
    if formats[0] in ("KAFKA_INT", "KAFKA_BIGINT"):
        return str(int.from_bytes(data, "big", signed=True))
    if formats[0] == "UNRECOGNIZED_BYTES":
        return repr(data)[2:-1]
    return data.decode("utf-8", "replace")


def header_schema(columns: Sequence[Column]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in columns)


def closing(queries: Any) -> None:
    for query in list(queries):
        query.close()
