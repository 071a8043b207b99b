"""ksqlDB statements and connectors in texts: syntax, streams that stay empty, configurations that cannot work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from topicmark.course.findings import Finding, found
from topicmark.course.plan import Course
from topicmark.course.reading.markdown import Document, Fence
from topicmark.course.reading.shell import PLACEHOLDER
from topicmark.course.reading.sql import typed
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.parser import parse

_KSQL = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:STREAM\b|TABLE\b[\s\S]*\bKAFKA_TOPIC\b)|\bEMIT\s+CHANGES\b", re.IGNORECASE
)
_EARLIEST = re.compile(r"auto[._]offset[._]reset['\"]?\s*[=:]\s*['\"]?earliest", re.IGNORECASE)
_SELECTS = re.compile(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?STREAM\s+[^;]*?\bAS\s+SELECT\b", re.IGNORECASE)
_JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter"
_NEEDS = {
    "io.confluent.connect.hdfs.HdfsSinkConnector": ("hdfs.url", "flush.size"),
    "io.confluent.connect.jdbc.JdbcSinkConnector": ("connection.url",),
    "io.confluent.connect.jdbc.JdbcSourceConnector": ("connection.url",),
    "com.mongodb.kafka.connect.MongoSinkConnector": ("connection.uri", "database"),
}


def check(course: Course) -> Iterator[Finding]:
    """Faults of statements and connectors."""
    everywhere = "\n".join(
        [
            *(document.text for document in course.documents),
            *(course.repository.text(file.path) for file in course.yaml_files),
        ]
    )
    earliest = bool(_EARLIEST.search(everywhere))
    for document in course.documents:
        first = True
        for part in document.parts:
            if not isinstance(part, Fence) or part.language not in ("sql", "ksql", "") or not _KSQL.search(part.text):
                continue
            yield from _statements(document, part)
            made = _SELECTS.search(part.text)
            if made and first and not earliest:
                first = False
                line = part.line + part.text.count("\n", 0, made.start())
                what = "CREATE STREAM … AS SELECT starts at the end of the topic: records from before are not in it"
                remedy = "Have the reader type SET 'auto.offset.reset' = 'earliest'; first."
                yield found("ksql-latest", document.path, line, what, remedy)
    yield from _connectors(course)


def _statements(document: Document, fence: Fence) -> Iterator[Finding]:
    text = re.sub(r"<[A-Za-z_][\w .-]*>", "1", typed(fence.text))
    if "..." in text or "…" in text:
        return
    if not text.rstrip().endswith(";"):
        last = fence.line + len(text.rstrip().split("\n")) - 1
        what = "the last statement has no ; at its end: ksqlDB waits for more"
        yield found("ksql-syntax", document.path, last, what, "End it with a semicolon.")
        return
    try:
        parse(text)
    except Unsupported:
        return
    except KsqlError as error:
        place = re.match(r"line (\d+):", str(error))
        line = fence.line + (int(place[1]) if place else 1) - 1
        yield found(
            "ksql-syntax", document.path, line, f"ksqlDB cannot read this statement: {str(error)[:160]}", "Correct it."
        )


def _connectors(course: Course) -> Iterator[Finding]:
    for path, line, text in _bodies(course):
        try:
            body = json.loads(PLACEHOLDER.sub("1", text))
        except ValueError:
            continue  # said elsewhere
        config = body.get("config", body) if isinstance(body, dict) else None
        if not isinstance(config, dict) or "connector.class" not in config:
            continue
        outer, inner = body.get("name"), config.get("name")
        if config is not body and outer and inner and outer != inner:
            at = text.find(f'"{inner}"')
            what = f"the connector is called {outer}, and its configuration says name {inner}"
            remedy = f'Write "{outer}" in both places, or leave name out of the configuration.'
            yield found("connector-config", path, line + text.count("\n", 0, max(at, 0)), what, remedy)
        flat = {str(key): str(value) for key, value in config.items()}

        def line_of(key: str, text: str = text, line: int = line) -> int:
            at = text.find(f'"{key}"')
            return line + text.count("\n", 0, max(at, 0))

        yield from _connector(path, flat, line_of)


def _connector(path: str, config: Mapping[str, str], line_of: object) -> Iterator[Finding]:
    assert callable(line_of)
    kind = config["connector.class"]
    for key in _NEEDS.get(kind, ()):
        if key not in config:
            what = f"{kind.rpartition('.')[2]} needs {key}"
            yield found("connector-config", path, line_of("connector.class"), what, f"Add {key}.")
    if kind.endswith("SinkConnector") and not {"topics", "topics.regex"} & config.keys():
        yield found(
            "connector-config", path, line_of("connector.class"), "a sink needs topics or topics.regex", "Add topics."
        )
    if (
        config.get("value.converter") == _JSON_CONVERTER
        and config.get("value.converter.schemas.enable", "true") == "true"
        and "hdfs" in kind.lower()
    ):
        what = 'JsonConverter expects {"schema": …, "payload": …} unless value.converter.schemas.enable is false'
        yield found(
            "connector-config", path, line_of("value.converter"), what, 'Add "value.converter.schemas.enable": "false".'
        )
    if config.get("flush.size", "1").isdigit() and int(config.get("flush.size", "1")) == 0:
        yield found("connector-config", path, line_of("flush.size"), "flush.size 0 writes no file", "Write 1 or more.")


def _bodies(course: Course) -> Iterator[tuple[str, int, str]]:
    for step in course.steps:
        if step.call.name == "curl":
            for word in step.call.words:
                if word.text.lstrip().startswith("{") and "connector.class" in word.text:
                    yield step.document.path, word.line, word.text
    for document in course.documents:
        for part in document.parts:
            if isinstance(part, Fence) and part.language == "json" and "connector.class" in part.text:
                yield document.path, part.line, part.text
    for path in course.repository.by_suffix(".json"):
        if course.repository.is_judged(path) and "connector.class" in course.repository.text(path):
            yield path, 1, course.repository.text(path)
