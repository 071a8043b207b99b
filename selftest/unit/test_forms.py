"""New records in a student's own form: what is exchanged, what is left alone, and that it can still be read."""

from __future__ import annotations

import ast
import csv
import itertools
import json
import re
import struct
import time
import uuid
from collections.abc import Sequence

import pytest

from topicmark.observe.forms import COURSE_SAMPLES, Forged, Form, learn
from topicmark.observe.records import Record

UUID = "906f764e-0f3b-4517-aed7-3b646081f6fb"
OTHER_UUID = "0b0e4a52-0a43-4f0e-8f0c-4f6f3c1d2e3f"
ISO = "2023-09-16T22:09:33.122458+00:00"
EPOCH = 1694902173.122458
READING = re.compile(r"[1-9]\d{6}")


def form(*values: bytes | str | dict[str, object], key: bytes | None = b"3") -> Form:
    """Learnt from records of one sensor with these values, in this order."""
    raw = [v if isinstance(v, bytes) else v.encode() if isinstance(v, str) else json.dumps(v).encode() for v in values]
    return learn([Record(0, at, key, value, float(at)) for at, value in enumerate(raw)], "test")


def forged_json(*values: dict[str, object]) -> tuple[dict[str, object], Forged]:
    forged = form(*values).forge(0)
    tree = json.loads(forged.value)
    assert isinstance(tree, dict)
    return tree, forged


def is_new_uuid(text: object, old: str = UUID) -> bool:
    return isinstance(text, str) and str(uuid.UUID(text)) == text.lower() and text.lower() != old


def is_reading(number: object) -> bool:
    return isinstance(number, int) and READING.fullmatch(str(number)) is not None


# What is exchanged


@pytest.mark.parametrize("samples", [1, 2, 5, 50])
def test_an_ordinary_record_learnt_from_any_number_of_samples(samples: int) -> None:
    values: list[dict[str, object]] = [
        {
            "sensor_id": 3,
            "modality": 421 + at,
            "unit": "MW",
            "id": UUID,
            "created_at": EPOCH + at,
            "at": ISO.replace(":33.", f":{at % 60:02}."),
            "schema_version": 1,
        }
        for at in range(samples)
    ]
    new, forged = forged_json(*values)
    last = values[-1]
    assert list(new) == list(last)
    assert is_new_uuid(new["id"])
    assert is_reading(new["modality"])
    assert {name: new[name] for name in ("sensor_id", "unit", "created_at", "at", "schema_version")} == {
        name: last[name] for name in ("sensor_id", "unit", "created_at", "at", "schema_version")
    }
    assert forged.tokens == {new["id"], str(new["modality"])}
    assert (forged.sensor, forged.key) == ("3", b"3")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (421, 422),
        (-421, 422),
        (7, 8),
        (0, 5),
        (10, 9),
        (999_999, 1_000_000),
    ],
)
def test_whole_readings_become_whole_numbers_of_one_width(before: int, after: int) -> None:
    new, forged = forged_json({"sensor_id": 3, "v": before}, {"sensor_id": 3, "v": after})
    assert is_reading(new["v"])
    assert forged.tokens == {str(new["v"])}


@pytest.mark.parametrize(
    ("before", "after"), [(42.1, 42.2), (-0.5, 0.25), (1e-07, 2e-07), (1.5e300, 2.5e300), (4, 4.5)]
)
def test_broken_readings_stay_broken_numbers(before: float, after: float) -> None:
    new, forged = forged_json({"sensor_id": 3, "v": before}, {"sensor_id": 3, "v": after})
    value = new["v"]
    assert isinstance(value, float)
    assert is_reading(int(value))
    assert value != int(value)
    assert forged.tokens == {str(int(value))}


def test_readings_as_text_stay_text() -> None:
    new, _ = forged_json({"sensor_id": 3, "v": "421"}, {"sensor_id": 3, "v": "422"})
    assert isinstance(new["v"], str)
    assert READING.fullmatch(new["v"])


def test_a_number_that_never_changes_is_no_reading() -> None:
    new, forged = forged_json(*[{"sensor_id": 3, "v": v, "limit": 500, "channel": 12} for v in (421, 422, 423)])
    assert (new["limit"], new["channel"]) == (500, 12)
    assert forged.tokens == {str(new["v"])}


def test_with_one_sample_every_number_of_several_digits_is_a_reading() -> None:
    new, forged = forged_json({"sensor_id": 3, "v": 421, "w": -5.25, "small": 7})
    assert is_reading(new["v"])
    assert new["w"] != -5.25
    assert new["small"] == 7
    assert len(forged.tokens) == 2


@pytest.mark.parametrize(
    "written",
    [UUID, UUID.upper(), UUID.replace("-", ""), "00000000-0000-0000-0000-000000000000"],
)
def test_every_way_to_write_a_uuid_is_kept(written: str) -> None:
    new, forged = forged_json({"sensor_id": 3, "id": written})
    fresh = new["id"]
    assert isinstance(fresh, str)
    assert fresh != written
    assert (len(fresh), fresh.count("-")) == (len(written), written.count("-"))
    assert fresh.isupper() == written.isupper()
    uuid.UUID(fresh)
    assert forged.tokens == {fresh.lower()}


def test_two_uuids_are_exchanged_apart() -> None:
    new, forged = forged_json({"sensor_id": 3, "id": UUID, "trace": OTHER_UUID})
    assert is_new_uuid(new["id"])
    assert is_new_uuid(new["trace"], OTHER_UUID)
    assert forged.tokens == {new["id"], new["trace"]}


# What is left alone


@pytest.mark.parametrize(
    "at",
    [
        1694902173,
        1694902173.122458,
        1694902173122,
        1694902173122.458,
        1694902173122458,
        1694902173122458000,
        "1694902173",
        "1694902173.122458",
        "2023-09-16T22:09:33",
        "2023-09-16T22:09:33.122458",
        "2023-09-16T22:09:33Z",
        "2023-09-16T22:09:33.122+02:00",
        "2023-09-16T22:09:33+0000",
        "2023-09-16 22:09:33",
        "2023-09-16 22:09:33,122",
        "2023-09-16T22:09",
        "22:09:33",
        "22:09:33.122458",
        "2023-09-16",
        "16/09/2023 22:09:33",
        "16.09.2023 22:09:33",
        "Sat Sep 16 22:09:33 2023",
        "Sat Sep  6 22:09:33 2023",
        "Sat, 16 Sep 2023 22:09:33 GMT",
        "2023/09/16 22:09:33",
    ],
)
@pytest.mark.parametrize("samples", [1, 3])
def test_times_are_left_alone(at: object, samples: int) -> None:
    values: list[dict[str, object]] = [{"sensor_id": 3, "v": 421 + n, "at": at} for n in range(samples)]
    new, forged = forged_json(*values)
    assert new["at"] == at
    assert is_reading(new["v"])
    assert len(forged.tokens) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1694902173, 1694902178),
        (1694902173.122458, 1694902178.5),
        (1694902173122, 1694902178122),
        (1694902173122458, 1694902178122458),
        ("2023-09-16T22:09:33.1", "2023-09-16T22:09:34"),
        ("2023-09-16 22:09:33", "2023-09-17 00:00:00"),
        ("22:59:59", "23:00:00"),
        ("2023-09-16", "2023-10-01"),
    ],
)
def test_times_that_go_on_are_left_alone(first: object, second: object) -> None:
    new, forged = forged_json({"sensor_id": 3, "v": 421, "at": first}, {"sensor_id": 3, "v": 422, "at": second})
    assert new["at"] == second
    assert forged.tokens == {str(new["v"])}


@pytest.mark.parametrize(
    "sensor_id",
    [3, "3", "03", "sensor_3", "sensor-3", "sensor-03", "sensor 03", "sensor_03", 3.0, "3.0", 12, "12", "sensor-12"],
)
@pytest.mark.parametrize("samples", [1, 2, 5])
def test_the_sensor_id_is_left_alone(sensor_id: object, samples: int) -> None:
    values: list[dict[str, object]] = [{"sensor_id": sensor_id, "v": 421 + n, "id": UUID} for n in range(samples)]
    new, forged = forged_json(*values)
    assert new["sensor_id"] == sensor_id
    assert forged.sensor in ("3", "12")
    assert is_reading(new["v"])


@pytest.mark.parametrize("version", [1, 2, "1", 1.0, "1.0", 10, "v1", "1.0.0"])
@pytest.mark.parametrize("name", ["schema_version", "schemaVersion", "version"])
@pytest.mark.parametrize("samples", [1, 2])
def test_the_schema_version_is_left_alone(version: object, name: str, samples: int) -> None:
    values: list[dict[str, object]] = [{"sensor_id": 3, "v": 421 + n, name: version} for n in range(samples)]
    new, _ = forged_json(*values)
    assert new[name] == version
    assert is_reading(new["v"])


@pytest.mark.parametrize("key", [b"3", b"sensor_3", b"\x00\x00\x00\x03", UUID.encode(), b"421", None])
def test_the_key_is_kept(key: bytes | None) -> None:
    learnt = form({"sensor_id": 3, "v": 421}, {"sensor_id": 3, "v": 422}, key=key)
    assert {learnt.forge(n).key for n in range(5)} == {key}


@pytest.mark.parametrize("text", ["MW", "m2", "co2_ppm", "kWh/m\u00b2", "station7b", "v1.2.3", "10.0.0.1", "\n\t\"'\\"])
def test_words_with_digits_in_them_are_left_alone(text: str) -> None:
    new, _ = forged_json({"sensor_id": 3, "v": 421, "unit": text})
    assert new["unit"] == text


# That it can still be read


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_json_stays_json(indent: int | None, ascii_only: bool, separators: tuple[str, str]) -> None:
    tree = {"ort": "Größe °C", "a": [421, -4.5, 1e-9, None, True, "x"], "id": UUID, "n": {"10": 421, "m": -7}}
    text = json.dumps({"sensor_id": 3, **tree}, indent=indent, ensure_ascii=ascii_only, separators=separators)
    learnt = form(text, text.replace("421", "-422").replace("-4.5", "4.75"))
    for number in range(20):
        new = json.loads(learnt.forge(number).value)
        assert (new["ort"], new["sensor_id"], list(new)) == ("Größe °C", 3, ["sensor_id", *tree])
        assert is_reading(new["a"][0])
        assert is_new_uuid(new["id"])


def test_text_in_json_stays_json() -> None:
    inner = {"sensor_id": 3, "modality": -421, "inner": json.dumps({"level": 12.5, "id": OTHER_UUID})}
    learnt = form({"payload": json.dumps(inner), "correlation_id": UUID, "created_at": EPOCH, "schema_version": 1})
    new = json.loads(learnt.forge(0).value)
    payload = json.loads(new["payload"])
    innermost = json.loads(payload["inner"])
    assert payload["sensor_id"] == 3
    assert is_reading(payload["modality"])
    assert is_new_uuid(new["correlation_id"])
    assert is_new_uuid(innermost["id"], OTHER_UUID)
    assert innermost["level"] > 1_000_000
    assert (new["created_at"], new["schema_version"]) == (EPOCH, 1)


@pytest.mark.parametrize("escape", ["\\n421", "\\u00b0421", "\\t421", "\\/421"])
def test_escapes_are_not_torn(escape: str) -> None:
    text = '{"sensor_id": 3, "note": "' + escape + '", "v": 500}'
    new = json.loads(form(text).forge(0).value)
    before = json.loads(text)["note"]
    assert new["note"][0] == before[0]


def test_csv_stays_csv() -> None:
    line = f"3,421,MW,real_time,{UUID},{ISO},{EPOCH},1"
    learnt = form(line, line.replace("421", "-17"))
    for row in csv.reader([learnt.forge(n).value.decode() for n in range(5)]):
        assert len(row) == 8
        assert READING.fullmatch(row[1])
        assert is_new_uuid(row[4])
        assert [row[n] for n in (0, 2, 3, 5, 6, 7)] == ["3", "MW", "real_time", ISO, str(EPOCH), "1"]


def test_csv_of_one_sample_keeps_the_sensor() -> None:
    forged = form("12,421,MW", key=b"12").forge(0)
    row = forged.value.decode().split(",")
    assert (row[0], row[2]) == ("12", "MW")
    assert READING.fullmatch(row[1])


def test_python_repr_stays_python() -> None:
    text = (
        "PackageObj(payload=SensorObj(sensor_id=3, modality=421, unit='MW', temporal_aspect='real_time'), "
        f"correlation_id='{UUID}', created_at={EPOCH}, schema_version=1)"
    )
    call = ast.parse(form(text).forge(0).value.decode(), mode="eval").body
    assert isinstance(call, ast.Call)
    given = {word.arg: word.value for word in call.keywords}
    sensor = given["payload"]
    assert isinstance(sensor, ast.Call)
    inner = {word.arg: ast.literal_eval(word.value) for word in sensor.keywords}
    assert inner["sensor_id"] == 3
    assert is_reading(inner["modality"])
    assert is_new_uuid(ast.literal_eval(given["correlation_id"]))
    assert ast.literal_eval(given["created_at"]) == EPOCH
    assert ast.literal_eval(given["schema_version"]) == 1


def test_a_python_dict_stays_one() -> None:
    new = ast.literal_eval(form(str({"sensor_id": 3, "v": -4.25, "id": UUID})).forge(0).value.decode())
    assert new["sensor_id"] == 3
    assert is_new_uuid(new["id"])


@pytest.mark.parametrize("before", [b"\x00\x00\x00\x00\x01", b"\x06H", b"\xff\xfe\x80", b""])
@pytest.mark.parametrize("after", [b"\x00", b"\x02\xc8\x06", b"\xff"])
def test_a_uuid_in_binary_values_is_exchanged_in_place(before: bytes, after: bytes) -> None:
    value = before + UUID.encode() + after + struct.pack("<d", 42.5)
    learnt = form(value)
    forged = learnt.forge(0)
    assert learnt.usable
    assert len(forged.value) == len(value)
    assert forged.value.startswith(before)
    assert forged.value.endswith(after + struct.pack("<d", 42.5))
    fresh = forged.value[len(before) : len(before) + 36].decode()
    assert is_new_uuid(fresh)
    assert forged.tokens == {fresh}


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
def test_the_longest_value_is_learnt_quickly(value: bytes) -> None:
    began = time.monotonic()
    learnt = form(value, value)
    learnt.forge(0)
    assert time.monotonic() - began < 3.0


def test_values_that_are_far_too_long_are_not_learnt_from() -> None:
    assert not form(b"421 " * 17_000).usable
    assert form(b"421 " * 17_000, '{"v": 421}').forge(0).value.startswith(b'{"v": ')


@pytest.mark.parametrize("value", [b"9" * 5000, b"1e999999", b'{"v": %s}' % (b"9" * 400), b"1e-999999"])
def test_odd_numbers_break_nothing(value: bytes) -> None:
    forged = form(value).forge(0)
    assert len(forged.tokens) == 1
    assert next(iter(forged.tokens)).encode() in forged.value
