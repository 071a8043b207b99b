"""The worker is killed at random instants under load; what is in HDFS stays exactly what is in the topic."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import MemberToRemove
from kafka.protocol.admin import DescribeGroupsRequest

from selftest.contract.sink.gate import Gate
from selftest.contract.sink.stack import Worker
from selftest.contract.sink.writer import Sink
from selftest.topics import read_all
from topicmark.observe.membership import admin
from topicmark.services.hdfs import RPC_PORT
from topicmark.waiting import eventually, holds_for

PARTITIONS = 3
FLUSH_SIZE = 5
RECORDS_PER_S = 45
DRAINED_S = 240
GROUP = "crash-cluster"
# a kill before the first commit of a worker meets the recovery, one after it the commits
LONGEST_AFTER_COMMIT_S = 1.0
LONGEST_AFTER_START_S = 6.0


@pytest.fixture
def mortal(kafka, hdfs, plugins, subnet, tmp_path) -> Iterator[Worker]:
    """A worker of its own, which is killed."""
    internal = {f"{kind}.storage.topic": f"_crash-{kind}s" for kind in ("config", "offset")}
    worker = Worker(
        tmp_path / "connect", kafka.bootstrap, subnet.address(31), plugins, {},
        **{"group.id": GROUP, "status.storage.topic": "_crash-status", **internal},
        **{"session.timeout.ms": "6000", "heartbeat.interval.ms": "500"},
    )  # fmt: skip
    worker.start()
    worker.await_ready()
    yield worker
    worker.kill()


@contextmanager
def load(bootstrap: str, topic: str) -> Iterator[None]:
    """Numbered records to all partitions in turn, until the block ends."""
    over = threading.Event()

    def feed() -> None:
        producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0)
        number = 0
        while not over.wait(1 / RECORDS_PER_S):
            producer.send(topic, value=json.dumps({"n": number}).encode(), partition=number % PARTITIONS)
            number += 1
        producer.flush(20)
        producer.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        yield
    finally:
        over.set()
        feeder.join(30)


def evict(bootstrap: str, *groups: str) -> None:
    """Take the dead members out of their groups, so that nobody waits for their sessions to end.

    Not by ``describe_groups``: kafka-python 3.0.12 takes every member for a consumer's, and a worker is none.
    """
    with admin(bootstrap) as client:

        async def described() -> Any:
            return await client._manager.send(DescribeGroupsRequest(groups=list(groups)), node_id=0)

        for group in client._manager.run(described).groups:
            dead = [MemberToRemove(member_id=member.member_id) for member in group.members]
            if dead:
                client.remove_group_members(group.group_id, dead, group_coordinator_id=0)


def topic_content(sink: Sink) -> dict[int, list[object]]:
    """The topic's values by partition; the offset is the place in the list."""
    found: dict[int, list[object]] = {partition: [] for partition in range(PARTITIONS)}
    for record in read_all(sink.bootstrap, sink.topic):
        assert record.offset == len(found[record.partition])
        found[record.partition].append(json.loads(record.value))
    return found


def test_nothing_is_lost_or_doubled_however_often_the_worker_is_killed(kafka, hdfs, mortal, request, record_property):
    crashes = request.config.getoption("--crashes")
    chance = random.Random(4711)
    sink = Sink(kafka.bootstrap, hdfs, mortal, "CRASH", PARTITIONS)
    sink.post(flush_size=str(FLUSH_SIZE), consumer_override_session_timeout_ms="6000")
    early = 0
    with load(kafka.bootstrap, sink.topic):
        for _ in range(crashes):
            before = len(sink.ranges())
            if chance.random() < 0.3:
                early += 1
                pause = chance.uniform(0, LONGEST_AFTER_START_S)
            else:
                eventually(
                    lambda: len(sink.ranges()), lambda files, least=before: files > least, within=60,
                    describe="a file by the new worker", watch=mortal.alive,
                )  # fmt: skip
                pause = chance.uniform(0, LONGEST_AFTER_COMMIT_S)
            threading.Event().wait(pause)
            mortal.kill()
            evict(kafka.bootstrap, GROUP, f"connect-{sink.name}")
            mortal.start()
        mortal.await_ready()
    expected = topic_content(sink)
    whole = sum(len(values) // FLUSH_SIZE for values in expected.values())
    eventually(
        lambda: len(sink.ranges()), lambda files: files >= whole, within=DRAINED_S, describe=f"{whole} files",
        watch=mortal.alive, pause_s=1,
    )  # fmt: skip
    files = sink.ranges()
    assert len(files) == whole
    for partition, values in expected.items():
        ours = [(first, last) for place, first, last in files if place == partition]
        firsts = range(0, len(values) - FLUSH_SIZE + 1, FLUSH_SIZE)
        assert ours == [(first, first + FLUSH_SIZE - 1) for first in firsts], f"partition {partition}"
    with ThreadPoolExecutor(4) as pool:
        contents = list(pool.map(lambda file: sink.lines_of(*file), files))
    for (partition, first, last), lines in zip(files, contents, strict=True):
        assert [json.loads(line) for line in lines] == expected[partition][first : last + 1]
    record_property("files", len(contents))
    record_property("crashes", crashes)
    record_property("crashes before a first commit", early)
    sink.close()


def test_the_log_of_a_connector_that_died_is_taken_over_at_once(sink, mortal):
    """HDFS alone would keep the lease of the dead for a minute."""
    other = Sink(sink.bootstrap, sink.hdfs, mortal, f"{sink.topic}-unused", 1)
    sink.send(0, *range(4))
    other.post(f"{sink.name}-of-the-dead", topics=sink.topic)
    sink.await_ranges((0, 0, 2))
    mortal.kill()
    started = time.monotonic()
    sink.post()
    sink.send(0, 4, 5)
    sink.await_ranges((0, 0, 2), (0, 3, 5))
    assert time.monotonic() - started < 50
    mortal.start()
    mortal.await_ready()
    other.close()


def test_hdfs_that_comes_and_goes_costs_no_record(sink):
    """Nothing listens, then the NameNode answers, is cut off in the middle, and is back."""
    with Gate(sink.hdfs.address, RPC_PORT) as gate:
        sink.send(0, *range(5))
        sink.post(hdfs_url=f"hdfs://127.0.0.1:{gate.port}")
        held, _ = holds_for(lambda: sink.worker.states(sink.name), lambda seen: set(seen) == {"RUNNING"}, seconds=2)
        assert held
        assert sink.ranges() == []
        gate.open()
        sink.await_ranges((0, 0, 2))
        gate.shut()
        sink.send(0, *range(5, 11))
        held, _ = holds_for(sink.ranges, lambda seen: seen == [(0, 0, 2)], seconds=2, pause_s=0.5)
        assert held
        gate.open()
        sink.await_ranges((0, 0, 2), (0, 3, 5), (0, 6, 8))
        gate.shut()
        gate.open()
        sink.send(0, *range(11, 15))
        sink.await_ranges(*[(0, first, first + 2) for first in range(0, 15, 3)])
    assert [line for file in sink.committed() for line in file.lines] == [str(number) for number in range(15)]
