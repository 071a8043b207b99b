"""Answers: what ksqlDB's REST API tells of streams, queries and topics (recordings ksql-1 to ksql-3)."""

from __future__ import annotations

import datetime
import time
from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb.broker import Topic
from topicmark.ksqldb.catalogue import Catalogue
from topicmark.ksqldb.functions.catalogue import CATALOGUE
from topicmark.ksqldb.queries import PersistentQuery
from topicmark.ksqldb.sources import PSEUDO, Stream

_DEPRECATED = (
    "The statistics field is deprecated and will be removed in a future version of ksql. Please update your client to"
    " the latest version and use statisticsMap instead.\n"
)
Entity = dict[str, Any]


def status(text: str, command: str, message: str, sequence: int, query: str | None = None) -> Entity:
    return {
        "@type": "currentStatus",
        "statementText": text,
        "commandId": command,
        "commandStatus": {"status": "SUCCESS", "message": message, "queryId": query},
        "commandSequenceNumber": sequence,
        "warnings": [],
    }


def warning(text: str, message: str) -> Entity:
    return {"@type": "warning_entity", "statementText": text, "message": message, "warnings": []}


def listing(kind: str, text: str, key: str, value: Any) -> Entity:
    return {"@type": kind, "statementText": text, key: value, "warnings": []}


def source_info(stream: Stream) -> Entity:
    return {
        "type": "STREAM",
        "name": stream.name,
        "topic": stream.topic,
        "keyFormat": stream.key_format.name,
        "valueFormat": stream.value_format.name,
        "isWindowed": False,
    }


def visible(name: str) -> bool:
    return not name.startswith(("__", "_confluent")) and name != "_schemas"


def topic_list(topics: dict[str, Topic], *, all_of_them: bool) -> list[Entity]:
    return [
        {"name": name, "replicaInfo": list(topic.replicas)}
        for name, topic in sorted(topics.items())
        if all_of_them or visible(name)
    ]


def running_query(query: PersistentQuery) -> Entity:
    return {
        "queryString": query.text,
        "sinks": [query.sink.name],
        "sinkKafkaTopics": [query.sink.topic],
        "id": query.id,
        "statusCount": {query.state: 1},
        "queryType": "PERSISTENT",
        "state": query.state,
    }


def schema(kind: t.SqlType) -> Entity:
    shown: Entity = {"type": kind.base, "fields": None, "memberSchema": None}
    match kind:
        case t.Struct():
            shown["fields"] = [{"name": name, "schema": schema(inner)} for name, inner in kind.fields]
        case t.Array():
            shown["memberSchema"] = schema(kind.item)
        case t.Map():
            shown["memberSchema"] = schema(kind.value)
        case t.Decimal():
            shown["parameters"] = {"precision": kind.precision, "scale": kind.scale}
    return shown


def field_list(stream: Stream) -> list[Entity]:
    keys = [{"name": name, "schema": schema(kind), "type": "KEY"} for name, kind in stream.keys]
    return [*keys, *[{"name": name, "schema": schema(kind)} for name, kind in stream.values]]


def description(
    stream: Stream, catalogue: Catalogue, running: dict[str, PersistentQuery], topic: Topic | None, *,
    extended: bool, host: str,
) -> Entity:  # fmt: skip
    """DESCRIBE. Partitions and replication are those of the topic; 0 if it is gone."""
    reading = [running_query(running[query.id]) for query in catalogue.readers(stream.name) if query.id in running]
    writing = [running[query.id] for query in catalogue.writers(stream.name) if query.id in running]
    statistics: list[Entity] = []
    told = ""
    summaries: list[Entity] = []
    if extended:
        summaries = [{"groupId": query.group, "topicSummaries": []} for query in writing]
        written = sum(query.written for query in writing)
        if written:
            last = max(query.last_written_ms for query in writing)
            age_s = max(1.0, time.monotonic() - min(query.first_written_at for query in writing if query.written))
            rate = written / max(age_s, 100.0)
            moment = datetime.datetime.fromtimestamp(last / 1000, datetime.UTC)
            told = (
                f"{_DEPRECATED}messages-per-sec: {rate:9.2f}   total-messages: {written:9d}     last-message: "
                f"{moment:%Y-%m-%dT%H:%M:%S}.{last % 1000:03}Z"
            )
            statistics = [
                {"name": "messages-per-sec", "host": host, "value": rate, "timestamp": last},
                {"name": "total-messages", "host": host, "value": float(written), "timestamp": last},
            ]
    return {
        "name": stream.name,
        "windowType": None,
        "readQueries": reading,
        "writeQueries": [running_query(query) for query in writing],
        "fields": field_list(stream),
        "type": "STREAM",
        "timestamp": "",
        "statistics": told,
        "errorStats": "",
        "extended": extended,
        "keyFormat": stream.key_format.name,
        "valueFormat": stream.value_format.name,
        "topic": stream.topic,
        "partitions": len(topic.replicas) if topic else 0,
        "replication": topic.replicas[0] if topic else 0,
        "statement": stream.statement,
        "queryOffsetSummaries": summaries,
        "sourceConstraints": sorted(other.name for other in catalogue.streams.values() if stream.name in other.reads),
        "clusterStatistics": statistics,
        "clusterErrorStats": [],
    }


def _shown(columns: Any, *, pseudo: bool) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in (*columns, *(PSEUDO if pseudo else ())))


def query_description(query: PersistentQuery, offsets: list[tuple[int, int, int]], host: str) -> Entity:
    """EXPLAIN. ``offsets``: partition, end offset, committed offset."""
    source, sink = query.projection.source, query.sink
    filtered = query.projection.resolved.where is not None
    first, last = "KSTREAM-SOURCE-0000000000", f"KSTREAM-SINK-{4 if filtered else 3:010d}"
    middle = "KSTREAM-TRANSFORMVALUES-0000000001"
    topology = (
        f"Topologies:\n   Sub-topology: 0\n    Source: {first} (topics: [{source.topic}])\n      --> {middle}\n"
        f"    Processor: {middle} (stores: [])\n      --> {'WhereFilter' if filtered else 'Project'}\n"
        f"      <-- {first}\n"
    )
    if filtered:
        topology += f"    Processor: WhereFilter (stores: [])\n      --> Project\n      <-- {middle}\n"
    topology += (
        f"    Processor: Project (stores: [])\n      --> {last}\n      <-- {'WhereFilter' if filtered else middle}\n"
        f"    Sink: {last} (topic: {sink.topic})\n      <-- Project\n\n"
    )
    inner, outer = _shown(source.columns(), pseudo=True), _shown(sink.columns(), pseudo=False)
    steps = [("SINK", outer, sink.name), ("PROJECT", outer, "Project")]
    steps += [("FILTER", inner, "WhereFilter")] if filtered else []
    steps += [("SOURCE", inner, "KsqlTopic.Source")]
    plan = "".join(
        f"{chr(9) * 2 * depth} > [ {step} ] | Schema: {columns} | Logger: {query.id}.{name}\n"
        for depth, (step, columns, name) in enumerate(steps)
    )
    return {
        "id": query.id,
        "statementText": query.text,
        "windowType": None,
        "fields": field_list(sink),
        "sources": [source.name],
        "sinks": [sink.name],
        "topology": topology,
        "executionPlan": plan,
        "overriddenProperties": {},
        "ksqlHostQueryStatus": {host: query.state},
        "queryType": "PERSISTENT",
        "queryErrors": [],
        "tasksMetadata": [
            {
                "taskId": f"0_{partition}",
                "topicOffsets": [
                    {
                        "topicPartitionEntity": {"topic": source.topic, "partition": partition},
                        "endOffset": end,
                        "committedOffset": committed,
                    }
                ],
                "timeCurrentIdlingStarted": None,
            }
            for partition, end, committed in offsets
        ],
        "consumerGroupId": query.group,
        "state": query.state,
    }


def functions() -> list[Entity]:
    return [{"name": name, "type": kind, "category": category} for name, (kind, category) in CATALOGUE.items()]
