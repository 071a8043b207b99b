"""One case against one ksqlDB: topics and names of its own, statements, records in, records out."""

from __future__ import annotations

import base64
import json
import re
import struct
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from selftest.conformance.cases import Case, Record

_WITHIN_S = 20.0
_QUIET_S = 0.6
_UNSUPPORTED = "not supported by the embedded ksqlDB"
_CREATED = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?STREAM\s+(?:IF\s+NOT\s+EXISTS\s+)?(`[^`]+`|\w+)", re.IGNORECASE)
_TOPIC = re.compile(r"KAFKA_TOPIC\s*=\s*'([^']+)'", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """``kind``: passed, refused, wrong."""

    kind: str
    detail: str = ""


class Runner:
    def __init__(self, url: str, bootstrap: str) -> None:
        self._url, self._bootstrap = url, bootstrap
        self._http = requests.Session()
        self._admin = AdminClient({"bootstrap.servers": bootstrap})
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "log_level": 3})
        self._number = int(time.time() * 10) % 10**8

    def close(self) -> None:
        self._http.close()

    def run(self, case: Case) -> Verdict:
        """Names are made unique by a suffix; afterwards the case's streams are dropped and its topics deleted."""
        self._number += 1
        names = _Names(case, f"_{self._number}")
        made = self._make_topics(case, names)
        try:
            return self._judge(case, names)
        except (requests.RequestException, KafkaException) as error:
            return Verdict("wrong", f"the server or the broker: {error}")
        finally:
            self._clean(names, made)

    def _judge(self, case: Case, names: _Names) -> Verdict:
        properties = {"ksql.streams.auto.offset.reset": "earliest"}
        properties |= {key: _plain(value) for key, value in case.properties.items()}
        answer = self._post(names.text(case.text), properties)
        told = answer.json()
        if answer.status_code != 200:
            message = str(told.get("message", ""))
            if _UNSUPPORTED in message:
                return Verdict("refused", message)
            if not case.expects_error:
                return Verdict("wrong", f"refused with: {message}")
            if case.error is not None and _unplaced(case.error) not in _unplaced(names.original(message)):
                return Verdict(
                    "wrong", f"expected the message: {case.error}\n      but it was: {names.original(message)}"
                )
            return Verdict("passed")
        if case.expects_error:
            return Verdict("wrong", f"was accepted, expected: {case.error}")
        formats = {stream["topic"]: stream for stream in self._streams()}
        schemas = {
            topic: self._fields(stream["name"]) for topic, stream in formats.items() if names.is_ours(stream["name"])
        }
        if other := _other_schemas(case, schemas, {names.original(s["name"]): t for t, s in formats.items()}):
            return Verdict("wrong", other)
        for record in case.inputs:
            topic = names.topic(record.topic)
            self._producer.produce(
                topic,
                _encode(
                    record.value, formats.get(topic, {}).get("valueFormat", "JSON"), schemas.get(topic, []), key=False
                ),
                _encode(record.key, formats.get(topic, {}).get("keyFormat", "KAFKA"), schemas.get(topic, []), key=True),
                partition=0,
                timestamp=record.timestamp or 0,
            )
        self._producer.flush(20)
        return self._compare(case, names, formats, schemas)

    def _compare(self, case: Case, names: _Names, formats: Any, schemas: Any) -> Verdict:
        by_topic: dict[str, list[Record]] = {}
        for record in case.outputs:
            by_topic.setdefault(names.topic(record.topic), []).append(record)
        sinks = {names.topic(record.topic) for record in case.outputs} or set()
        for topic in sinks:
            expected = by_topic[topic]
            seen = self._consume(topic, len(expected))
            form = formats.get(topic, {})
            fields = schemas.get(topic, [])
            shown = [
                (
                    _decode(key, form.get("keyFormat", "KAFKA"), fields, key=True),
                    _decode(value, form.get("valueFormat", "JSON"), fields, key=False),
                    timestamp,
                )
                for key, value, timestamp in seen
            ]
            if len(shown) != len(expected):
                return Verdict("wrong", f"{topic}: expected {len(expected)} records, saw {len(shown)}: {shown}")
            for wanted, (key, value, timestamp) in zip(expected, shown, strict=True):
                keyed = any(
                    one.get("type") == "KEY" for one in fields
                )  # without a key column the published keys mean nothing
                if not _same(wanted.value, value) or not _same(wanted.key if keyed else None, key):
                    return Verdict(
                        "wrong", f"expected key {wanted.key!r}, value {wanted.value!r}\n      saw {key!r}, {value!r}"
                    )
                if wanted.timestamp is not None and wanted.timestamp != timestamp:
                    return Verdict("wrong", f"expected timestamp {wanted.timestamp}, saw {timestamp}")
        return Verdict("passed")

    # -- the server and the broker --------------------------------------------------------------------------------

    def _post(self, text: str, properties: dict[str, Any] | None = None) -> requests.Response:
        body = json.dumps({"ksql": text, "streamsProperties": properties or {}})
        return self._http.post(f"{self._url}/ksql", data=body.encode(), timeout=60)

    def _streams(self) -> list[dict[str, Any]]:
        return list(self._post("SHOW STREAMS;").json()[0]["streams"])

    def _fields(self, name: str) -> list[dict[str, Any]]:
        return list(self._post(f"DESCRIBE `{name}`;").json()[0]["sourceDescription"]["fields"])

    def _make_topics(self, case: Case, names: _Names) -> set[str]:
        created = {names.topic(record.topic): 1 for record in case.inputs}
        for statement in case.statements:
            if not re.search(r"\bAS\s+SELECT\b|\bPARTITIONS\s*=", statement, re.IGNORECASE):
                created |= {names.topic(name): 1 for name in _TOPIC.findall(statement)}
        created |= {names.topic(topic["name"]): int(topic.get("numPartitions", 1)) for topic in case.topics}
        if created:
            futures = self._admin.create_topics([NewTopic(name, count, 1) for name, count in created.items()])
            for future in futures.values():
                future.result(20)
            self._await_seen(set(created))
        return set(created)

    def _await_seen(self, topics: set[str]) -> None:
        """Until the server can see the topics: on a cluster of several brokers one may hear of them later."""
        deadline = time.monotonic() + _WITHIN_S
        while time.monotonic() < deadline:
            listed = self._post("SHOW ALL TOPICS;").json()[0]["topics"]
            if topics <= {topic["name"] for topic in listed}:
                return

    def _consume(self, topic: str, count: int) -> list[tuple[bytes | None, bytes | None, int]]:
        """The topic's records, by partition and offset: all that come within the time, and a moment longer."""
        consumer = Consumer(
            {"bootstrap.servers": self._bootstrap, "group.id": "conformance", "enable.auto.commit": False}
        )
        found: list[tuple[int, int, tuple[bytes | None, bytes | None, int]]] = []
        try:
            parts = consumer.list_topics(topic, timeout=20).topics[topic].partitions
            consumer.assign([TopicPartition(topic, part, 0) for part in parts])
            deadline = time.monotonic() + _WITHIN_S
            while time.monotonic() < deadline:
                for message in consumer.consume(500, 0.2):
                    if message.error() is None:
                        row = (message.key(), message.value(), message.timestamp()[1])
                        found.append((message.partition(), message.offset(), row))
                if len(found) >= count:
                    deadline = min(deadline, time.monotonic() + _QUIET_S)
        finally:
            consumer.close()
        return [row for _, _, row in sorted(found, key=lambda one: one[:2])]

    def _clean(self, names: _Names, topics: set[str]) -> None:
        queries = self._post("SHOW QUERIES;").json()[0]["queries"]
        ours = [query for query in queries if any(names.is_ours(sink) for sink in query["sinks"])]
        for query in ours:
            self._post(f"TERMINATE {query['id']};")
        left = [stream for stream in self._streams() if names.is_ours(stream["name"])]
        for _ in range(len(left) + 1):
            for stream in left:
                self._post(f"DROP STREAM IF EXISTS `{stream['name']}`;")
            left = [stream for stream in self._streams() if names.is_ours(stream["name"])]
            if not left:
                break
        existing = self._admin.list_topics(timeout=20).topics
        gone = [topic for topic in existing if topic in topics or names.is_ours(topic)]
        if gone:
            self._admin.delete_topics(gone)


class _Names:
    """The streams and topics of a case, each with a suffix that no other case has."""

    def __init__(self, case: Case, suffix: str) -> None:
        self._suffix = suffix
        self._streams: dict[str, str] = {}
        for name in _CREATED.findall(case.text):
            bare = name[1:-1] if name.startswith("`") else name.upper()
            self._streams[bare] = bare + suffix
        named = set(_TOPIC.findall(case.text)) | {topic["name"] for topic in case.topics}
        named |= {record.topic for record in (*case.inputs, *case.outputs)}
        self._topics = {name: name + suffix for name in named}

    def is_ours(self, name: str) -> bool:
        return name.endswith(self._suffix)

    def topic(self, name: str) -> str:
        return self._topics.get(name, name + self._suffix)

    def text(self, text: str) -> str:
        """Statements with the names replaced, but for what stands in quotes."""
        parts = re.split(r"('(?:[^']|'')*')", text)
        for index, part in enumerate(parts):
            if index % 2:
                before = parts[index - 1]
                if re.search(r"KAFKA_TOPIC\s*=\s*$", before, re.IGNORECASE):
                    parts[index] = f"'{self.topic(part[1:-1])}'"
            else:
                parts[index] = self._renamed(part)
        return "".join(parts)

    def _renamed(self, part: str) -> str:
        for bare in sorted(self._streams, key=len, reverse=True):
            part = part.replace(f"`{bare}`", f"`{bare}{self._suffix}`")
            if re.fullmatch(r"\w+", bare):
                part = re.sub(
                    rf"(?P<before>\b(?:STREAM|FROM|INTO|EXISTS|DESCRIBE)\s+){bare}(?P<after>\b)",
                    lambda found, bare=bare: f"{found['before']}{bare}{self._suffix}",
                    part,
                    flags=re.IGNORECASE,
                )
                part = re.sub(rf"(?<![\w.`>]){bare}\.(?=[\w`*])", f"{bare}{self._suffix}.", part, flags=re.IGNORECASE)
        return part

    def original(self, message: str) -> str:
        return message.replace(self._suffix, "")


def _other_schemas(case: Case, schemas: dict[str, list[dict[str, Any]]], topics: dict[str, str]) -> str:
    """The first stream whose columns are not those that the case states, with both; empty if there is none."""
    for source in case.sources:
        topic = topics.get(source["name"])
        if topic is None or "schema" not in source:
            continue
        columns = [
            f"{one['name']} {_type_text(one['schema'])}{' KEY' if one.get('type') == 'KEY' else ''}"
            for one in schemas[topic]
        ]
        if _plain_schema(", ".join(columns)) != _plain_schema(source["schema"]):
            return f"{source['name']}: expected the columns {source['schema']}\n      but they are {', '.join(columns)}"
    return ""


def _type_text(schema: dict[str, Any]) -> str:
    if schema["type"] == "STRUCT":
        return f"STRUCT<{', '.join(one['name'] + ' ' + _type_text(one['schema']) for one in schema['fields'])}>"
    if schema["type"] == "DECIMAL":
        return f"DECIMAL({schema['parameters']['precision']},{schema['parameters']['scale']})"
    member = _type_text(schema["memberSchema"]) if schema.get("memberSchema") else ""
    return {"ARRAY": f"ARRAY<{member}>", "MAP": f"MAP<STRING, {member}>"}.get(schema["type"], schema["type"])


def _plain_schema(text: str) -> str:
    plain = re.sub(r"\bINT\b", "INTEGER", text.replace("VARCHAR", "STRING").replace("`", ""))
    return re.sub(r"\s*([<>(),])\s*", r"\1", plain).upper()


def _unplaced(message: str) -> str:
    """Without columns: the names that the runner puts in are longer than the case's."""
    return re.sub(r"(line \d+:|Col: )\d+", r"\1N", message)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _columns(fields: list[dict[str, Any]], *, key: bool) -> list[dict[str, Any]]:
    return [one for one in fields if (one.get("type") == "KEY") == key]


_PACKED = {"INTEGER": ">i", "BIGINT": ">q", "DOUBLE": ">d"}


def _encode(value: Any, form: str, fields: list[dict[str, Any]], *, key: bool) -> bytes | None:
    columns = _columns(fields, key=key)
    if value is None or (key and not columns):
        return None
    if form == "KAFKA":
        kind = columns[0]["schema"]["type"] if columns else "STRING"
        if kind in _PACKED:
            return struct.pack(_PACKED[kind], float(value) if kind == "DOUBLE" else int(value))
        return base64.b64decode(value) if kind == "BYTES" else str(value).encode()
    if form == "DELIMITED":
        return str(value).encode()
    return _json(value).encode()


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_json(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json(one) for one in value) + "]"
    return json.dumps(value)


def _decode(data: bytes | None, form: str, fields: list[dict[str, Any]], *, key: bool) -> Any:
    if data is None:
        return None
    columns = _columns(fields, key=key)
    if form == "KAFKA":
        kind = columns[0]["schema"]["type"] if columns else "STRING"
        if kind in _PACKED:
            return Decimal(repr(struct.unpack(_PACKED[kind], data)[0]))
        return base64.b64encode(data).decode() if kind == "BYTES" else data.decode()
    if form == "DELIMITED":
        return data.decode()
    return json.loads(data, parse_float=Decimal, parse_int=Decimal)


def _same(expected: Any, seen: Any) -> bool:
    """Equal as ksqlDB's runner sees it: numbers by value, a decimal given as text too."""
    if isinstance(expected, Decimal) and isinstance(seen, Decimal):
        return expected == seen or float(expected) == float(seen)
    if (isinstance(expected, Decimal) and isinstance(seen, str)) or (
        isinstance(expected, str) and isinstance(seen, Decimal)
    ):
        try:
            return Decimal(str(expected)) == Decimal(str(seen))
        except ArithmeticError:
            return False
    if isinstance(expected, dict) and isinstance(seen, dict):
        return expected.keys() == seen.keys() and all(_same(expected[name], seen[name]) for name in expected)
    if isinstance(expected, list) and isinstance(seen, list):
        return len(expected) == len(seen) and all(_same(a, b) for a, b in zip(expected, seen, strict=True))
    return type(expected) is type(seen) and expected == seen
