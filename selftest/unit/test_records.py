"""Which sensor a record is about, in any shape that students use, and in shapes that nobody should."""

from __future__ import annotations

import json
import struct

import pytest

from selftest.effort import little_effort
from topicmark.observe.forms import COURSE_SAMPLES
from topicmark.observe.records import Record, sensor_of, shown_bytes

"""Far more than the tenths of a second that it takes; what is quadratic takes minutes."""
READINGS = {"modality": 421, "unit": "MW", "temporal_aspect": "real_time"}
PACKAGE = {"correlation_id": "906f764e-0f3b-4517-aed7-3b646081f6fb", "created_at": 1694902173.122458}


def js(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "value",
    [
        {"payload": json.dumps({"sensor_id": 3, **READINGS}), **PACKAGE, "schema_version": 1},
        {"payload": {"sensor_id": 3, **READINGS}, **PACKAGE},
        {"sensor_id": 3, **READINGS},
        {"sensor_id": "3"},
        {"sensor_id": 3.0},
        {"sensor_id": "3.0"},
        {"sensor_id": "03"},
        {"sensor_id": " 3 "},
        {"sensor_id": "sensor_3"},
        {"sensor_id": "Sensor-03"},
        {"sensor_id": "sensor 3"},
        {"sensor_id": "s3"},
        {"sensor_id": "3 (MW)"},
        {"sensorId": 3},
        {"SensorID": 3},
        {"SENSOR_ID": 3},
        {"sensor-id": 3},
        {"sensor": 3},
        {"sensor": "sensor3"},
        {"sensor": {"id": 3, "unit": "MW"}},
        {"sensor": {"ID": "sensor_3"}},
        {"Sensor": {"sensor_id": 3}},
        {"device": {"id": 3}},
        {"device_id": 3},
        {"sensor_nr": 3},
        {"sensor_number": 3},
        {"data": {"reading": {"meta": {"sensor_id": 3}}}},
        [{"sensor_id": 3}],
        {"readings": [1, 2, {"sensor_id": 3}]},
        json.dumps({"sensor_id": 3}),
        {"payload": json.dumps({"inner": json.dumps({"sensor_id": 3})})},
        {"payload": json.dumps([{"sensor_id": 3}])},
        {"payload": json.dumps({"sensor_id": 3}, indent=2)},
        {"payload": str({"sensor_id": 3, "modality": 421})},
        {"payload": "SensorObj(sensor_id=3, modality=421, unit='MW')"},
        {"payload": None, "sensor_id": 3},
        {"payload": "", "sensor_id": 3},
        {"payload": "{broken", "sensor_id": 3},
        {"device": "station", "sensor_id": 3},
        {"sensor": "thermometer", "sensor_id": 3},
        {"sensor_id": 3, "id": 17, "partition": 2},
        {"größe": 1, "sensor_id": 3},
    ],
    ids=str,
)
def test_the_value_says_which_sensor(value: object) -> None:
    assert sensor_of(None, js(value)) == "3"
    assert sensor_of(b"5", js(value)) == "3"


@pytest.mark.parametrize(
    "value",
    [
        b"PackageObj(payload=SensorObj(sensor_id=3, modality=421, unit='MW'), schema_version=1)",
        b"{'sensor_id': 3, 'modality': 421}",
        b"{'payload': {'sensor_id': '3'}}",
        b"sensor_id=3;modality=421",
        b"sensor=3 modality=421",
        b"Sensor 3: 421 MW",
        b"SENSOR-03 421",
        b"sensor_id,3,modality,421",
        b"<sensor><id>3</id></sensor>",
        b"sensor: sensor_3",
        b'\xef\xbb\xbf{"sensor_id": 3}',
        b'{"sensor_id": 3',
        b'  {"sensor_id": 3}\r\n',
    ],
)
def test_text_that_is_not_json_says_it_too(value: bytes) -> None:
    assert sensor_of(None, value) == "3"


@pytest.mark.parametrize(
    ("key", "sensor"),
    [
        (b"3", "3"),
        (b"03", "3"),
        (b"sensor_3", "3"),
        (b"Sensor-03", "3"),
        (b'"3"', "3"),
        (b"3.0", "3"),
        (b'{"sensor_id": 3}', "3"),
        (struct.pack(">i", 3), "3"),
        (struct.pack(">q", 3), "3"),
        (b"\x03", "3"),
        (b"\x00\x03", "3"),
        (struct.pack(">i", 0), "0"),
        (b"north", "north"),
        (b"\x00\x00\x03", None),
        (b"\xff" * 16, None),
        (b"", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("value", [None, b"", b"421", b'{"modality": 421}', b"\xff\xfe\x00", b"null"])
def test_the_key_says_it_if_the_value_does_not(key: bytes | None, sensor: str | None, value: bytes | None) -> None:
    assert sensor_of(key, value) == sensor


@pytest.mark.parametrize(
    "value",
    [
        {"sensors": 6},
        {"sensor_count": 6},
        {"sensor_id": None},
        {"sensor_id": True},
        {"sensor_id": []},
        {"sensor_id": {}},
        {"sensor": {"name": "north"}},
        {"id": 3},
        {},
        [],
        "",
        "[",
        0,
        None,
        True,
        1.5,
    ],
    ids=str,
)
def test_what_does_not_say_it_is_not_guessed(value: object) -> None:
    assert sensor_of(None, js(value)) is None


def test_six_sensors_stay_six_however_they_are_written() -> None:
    for form in ("{}", "sensor_{}", "{:02}", "{}.0", "sensor-{}-north"):
        assert {sensor_of(None, js({"sensor_id": form.format(n)})) for n in range(1, 7)} == set("123456"), form


def test_large_ids_are_kept_whole() -> None:
    found = {sensor_of(None, js({"sensor_id": 10**12 + n})) for n in range(3)}
    assert found == {"1000000000000", "1000000000001", "1000000000002"}


def test_the_samples_of_the_course() -> None:
    assert [record.sensor() for record in COURSE_SAMPLES] == list("123456")
    assert [sensor_of(None, record.value) for record in COURSE_SAMPLES] == list("123456")


# What a hostile producer may send


@pytest.mark.parametrize(
    "value",
    [
        b"\x00",
        b"\xff" * 1000,
        bytes(range(256)),
        b"\x00\x00\x00\x00\x01\x06\xc8\x06",
        b"\x1f\x8b\x08\x00" + b"\x9c" * 50,
        b'{"sensor_id": "\xff"}',
        "sensor 3".encode("utf-16"),
    ],
    ids=lambda value: value[:8].hex(),
)
def test_binary_values_say_nothing(value: bytes) -> None:
    assert sensor_of(None, value) is None
    assert sensor_of(b"4", value) == "4"


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 200_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        js({"payload": "[" * 200_000}),
        js({"payload": "[" * 200_000 + "]" * 200_000}),
        js({"payload": '{"a":' * 100_000}),
    ],
    ids=["open", "closed", "objects", "text-open", "text-closed", "text-objects"],
)
def test_deep_nesting_is_no_bomb(value: bytes) -> None:
    with little_effort():
        assert sensor_of(None, value) is None
        assert sensor_of(b"3", value) == "3"


def test_nesting_that_json_still_reads_is_no_bomb() -> None:
    assert sensor_of(b"3", b"[" * 900 + b"]" * 900) == "3"
    assert sensor_of(b"3", b'{"a":' * 300 + b'{"sensor_id": 5}' + b"}" * 300) in ("3", "5")


@pytest.mark.parametrize(
    ("value", "sensor"),
    [
        (js(list(range(150_000))), None),
        (js([[] for _ in range(300_000)]), None),
        (js([{"sensor_id": 3}] * 50_000), "3"),
        (js(["{}"] * 100_000), None),
        (js(["[" * 20] * 30_000), None),
        (js({f"k{n}": n for n in range(60_000)} | {"sensor_id": 3}), "3"),
        (js("x" * 1_000_000), None),
        (b"sensor" * 150_000, None),
        (b"sensor_id" * 100_000 + b"3", "3"),
    ],
    ids=["numbers", "lists", "records", "texts", "broken-texts", "keys", "long-text", "sensors", "sensor-ids"],
)
def test_a_megabyte_is_read_with_little_effort(value: bytes, sensor: str | None) -> None:
    with little_effort():
        assert sensor_of(None, value) == sensor


@pytest.mark.parametrize(
    "value",
    [
        b"sensor" + b"_" * 40_000 + b"!",
        b"sensor" + b" " * 40_000 + b"x",
        js({"sensor_id": "1" * 40_000 + "x1x"}),
        js({"sensor_id": "1x" * 20_000 + "\n"}),
        js({"x": "sensor" + "_" * 40_000}),
    ],
    ids=["underscores", "blanks", "digits", "digits-and-letters", "in-json"],
)
def test_no_text_makes_the_search_slow(value: bytes) -> None:
    with little_effort():
        sensor_of(None, value)


@pytest.mark.parametrize(
    "value",
    [
        b"sensor " + b"1" * 5000,
        b'{"sensor_id": ' + b"1" * 5000 + b"}",
        js({"sensor_id": "1" * 5000}),
        b'{"sensor_id": 1e400}',
        b'{"sensor_id": -1e400}',
        b'{"sensor_id": NaN}',
        b'{"sensor_id": 1e308}',
        b'{"sensor_id": "\\ud800"}',
        '{"sensor_id": "٣"}'.encode(),
        '{"sensor_id": "³"}'.encode(),
    ],
    ids=["text", "number", "string", "infinite", "negative", "nan", "large", "surrogate", "arabic", "superscript"],
)
def test_odd_numbers_break_nothing(value: bytes) -> None:
    found = sensor_of(b"3", value)
    assert found is not None
    assert len(found) <= 400


def test_what_it_says_can_be_written_to_a_report() -> None:
    found = sensor_of(None, b'{"sensor_id": "\\ud800"}')
    assert found is not None
    assert found.encode()


# For people


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"3", "3"),
        ("größe".encode(), "größe"),
        (b"\x00\x00\x00\x03", "0x00000003"),
        (b"\xff", "0xff"),
        (b"a\nb", "0x610a62"),
        (b"\x1b[31mred", "0x1b5b33316d726564"),
        ("\u202ex".encode(), "0xe280ae78"),
        (b"", "0x"),
    ],
)
def test_bytes_are_shown_so_that_they_do_no_harm(raw: bytes, text: str) -> None:
    assert shown_bytes(raw) == text


@pytest.mark.parametrize("raw", [b"x" * 201, b"\xff" * 500])
def test_long_bytes_are_cut(raw: bytes) -> None:
    assert len(shown_bytes(raw)) == 200
    assert shown_bytes(raw).endswith("…")
    assert len(shown_bytes(raw, longest=10)) == 10


@pytest.mark.parametrize(("key", "text"), [(None, "null"), (b"3", "3"), (struct.pack(">i", 3), "0x00000003")])
def test_the_key_of_a_record_is_shown(key: bytes | None, text: str) -> None:
    assert Record(0, 0, key, b"", 0.0).key_text() == text
