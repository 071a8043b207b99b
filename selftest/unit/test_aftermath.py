"""What is left of test-redpanda, judged as data; and how topics are said to have come into being."""

from __future__ import annotations

import json

import pytest

from fixtures.redpanda import Aftermath, is_asked_for
from topicmark.observe.records import Record
from topicmark.scoring import NotJudged
from topicmark.services.auto_created import creations

VALUE = b'{"id":1,"status":"it works"}'


def aftermath(*bounds: tuple[int, int], written: int = 0, unreadable: str = "") -> Aftermath:
    records = [Record(0, number, b"1", VALUE, 0.0) for number in range(written)]
    return Aftermath(None, False, records, dict(enumerate(bounds)), unreadable, "it ended")


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        (b"1", VALUE, True),
        (b"1 ", b' {"status" : "it works",\r\n "id" : 1 }\r', True),
        ((1).to_bytes(4, "big"), VALUE, True),
        ((1).to_bytes(8, "big"), VALUE, True),
        (b'"1"', VALUE, False),
        (b"01", VALUE, False),
        (b"11", VALUE, False),
        ((1).to_bytes(4, "little"), VALUE, False),
        (None, VALUE, False),
        (b"1", None, False),
        (b"1", b"{id:1,status:it works}", False),
        (b"1", b'{"id":"1","status":"it works"}', False),
        (b"1", b'{"id":true,"status":"it works"}', False),
        (b"1", b'{"id":1,"status":"it works","more":0}', False),
        (b"1", b'{"id":1,"status":"It works"}', False),
        (b"1", json.dumps(VALUE.decode()).encode(), False),
        (b"1", b"\xff\xfe", False),
        (b"1", b"[" * 100_000, False),
    ],
)
def test_the_record_asked_for(key: bytes | None, value: bytes | None, right: bool) -> None:
    assert is_asked_for(Record(0, 0, key, value, 0.0)) is right


def test_cleared() -> None:
    seen = aftermath((0, 0), (3, 3), written=3)
    assert (seen.left, seen.highest) == ({}, 3)
    assert len(seen.right) == 3


def test_some_partitions_left() -> None:
    seen = aftermath((0, 2), (3, 3), (1, 5), written=10)
    assert seen.left == {0: 2, 2: 4}
    assert "2 in partition 0, 4 in partition 2" in seen.left_told()


def test_made_again_or_never_used() -> None:
    assert aftermath((0, 0), written=1).highest == 0
    assert "key 1, value" in aftermath((0, 0), written=1).written_told()
    assert "nothing was ever produced" in aftermath((0, 0)).written_told()
    assert aftermath().highest == 0


def test_what_cannot_be_read_is_not_judged() -> None:
    with pytest.raises(NotJudged, match="zstd"):
        assert aftermath((1, 1), unreadable="zstd").right
    assert aftermath((1, 1), written=1, unreadable="zstd").right


SENT = "12:00:00.000 node=1 Sent auto-creation request for Set({}) to the active controller."
ANSWER = "12:00:00.001 node=0 [QuorumController id=0] CreateTopics result(s): {}"
MADE = "CreatableTopic(name='{}', numPartitions=1, replicationFactor=1, assignments=[], configs=[]): SUCCESS"
REFUSED = (
    "CreatableTopic(name='{}', numPartitions=1, replicationFactor=1, assignments=[], configs=[]): "
    "TOPIC_ALREADY_EXISTS (Topic '{}' already exists.)"
)


def sent(*names: str) -> str:
    return SENT.format(", ".join(names))


def answer(*results: tuple[str, str]) -> str:
    return ANSWER.format(", ".join(form.format(name, name) for form, name in results))


@pytest.mark.parametrize(
    ("lines", "by_use"),
    [
        ([answer((MADE, "a"))], set()),
        ([sent("a"), answer((MADE, "a"))], {"a"}),
        ([answer((MADE, "a")), sent("a")], {"a"}),
        ([answer((MADE, "a")), sent("a"), answer((REFUSED, "a"))], set()),
        ([sent("a"), sent("a"), answer((MADE, "a")), answer((REFUSED, "a"))], {"a"}),
        ([sent("a", "b"), answer((MADE, "a"), (MADE, "b"))], {"a", "b"}),
        ([sent("a"), answer((MADE, "a")), answer((MADE, "a"))], set()),
        ([answer((MADE, "a")), answer((REFUSED, "a")), sent("a")], set()),
        ([answer((MADE, "a")), answer((REFUSED, "a")), sent("a"), sent("a"), answer((REFUSED, "a"))], set()),
        ([answer((REFUSED, "a")), answer((MADE, "a"))], set()),
        ([sent("a"), answer((MADE, "a")), answer((REFUSED, "a"))], {"a"}),
        ([sent("a")], set()),
        (["12:00 node=2 something else"], set()),
    ],
)
def test_topics_made_by_use(lines: list[str], by_use: set[str]) -> None:
    assert creations(lines).by_use == by_use


@pytest.mark.parametrize(
    ("lines", "pending"),
    [
        ([], False),
        ([sent("a")], True),
        ([answer((MADE, "a")), sent("a")], False),
        ([answer((MADE, "a")), sent("a"), sent("a")], True),
        ([answer((MADE, "a")), answer((REFUSED, "a")), sent("a")], False),
    ],
)
def test_a_request_without_an_answer_is_waited_for(lines: list[str], pending: bool) -> None:
    assert creations(lines).pending is pending
