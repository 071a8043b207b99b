"""CREATE STREAM, CREATE STREAM … AS SELECT and INSERT INTO … SELECT: checks, topics, commands, queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal as Number

from topicmark.ksqldb import entities, formatter, projection
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.broker import Broker, Topic
from topicmark.ksqldb.casts import fit
from topicmark.ksqldb.catalogue import QueryEntry
from topicmark.ksqldb.coercion import decimal_of
from topicmark.ksqldb.effects import Effects
from topicmark.ksqldb.errors import KsqlError, RequestError, Unsupported
from topicmark.ksqldb.queries import PersistentQuery
from topicmark.ksqldb.settings import SINK_PARTITIONS, SINK_REPLICAS, TOPIC_PREFIX, Settings
from topicmark.ksqldb.sources import (
    Columns,
    Given,
    Stream,
    check_elements,
    check_properties,
    format_of,
    no_columns_for_none,
    shown_columns,
    text,
    whole,
    with_formats,
)
from topicmark.ksqldb.sqltypes import INTEGER, STRING, Decimal, SqlType, upcasts

_MOST_QUERIES = 100
_SCHEMA_PREFIX = "Could not determine output schema for query due to error: "


@dataclass(frozen=True)
class Creator:
    effects: Effects
    settings: Settings
    service_id: str
    broker: Broker

    def create(self, node: s.Statement, written: str) -> entities.Entity:
        """Raises ``KsqlError``; its text, if not ``written``, is the statement as ksqlDB writes it back."""
        if isinstance(node, s.CreateStream):
            return self._stream(node, written)
        if isinstance(node, s.CreateStreamAs):
            return self._stream_as(node, written)
        if isinstance(node, s.InsertSelect):
            return self._insert(node)
        raise Unsupported("this statement is")

    # -- CREATE STREAM --------------------------------------------------------------------------------------------

    def _stream(self, node: s.CreateStream, written: str) -> entities.Entity:
        given = check_properties(node.properties)
        if "KAFKA_TOPIC" not in given:
            raise KsqlError(
                'Failed to prepare statement: Missing required property "KAFKA_TOPIC" which has no default value.'
            )
        full = with_formats(given, self.settings.defaults(), required=True)
        shown = formatter.create_stream(node, full)
        topic = str(text(given, "KAFKA_TOPIC"))
        known = self.effects.topics().get(topic) or (None if "PARTITIONS" in given else self.effects.topic(topic))
        partitions, replicas = whole(given, "PARTITIONS"), whole(given, "REPLICAS")
        if known is None and partitions is None:
            example = {**full, "PARTITIONS": s.Literal(2, INTEGER)}
            raise RequestError(
                f"Topic '{topic}' does not exist. If you want to create a new topic for the stream/table please re-run"
                " the statement providing the required 'PARTITIONS' configuration in the WITH clause (and optionally"
                f" 'REPLICAS'). For example: {formatter.create_stream(node, example)}"
            )
        try:
            stream = self._checked(node, full, shown, topic)
            answer = self._existing(node, stream, written)
        except KsqlError as error:
            error.text = error.text or shown
            raise
        if answer is not None:
            return answer
        if known is not None and partitions is not None:
            _check_topic(known, partitions, replicas)
        if known is None:
            self.effects.create_topic(topic, partitions or 1, replicas or 1, {})
        command = self.effects.command(shown, self.settings.kept())
        self.effects.catalogue.streams[node.name] = stream
        return entities.status(shown, f"stream/`{node.name}`/create", "Stream created", command.sequence)

    def _checked(self, node: s.CreateStream, full: Given, shown: str, topic: str) -> Stream:
        for which in ("KEY", "VALUE"):
            own = {name: full[name] for name in full if name in (f"{which}_FORMAT", f"{which}_DELIMITER")}
            format_of(own, which, None, ())
        keys, values = check_elements(node.elements)
        key_format = format_of(full, "KEY", None, keys)
        value_format = format_of(full, "VALUE", None, values, wrapped=self.settings.wraps)
        if not values:
            raise Unsupported("a stream without value columns is")
        if value_format.name == "NONE":
            raise no_columns_for_none(values)
        return Stream(node.name, topic, keys, values, key_format, value_format, shown)

    def _existing(self, node: s.CreateStream, stream: Stream, written: str) -> entities.Entity | None:
        old = self.effects.catalogue.streams.get(node.name)
        if old is None:
            return None
        if node.if_not_exists:
            return _there_is_one(node.name, written)
        if not node.replace:
            raise KsqlError(f"Cannot add stream '{node.name}': A stream with the same name already exists")
        self._check_upgrade(old, stream)
        return None

    # -- CREATE STREAM AS SELECT ----------------------------------------------------------------------------------

    def _stream_as(self, node: s.CreateStreamAs, written: str) -> entities.Entity:
        given = check_properties(node.properties)
        source = self.effects.catalogue.source(node.select.source)
        topic = text(given, "KAFKA_TOPIC") or self.settings.values.get(TOPIC_PREFIX, "") + node.name
        partitions, replicas = self._sink_shape(given, source)
        full: Given = {
            **given,
            "KAFKA_TOPIC": s.Literal(topic, STRING),
            "PARTITIONS": s.Literal(partitions, INTEGER),
            "REPLICAS": s.Literal(replicas, INTEGER),
        }
        loose = projection.loosely_resolved(node.select, source)
        shown = formatter.create_stream_as(node, full, loose)
        try:
            old = self.effects.catalogue.streams.get(node.name)
            if old is not None and node.if_not_exists:
                return _there_is_one(node.name, written)
            selected = self._analysed(node.select, source, node.name)
            if old is not None and not node.replace:
                raise KsqlError(
                    f"{_SCHEMA_PREFIX}Cannot add stream '{node.name}': A stream with the same name already exists"
                )
            shown = formatter.create_stream_as(node, full, selected.resolved)
            sink = self._sink(node.name, topic, given, source, selected, shown)
            entry = self._replaced(old, sink, source)
            known = self.effects.topics().get(topic)
            if known is not None:
                _check_topic(known, partitions, replicas)
        except KsqlError as error:
            error.text = error.text or shown
            raise
        if known is None:
            self.effects.create_topic(topic, partitions, replicas, {"cleanup.policy": "delete"})
        command = self.effects.command(shown, self.settings.kept())
        query = entry.id if entry else f"CSAS_{node.name}_{command.query}"
        sink = replace(sink, created_by=query)
        if entry is not None:
            self.effects.stop(entry.id)
        self.effects.catalogue.streams[node.name] = sink
        self._run(query, shown, selected, sink)
        message = f"Created query with ID {query}"
        return entities.status(shown, f"stream/`{node.name}`/create", message, command.sequence, query)

    def _analysed(self, select: s.Select, source: Stream, sink: str) -> projection.Projection:
        try:
            return projection.analyse(select, source, sink=sink)
        except Unsupported:
            raise
        except KsqlError as error:
            if error.message.startswith(("Invalid ", "Key missing", "Keys missing", "The projection contains")):
                raise
            raise KsqlError(_SCHEMA_PREFIX + error.message) from None

    def _sink_shape(self, given: Given, source: Stream) -> tuple[int, int]:
        """Partitions and replicas of the sink topic: the statement's, else the source topic's."""
        known = self.effects.topic(source.topic)
        if known is None:
            raise RequestError(f"Could not fetch existing topic configuration for source topic {source.topic}")
        partitions = whole(given, "PARTITIONS") or int(self.settings.values.get(SINK_PARTITIONS, 0))
        replicas = whole(given, "REPLICAS") or int(self.settings.values.get(SINK_REPLICAS, 0))
        return partitions or len(known.replicas), replicas or known.replicas[0]

    def _sink(
        self, name: str, topic: str, given: Given, source: Stream, selected: projection.Projection, shown: str
    ) -> Stream:
        formats = with_formats(given, self.settings.defaults(), required=False)
        base = source.key_format
        if selected.keys and base.name == "NONE":
            base = replace(base, name=self.settings.defaults()["ksql.persistence.default.format.key"])
        if selected.resolved.partition_by and not selected.keys:  # PARTITION BY NULL
            if "KEY_FORMAT" in given:
                raise KsqlError("Key format specified for stream without key columns.")
            base = replace(base, name="NONE")
        return Stream(
            name,
            topic,
            selected.keys,
            selected.values,
            format_of(formats, "KEY", base, selected.keys),
            format_of(formats, "VALUE", source.value_format, selected.values, wrapped=self.settings.wraps),
            shown,
            reads=(source.name,),
        )

    def _replaced(self, old: Stream | None, sink: Stream, source: Stream) -> QueryEntry | None:
        """The query that OR REPLACE puts another in the place of."""
        if old is None:
            return None
        entry = self.effects.catalogue.queries.get(old.created_by or "")
        if entry is None or entry.reads != source.name:
            raise Unsupported("replacing this stream by a query is")
        self._check_upgrade(old, sink)
        return entry

    def _check_upgrade(self, old: Stream, new: Stream) -> None:
        _check_upgrade(old, new)
        if self.effects.catalogue.readers(old.name) and old.columns() != new.columns():
            raise Unsupported("replacing a stream that is read by another columns' list is")

    # -- INSERT INTO … SELECT -------------------------------------------------------------------------------------

    def _insert(self, node: s.InsertSelect) -> entities.Entity:
        catalogue = self.effects.catalogue
        source = catalogue.source(node.select.source)
        sink = catalogue.streams.get(node.target)
        if sink is None:
            raise KsqlError(f"Exception while preparing statement: {node.target} does not exist.")
        if node.properties:
            raise Unsupported("INSERT INTO … WITH is")
        if sink.topic == f"{self.service_id}ksql_processing_log":
            raise KsqlError(f"Cannot insert into read-only topic: {sink.topic}")
        selected = self._analysed(_fitted(node.select, sink), source, node.target)
        shown = formatter.insert_select(node, selected.resolved)
        if selected.keys != sink.keys or selected.values != sink.values:
            raise KsqlError(
                "Incompatible schema between results and sink.\n"
                f"Result schema is {_schema(selected.keys, selected.values)}\n"
                f"Sink schema is {_schema(sink.keys, sink.values)}",
                text=shown,
            )
        command = self.effects.command(shown, self.settings.kept())
        query = f"INSERTQUERY_{command.query}"
        self._run(query, shown, selected, sink)
        key = f"stream/`{node.target}`/create"
        return entities.status(shown, key, f"Created query with ID {query}", command.sequence, query)

    # -- queries --------------------------------------------------------------------------------------------------

    def _run(self, query: str, shown: str, selected: projection.Projection, sink: Stream) -> None:
        running = len(self.effects.catalogue.queries)
        if running >= _MOST_QUERIES:
            raise KsqlError(
                "the number of active, persistent queries would exceed the limit of this server "
                f"(ksql.query.persistent.active.limit). Running: {running}. Limit: {_MOST_QUERIES}."
            )
        self.effects.catalogue.queries[query] = QueryEntry(query, selected.source.name, sink.name, shown)
        group = f"_confluent-ksql-{self.service_id}query_{query}"
        reset = "earliest" if self.settings.earliest else "latest"
        self.effects.start(PersistentQuery(query, shown, selected, sink, group, reset, self.broker))


def _fitted(select: s.Select, sink: Stream) -> s.Select:
    """Literal numbers take the type of a DECIMAL column of the sink that they fit into: nothing else is cast."""

    def fitted(item: s.Item, target: SqlType) -> s.Item:
        value = item.expression
        if not (isinstance(target, Decimal) and isinstance(value, s.Literal) and value.kind and value.kind.is_number):
            return item
        number = Number(repr(value.value)) if isinstance(value.value, float) else Number(str(value.value))
        if not upcasts(decimal_of(number), target):
            return item
        return s.Item(s.Literal(fit(number, target), target), item.alias)

    if not all(isinstance(item, s.Item) for item in select.items) or len(select.items) != len(sink.columns()):
        return select
    pairs = zip(select.items, sink.columns(), strict=True)
    return replace(select, items=tuple(fitted(item, kind) for item, (_, kind) in pairs if isinstance(item, s.Item)))


def _there_is_one(name: str, written: str) -> entities.Entity:
    return entities.warning(written, f"Cannot add stream `{name}`: A stream with the same name already exists.")


def _schema(keys: Columns, values: Columns) -> str:
    return ", ".join(part for part in (shown_columns(keys, " KEY"), shown_columns(values)) if part)


def _check_topic(known: Topic, partitions: int, replicas: int | None) -> None:
    if len(known.replicas) != partitions or (replicas is not None and known.replicas[0] < replicas):
        raise KsqlError(
            f"A Kafka topic with the name '{known.name}' already exists, with different partition/replica configuration"
            f" than required. KSQL expects {partitions} partitions (topic has {len(known.replicas)}), and"
            f" {replicas or known.replicas[0]} replication factor (topic has {known.replicas[0]})."
        )


def _check_upgrade(old: Stream, new: Stream) -> None:
    """OR REPLACE may add columns at the end, and nothing else."""
    for what, before, after in (
        ("topic", old.topic, new.topic),
        ("key format", old.key_format, new.key_format),
        ("value format", old.value_format, new.value_format),
    ):
        if before != after:
            raise KsqlError(
                f"Cannot replace data source: DataSource '`{old.name}`' has {what} = {before} which cannot be upgraded"
                f" to {after}"
            )
    if old.keys != new.keys or old.values != new.values[: len(old.values)]:
        gone = tuple(column for column in old.columns() if column not in new.columns())
        raise KsqlError(
            "Cannot replace data source: (The following columns are changed, missing or reordered: "
            f"[{shown_columns(gone)}])"
        )
