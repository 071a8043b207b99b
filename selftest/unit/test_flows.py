"""What streams hold, judged as data."""

from __future__ import annotations

import json

import pytest

from fixtures.flows import Row, Streams
from topicmark.observe.feed import Fed
from topicmark.observe.ksqldb import QueryInfo, StreamInfo

SENT = json.dumps({"payload": '{"sensor_id": 1}', "created_at": 1694902173.122458, "schema_version": 1}).encode()
ROW = {"PAYLOAD": '{"sensor_id": 1}', "CREATED_AT": 1694902173.122458, "SCHEMA_VERSION": 1}


def fed(number: int) -> Fed:
    return Fed(number, str(number % 6 + 1), 0, number)


def row(number: int, sent: bytes = SENT, **values: object) -> Row:
    return Row({**ROW, **values}, fed(number), sent)


def complete() -> Streams:
    """Twelve records, each in its stream."""
    streams = Streams([], StreamInfo("STREAM_INGESTION", "INGESTION", "JSON"), 12)
    streams.judged = [fed(number) for number in range(12)]
    streams.later = streams.judged[6:]
    streams.rows = {n: [row(n - 1), row(n + 5)] for n in range(1, 7)}
    streams.running = [QueryInfo(f"CSAS_{n}", (f"SENSOR_ID_{n}",), "RUNNING") for n in range(1, 7)]
    return streams


def test_a_right_split():
    streams = complete()
    assert streams.wrong_streams() == []
    assert streams.idle_streams() == []
    assert streams.flowed_on() == 6
    assert streams.lossy() == []


def test_a_foreign_record_is_shown():
    streams = complete()
    streams.rows[2].append(row(0))
    assert "SENSOR_ID_2 holds a record of sensor 1" in streams.wrong(2)
    assert len(streams.wrong_streams()) == 1


def test_a_missing_record_is_placed():
    streams = complete()
    streams.rows[3].pop()
    assert "SENSOR_ID_3 lacks 1 of 2 records of sensor 3, the first: partition 0 offset 8" in streams.wrong(3)


def test_a_record_twice_is_wrong():
    streams = complete()
    streams.rows[4].append(row(3))
    assert "twice" in streams.wrong(4)


def test_a_stream_that_is_not_there_says_what_was_refused():
    streams = complete()
    streams.refusals = [("exercise06.sql:9", "line 1:5: Syntax Error")]
    del streams.rows[5]
    assert streams.wrong_one_told(5) == "there is no stream SENSOR_ID_5; exercise06.sql:9: line 1:5: Syntax Error"
    assert streams.idle_streams() == ["SENSOR_ID_5"]


def test_a_query_that_does_not_run_is_told():
    streams = complete()
    streams.running = streams.running[:5]
    assert streams.idle_streams() == ["SENSOR_ID_6"]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"CREATED_AT": "1.694902173122458E9"},
        {"PAYLOAD": {"SENSOR_ID": 1}},
        {"ID": "1"},
        {"SCHEMA_VERSION": "1"},
    ],
)
def test_fields_are_the_same_in_other_clothes(values):
    assert row(0, **values).lost_field() is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"CREATED_AT": 1694902173}, "created_at was 1694902173.122458 and is 1694902173"),
        ({"SCHEMA_VERSION": None}, "schema_version was 1 and is null"),
        ({"PAYLOAD": {"MODALITY": 1}}, "payload was"),
        ({"SCHEMA_VERSION": True}, "schema_version was 1 and is true"),
    ],
)
def test_a_field_that_changed_is_named(values, told):
    assert told in str(row(0, **values).lost_field())


def test_a_column_that_is_gone_is_named():
    assert Row({"PAYLOAD": '{"sensor_id": 1}'}, fed(0), SENT).lost_field() == "created_at is not in it"
