"""The form of a student's records, learnt from a few of them, and new records in that form.

A consumer may understand nothing but its own producer's records. So new ones are made from samples by exchanging,
in place, what identifies a record: UUIDs, and the numbers that are readings. Every new record carries values that
no other record of the run has; by these it is recognised in whatever a consumer prints.
"""

from __future__ import annotations

import random
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from topicmark.observe.records import Record, sensor_of

_UUID = rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_HEX32 = rb"(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])"
_TIME = rb"|".join(
    (
        rb"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
        rb"\d\d:\d\d:\d\d(?:[.,]\d+)?",
        rb"\d{1,4}/\d\d?/\d{1,4}",
        rb"[A-Z][a-z]{2} +\d\d? +\d\d:\d\d:\d\d +\d{4}",
        rb"\d\d? [A-Z][a-z]{2} \d{4}",
    )
)
_VERSION = rb"(?i:version)[\W_]{1,12}\d+(?:\.\d+)*(?![\w.])"
_NUMBER = rb"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])"
_PIECE = re.compile(
    rb"(?P<uuid>%s)|(?P<hex>%s)|(?P<time>%s)|(?P<version>%s)|(?P<number>%s)" % (_UUID, _HEX32, _TIME, _VERSION, _NUMBER)
)
_EPOCHS = ((1e9, 4e9), (1e12, 4e12), (1e15, 4e15), (1e18, 4e18))  # s, ms, µs, ns: 2001 to 2096
_LONGEST_VALUE = 64 * 1024  # bytes; what is longer is no sensor record and would only cost time
_SMALLEST, _LARGEST = 1_000_000, 9_999_999  # readings of one width: none is a prefix of another

COURSE_SAMPLES = tuple(
    Record(
        partition=0,
        offset=sensor,
        key=str(sensor).encode(),
        value=(
            b'{"payload": "{\\"sensor_id\\": %d, \\"modality\\": %d, \\"unit\\": \\"MW\\", '
            b'\\"temporal_aspect\\": \\"real_time\\"}", "correlation_id": "%s", "created_at": 1694902173.122458, '
            b'"schema_version": 1}'
        )
        % (sensor, 137 * sensor - 600, str(uuid.UUID(int=sensor * 2**97 + 7)).encode()),
        at=0.0,
    )
    for sensor in range(1, 7)
)
"""One record a sensor in the course's own format."""


@dataclass(frozen=True, slots=True)
class Forged:
    """A new record. ``tokens`` are lower-case texts; a program that prints any of them has shown the record."""

    sensor: str
    key: bytes | None
    value: bytes
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Template:
    sensor: str
    key: bytes | None
    value: bytes
    readings: frozenset[int]
    """Which of the pieces (counted from 0) are readings to be exchanged."""


@dataclass
class Form:
    """Makes new records. Build with ``learn``. ``origin`` says in words where the form comes from."""

    origin: str
    templates: Sequence[_Template]
    _used: set[int] = field(default_factory=set)
    _random: random.Random = field(default_factory=random.SystemRandom)

    @property
    def usable(self) -> bool:
        """Whether records can be told apart by something that is exchanged."""
        return bool(self.templates) and all(self.forge(i).tokens for i in range(len(self.templates)))

    def forge(self, number: int) -> Forged:
        """A new record; consecutive numbers go round the sensors."""
        template = self.templates[number % len(self.templates)]
        tokens: set[str] = set()
        count = -1

        def exchange(match: re.Match[bytes]) -> bytes:
            nonlocal count
            count += 1
            if match.lastgroup == "uuid":
                fresh = str(uuid.uuid4())
                tokens.add(fresh)
                return (fresh.upper() if match.group().isupper() else fresh).encode()
            if match.lastgroup == "hex":
                fresh = uuid.uuid4().hex
                tokens.add(fresh)
                return fresh.encode()
            if match.lastgroup == "number" and count in template.readings:
                reading = self._unique()
                tokens.add(str(reading))
                return b"%d.25" % reading if b"." in match.group() or b"e" in match.group().lower() else b"%d" % reading
            return match.group()

        value = _PIECE.sub(exchange, template.value)
        return Forged(template.sensor, template.key, value, frozenset(tokens))

    def _unique(self) -> int:
        while True:
            reading = self._random.randint(_SMALLEST, _LARGEST)
            if reading not in self._used:
                self._used.add(reading)
                return reading


def learn(records: Iterable[Record], origin: str) -> Form:
    """The form of these records: one template a sensor (at most twelve), from its latest record of the
    layout that most of its records have.

    A number is a reading if it differs between records of the same sensor and layout and is no time; with one
    record only, if it has more than one digit and is neither a time nor the sensor's own. Values over 64 KiB are
    not learnt from.
    """
    by_sensor: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.value and len(record.value) <= _LONGEST_VALUE:
            by_sensor[sensor_of(record.key, record.value) or "?"].append(record)
    templates = []
    for sensor, samples in sorted(by_sensor.items())[:12]:
        layouts = [_layout(sample.value or b"") for sample in samples[-20:]]
        usual = max(reversed(layouts), key=layouts.count)  # not a farewell message, nor the one that was cut
        alike = [sample for sample, layout in zip(samples[-20:], layouts, strict=True) if layout == usual]
        value = alike[-1].value or b""
        pieces = [_pieces(sample.value or b"") for sample in alike]
        templates.append(_Template(sensor, alike[-1].key, value, frozenset(_readings(pieces, sensor))))
    return Form(origin, templates)


def _layout(value: bytes) -> bytes:
    return _PIECE.sub(lambda match: b"\0" + (match.lastgroup or "").encode(), value)


def _pieces(value: bytes) -> list[tuple[str, bytes]]:
    return [(match.lastgroup or "", match.group()) for match in _PIECE.finditer(value)]


def _readings(samples: Sequence[Sequence[tuple[str, bytes]]], sensor: str) -> Iterable[int]:
    for index, (kind, text) in enumerate(samples[-1]):
        if kind != "number" or _is_time(text):
            continue
        varies = len({sample[index][1] for sample in samples}) > 1
        telling = len(samples) == 1 and len(text.lstrip(b"-")) > 1 and not _names(text, sensor)
        if varies or telling:
            yield index


def _names(number: bytes, sensor: str) -> bool:
    return sensor.isdecimal() and abs(float(number)) == float(sensor)


def _is_time(number: bytes) -> bool:
    value = abs(float(number))
    return any(low <= value <= high for low, high in _EPOCHS)
