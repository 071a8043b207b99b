"""The flight recorder's file: JSON lines, one file for each cluster, written by one process, read by any.

Every line has ``at`` (seconds since the epoch) and ``what``:

- ``begun``: a recorder started; ``pid``, ``cluster``, ``bootstrap``
- ``made``: a topic is there; ``topic``, ``life`` (Kafka's topic id: another one once it was deleted and made again),
  ``partitions`` (how many)
- ``gone``: it is not there any more; ``topic``, ``life``
- ``offsets``: the first offset that is still there and the one behind the last, when they change; ``topic``, ``life``,
  ``partition``, ``low``, ``high``
- ``record``: ``topic``, ``life``, ``partition``, ``offset``, ``timestamp`` (ms), ``key`` and ``value`` (base64 or null)
- ``full``: no more records of this ``topic`` are kept

The last line may be half written; it does not count.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from topicmark.observe.records import Record

MOST_BYTES = 32 * 2**20
"""Of lines of records, for each topic."""

Place = tuple[str, str, int]
"""Topic, life, partition."""


class InUse(Exception):
    """Another process writes this tape."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What passed through one topic, all its lives together. ``missed``: how many records were deleted, or not kept,
    before they were read. ``lives``: how often it was made. ``begun_at``: when recording began, None if it did not."""

    records: tuple[Record, ...] = ()
    lives: int = 0
    missed: int = 0
    full: bool = False
    begun_at: float | None = None


def read(path: Path, topic: str) -> Recording:
    """What the tape says of a topic; an empty recording if there is no tape."""
    records: list[Record] = []
    lives: set[str] = set()
    highs: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    full, begun_at = False, None
    for line in lines(path):
        if line["what"] == "begun" and begun_at is None:
            begun_at = float(line["at"])
        if line.get("topic") != topic:
            continue
        if line["what"] == "made":
            lives.add(line["life"])
        elif line["what"] == "full":
            full = True
        elif line["what"] == "offsets":
            highs[_place(line)] = line["high"]
        elif line["what"] == "record":
            place = _place(line)
            counts[place] = counts.get(place, 0) + 1
            records.append(
                Record(line["partition"], line["offset"], _bytes(line["key"]), _bytes(line["value"]), line["at"])
            )
    missed = sum(max(0, high - counts.get(place, 0)) for place, high in highs.items())
    return Recording(tuple(records), len(lives), missed, full, begun_at)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Every whole line; none if there is no tape."""
    try:
        with path.open("rb") as file:
            for raw in file:
                if raw.endswith(b"\n"):
                    yield json.loads(raw)
    except FileNotFoundError:
        return


def _place(line: Mapping[str, Any]) -> Place:
    return line["topic"], line["life"], line["partition"]


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


@dataclass
class Tape:
    """The writing end. What is on the tape already is not written again: ``next_offset`` says where to go on."""

    path: Path
    most_bytes: int = MOST_BYTES
    _descriptor: int = field(default=-1, repr=False)
    _next: dict[Place, int] = field(default_factory=dict)
    _bounds: dict[Place, tuple[int, int]] = field(default_factory=dict)
    _there: dict[str, tuple[str, int]] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _full: set[str] = field(default_factory=set)

    def open(self) -> Self:
        """Raises ``InUse``."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise InUse(str(self.path)) from error
        self._take_up()
        return self

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def begun(self, cluster: str, bootstrap: str) -> None:
        self._write({"what": "begun", "pid": os.getpid(), "cluster": cluster, "bootstrap": bootstrap})

    def made(self, topic: str, life: str, partitions: int) -> None:
        """It is there, with so many partitions. Written if that is news."""
        if self._there.get(topic) != (life, partitions):
            self._there[topic] = (life, partitions)
            self._write({"what": "made", "topic": topic, "life": life, "partitions": partitions})

    def gone(self, topic: str) -> None:
        """It is not there any more."""
        life, _ = self._there.pop(topic)
        self._write({"what": "gone", "topic": topic, "life": life})

    @property
    def there(self) -> Mapping[str, tuple[str, int]]:
        """Topics that are there: life and number of partitions."""
        return self._there

    def bounds(self, place: Place, low: int, high: int) -> None:
        """Its offsets. Written if that is news."""
        if self._bounds.get(place) != (low, high):
            self._bounds[place] = (low, high)
            topic, life, partition = place
            self._write({"what": "offsets", "topic": topic, "life": life, "partition": partition, "low": low,
                         "high": high})  # fmt: skip

    def records(self, place: Place, found: list[tuple[int, int, bytes | None, bytes | None]]) -> None:
        """Offset, timestamp, key and value of records in the order of offsets."""
        topic, life, partition = place
        parts: list[bytes] = []
        for offset, timestamp, key, value in found:
            if offset < self._next.get(place, 0) or topic in self._full:
                continue
            self._next[place] = offset + 1
            line = _line({"what": "record", "topic": topic, "life": life, "partition": partition, "offset": offset,
                          "timestamp": timestamp, "key": _text(key), "value": _text(value)})  # fmt: skip
            self._sizes[topic] = self._sizes.get(topic, 0) + len(line)
            if self._sizes[topic] > self.most_bytes:
                self._full.add(topic)
                line = _line({"what": "full", "topic": topic})
            parts.append(line)
        if parts:
            self._append(b"".join(parts))

    def next_offset(self, place: Place) -> int:
        """The first offset that is not on the tape."""
        return self._next.get(place, 0)

    def is_full(self, topic: str) -> bool:
        return topic in self._full

    def _take_up(self) -> None:
        """Know what is on the tape; cut off a line that a killed recorder left half written."""
        whole = 0
        with self.path.open("rb") as file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    os.ftruncate(self._descriptor, whole)
                    break
                whole += len(raw)
                self._learn(json.loads(raw), len(raw))

    def _learn(self, line: Mapping[str, Any], size_bytes: int) -> None:
        what = line["what"]
        if what == "made":
            self._there[line["topic"]] = (line["life"], line["partitions"])
        elif what == "gone":
            self._there.pop(line["topic"], None)
        elif what == "offsets":
            self._bounds[_place(line)] = (line["low"], line["high"])
        elif what == "full":
            self._full.add(line["topic"])
        elif what == "record":
            self._next[_place(line)] = line["offset"] + 1
            self._sizes[line["topic"]] = self._sizes.get(line["topic"], 0) + size_bytes

    def _write(self, line: dict[str, Any]) -> None:
        self._append(_line(line))

    def _append(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._descriptor, data) :]


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps({"at": round(time.time(), 3), **content}, separators=(",", ":")).encode() + b"\n"
