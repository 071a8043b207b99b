"""Queries whose rows go to a client: push queries, pull queries on streams, and PRINT."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from typing import Any

from confluent_kafka import Message, TopicPartition

from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.broker import Broker, bounds, partition_count, take
from topicmark.ksqldb.engine import Engine
from topicmark.ksqldb.errors import ROW_ERRORS, KsqlError, RequestError
from topicmark.ksqldb.formats import Column, to_json
from topicmark.ksqldb.parser import parse
from topicmark.ksqldb.projection import Projection, analyse, uses_aggregate
from topicmark.ksqldb.settings import Settings
from topicmark.ksqldb.values import moment_of

_BATCH = 500
_POLL_S = 0.2
_POLL_IDLE_S = 1.0
_NO_DATA = "¯\\_(ツ)_/¯ - no data processed"
_PRINTED = itertools.count()


def open_query(engine: Engine, text: str, properties: dict[str, Any], endpoint: str) -> RowQuery | Printing:
    """Raises ``KsqlError`` in the words of the endpoint."""
    parsed = _parsed(text, endpoint)
    node = parsed.statement
    settings = Settings.of(properties, parsed.text)
    if isinstance(node, s.Print) and endpoint == "/query":
        return _printing(engine, node, settings)
    if not isinstance(node, s.Select):
        if endpoint == "/query":
            raise RequestError(
                "Statement type `io.confluent.ksql.parser.KsqlParser$PreparedStatement' not supported for this resource"
            )
        raise KsqlError(f"Not a query\nStatement: {parsed.text}", text=parsed.text)
    source = engine.real.catalogue.streams.get(node.source)
    if source is None:
        problem = f"{node.source} does not exist."
        cause = f"\nCaused by: {problem}" if endpoint == "/query" else ""
        raise KsqlError(f"Exception while preparing statement: {problem}{cause}", text=parsed.text)
    push = node.emit is not None
    try:
        if not push:
            _check_pull(node)
        projection = analyse(node, source, sink=None)
        return RowQuery(
            engine.broker, projection, engine.service_id, push=push, earliest=settings.earliest, limit=node.limit
        )
    except KsqlError as error:
        error.text = parsed.text
        error.late = True
        raise


def _parsed(text: str, endpoint: str) -> s.Parsed:
    try:
        found = parse(text)
    except KsqlError as error:
        if ": missing ';'" in error.message or ": mismatched" in error.message:
            at = error.message.partition(" ")[2].partition(": ")[0]
            error.message += f"\nStatement: {text}"
            if endpoint == "/query":
                error.message += f"\nCaused by: line {at}: Syntax error at line {at}"
        error.text = text
        raise
    if len(found) != 1:
        raise RequestError(f"Expected exactly one KSQL statement; found {len(found)} instead")
    return found[0]


def _check_pull(node: s.Select) -> None:
    for clause, what in (("GROUP BY", "GROUP BY"), ("a WINDOW", "WINDOW"), ("a JOIN", "JOIN")):
        if any(beyond.startswith(clause) for beyond in node.unsupported):
            raise KsqlError(_pull(what))
    if uses_aggregate(node):
        raise KsqlError(_pull("GROUP BY"))
    if node.partition_by:
        raise KsqlError(_pull("PARTITION BY"))


def _pull(clause: str) -> str:
    return (
        f"Pull queries don't support {clause} clauses. See https://cnfl.io/queries for more info.\n"
        "Add EMIT CHANGES if you intended to issue a push query."
    )


def _printing(engine: Engine, node: s.Print, settings: Settings) -> Printing:
    topics = engine.broker.topics()
    if node.topic not in topics:
        near = sorted(name for name in topics if name.lower() == node.topic.lower())
        hint = "".join(f"\n\tprint {name};" for name in near)
        raise RequestError(
            f"Could not find topic '{node.topic}', or the KSQL user does not have permissions to list the topic. "
            f"Topic names are case-sensitive.{chr(10) + 'Did you mean:' + hint if near else ''}"
        )
    earliest = node.from_beginning or settings.earliest
    return Printing(engine.broker, node.topic, earliest=earliest, interval=node.interval, limit=node.limit)


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
        self.id = f"print-{next(_PRINTED)}"
        self.final = ""
        self._feed = Feed(broker, topic, f"_confluent-ksql-{self.id}", earliest=earliest, bounded=False)
        self._interval, self._limit = interval, limit
        self._seen = self._sent = 0
        self._begun = False
        self._formats: list[list[str] | None] = [None, None]
        self.done = False

    def poll(self) -> list[str]:
        """The next lines; an empty one if nothing came for a second. Blocks."""
        messages = self._feed.poll(_POLL_IDLE_S)
        if not messages:
            return [""]
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
        return lines

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
    key, value = (_shown(data, form) for data, form in zip((message.key(), message.value()), formats, strict=True))
    return (
        f"rowtime: {moment_of(milliseconds):%Y/%m/%d %H:%M:%S}.{milliseconds % 1000:03} Z, key: {key}, value: {value}, "
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
