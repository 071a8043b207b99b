"""The client's session: what it keeps to itself, and what it sends."""

from __future__ import annotations

from typing import Any

import pytest

from topicmark.observe.ksqldb import Declined, KsqlSession, KsqlView, _column_names
from topicmark.services.ksqldb_env import KsqlSettings
from topicmark.services.refusal import Refusal


class View(KsqlView):
    def __init__(self, *answers: Any) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answers = list(answers)

    def run(self, text: str, properties: Any = None, after: Any = None) -> Any:
        self.asked.append((text, dict(properties), after))
        return self._answers.pop(0) if self._answers else []


def test_set_unset_and_define_stay_with_the_client():
    view = View()
    session = KsqlSession(view)
    for text in (
        "-- from the start\nSET 'auto.offset.reset' = 'earliest';",
        "DEFINE sensor = '1';",
        "CREATE STREAM A_${sensor} AS SELECT '${other}' FROM B;",
        "UNSET 'auto.offset.reset';",
        "UNDEFINE sensor;",
        "SHOW STREAMS;",
    ):
        assert session.run(text) is None
    assert view.asked == [
        ("CREATE STREAM A_1 AS SELECT '${other}' FROM B;", {"auto.offset.reset": "earliest"}, None),
        ("SHOW STREAMS;", {}, None),
    ]


@pytest.mark.parametrize("text", ["SELECT * FROM A EMIT CHANGES;", "-- look\nprint 'INGESTION' FROM BEGINNING;"])
def test_what_only_looks_is_not_sent(text):
    view = View()
    assert KsqlSession(view).run(text) is None
    assert view.asked == []


def test_a_statement_waits_for_the_command_before():
    view = View([{"commandSequenceNumber": 4, "commandStatus": {"status": "SUCCESS"}}])
    session = KsqlSession(view)
    session.run("CREATE STREAM A;")
    session.run("CREATE STREAM B;")
    assert view.asked[1][2] == 4


def test_refusals_are_handed_on():
    declined = Declined(400, 40001, "line 1:3: Syntax Error")
    assert KsqlSession(View(declined)).run("CREAT STREAM A;") is declined
    failed = [{"commandStatus": {"status": "ERROR", "message": "no topic"}}]
    assert KsqlSession(View(failed)).run("CREATE STREAM A;") == Declined(200, 0, "no topic")


def test_column_names_of_a_schema():
    schema = "`A` STRING, `b ``c` STRUCT<`X` INTEGER, `Y` MAP<STRING, DOUBLE>>, `D` DECIMAL(4, 2), `E` ARRAY<INTEGER>"
    assert _column_names(schema) == ("A", "b `c", "D", "E")


HOSTS = {"kafka": "127.1.1.10", "kafka.default": "127.1.1.10", "namenode": "127.1.1.20", "kafka-connect": "127.1.1.30"}


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({}, "KSQL_BOOTSTRAP_SERVERS is required"),
        ({"KSQL_BOOTSTRAP_SERVERS": "localhost:9092"}, "could not be established|resolve"),
        ({"KSQL_BOOTSTRAP_SERVERS": "kafka:29092"}, "could not be established"),
        ({"KSQL_BOOTSTRAP_SERVERS": "kafka-connect:9092"}, "could not be established"),
        ({"KSQL_BOOTSTRAP_SERVERS": "brokers:9092"}, "resolve"),
        ({"KSQL_BOOTSTRAP_SERVERS": "kafka:9092", "KSQL_LISTENERS": "http://localhost:8088"}, "nobody outside"),
        ({"KSQL_BOOTSTRAP_SERVERS": "kafka:9092", "KSQL_LISTENERS": "8088"}, "not a listener"),
    ],
)
def test_environments_that_do_not_work(env, told):
    refused = KsqlSettings.from_environment(env, HOSTS)
    assert isinstance(refused, Refusal)
    assert any(part in refused.reason for part in told.split("|"))


def test_an_environment_that_works():
    env = {"KSQL_BOOTSTRAP_SERVERS": "brokers:1,PLAINTEXT://kafka.default:9092", "KSQL_KSQL_SERVICE_ID": "mine_"}
    settings = KsqlSettings.from_environment(env, HOSTS)
    assert isinstance(settings, KsqlSettings)
    assert (settings.service_id, settings.listener.port) == ("mine_", 8088)
