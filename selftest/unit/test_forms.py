"""New records in a student's own form: what is exchanged, what is left alone, and that it can still be read."""

from __future__ import annotations

import ast
import csv
import json
import struct
import uuid

import pytest

from selftest.forms import EPOCH, ISO, OTHER_UUID, READING, UUID, forged_json, form, is_new_uuid, is_reading

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
