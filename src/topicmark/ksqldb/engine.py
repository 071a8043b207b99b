"""Statements, tried in a sandbox and then run: ksqlDB's way through a request."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from topicmark.ksqldb import entities, formatter
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.broker import Broker
from topicmark.ksqldb.commands import Command, CommandLog
from topicmark.ksqldb.creating import Creator
from topicmark.ksqldb.effects import Effects, Rehearsal, Replay
from topicmark.ksqldb.errors import QUERY_ENDPOINT, KsqlError, Unsupported
from topicmark.ksqldb.inserting import record
from topicmark.ksqldb.parser import parse
from topicmark.ksqldb.queries import PersistentQuery
from topicmark.ksqldb.settings import Settings
from topicmark.ksqldb.sources import Stream

_PROCESSING_LOG = (
    "CREATE STREAM KSQL_PROCESSING_LOG (LOGGER STRING, LEVEL STRING, TIME BIGINT, MESSAGE STRUCT<TYPE INTEGER, "
    "DESERIALIZATIONERROR STRUCT<TARGET STRING, ERRORMESSAGE STRING, RECORDB64 STRING, CAUSE ARRAY<STRING>, "
    "`topic` STRING>, RECORDPROCESSINGERROR STRUCT<ERRORMESSAGE STRING, RECORD STRING, CAUSE ARRAY<STRING>>, "
    "PRODUCTIONERROR STRUCT<ERRORMESSAGE STRING>, SERIALIZATIONERROR STRUCT<TARGET STRING, ERRORMESSAGE STRING, RECORD "
    "STRING, CAUSE ARRAY<STRING>, `topic` STRING>, KAFKASTREAMSTHREADERROR STRUCT<ERRORMESSAGE STRING, THREADNAME "
    "STRING, CAUSE ARRAY<STRING>>>) WITH (KAFKA_TOPIC='{topic}', KEY_FORMAT='KAFKA', VALUE_FORMAT='JSON');"
)

_log = logging.getLogger(__name__)


@dataclass
class Engine:
    """One server's state. ``execute`` may be called from any thread; requests run one after the other."""

    broker: Broker
    service_id: str
    host: str
    statuses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.log = CommandLog(self.broker, self.service_id)
        self.real = Effects(self.broker, self.log)

    def start(self) -> None:
        """Read the command topic and go on where it ended. What the course's server has from the start is made."""
        topic = f"{self.service_id}ksql_processing_log"
        with ThreadPoolExecutor(1) as beside:
            made = beside.submit(self._ensure_processing_log, topic)
            self.log.ensure()
            made.result()
        for command in (Command(0, _PROCESSING_LOG.format(topic=topic), {}), *self.log.replay()):
            try:
                (parsed,) = parse(command.statement)
                self._apply(parsed, Settings(command.properties), Replay(self.real, command))
            except KsqlError as error:  # its topic is gone, say: what needs it goes with it
                _log.warning("left out of the command topic: %s: %s", command.statement, error.message)
        for query in self.real.running.values():
            query.prepare()
            query.start()

    def _ensure_processing_log(self, topic: str) -> None:
        if topic not in self.broker.topics():
            self.broker.create(topic, 1, 1, {})

    def stop(self) -> None:
        for query in self.real.running.values():
            query.stop()
        self.broker.close()

    def execute(self, text: str, properties: dict[str, Any]) -> list[entities.Entity]:
        """Run the statements of a request. Raises ``KsqlError``: then none of those that can be known to fail ran."""
        parsed = parse(text)
        if not parsed:
            return []
        with self._lock:
            topics = self.broker.topics()
            self._all(parsed, Settings.of(properties, parsed[0].text), Rehearsal(self.real, topics))
            return self._all(parsed, Settings.of(properties, parsed[0].text), self.real)

    def _all(self, parsed: list[s.Parsed], settings: Settings, effects: Effects) -> list[entities.Entity]:
        answers = []
        for one in parsed:
            try:
                answer = self._apply(one, settings, effects)
            except KsqlError as error:
                error.text = error.text or one.text
                raise
            if answer is not None:
                answers.append(answer)
        return answers

    # -- one statement --------------------------------------------------------------------------------------------

    def _apply(self, parsed: s.Parsed, settings: Settings, effects: Effects) -> entities.Entity | None:
        node = parsed.statement
        if isinstance(node, s.Beyond):
            raise Unsupported(node.what)
        if isinstance(node, s.TableOfStream):
            raise KsqlError(
                "Invalid result type. Your SELECT query produces a STREAM. "
                "Please use CREATE STREAM AS SELECT statement instead."
            )
        if isinstance(node, s.Select | s.Print):
            raise KsqlError(
                "The following statement types should be issued to the websocket endpoint '/query':\n\t* PRINT\n\t*"
                " SELECT",
                code=QUERY_ENDPOINT,
            )
        if isinstance(node, s.SetProperty):
            settings.set(node.name, node.value)
            return None
        if isinstance(node, s.InsertValues):
            self._insert(node, effects)
            return None
        answer = self._answer(node, parsed.text, settings, effects)
        if answer["@type"] == "currentStatus":
            self.statuses[answer["commandId"]] = answer["commandStatus"]["status"]
        return answer

    def _answer(self, node: s.Statement, text: str, settings: Settings, effects: Effects) -> entities.Entity:
        match node:
            case s.Show():
                return self._show(node, text, effects)
            case s.Describe():
                return self._describe(node, text, effects)
            case s.Explain():
                return self._explain(node, text, effects)
            case s.DescribeFunction():
                return _describe_function(node, text)
            case s.Drop():
                return self._drop(node, settings, effects)
            case s.Terminate():
                return self._terminate(node, settings, effects)
        return Creator(effects, settings, self.service_id, self.broker).create(node, text)

    def _insert(self, node: s.InsertValues, effects: Effects) -> None:
        stream = effects.catalogue.streams.get(node.target)
        if stream is None:
            raise KsqlError(f"Cannot insert values into an unknown stream/table: `{node.target}`")
        if stream.topic == f"{self.service_id}ksql_processing_log":
            raise KsqlError(f"Cannot insert values into read-only topic: {stream.topic}")
        effects.insert(stream.topic, *record(node, stream))

    def _drop(self, node: s.Drop, settings: Settings, effects: Effects) -> entities.Entity:
        catalogue = effects.catalogue
        text = f"DROP {node.kind} {'IF EXISTS ' if node.if_exists else ''}{formatter.quoted(node.name)};"
        stream = catalogue.streams.get(node.name)
        if stream is None:
            if not node.if_exists:
                raise KsqlError(f"{node.kind.capitalize()} {node.name} does not exist.")
            message = f"Source `{node.name}` does not exist."
        else:
            if node.kind != "STREAM":
                raise KsqlError(f"Incompatible data source type is STREAM, but statement was DROP {node.kind}")
            ended = catalogue.check_drop(node.name)
            if ended is not None:
                effects.stop(ended.id)
                del catalogue.queries[ended.id]
            del catalogue.streams[node.name]
            message = f"Source `{node.name}` (topic: {stream.topic}) was dropped."
        command = effects.command(text, settings.kept())
        if stream is not None and node.delete_topic:
            effects.delete_topic(stream.topic)
        return entities.status(text, f"{node.kind.lower()}/{node.name}/drop", message, command.sequence)

    def _terminate(self, node: s.Terminate, settings: Settings, effects: Effects) -> entities.Entity:
        catalogue = effects.catalogue
        if node.query is None:
            ids = list(catalogue.queries)
        elif node.query in catalogue.queries:
            ids = [node.query]
        else:
            raise KsqlError(f"Unknown queryId: {node.query}")
        text = f"TERMINATE {node.query or 'ALL'};"
        command = effects.command(text, settings.kept())
        for query in ids:
            effects.stop(query)
            del catalogue.queries[query]
        key = f"terminate/{node.query or 'ALL'}/execute"
        return entities.status(text, key, "Query terminated.", command.sequence)

    # -- questions ------------------------------------------------------------------------------------------------

    @property
    def failure(self) -> str:
        """Why a persistent query cannot go on, through no fault of its statement; empty if all can."""
        return next((f"{one.id}: {why}" for one in list(self.running.values()) if (why := one.failure)), "")

    @property
    def running(self) -> dict[str, PersistentQuery]:
        return self.real.running

    def _show(self, node: s.Show, text: str, effects: Effects) -> entities.Entity:
        streams = list(effects.catalogue.streams.values())
        kind = key = node.what.lower()
        listed: Any = []
        match node.what:
            case "TOPICS" | "ALL TOPICS":
                key, kind = "topics", "kafka_topics_extended" if node.extended else "kafka_topics"
                listed = entities.topic_list(effects.topics(), all_of_them=node.what == "ALL TOPICS")
                for topic in listed if node.extended else []:
                    reading = [query for query in self.running.values() if query.source_topic == topic["name"]]
                    topic["consumerCount"] = len(reading) * len(topic["replicaInfo"])
                    topic["consumerGroupCount"] = len(reading)
            case "STREAM DESCRIPTIONS" | "STREAMS" | "TABLES" if node.extended or node.what == "STREAM DESCRIPTIONS":
                kind, key = "source_descriptions", "sourceDescriptions"
                if node.what != "TABLES":
                    listed = [self._description(stream, effects, extended=node.extended) for stream in streams]
            case "STREAMS":
                listed = [entities.source_info(stream) for stream in streams]
            case "QUERIES":
                if node.extended:
                    raise Unsupported("SHOW QUERIES EXTENDED is")
                listed = [entities.running_query(query) for query in self.running.values()]
            case "FUNCTIONS":
                kind, listed = "function_names", entities.functions()
            case "TYPES":
                kind, listed = "type_list", {}
            case "PROPERTIES":
                values = {
                    "ksql.service.id": self.service_id,
                    "ksql.streams.bootstrap.servers": self.broker.bootstrap,
                    "ksql.streams.auto.offset.reset": "latest",
                }
                listed = [{"name": name, "scope": "KSQL", "value": value} for name, value in values.items()]
                more: entities.Entity = {"overwrittenProperties": [], "defaultProperties": []}
                return entities.listing(kind, text, key, listed) | more
        return entities.listing(kind, text, key, listed)

    def _description(self, stream: Stream, effects: Effects, *, extended: bool) -> entities.Entity:
        topic = effects.topics().get(stream.topic)
        return entities.description(stream, effects.catalogue, self.running, topic, extended=extended, host=self.host)

    def _describe(self, node: s.Describe, text: str, effects: Effects) -> entities.Entity:
        stream = effects.catalogue.streams.get(node.name)
        if stream is None:
            raise KsqlError(f"Could not find STREAM/TABLE '{node.name}' in the Metastore")
        described = self._description(stream, effects, extended=node.extended)
        return entities.listing("sourceDescription", text, "sourceDescription", described)

    def _explain(self, node: s.Explain, text: str, effects: Effects) -> entities.Entity:
        if node.query not in effects.catalogue.queries:
            raise KsqlError(
                f"Query with id:{node.query} does not exist, use SHOW QUERIES to view the full set of queries."
            )
        query = self.running.get(node.query)
        if query is None or query.projection.resolved.partition_by:
            raise Unsupported("EXPLAIN of this query is")
        offsets = [(part, at - 1, at) for part, at in query.positions.items()]
        described = entities.query_description(query, offsets, self.host)
        return entities.listing("queryDescription", text, "queryDescription", described)


def _describe_function(node: s.DescribeFunction, text: str) -> entities.Entity:
    if node.name != "EXTRACTJSONFIELD":
        raise Unsupported("DESCRIBE FUNCTION of others than EXTRACTJSONFIELD is")
    arguments = {"input": "The input JSON string", "path": "The JSONPath to extract"}
    form = {
        "arguments": [
            {"name": name, "type": "VARCHAR", "description": told, "isVariadic": False}
            for name, told in arguments.items()
        ],
        "returnType": "VARCHAR",
        "description": "",
        "argumentTypes": ["VARCHAR", "VARCHAR"],
    }
    return {
        "@type": "describe_function",
        "statementText": text,
        "name": "EXTRACTJSONFIELD",
        "description": "Given a STRING that contains JSON data, extract the value at the specified  JSONPath or NULL if"
        " the specified path does not exist.",
        "author": "",
        "version": "",
        "path": "internal",
        "functions": [form],
        "type": "SCALAR",
        "warnings": [],
    }
