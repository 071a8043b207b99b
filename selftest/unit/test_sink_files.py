"""The sink's files by name, and the records in them compared with what was sent."""

from __future__ import annotations

import pytest

from topicmark.observe.sink_files import SinkConfig, SinkFile, changed_records, complete_until, covered

CONFIG = SinkConfig("hdfs-sink", {"topics": "INGESTION", "flush.size": "3", "hdfs.url": "hdfs://namenode:9000"})
FOLDER = "/topics/INGESTION/partition=0"
SENT = b'{"payload": "{\\"sensor_id\\": 1}", "created_at": 1694902173.122458, "schema_version": 1}'
LINE = b'{"schema_version":1,"payload":"{\\"sensor_id\\": 1}","created_at":1.694902173122458E9}\n'


def config(**raw: str) -> SinkConfig:
    return SinkConfig("hdfs-sink", {**CONFIG.raw, **{key.replace("_", "."): value for key, value in raw.items()}})


def test_a_committed_file_is_known_by_its_name():
    path = f"{FOLDER}/INGESTION+0+0000000003+0000000005.json"
    assert CONFIG.file_of(path, "INGESTION") == SinkFile(path, 0, 3, 5)
    assert SinkFile(path, 0, 3, 5).count == 3


@pytest.mark.parametrize(
    "path",
    [
        "/topics/+tmp/INGESTION/partition=0/2d46762b_tmp.json",
        "/topics/INGESTION/partition=1/INGESTION+0+0000000003+0000000005.json",
        "/topics/INGESTION/INGESTION+0+0000000003+0000000005.json",
        f"{FOLDER}/INGESTIONS+0+0000000003+0000000005.json",
        f"{FOLDER}/notes.txt",
    ],
)
def test_what_is_no_committed_file(path):
    assert CONFIG.file_of(path, "INGESTION") is None


def test_other_folders_and_delimiters_are_followed():
    one = config(topics_dir="/a//b/", logs_dir="wal", file_delim="-")
    assert one.file_of("/a/b/INGESTION/partition=2/INGESTION-2-0-9", "INGESTION") is not None
    assert one.log_of("INGESTION", 2) == "/wal/INGESTION/2/log"
    assert config(hdfs_url="hdfs://namenode:9000/data").topics_folder == "/data/topics"
    assert config(store_url="hdfs://namenode:9000/other").logs_folder == "/other/logs"


@pytest.mark.parametrize(
    ("raw", "reads"),
    [
        ({"topics": "a, INGESTION"}, True),
        ({"topics": "ingestion"}, False),
        ({"topics": "", "topics_regex": "INGEST.*"}, True),
        ({"topics": "", "topics_regex": "INGEST"}, False),
        ({"topics": "", "topics_regex": "("}, False),
    ],
)
def test_which_topics_it_reads(raw, reads):
    assert config(**raw).reads("INGESTION") is reads


@pytest.mark.parametrize(("text", "size"), [("3", 3), ("0", 0), ("three", 0), ("", 0)])
def test_flush_size(text, size):
    assert config(flush_size=text).flush_size == size


def test_files_by_time_only_where_an_interval_is_set():
    assert not CONFIG.rotates
    assert config(rotate_interval_ms="10000").rotates
    assert config(rotate_schedule_interval_ms="10000").rotates
    assert not config(rotate_interval_ms="-1").rotates


def test_coverage_counts_overlaps_and_gaps():
    files = [SinkFile("a", 0, 0, 2), SinkFile("b", 0, 2, 3), SinkFile("c", 0, 6, 7)]
    counts = covered(files)
    assert counts[0, 2] == 2
    assert (0, 4) not in counts
    assert complete_until(files, 0) == 4
    assert complete_until(files, 1) == 0


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (LINE, [SENT]),
        (LINE + LINE, [SENT, SENT]),
        (b"null\n", [None]),
        (b'"a string"\n17\n[1,2]\n', [b'"a string"', b"17", b"[1, 2]"]),
        (b"plain text\n{}\n", [b"plain text", b"{}"]),
        (b'"{\\"a\\": 1}"\n', [b'{"a": 1}']),
        (b'"eyJhIjogMX0="\n', [b'{"a": 1}']),
        (b"", []),
    ],
)
def test_the_same_records(content, sent):
    assert changed_records(content, sent, more_allowed=False) == []


@pytest.mark.parametrize(
    ("content", "sent", "changed"),
    [
        (LINE, [SENT, SENT], [1]),
        (LINE + LINE, [SENT], [1]),
        (LINE.replace(b"458E9", b"459E9"), [SENT], [0]),
        (LINE.replace(b'"schema_version":1,', b""), [SENT], [0]),
        (LINE.replace(b"}\n", b',"more":1}\n'), [SENT], [0]),
        (b"{}\n" + LINE, [SENT, SENT], [0]),
        (b"", [SENT], [0]),
        (b"\xff\n", [SENT], [0]),
        (b"null\n", [b"1"], [0]),
    ],
)
def test_other_records(content, sent, changed):
    assert changed_records(content, sent, more_allowed=False) == changed


def test_transforms_may_add_fields_but_take_none():
    assert changed_records(LINE.replace(b"}\n", b',"more":1}\n'), [SENT], more_allowed=True) == []
    assert changed_records(b'{"more":1}\n', [SENT], more_allowed=True) == [0]
