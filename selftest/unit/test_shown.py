"""Which records a program has shown, in whatever way it prints them."""

from __future__ import annotations

import json
import pprint
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from selftest.effort import little_effort
from topicmark.observe.forms import COURSE_SAMPLES, learn
from topicmark.observe.shown import Reader

UUID = "906f764e-0f3b-4517-aed7-3b646081f6fb"
HEX = "906f764e0f3b4517aed73b646081f6fb"
READING = "1234567"
RECORD: dict[str, Any] = {
    "payload": json.dumps({"sensor_id": 3, "modality": 1234567, "unit": "MW"}),
    "correlation_id": UUID,
    "created_at": 1694902173.122458,
}
RAW = json.dumps(RECORD).encode()


def reader(chunks: Iterable[str], tokens: Mapping[str, int]) -> Reader:
    """Reads a program that has printed one chunk more at every look; positions are characters."""
    coming = list(chunks)
    printed: list[str] = []

    def output_since(position: int) -> tuple[str, int]:
        printed.extend(coming[:1])
        del coming[:1]
        text = "".join(printed)
        return text[position:], len(text)

    return Reader(output_since, tokens)


def seen(*chunks: str, tokens: Mapping[str, int]) -> set[int]:
    reading = reader(chunks, tokens)
    found: set[int] = set()
    for _ in range(len(chunks) + 1):
        found = reading.seen()
    return found


# By a UUID


@pytest.mark.parametrize(
    "text",
    [
        UUID,
        UUID.upper(),
        f"{UUID}\n",
        f"'{UUID}'",
        f"[{UUID}]",
        f"id={UUID},",
        f"UUID('{UUID}')",
        f"\x1b[1;33m{UUID}\x1b[0m",
        f"x{UUID}x",
        f"0123{UUID}4567",
        repr(RECORD),
        repr(RAW),
        repr(str(RAW)),
        json.dumps(RECORD),
        json.dumps(RECORD, indent=4),
        json.dumps({"topic": "INGESTION", "value": json.dumps(RECORD)}),
        json.dumps({"value": json.dumps({"inner": json.dumps(RECORD)})}, indent=2),
        pprint.pformat(RECORD, width=20),
        pprint.pformat(RAW.decode(), width=40),
        f"ConsumerRecord(topic='INGESTION', partition=2, offset=17, key=b'3', value={RAW!r}, headers=[])",
        f"INFO 2023-09-16 22:09:33,122 consumer: {RAW.decode()}",
        repr(b"\x00\x00\x00\x00\x01" + RAW),
        repr(b"\x06H" + UUID.encode() + b"\xff\xfe"),
        f"record\r\n  correlation_id:\r\n    {UUID}\r\n",
        f"größe 漢字 {UUID} ✓",
        repr(b"\x0012345abc-0f3b-4517-aed7-3b646081f6fb " + UUID.encode()),
        *(
            pprint.pformat(b"x" * pad + UUID.encode() + b"y" * 60, width=width)
            for pad in (0, 7, 30)
            for width in (1, 30, 80)
        ),
    ],
)
def test_a_uuid_is_recognised(text: str) -> None:
    assert seen(text, tokens={UUID: 4}) == {4}


@pytest.mark.parametrize("text", [HEX, HEX.upper(), f"id={HEX};", f'"{HEX}"', repr({"id": HEX}), f"{UUID}\n{HEX}"])
def test_a_uuid_without_dashes_is_recognised(text: str) -> None:
    assert seen(text, tokens={HEX: 4}) == {4}


@pytest.mark.parametrize(
    "text",
    ["", UUID[:-1], UUID[1:], UUID.replace("-", " "), UUID[:18] + "\n" + UUID[18:], "other " + UUID[:-1] + "0"],
)
def test_half_a_uuid_is_not(text: str) -> None:
    assert seen(text, tokens={UUID: 4}) == set()


@pytest.mark.parametrize("text", [HEX[:-1], HEX + "0", "a" + HEX, UUID])
def test_a_part_of_a_longer_hexadecimal_number_is_not(text: str) -> None:
    assert seen(text, tokens={HEX: 4}) == set()


# By a reading


@pytest.mark.parametrize(
    "text",
    [
        "1234567",
        "1234567\n",
        "1,234,567",
        "1_234_567",
        "-1234567",
        "+1234567",
        "1234567.25",
        "1234567.2",
        "1234567.",
        "1,234,567.25",
        "1234567 MW",
        "1234567MW",
        "modality=1234567",
        "modality:1234567,unit:MW",
        "'1234567'",
        "(3, 1234567)",
        "[1234567]",
        "\x1b[36m1234567\x1b[0m",
        "3,1234567,MW",
        "3,1234567",
        "3,1234567,421",
        "1234567,421",
        "1234567,1694902173",
        "1694902173,1234567",
        "3,1234567.25,421.5",
        "3;1234567;421",
        "3\t1234567\t421",
        "3|1234567|421",
        "[3,1234567,421,5]",
        "sensor_1234567_end",
        "3_1234567",
        "3,1,234,567",
        "1,234,567,MW",
        "1,234,567, 421",
        repr(RECORD),
        repr(RAW),
        json.dumps(RECORD, indent=4),
        json.dumps(RECORD, separators=(",", ":")),
        json.dumps({"value": json.dumps(RECORD)}),
        pprint.pformat(RECORD, width=20),
        "2023-09-16 22:09:33,122 sensor 3: 1234567",
        "SensorObj(sensor_id=3, modality=1234567, unit='MW')",
        "partition=2 offset=17 timestamp=1694902173122 value=1234567",
        repr(b"\x00\x001234567\x00"),
        json.dumps("\u00b01234567"),
        *(f"{indent}b'3,1234567'\n{indent}b'4,7654321'\n" for indent in ("", " ", "    ")),
        pprint.pformat(b"x" * 54 + b"1234567" + b"y" * 60),
    ],
)
def test_a_reading_is_recognised(text: str) -> None:
    assert seen(text, tokens={READING: 4}) == {4}


@pytest.mark.parametrize(
    "text",
    [
        "12345678",
        "01234567",
        "91234567",
        "123456789012",
        "1694902171234567",
        "1694902173.1234567",
        "1694902173.12345678",
        "0.1234567",
        ".1234567",
        "1.1234567e+09",
        "22:09:33.1234567",
        "123456",
        "1234568",
        "21,234,567",
        "421,234,567",
        "1234,567",
        "12,34,567",
        "123 4567",
        "12345\n67",
        "1,234,5678",
        "1,234,567,890",
        "1,234_567",
        "906f764e-0f3b-4517-aed7-b1234567efab",
        UUID.replace("906f764e", "01234567"),
        UUID.replace("906f764e", "1234567a"),
        "1234567a" + HEX[8:],
        "1234567890abcdef" * 2,
    ],
)
def test_a_reading_is_not_seen_in_other_numbers(text: str) -> None:
    assert seen(text, tokens={READING: 4}) == set()


def test_several_records_in_one_line_are_all_seen() -> None:
    tokens = {str(1_000_000 + n): n for n in range(100)}
    assert seen(",".join(tokens), tokens=tokens) == set(range(100))
    assert seen(" ".join(tokens), tokens=tokens) == set(range(100))
    assert seen(str([int(token) for token in tokens]), tokens=tokens) == set(range(100))


# In pieces, and over time


@pytest.mark.parametrize("token", [UUID, HEX, READING])
@pytest.mark.parametrize("wrap", [str, lambda text: "x" * 500 + f" {text} " + "y" * 500, lambda text: f"\n{text}\n"])
def test_a_token_split_between_two_looks_is_recognised(token: str, wrap: Callable[[str], str]) -> None:
    text = wrap(token)
    at = text.index(token)
    for cut in range(at, at + len(token) + 1):
        assert seen(text[:cut], text[cut:], tokens={token: 4}) == {4}, cut


def test_output_that_comes_character_by_character_is_recognised() -> None:
    text = f"sensor 3: 1234567 ({UUID})\n"
    assert seen(*text, tokens={UUID: 1, READING: 2}) == {1, 2}


@pytest.mark.parametrize("number", ["1694902173.1234567", "991234567", "0.1234567"])
@pytest.mark.parametrize("after", range(60, 90))
def test_what_is_kept_of_the_last_look_does_not_begin_within_a_number(number: str, after: int) -> None:
    assert seen(number + " " * after, "next\n", tokens={READING: 4}) == set()


def test_what_was_seen_stays_seen() -> None:
    reading = reader([f"{UUID}\n", "nothing\n" * 100, "1234567\n"], {UUID: 1, READING: 2})
    assert [reading.seen() for _ in range(5)] == [{1}, {1}, {1, 2}, {1, 2}, {1, 2}]


def test_the_set_returned_is_the_callers_own() -> None:
    reading = reader([UUID], {UUID: 1})
    reading.seen().clear()
    assert reading.seen() == {1}


def test_a_record_shown_twice_is_one_record() -> None:
    assert seen(f"{UUID} {READING}\n{UUID}", tokens={UUID: 1, READING: 1}) == {1}


def test_only_new_output_is_asked_for() -> None:
    asked: list[int] = []

    def output_since(position: int) -> tuple[str, int]:
        asked.append(position)
        return ("abc", position + 3) if position < 9 else ("", position)

    reading = Reader(output_since, {})
    for _ in range(5):
        reading.seen()
    assert asked == [0, 3, 6, 9, 9]


@pytest.mark.parametrize("token", [UUID, HEX, READING])
def test_a_token_that_becomes_known_after_it_was_shown_counts(token: str) -> None:
    tokens: dict[str, int] = {}
    reading = reader([f"x {token} y", "more output " * 50], tokens)
    assert reading.seen() == set()
    tokens["unrelated"] = 1
    assert reading.seen() == set()
    tokens[token] = 7
    assert reading.seen() == {7}
    assert reading.seen() == {7}


def test_a_reading_with_separators_that_becomes_known_later_counts() -> None:
    tokens: dict[str, int] = {}
    reading = reader(["1,234,567 and 2_345_678"], tokens)
    assert reading.seen() == set()
    tokens |= {"1234567": 1, "2345678": 2}
    assert reading.seen() == {1, 2}


def test_what_was_never_fed_is_never_seen() -> None:
    assert seen(f"{UUID} {READING} 7654321", tokens={}) == set()


# The records that are fed, as programs print them

FORGED = [learn(COURSE_SAMPLES, "course").forge(n) for n in range(24)]
PRINTED: dict[str, Callable[[bytes], str]] = {
    "text": lambda value: value.decode(),
    "bytes": repr,
    "repr-of-text": lambda value: repr(value.decode()),
    "dict": lambda value: repr(json.loads(value)),
    "indented": lambda value: json.dumps(json.loads(value), indent=4),
    "compact": lambda value: json.dumps(json.loads(value), separators=(",", ":")),
    "in-json": lambda value: json.dumps({"key": "3", "value": value.decode()}),
    "pprint": lambda value: pprint.pformat(json.loads(value)),
    "pprint-narrow": lambda value: pprint.pformat(json.loads(value), width=1),
    "pprint-of-bytes": pprint.pformat,
    "pprint-of-bytes-narrow": lambda value: pprint.pformat(value, width=30),
    "pprint-of-bytes-in-a-dict": lambda value: pprint.pformat({"value": value, "key": b"3"}),
    "pprint-of-text": lambda value: pprint.pformat(value.decode()),
    "csv": lambda value: ",".join(str(x) for x in json.loads(json.loads(value)["payload"]).values()),
    "payload-values": lambda value: str(tuple(json.loads(json.loads(value)["payload"]).values())),
    "modality": lambda value: f"{json.loads(json.loads(value)['payload'])['modality']:,}",
    "correlation-id": lambda value: json.loads(value)["correlation_id"].upper(),
}


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n---\n"])
@pytest.mark.parametrize("chunk", [37, 80, 1000, 100_000])
def test_every_fed_record_is_seen_and_no_other(printed: Callable[[bytes], str], end: str, chunk: int) -> None:
    tokens = {token: number for number, forged in enumerate(FORGED) for token in forged.tokens}
    shown = FORGED[:20]
    text = "".join(printed(forged.value) + end for forged in shown)
    if end == "\r\n":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    assert seen(*(text[at : at + chunk] for at in range(0, len(text), chunk)), tokens=tokens) == set(range(20))


# What a hostile program may print


@pytest.mark.parametrize(
    "text",
    [
        "1" * 2_000_000,
        "1," * 1_000_000,
        "1_" * 1_000_000,
        "a" * 2_000_000,
        "0123abcd-" * 200_000,
        "'\n" * 700_000,
        "'" + "\n" * 1_000_000,
        "'\n" + " " * 1_000_000,
        "(b'" + "'\n b'" * 300_000,
    ],
    ids=["digits", "commas", "underscores", "hex", "dashes", "quotes", "lines", "blanks", "pieces"],
)
def test_two_megabytes_are_read_with_little_effort(text: str) -> None:
    with little_effort():
        assert seen(text, f" {UUID}\n", tokens={UUID: 4}) == {4}


def test_a_flood_of_unknown_numbers_does_not_hide_what_is_known() -> None:
    flood = " ".join(str(n) for n in range(2_000_000, 2_150_000))
    assert seen(flood, UUID, tokens={UUID: 4}) == {4}


def test_control_characters_break_nothing() -> None:
    assert seen("\x00\x1b]0;title\x07\ufffd\ud800 " + UUID, tokens={UUID: 4}) == {4}


def test_lower_case_may_be_longer_than_upper_case() -> None:
    assert seen("İ" * 200 + UUID[:10], UUID[10:], tokens={UUID: 4}) == {4}
