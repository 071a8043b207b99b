"""New records in a student's own form: by what they are told apart, and how the form is learnt."""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Sequence

import pytest

from selftest.effort import little_effort
from selftest.forms import EPOCH, ISO, UUID, forged_json, form, is_new_uuid, is_reading
from topicmark.observe.forms import COURSE_SAMPLES, Form, learn
from topicmark.observe.records import Record

# By what records are told apart


def tokens_of(learnt: Form, count: int) -> list[str]:
    return [token for n in range(count) for token in learnt.forge(n).tokens]


@pytest.mark.parametrize(
    "learnt",
    [
        learn(COURSE_SAMPLES, "course"),
        form({"sensor_id": 3, "v": 421}),
        form({"sensor_id": 3, "v": 42.5}),
        form({"sensor_id": 3, "v": 421, "w": 0.5, "x": "17", "id": UUID}),
        form("3,421,17,99"),
    ],
    ids=["course", "whole", "broken", "several", "csv"],
)
def test_tokens_are_unique_and_none_begins_another(learnt: Form) -> None:
    tokens = tokens_of(learnt, 1000)
    assert len(tokens) == len(set(tokens))
    widths = {len(token) for token in tokens if token.isdecimal()}  # a reading is never looked for within a UUID
    assert widths <= {7}
    ordered = sorted(token for token in tokens if not token.isdecimal())
    assert not [pair for pair in itertools.pairwise(ordered) if pair[1].startswith(pair[0])]
    assert all(token == token.lower() for token in tokens)


def test_every_token_stands_in_its_value() -> None:
    learnt = form({"sensor_id": 3, "v": 421, "w": 0.5, "id": UUID.upper(), "h": UUID.replace("-", "")})
    for number in range(50):
        forged = learnt.forge(number)
        assert len(forged.tokens) == 4
        assert all(token in forged.value.decode().lower() for token in forged.tokens)


def test_two_forms_of_one_run_share_no_tokens_but_by_chance() -> None:
    first, second = form({"v": 421}), form({"v": 421})
    assert len(set(tokens_of(first, 50)) & set(tokens_of(second, 50))) <= 1


@pytest.mark.parametrize(
    "value",
    [
        f'{{"sensor_id": 3, "id": "{UUID}"}}',
        '{"sensor_id": 3, "v": 421}',
        "3,421",
        f"id={UUID}",
        UUID.replace("-", ""),
        "421",
        "-5.5",
    ],
)
def test_a_form_with_anything_unique_is_usable(value: str) -> None:
    assert form(value).usable


@pytest.mark.parametrize(
    "value",
    [
        "hello",
        "it works",
        '{"sensor_id": 3, "status": "on"}',
        '{"sensor_id": 3, "v": 7}',
        f'{{"sensor_id": 3, "created_at": {EPOCH}}}',
        f'{{"sensor_id": 3, "at": "{ISO}", "schema_version": 1}}',
        b"\x00\x01\x02",
        b"\xff" * 40,
        struct.pack("<idd", 3, 42.5, EPOCH),
    ],
)
def test_a_form_without_anything_unique_is_not_usable(value: bytes | str) -> None:
    assert not form(value).usable
    assert not form(value, value).usable


@pytest.mark.parametrize("values", [[], [b""], [None, None], [b"", None]])
def test_nothing_to_learn_from_is_not_usable(values: Sequence[bytes | None]) -> None:
    learnt = learn([Record(0, n, b"3", value, 0.0) for n, value in enumerate(values)], "nothing")
    assert not learnt.usable
    assert learnt.origin == "nothing"


def test_one_sensor_without_anything_unique_spoils_the_form() -> None:
    records = [Record(0, 0, b"1", b'{"v": 421}', 0.0), Record(0, 1, b"2", b'{"v": "on"}', 0.0)]
    assert not learn(records, "test").usable


# Learning


def test_the_samples_of_the_course() -> None:
    learnt = learn(COURSE_SAMPLES, "the course's records")
    assert learnt.usable
    assert learnt.origin == "the course's records"
    for number in range(12):
        forged = learnt.forge(number)
        new = json.loads(forged.value)
        payload = json.loads(new["payload"])
        assert forged.sensor == str(number % 6 + 1)
        assert forged.key == forged.sensor.encode()
        assert payload["sensor_id"] == int(forged.sensor)
        assert (payload["unit"], payload["temporal_aspect"]) == ("MW", "real_time")
        assert is_reading(payload["modality"])
        assert is_new_uuid(new["correlation_id"], "")
        assert (new["created_at"], new["schema_version"]) == (EPOCH, 1)
        assert forged.tokens == {new["correlation_id"], str(payload["modality"])}


def test_records_go_round_the_sensors() -> None:
    records = [Record(0, n, None, b'{"sensor_id": %d, "v": 421}' % (n % 6 + 1), 0.0) for n in range(18)]
    assert [learn(records, "test").forge(n).sensor for n in range(8)] == list("12345612")


def test_each_sensor_keeps_its_own_layout() -> None:
    records = [
        Record(0, 0, b"1", b'{"sensor_id": 1, "heat": 421}', 0.0),
        Record(0, 1, b"2", b"sensor 2 says 421", 0.0),
    ]
    learnt = learn(records, "test")
    assert b"heat" in learnt.forge(0).value
    assert learnt.forge(1).value.startswith(b"sensor 2 says ")


def test_the_latest_record_is_the_pattern() -> None:
    new, _ = forged_json({"sensor_id": 3, "v": 421, "unit": "W"}, {"sensor_id": 3, "v": 422, "unit": "MW"})
    assert new["unit"] == "MW"


def test_records_of_another_layout_do_not_disturb() -> None:
    new, forged = forged_json(
        {"hello": "sensor 3", "limits": [1, 2, 3]},
        {"sensor_id": 3, "v": 421, "limit": 500},
        {"sensor_id": 3, "v": 422, "limit": 500},
    )
    assert new["limit"] == 500
    assert forged.tokens == {str(new["v"])}


def test_no_more_than_a_dozen_sensors_are_learnt() -> None:
    records = [Record(0, n, b"%d" % n, b'{"v": 421}', 0.0) for n in range(500)]
    learnt = learn(records, "test")
    assert len({learnt.forge(n).key for n in range(500)}) == 12


@pytest.mark.parametrize(
    "value",
    [
        b"1" * 65_536,
        b"1." * 32_768,
        b"1" * 32_000 + b"." + b"1" * 32_000 + b"x",
        b"-" * 65_536,
        b"0123456789abcdef" * 4096,
        b"2023-09-16 " * 5900,
        b"421 " * 16_384,
        b"version" * 9000,
        b"version" + b" " * 65_000,
        (UUID.encode() + b" ") * 1700,
        b"\xff" * 65_536,
    ],
    ids=["digits", "dots", "broken", "dashes", "hex", "dates", "readings", "versions", "blanks", "uuids", "binary"],
)
def test_the_longest_value_is_learnt_with_little_effort(value: bytes) -> None:
    with little_effort():
        learnt = form(value, value)
        learnt.forge(0)


def test_values_that_are_far_too_long_are_not_learnt_from() -> None:
    assert not form(b"421 " * 17_000).usable
    assert form(b"421 " * 17_000, '{"v": 421}').forge(0).value.startswith(b'{"v": ')


@pytest.mark.parametrize("value", [b"9" * 5000, b"1e999999", b'{"v": %s}' % (b"9" * 400), b"1e-999999"])
def test_odd_numbers_break_nothing(value: bytes) -> None:
    forged = form(value).forge(0)
    assert len(forged.tokens) == 1
    assert next(iter(forged.tokens)).encode() in forged.value
