"""What the sink leaves in HDFS: recordings hdfs-tree-1, hdfs-contents-1, restart-3dn, groups-1, groups-2, ingestion."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from selftest.contract.sink.wal import decoded, encoded, transaction
from topicmark.services.hdfs import RPC_PORT
from topicmark.waiting import eventually, holds_for

RECORDED = Path(__file__).with_name("recorded")
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def documents(sink) -> dict[int, list[object]]:
    """By partition, the parsed lines of all committed files."""
    found: dict[int, list[object]] = {}
    for file in sink.committed():
        found.setdefault(file.partition, []).extend(json.loads(line) for line in file.lines)
    return found


def test_twenty_records_leave_the_recorded_tree(sink):
    records = {number: list(values) for number, values in ingestion().items()}
    for partition, values in records.items():
        sink.send(partition, *values)
    sink.post()
    sink.await_ranges(*[(partition, first, first + 2) for partition in range(3) for first in (0, 3)])
    topic = sink.topic
    # the seventh record of a partition comes after the commit of the sixth
    eventually(
        lambda: sink.hdfs.files(f"/topics/+tmp/{topic}"), lambda begun: len(begun) == 2, within=20,
        describe="what was begun after the last files",
    )  # fmt: skip
    tree = sink.hdfs.tree("/")
    final = f"/topics/{topic}"
    assert {path for path in tree if path.startswith(final) and not path.endswith("/")} == {
        f"{final}/partition={p}/{topic}+{p}+{first:010d}+{first + 2:010d}.json" for p in range(3) for first in (0, 3)
    }
    assert sink.hdfs.tree(f"/logs/{topic}") == {
        path: size for p in range(3) for path, size in ((f"/logs/{topic}/{p}/", 0), (f"/logs/{topic}/{p}/log", 35))
    }
    open_files = [path for path in tree if path.startswith(f"/topics/+tmp/{topic}/") and not path.endswith("/")]
    assert [re.sub(UUID, "U", path) for path in sorted(open_files)] == [
        f"/topics/+tmp/{topic}/partition={p}/U_tmp.json" for p in (0, 2)
    ]
    assert {tree[path] for path in open_files} == {0}
    assert f"/topics/+tmp/{topic}/partition=1/" in tree
    assert documents(sink) == {p: values[:6] for p, values in records.items()}


def test_a_line_is_written_as_it_was_recorded(sink):
    sink.send(0, *ingestion()[0][:3])
    sink.post()
    sink.await_ranges((0, 0, 2))
    assert sink.committed()[0].lines[0] == (
        '{"schema_version":1,"payload":"{\\"sensor_id\\": 1, \\"modality\\": -372, \\"unit\\": \\"MW\\", '
        '\\"temporal_aspect\\": \\"real_time\\"}","correlation_id":"3eb13b90-4668-4257-bdd6-40fb06671ad1",'
        '"created_at":1.694902173122458E9}'
    )


def test_the_log_is_the_recorded_bytes(sink):
    sink.send(0, *ingestion()[0])
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    log = sink.hdfs.read(f"/logs/{sink.topic}/0/log")
    recorded = unhex((RECORDED / "wal.txt").read_text())
    assert normal(log, sink.hdfs.url, sink.topic) == normal(recorded, "hdfs://127.0.0.1:29000", "INGESTION")


@pytest.mark.parametrize(
    ("flush_size", "sent", "files"),
    [("1", 3, [(0, 0, 0), (0, 1, 1), (0, 2, 2)]), ("3", 7, [(0, 0, 2), (0, 3, 5)]),
     ("10", 25, [(0, 0, 9), (0, 10, 19)]), ("1000", 2003, [(0, 0, 999), (0, 1000, 1999)])],
)  # fmt: skip
def test_a_file_has_exactly_flush_size_records(sink, flush_size, sent, files):
    values = [{"n": number} for number in range(sent)]
    sink.send(0, *values)
    sink.post(flush_size=flush_size)
    sink.await_ranges(*files)
    assert documents(sink)[0] == values[: files[-1][2] + 1]


def test_below_flush_size_nothing_of_the_topic_appears_but_its_temporary_folder(sink):
    sink.send(0, {"n": 1}, {"n": 2})
    sink.post()
    eventually(
        lambda: sink.hdfs.tree(f"/topics/+tmp/{sink.topic}"), lambda tree: len(tree) == 2, within=20,
        describe="a temporary file",
    )  # fmt: skip
    assert sink.hdfs.tree(f"/topics/{sink.topic}") == {}
    assert sink.hdfs.tree(f"/logs/{sink.topic}") == {}
    assert sink.offsets() == {}


def test_offsets_are_those_of_the_files(sink):
    for partition, count in ((0, 7), (1, 6), (2, 2)):
        sink.send(partition, *[{"n": number} for number in range(count)])
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5), (1, 0, 2), (1, 3, 5))
    eventually(sink.offsets, lambda seen: seen == {0: 6, 1: 6}, within=20, describe="the offsets of the files")
    assert sink.members() == [f"connector-consumer-{sink.name}-{task}" for task in range(3)]


def test_delete_and_post_again_goes_on_after_the_last_file(sink):
    sink.send(0, *range(7))
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    sink.delete()
    left = sink.hdfs.tree(f"/topics/+tmp/{sink.topic}")
    assert all(path.endswith("/") for path in left)
    before = sink.hdfs.tree(f"/logs/{sink.topic}")[f"/logs/{sink.topic}/0/log"]
    sink.post()
    rotated = eventually(
        lambda: sink.hdfs.tree(f"/logs/{sink.topic}"), lambda tree: f"/logs/{sink.topic}/0/log.1" in tree, within=20,
        describe="the log set aside",
    )  # fmt: skip
    # twenty bytes: the sync marker of the writer that took the log over
    assert {path: size for path, size in rotated.items() if size} == {f"/logs/{sink.topic}/0/log.1": before + 20}
    sink.send(0, *range(7, 12))
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8), (0, 9, 11))
    assert sink.hdfs.tree(f"/logs/{sink.topic}")[f"/logs/{sink.topic}/0/log"] == 35
    assert documents(sink)[0] == list(range(12))


def test_a_restart_of_connector_and_tasks_goes_on(sink):
    sink.send(1, *range(4))
    sink.post()
    sink.await_ranges((1, 0, 2))
    answer = sink.worker.post(f"/connectors/{sink.name}/restart?includeTasks=true", None)
    assert answer.status_code == 202
    assert answer.json()["connector"]["state"] == "RESTARTING"
    sink.send(1, *range(4, 9))
    sink.await_ranges((1, 0, 2), (1, 3, 5), (1, 6, 8))
    assert documents(sink)[1] == list(range(9))


def test_offsets_of_the_group_do_not_count_where_files_are(sink):
    """Files win: what the group says is ahead of them is read again, what is behind is not written twice."""
    sink.send(0, *range(9))
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
    sink.delete()
    last = f"/topics/{sink.topic}/partition=0/{sink.topic}+0+0000000006+0000000008.json"
    sink.hdfs.delete(last)
    sink.hdfs.delete(f"/logs/{sink.topic}")
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
    assert documents(sink)[0] == list(range(9))


def test_other_folders(sink):
    sink.send(0, *range(3))
    sink.post(topics_dir="/data/lake", logs_dir="wal")
    sink.await_ranges((0, 0, 2), root="/data/lake")
    assert sink.hdfs.tree(f"/wal/{sink.topic}/0") == {f"/wal/{sink.topic}/0/log": 35}
    assert sink.hdfs.tree(f"/topics/{sink.topic}") == {}


def test_a_topic_in_the_name_of_the_folder_and_narrow_offsets(sink):
    sink.send(0, *range(3))
    sink.post(**{"topics.dir": "by/${topic}", "filename.offset.zero.pad.width": "0"})
    eventually(
        lambda: sink.hdfs.files(f"/by/{sink.topic}"),
        lambda files: f"/by/{sink.topic}/{sink.topic}/partition=0/{sink.topic}+0+0+2.json" in files,
        within=20, describe="the file",
    )  # fmt: skip


def test_topics_by_pattern(sink):
    second = sink.topic + "x"
    sink.make_topic(second, 1)
    sink.send(0, *range(3))
    sink.send(0, *range(10, 13), topic=second)
    sink.post(topics=None, topics_regex=f"{sink.topic}.*")
    sink.await_ranges((0, 0, 2))
    sink.await_ranges((0, 0, 2), topic=second)
    assert sink.committed(second)[0].lines == ("10", "11", "12")


def test_store_url_goes_before_hdfs_url(sink):
    sink.send(0, *range(3))
    sink.post(hdfs_url="hdfs://127.0.0.1:1", store_url=sink.hdfs.url)
    sink.await_ranges((0, 0, 2))


def test_a_host_name(sink):
    sink.send(0, *range(3))
    sink.post(hdfs_url=f"hdfs://namenode:{RPC_PORT}")
    sink.await_ranges((0, 0, 2))
    log = sink.hdfs.read(f"/logs/{sink.topic}/0/log")
    assert f"hdfs://namenode:{RPC_PORT}/topics//+tmp/{sink.topic}/partition=0/".encode() in log


def test_rotation_by_age(sink):
    sink.post(rotate_interval_ms="500")
    sink.send(0, {"n": 0})

    def fed() -> list[tuple[int, int, int]]:
        # a file grows old by itself, but is looked at when records arrive
        sink.send(1, {"other": "partition"})
        return sink.ranges()

    eventually(fed, lambda seen: (0, 0, 0) in seen, within=20, pause_s=0.2, describe="a file below flush.size records")


def test_rotation_by_the_clock_needs_a_timezone(sink):
    sink.send(0, {"n": 0})
    sink.post(flush_size="1000", rotate_schedule_interval_ms="1000", timezone="Europe/Copenhagen")
    sink.await_ranges((0, 0, 0))
    sink.delete()
    answer = sink.worker.post(
        "/connectors", {"name": sink.name, "config": sink.config(rotate_schedule_interval_ms="1000")}
    )
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        sink._posted.append(sink.name)
        eventually(
            lambda: sink.worker.states(sink.name), lambda seen: seen == ["FAILED"], within=20,
            describe="a failed connector",
        )  # fmt: skip


def test_json_that_is_no_object(sink):
    sink.send(0, "a string", 17, [1, 2], None, 1.5, {"b": {"a": [True]}})
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    assert [file.lines for file in sink.committed()] == [
        ('"a string"', "17", "[1,2]"), ("null", "1.5", '{"b":{"a":[true]}}')
    ]  # fmt: skip


def test_a_tombstone_is_a_line(sink):
    sink._producer.send(sink.topic, value=None, key=b"k", partition=0)
    sink.send(0, 1, 2)
    sink.post()
    sink.await_ranges((0, 0, 2))
    assert sink.committed()[0].lines == ("null", "1", "2")


def test_strings_as_json_and_as_text(sink):
    sink.send(0, b"one", b'{"a": 1}', b"three")
    strings = {"value.converter": "org.apache.kafka.connect.storage.StringConverter"}
    sink.post(**strings)
    sink.await_ranges((0, 0, 2))
    assert sink.committed()[0].lines == ('"one"', '"{\\"a\\": 1}"', '"three"')
    sink.delete()
    text = {**strings, "format.class": "io.confluent.connect.hdfs.string.StringFormat", "topics.dir": "text"}
    sink.post(**text, **{"logs.dir": "textlogs"}, name=f"{sink.name}-text")
    sink.await_ranges((0, 0, 2), root="/text")
    (file,) = sink.committed(root="/text")
    assert (file.path.rsplit(".", 1)[1], file.lines) == ("txt", ("one", '{"a": 1}', "three"))


def test_a_schema_is_left_out_of_the_line_and_its_change_starts_a_file(sink):
    def enveloped(field: str, value: int) -> dict[str, object]:
        fields = [{"field": field, "type": "int32", "optional": False}]
        return {"schema": {"type": "struct", "fields": fields, "optional": False}, "payload": {field: value}}

    sink.send(0, enveloped("a", 1), enveloped("a", 2), enveloped("b", 3), enveloped("b", 4), enveloped("b", 5))
    sink.post(value_converter_schemas_enable="true")
    sink.await_ranges((0, 0, 1), (0, 2, 4))
    assert documents(sink)[0] == [{"a": 1}, {"a": 2}, {"b": 3}, {"b": 4}, {"b": 5}]


def test_a_record_that_is_no_json_fails_the_tasks_and_not_the_connector(sink):
    sink.send(1, 1, 2, 3)
    sink.post()
    sink.await_ranges((1, 0, 2))
    sink.send(0, b"not json", 1, 2)
    trace = sink.await_failed()
    assert trace.startswith("org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler")
    assert "Converting byte[] to Kafka Connect data failed due to serialization error" in trace
    # Connect's doing: the partition goes from one failed task to the next
    eventually(
        lambda: sink.worker.states(sink.name), lambda seen: seen == ["RUNNING", "FAILED", "FAILED", "FAILED"],
        within=30, describe="a connector that runs and tasks that do not",
    )  # fmt: skip
    assert sink.ranges() == [(1, 0, 2)]


def test_a_wrong_port_leaves_everything_running_and_nothing_written(sink):
    sink.send(0, *range(6))
    sink.post(hdfs_url="hdfs://127.0.0.1:1")
    held, states = holds_for(
        lambda: sink.worker.states(sink.name), lambda seen: set(seen) == {"RUNNING"}, seconds=12, pause_s=1
    )
    assert held, states
    assert sink.ranges() == []
    assert sink.offsets() == {}
    sink.delete()


def test_a_second_connector_waits_for_the_first_ones_log(sink):
    sink.send(0, *range(3))
    sink.post()
    sink.await_ranges((0, 0, 2))
    second = sink.post(f"{sink.name}-2")
    sink.send(0, *range(3, 6))
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    held, _ = holds_for(
        lambda: (sink.ranges(), set(sink.worker.states(second))),
        lambda seen: seen == ([(0, 0, 2), (0, 3, 5)], {"RUNNING"}), seconds=4, pause_s=0.5,
    )  # fmt: skip
    assert held
    assert sink.offsets(second) == {}
    sink.delete()
    sink.send(0, *range(6, 9))
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
    assert documents(sink)[0] == list(range(9))


def left_behind(sink, *, log: bytes) -> None:
    """What a writer leaves that died in the middle of its second commit."""
    lines = [b"".join(b"%d\n" % number for number in range(first, first + 3)) for first in (0, 3)]
    sink.hdfs.write(f"/topics/{sink.topic}/partition=0/{sink.topic}+0+0000000000+0000000002.json", lines[0])
    sink.hdfs.write(f"/topics/+tmp/{sink.topic}/partition=0/left_tmp.json", lines[1])
    sink.hdfs.write(f"/logs/{sink.topic}/0/log", log)
    sink.send(0, *range(8))


def second_commit(sink) -> tuple[str, str]:
    return (
        f"{sink.hdfs.url}/topics//+tmp/{sink.topic}/partition=0/left_tmp.json",
        f"{sink.hdfs.url}/topics/{sink.topic}/partition=0/{sink.topic}+0+0000000003+0000000005.json",
    )


def test_what_the_log_promised_is_done_by_the_next_writer(sink):
    left_behind(sink, log=encoded(*transaction(*second_commit(sink))))
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    assert sink.hdfs.files(f"/topics/+tmp/{sink.topic}") != [f"/topics/+tmp/{sink.topic}/partition=0/left_tmp.json"]
    sink.send(0, 8)
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
    assert documents(sink)[0] == list(range(9))


@pytest.mark.parametrize("missing_bytes", [1, 5, 13, 60, 400])
def test_half_a_promise_is_none(sink, ours, missing_bytes):
    if not ours:
        pytest.skip("not recorded of the real one")
    whole = encoded(*transaction(*second_commit(sink)))
    left_behind(sink, log=whole[: max(0, len(whole) - missing_bytes)])
    sink.post()
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    sink.send(0, 8)
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
    assert documents(sink)[0] == list(range(9))


def test_a_promise_kept_before_is_not_done_again(sink):
    """The temporary file beside its committed one is the next file's beginning, under the same name."""
    left_behind(sink, log=encoded(*transaction(*second_commit(sink))))
    sink.hdfs.write(f"/topics/{sink.topic}/partition=0/{sink.topic}+0+0000000003+0000000005.json", b"3\n4\n5\n")
    sink.hdfs.write(f"/topics/+tmp/{sink.topic}/partition=0/left_tmp.json", b"6\n")
    sink.post()
    sink.send(0, 8)
    sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
    assert documents(sink)[0] == list(range(9))


def ingestion() -> dict[int, list[object]]:
    """The recorded records by partition."""
    found: dict[int, list[object]] = {}
    for line in (RECORDED / "ingestion.txt").read_text().splitlines():
        partition, _, _, value = line.split("\t", 3)
        found.setdefault(int(partition.removeprefix("Partition:")), []).append(json.loads(value))
    return found


def unhex(dump: str) -> bytes:
    return bytes.fromhex("".join(line[10:50].replace(" ", "") for line in dump.splitlines()))


def normal(log: bytes, url: str, topic: str) -> bytes:
    """The log with random bytes, the host and the topic made the same; lengths adjusted to what they would be."""
    marker, records = decoded(log)
    assert len(marker) == 16
    plain = [
        tuple(re.sub(UUID, "U", text.replace(url, "URL").replace(topic, "T")) for text in record) for record in records
    ]
    return repr((len(log) - sum(len(key) + len(value) for key, value in records), plain)).encode()
