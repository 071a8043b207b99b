"""When a sensor that has not sent enough is waited for, and when it has stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from fixtures.broadcast import silent_for_good
from topicmark.observe.records import Record


def records(sensors: Sequence[int], every_s: float) -> list[Record]:
    """One record each of these sensors, at this distance, from second 0 on."""
    values = [json.dumps({"sensor_id": sensor, "modality": 1.5}).encode() for sensor in sensors]
    return [Record(0, n, None, value, n * every_s) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("sensors", "every_s", "now"),
    [
        ([1, 3, 4, 5, 6] * 13, 0.2, 14.0),
        ([3] * 14, 1.0, 14.0),
        ([1, 2, 3] * 7, 1.0, 21.0),
        ([1, 3, 4, 5, 6], 0.2, 15.0),
        ([], 1.0, 14.0),
    ],
    ids=["five go on", "one goes on", "three go on", "all have stopped", "nobody since"],
)
def test_who_is_silent_while_others_go_on_has_stopped(sensors: list[int], every_s: float, now: float) -> None:
    assert silent_for_good(records(sensors, every_s), now)


def test_who_is_drawn_by_lot_may_be_silent_for_a_while() -> None:
    drawn = [3, 5, 3, 6, 1, 4, 4, 3, 5, 6, 1, 1, 3, 6, 4, 5, 4, 6, 3, 1]
    assert not silent_for_good(records(drawn, 1.0), 20.0)


def test_a_seventh_sensor_hides_nobody() -> None:
    assert silent_for_good(records([1, 3, 4, 5, 6, 7], 1.0), 6.0)
