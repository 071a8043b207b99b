"""What counts as done by hand in a lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from topicmark.backends.fingerprint import differences, told
from topicmark.backends.folder import LabFolder

EMPTY: dict[str, Any] = {
    "topics": {},
    "groups": ["kafka-connect-group"],
    "connectors": [],
    "streams": ["KSQL_PROCESSING_LOG"],
    "queries": [],
    "subjects": [],
    "files": {},
}
TOPIC = {"test": ["life", {"0": 3}]}


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ({}, {}, []),
        ({}, {"topics": TOPIC}, ["topic test"]),
        ({"topics": TOPIC}, {}, ["topic test"]),
        ({"topics": TOPIC}, {"topics": {"test": ["life", {"0": 4}]}}, ["topic test"]),
        ({"topics": TOPIC}, {"topics": {"test": ["another", {"0": 3}]}}, ["topic test"]),
        ({"topics": TOPIC}, {"topics": TOPIC}, []),
        ({}, {"groups": ["kafka-connect-group", "mine"]}, ["consumer group mine"]),
        ({"groups": ["forgotten"]}, {}, ["consumer group kafka-connect-group"]),
        ({"groups": ["kafka-connect-group", "forgotten"]}, {}, []),
        ({}, {"connectors": ["sink"]}, ["connector sink"]),
        ({"connectors": ["sink"]}, {}, ["connector sink"]),
        ({}, {"streams": ["KSQL_PROCESSING_LOG", "S"], "queries": ["Q"]}, ["stream or table S", "query Q"]),
        ({}, {"subjects": ["s"]}, ["schema s"]),
        ({"files": {"/a": [1, 5]}}, {"files": {"/a": [1, 6]}}, ["path in HDFS /a"]),
    ],
)
def test_differences(then: dict[str, Any], now: dict[str, Any], words: list[str]) -> None:
    assert differences({**EMPTY, **then}, {**EMPTY, **now}) == words


def test_what_a_component_held_that_is_gone_is_not_compared() -> None:
    left = {part: content for part, content in EMPTY.items() if part != "streams"}
    assert differences(left, {**EMPTY, "streams": []}) == []


def test_told_shortly() -> None:
    assert told(["a", "b"]) == "a, b"
    assert told(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_a_visitor_is_seen_until_he_leaves(tmp_path: Path) -> None:
    import os

    folder = LabFolder(tmp_path)
    assert not folder.visited()
    first, second = folder.visit(), folder.visit()
    assert folder.visited()
    os.close(first)
    assert folder.visited()
    os.close(second)
    assert not folder.visited()


def test_a_run_takes_over_what_was_left(tmp_path: Path) -> None:
    folder = LabFolder(tmp_path)
    assert folder.left() is None
    folder.leave(EMPTY, for_people=True)
    assert folder.left() == {"fingerprint": EMPTY, "for_people": True}
    folder.take_over()
    assert folder.left() is None
