"""Rows of a table in files of HDFS, whatever format, delimiters and order of columns they were written with."""

from __future__ import annotations

import gzip
import itertools
import posixpath
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Protocol

from topicmark.observe import avro

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORD = re.compile(r"[^\W_]+")
_FORMS = {b"SEQ": "a sequence file", b"PAR1": "a Parquet file", b"ORC": "an ORC file", b"BZh": "packed with bzip2"}
_GZIP = b"\x1f\x8b"
_SHOWN = 120


class Row(Protocol):
    """What is looked for. ``name`` is unlike any other text."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def salary(self) -> Decimal: ...


@dataclass
class Found:
    """What one folder holds: how often each row is there in full, by id, and rows that are not as they should be."""

    folder: str
    times: Counter[int] = field(default_factory=Counter)
    maimed: dict[int, str] = field(default_factory=dict)
    files: int = 0


@dataclass(frozen=True)
class Opaque:
    """A file that cannot be read here. ``form`` says what it is."""

    path: str
    form: str


def looked_for(rows: Sequence[Row], paths: Sequence[str], read: Callable[[str], bytes]) -> list[Found | Opaque]:
    """The folders that hold any of the rows, the fullest first; files that cannot be read only if none does."""
    folders: dict[str, Found] = {}
    opaque: list[Found | Opaque] = []
    for path in paths:
        content = _unpacked(read(path))
        if form := next((form for magic, form in _FORMS.items() if content.startswith(magic)), None):
            opaque.append(Opaque(path, form))
            continue
        found = folders.setdefault(posixpath.dirname(path), Found(posixpath.dirname(path)))
        found.files += 1
        for record in _records(content):
            _enter(found, record, rows)
    holding = [one for one in folders.values() if one.times or one.maimed]
    holding.sort(key=lambda one: (-len(one.times), sum(one.times.values()), len(one.maimed), one.folder))
    return [*holding] if holding else opaque


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return content


def _records(content: bytes) -> Iterator[str]:
    """Each record as a text of its values."""
    if content.startswith(avro.MAGIC):
        for record in avro.records(content):
            yield "\x01".join("" if value is None else str(value) for value in record.values())
        return
    yield from content.decode("utf-8", "replace").splitlines()


def _enter(found: Found, record: str, rows: Sequence[Row]) -> None:
    row = next((row for row in rows if row.name in record), None)
    if row is None:
        return
    if _is_whole(record, row):
        found.times[row.id] += 1
    else:
        found.maimed[row.id] = record[:_SHOWN]


def _is_whole(record: str, row: Row) -> bool:
    """Whether a record is the row's values and what delimits them, in any order."""
    rest = record.replace(row.name, "\x01", 1)
    if row.department not in rest:
        return False
    rest = rest.replace(row.department, "\x01", 1)
    numbers = _numbers(_NUMBER.findall(rest))
    return numbers == sorted([Decimal(row.id), row.salary]) and not _WORD.search(_NUMBER.sub("", rest))


def _numbers(texts: Sequence[str]) -> list[Decimal]:
    def numbers() -> Iterator[Decimal]:
        for text in itertools.islice(texts, 10):
            try:
                yield Decimal(text)
            except InvalidOperation:
                continue

    return sorted(numbers())
