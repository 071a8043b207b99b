"""The flight recorder's file: written by one, read at any instant, taken up again, bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicmark.backends.recorded import both, recorded
from topicmark.observe.records import Record
from topicmark.observe.segments import Written
from topicmark.recorder import tape
from topicmark.recorder.tape import InUse, Tape
from topicmark.services.recorder import tape_of

ONE, TWO = "life-1", "life-2"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "cluster.jsonl"


def record(
    offset: int, key: bytes | None = b"1", value: bytes | None = b"\xff"
) -> tuple[int, int, bytes | None, bytes | None]:
    return offset, 1_700_000_000_000, key, value


def test_what_is_written_can_be_read_at_once(path: Path) -> None:
    with Tape(path) as written:
        written.begun("cluster", "127.0.0.1:9092")
        written.made("test", ONE, 2)
        written.bounds(("test", ONE, 0), 0, 2)
        written.records(("test", ONE, 0), [record(0), record(1, None, None)])
        written.records(("other", ONE, 0), [record(0)])

        read = tape.read(path, "test")

    assert [(one.partition, one.offset, one.key, one.value) for one in read.records] == [
        (0, 0, b"1", b"\xff"),
        (0, 1, None, None),
    ]
    assert (read.lives, read.missed, read.full) == (1, 0, False)
    assert read.begun_at is not None


def test_a_tape_that_is_not_there() -> None:
    assert tape.read(Path("/nowhere/at/all"), "test") == tape.Recording()


def test_news_is_written_once(path: Path) -> None:
    with Tape(path) as written:
        for _ in range(3):
            written.made("test", ONE, 1)
            written.bounds(("test", ONE, 0), 0, 1)
        assert len(list(tape.lines(path))) == 2


def test_a_line_that_is_half_written_does_not_count_and_is_cut_off(path: Path) -> None:
    with Tape(path) as written:
        written.records(("test", ONE, 0), [record(0)])
    with path.open("ab") as file:
        file.write(b'{"at":1,"what":"rec')
    assert len(tape.read(path, "test").records) == 1

    with Tape(path) as again:
        again.records(("test", ONE, 0), [record(0), record(1)])

    assert [one.offset for one in tape.read(path, "test").records] == [0, 1]


def test_one_writer_at_a_time(path: Path) -> None:
    with Tape(path), pytest.raises(InUse):
        Tape(path).open()


def test_a_topic_that_was_made_again_has_two_lives(path: Path) -> None:
    with Tape(path) as written:
        written.made("test", ONE, 1)
        written.records(("test", ONE, 0), [record(0)])
        written.gone("test")
        written.made("test", TWO, 1)
        written.records(("test", TWO, 0), [record(0, b"2")])

    read = tape.read(path, "test")
    assert read.lives == 2
    assert [one.key for one in read.records] == [b"1", b"2"]


def test_what_nobody_saw_is_counted(path: Path) -> None:
    with Tape(path) as written:
        written.bounds(("test", ONE, 0), 3, 5)
        written.records(("test", ONE, 0), [record(3), record(4)])

    assert tape.read(path, "test").missed == 3


def test_a_flood_does_not_fill_the_disk(path: Path) -> None:
    with Tape(path, most_bytes=2000) as written:
        for offset in range(0, 100, 10):
            written.records(("test", ONE, 0), [record(offset + step) for step in range(10)])
        written.records(("other", ONE, 0), [record(0)])
        assert written.is_full("test")
        assert not written.is_full("other")

    assert path.stat().st_size < 2600
    read = tape.read(path, "test")
    assert read.full
    assert 5 < len(read.records) < 30
    with Tape(path, most_bytes=2000) as again:
        assert again.is_full("test")


def test_what_a_lab_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOPICMARK_STATE", str(tmp_path))
    assert recorded("c/1", "test") is None
    with Tape(tape_of("c/1")) as written:
        written.begun("c/1", "")
        written.bounds(("test", ONE, 0), 1, 2)
        written.records(("test", ONE, 0), [record(1)])

    seen = recorded("c/1", "test")
    assert seen is not None
    assert [one.offset for one in seen.records] == [1]
    assert "1 records were deleted before" in seen.unreadable
    on_disk = Written((Record(0, 0, b"1", b"x", 0.0), Record(0, 1, b"1", b"\xff", 0.0)))
    together = both(seen, on_disk)
    assert sorted(one.offset for one in together.records) == [0, 1]
    assert together.unreadable == ""
    assert both(None, on_disk) == on_disk
