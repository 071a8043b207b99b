"""Log segments as brokers leave them, read from disk."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from kafka.record.default_records import DefaultRecordBatchBuilder

from topicmark.observe.segments import Written, written

GZIP = 1
DELETED = "." + "0123456789abcdef" * 2 + "-delete"


def batch(first_offset: int, *records: tuple[bytes | None, bytes | None], codec: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 1 << 22)
    for place, (key, value) in enumerate(records):
        builder.append(place, 1_700_000_000_000, key, value, [])
    data = bytearray(builder.build())
    data[0:8] = first_offset.to_bytes(8, "big")
    return bytes(data)


def put(root: Path, name: str, data: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def look(root: Path, topic: str = "t") -> Written:
    return written([root / "0", root / "1"], topic)


def read(root: Path, topic: str = "t") -> list[tuple[int, int, bytes | None, bytes | None]]:
    return [(r.partition, r.offset, r.key, r.value) for r in look(root, topic).records]


def test_replicas_are_one_and_partitions_are_told_apart(tmp_path: Path) -> None:
    for broker in "01":
        put(tmp_path, f"{broker}/t-0/{0:020}.log", batch(0, (b"1", b"a"), (None, b"b")) + batch(2, (b"2", None)))
    put(tmp_path, f"1/t-12/{7:020}.log", batch(7, (b"k", b"v"), codec=GZIP))
    put(tmp_path, f"1/t-12/{7:020}.index", b"no records")
    assert read(tmp_path) == [(0, 0, b"1", b"a"), (0, 1, None, b"b"), (0, 2, b"2", None), (12, 7, b"k", b"v")]


def test_deleted_segments_and_deleted_topics_count(tmp_path: Path) -> None:
    put(tmp_path, f"0/t-0{DELETED}/{0:020}.log", batch(0, (b"1", b"before")))
    put(tmp_path, f"0/t-0/{0:020}.log.deleted", batch(0, (b"1", b"after")))
    assert {value for *_, value in read(tmp_path)} == {b"before", b"after"}


def test_other_topics_and_folders_do_not(tmp_path: Path) -> None:
    for name in ("t-2-0", "t-x", "tt-0", "t-0-stray", "t.x-0"):
        put(tmp_path, f"0/{name}/{0:020}.log", batch(0, (b"1", b"foreign")))
    assert read(tmp_path) == []
    assert read(tmp_path / "nowhere") == []


def test_what_is_just_being_written_is_left(tmp_path: Path) -> None:
    whole = batch(0, (b"1", b"a"))
    put(tmp_path, f"0/t-0/{0:020}.log", whole + batch(1, (b"2", b"b"))[:-3])
    put(tmp_path, f"0/t-1/{0:020}.log", b"")
    assert [value for *_, value in read(tmp_path)] == [b"a"]


@pytest.mark.parametrize("codec", [2, 3, 4])
def test_another_codec_is_said(tmp_path: Path, codec: int) -> None:
    data = bytearray(batch(0, (b"1", b"a"), codec=GZIP))
    data[22] = codec
    put(tmp_path, f"0/t-0/{0:020}.log", bytes(data) + batch(1, (b"2", b"b")))
    found = look(tmp_path)
    assert [record.value for record in found.records] == [b"b"]
    assert f"type {codec}" in found.unreadable


def test_a_large_packed_batch_is_not_unpacked(tmp_path: Path) -> None:
    big = batch(0, (b"k", bytes(random.Random(7).choices(b"0123456789", k=200_000))), codec=GZIP)
    assert len(big) > 64 * 1024
    put(tmp_path, f"0/t-0/{0:020}.log", big)
    assert look(tmp_path).records == ()
    assert "compressed" in look(tmp_path).unreadable
