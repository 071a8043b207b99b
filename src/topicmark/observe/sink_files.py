"""What the HDFS 2 sink left in HDFS: its files by topic, partition and offsets, and the records in them.

Names and folders are those of Confluent's connector: ``/<topics.dir>/<topic>/partition=<p>/<topic>+<p>+<start>+<end>``
with an ending by format, ``/<logs.dir>/<topic>/<p>/log``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_NUMBER = r"(\d{1,19})"


@dataclass(frozen=True, slots=True)
class SinkConfig:
    """A sink connector's configuration as far as its files follow from it. ``raw`` is all of it."""

    name: str
    raw: Mapping[str, str]

    @property
    def group(self) -> str:
        return f"connect-{self.name}"

    @property
    def flush_size(self) -> int:
        """Records in a full file; 0 if it cannot be read as a number."""
        try:
            return int(self.raw.get("flush.size", ""))
        except ValueError:
            return 0

    @property
    def rotates(self) -> bool:
        """Whether files are also closed by time."""
        return self.rotates_after_s > 0

    @property
    def rotates_after_s(self) -> float:
        """Seconds after which a file is closed by time; 0 if it never is."""
        texts = (self.raw.get(key, "").strip() for key in ("rotate.interval.ms", "rotate.schedule.interval.ms"))
        return max((int(text) / 1000 for text in texts if text.isdecimal()), default=0.0)

    @property
    def transforms(self) -> bool:
        return bool(self.raw.get("transforms", "").strip())

    @property
    def topics_folder(self) -> str:
        return self._folder("topics.dir", "topics")

    @property
    def logs_folder(self) -> str:
        return self._folder("logs.dir", "logs")

    def _folder(self, key: str, default: str) -> str:
        base = urlsplit(self.raw.get("store.url") or self.raw.get("hdfs.url") or "").path
        parts = [part for part in f"{base}/{self.raw.get(key, default)}".split("/") if part]
        return "/" + "/".join(parts)

    def reads(self, topic: str) -> bool:
        """Whether the topic is among those that it is told to read."""
        names = [name.strip() for name in self.raw.get("topics", "").split(",")]
        pattern = self.raw.get("topics.regex", "")
        try:
            return topic in names or bool(pattern and re.fullmatch(pattern, topic))
        except re.error:
            return False

    def file_of(self, path: str, topic: str) -> SinkFile | None:
        """The path as a committed file of ``topic``, or None if it is none."""
        partitions = re.escape(f"{self.topics_folder}/{topic}/partition=") + _NUMBER
        delimiter = re.escape(self.raw.get("file.delim", "+"))
        stem = delimiter.join([re.escape(topic), _NUMBER, _NUMBER, _NUMBER])
        found = re.fullmatch(rf"{partitions}/{stem}(\.\w+)?", path)
        if found is None or found[1] != found[2]:
            return None
        return SinkFile(path, int(found[1]), int(found[3]), int(found[4]))

    def log_of(self, topic: str, partition: int) -> str:
        """Where the write-ahead log of a partition lies."""
        return f"{self.logs_folder}/{topic}/{partition}/log"


@dataclass(frozen=True, slots=True, order=True)
class SinkFile:
    """A committed file with the records of ``start`` to ``end``, both included."""

    path: str
    partition: int
    start: int
    end: int

    @property
    def count(self) -> int:
        return self.end - self.start + 1


def covered(files: Iterable[SinkFile]) -> Mapping[tuple[int, int], int]:
    """By (partition, offset): in how many files."""
    counts: Counter[tuple[int, int]] = Counter()
    for file in files:
        counts.update((file.partition, offset) for offset in range(file.start, file.end + 1))
    return counts


def complete_until(files: Iterable[SinkFile], partition: int) -> int:
    """The first offset of the partition that is in no file, counted from 0."""
    offsets = {offset for file in files if file.partition == partition for offset in range(file.start, file.end + 1)}
    reached = 0
    while reached in offsets:
        reached += 1
    return reached


def changed_records(content: bytes, sent: Sequence[bytes | None], *, more_allowed: bool) -> list[int]:
    """Which of the records ``sent`` (by place) are not in the file as they were sent, and places beyond them.

    JSON is compared as parsed, text as text. ``more_allowed``: transforms may have added fields.
    """
    if content.decode("utf-8", "replace") == "".join(f"{(one or b'').decode('utf-8', 'replace')}\n" for one in sent):
        return []
    lines = content.decode("utf-8", "replace").splitlines()
    same = [index < len(sent) and _same(line, sent[index], more_allowed) for index, line in enumerate(lines)]
    return [index for index in range(max(len(sent), len(lines))) if index >= len(same) or not same[index]]


def _same(line: str, sent: bytes | None, more_allowed: bool) -> bool:
    try:
        written = json.loads(line)
    except ValueError:
        return line == (sent or b"").decode("utf-8", "replace")
    if sent is None:
        return written is None
    wanted = _parsed(sent)
    if _alike(written, wanted, more_allowed):
        return True
    if not isinstance(written, str):
        return False
    return _alike(_parsed(written.encode()), wanted, more_allowed) or _unpacked(written) == sent


def _alike(written: Any, wanted: Any, more_allowed: bool) -> bool:
    if more_allowed and isinstance(written, dict) and isinstance(wanted, dict):
        return {key: written.get(key) for key in wanted} == wanted
    return bool(written == wanted)


def _parsed(value: bytes) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value.decode("utf-8", "replace")


def _unpacked(text: str) -> bytes | None:
    """Bytes that a ByteArrayConverter's record became on its way into JSON."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
