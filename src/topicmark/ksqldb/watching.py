"""From the text of a request to a query whose rows can be read: SELECT and PRINT at the query endpoints."""

from __future__ import annotations

from typing import Any

from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.engine import Engine
from topicmark.ksqldb.errors import KsqlError, RequestError
from topicmark.ksqldb.parser import parse
from topicmark.ksqldb.projection import analyse, uses_aggregate
from topicmark.ksqldb.settings import Settings
from topicmark.ksqldb.transient import Printing, RowQuery


class LateError(KsqlError):
    """An error that ksqlDB finds when it has begun to answer: it is sent in chunks."""

    late = True


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
        error.late = True  # type: ignore[attr-defined]
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
