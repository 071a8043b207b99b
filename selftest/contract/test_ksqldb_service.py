"""The embedded ksqlDB as a service: it starts quickly, stays small, and survives being killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import psutil
import pytest
import requests
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from selftest.processes import dies_with_its_parent
from selftest.topics import await_known, read_all
from topicmark.model import LabFault
from topicmark.observe.ksqldb import KsqlView
from topicmark.provision.toolchain import ensure
from topicmark.services.base import Service
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.ksqldb import KSQLDB_HOST, KsqlDb
from topicmark.services.subnet import Subnet, claim
from topicmark.waiting import eventually, holds_for

READY_S = 90
RECORDS = 6000
SENSORS = range(1, 7)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[tuple[KafkaCluster, Subnet]]:
    ensure(["kafka"])
    with claim() as subnet:
        one = {"offsets.topic.replication.factor": "1"}
        cluster = KafkaCluster(
            KafkaSpec(subnet.prefix, nodes=(NodeSpec(0),), properties=one),
            tmp_path_factory.mktemp("kafka"),
            marker="selftest",
        )
        try:
            cluster.start()
            cluster.await_ready(READY_S)
            yield cluster, subnet
        finally:
            cluster.stop()


@pytest.fixture
def launch(lab, tmp_path) -> Iterator[object]:
    """Start a server with a service id of its own; all are gone after the test."""
    cluster, subnet = lab
    made: list[KsqlDb] = []

    def start(**options) -> KsqlDb:
        options.setdefault("service_id", f"s{time.monotonic_ns()}")
        ksqldb = KsqlDb(
            cluster.bootstrap, subnet.address(KSQLDB_HOST + len(made)), tmp_path / f"ksqldb-{len(made)}",
            marker=str(tmp_path), **options,
        )  # fmt: skip
        made.append(ksqldb)
        ksqldb.start()
        return ksqldb

    yield start
    for ksqldb in made:
        ksqldb.stop()


def run(ksqldb: KsqlDb, text: str) -> list[dict[str, object]]:
    body = json.dumps({"ksql": text, "streamsProperties": {"auto.offset.reset": "earliest"}})
    answer = requests.post(f"{ksqldb.url}/ksql", data=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_it_is_a_service_and_says_what_it_is(launch):
    ksqldb = launch()
    assert isinstance(ksqldb, Service)
    ksqldb.await_ready(READY_S)
    assert ksqldb.died() is None
    told = requests.get(f"{ksqldb.url}/info", timeout=5).json()["KsqlServerInfo"]
    assert told["version"] == "7.3.1"
    assert "embedded" in told["embedded"]
    assert ksqldb.rss_bytes() < 120_000_000
    pid = ksqldb.pid
    ksqldb.stop()
    ksqldb.stop()
    ksqldb.clean()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert not ksqldb.folder.exists()


def test_its_version_says_that_it_is_not_the_real_one():
    told = subprocess.run(
        [sys.executable, "-m", "topicmark.ksqldb", "--version"], capture_output=True, text=True, check=True
    )
    assert "embedded" in told.stdout


def test_a_broker_that_is_not_there_is_told(tmp_path):
    with claim() as subnet:
        nowhere = KsqlDb(f"{subnet.address(10)}:1", subnet.address(KSQLDB_HOST), tmp_path / "k", marker="selftest")
        nowhere.start()
        try:
            with pytest.raises(LabFault):
                nowhere.await_ready(30)
        finally:
            nowhere.stop()


def test_killed_and_started_again_it_loses_and_doubles_nothing(lab, launch):
    """Killed without warning in the midst of six busy queries, three times."""
    cluster, _ = lab
    suffix = str(time.monotonic_ns())
    source = f"INGESTION_{suffix}"
    ksqldb = launch()
    ksqldb.await_ready(READY_S)
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    admin.create_topics([NewTopic(source, 3, 1)])
    await_known(cluster.bootstrap, source)
    run(
        ksqldb,
        f"CREATE STREAM S{suffix} (payload STRING, n INT) WITH (kafka_topic='{source}', value_format='JSON');"
        + "".join(
            f"CREATE STREAM SENSOR_{n}_{suffix} AS SELECT * FROM S{suffix}"
            f" WHERE EXTRACTJSONFIELD(payload, '$.sensor_id') = '{n}';"
            for n in SENSORS
        ),
    )
    producer = KafkaProducer(bootstrap_servers=cluster.bootstrap, linger_ms=5)
    for number in range(RECORDS):
        payload = json.dumps({"sensor_id": number % 6 + 1})
        producer.send(source, json.dumps({"payload": payload, "n": number // 60}).encode(), str(number % 6).encode())
        if number in (RECORDS // 4, RECORDS // 2, 3 * RECORDS // 4):
            producer.flush(20)
            ksqldb.kill()
            ksqldb.start()
            ksqldb.await_ready(READY_S)
    producer.flush(20)
    producer.close()
    for sensor in SENSORS:
        topic = f"SENSOR_{sensor}_{suffix}"
        eventually(
            lambda topic=topic: length(cluster.bootstrap, topic), lambda size: size >= RECORDS // 6, within=60,
            describe=f"all records in {topic}",
        )  # fmt: skip
        held, size = holds_for(
            lambda topic=topic: length(cluster.bootstrap, topic), lambda size: size == RECORDS // 6, seconds=1
        )
        assert held, size
    for sensor in SENSORS:
        seen = Counter(value["N"] for value in values(cluster.bootstrap, f"SENSOR_{sensor}_{suffix}"))
        assert seen == Counter(dict.fromkeys(range(RECORDS // 60), 10))
    admin.close()


def test_without_kafka_it_says_that_the_failure_is_its_own_and_goes_on_afterwards(lab, launch):
    """Nothing that it answers meanwhile may be taken for a verdict on a statement, or on what a query wrote."""
    cluster, _ = lab
    suffix = str(time.monotonic_ns())
    ksqldb = launch()
    ksqldb.await_ready(READY_S)
    view = KsqlView(ksqldb.url)
    run(
        ksqldb,
        f"CREATE STREAM A{suffix} (n INT) WITH (kafka_topic='a{suffix}', partitions=1, value_format='JSON');"
        f"CREATE STREAM B{suffix} AS SELECT * FROM A{suffix};",
    )
    cluster.kill()
    with pytest.raises(LabFault, match="the embedded ksqlDB failed") as fault:
        view.run(f"CREATE STREAM C{suffix} (n INT) WITH (kafka_topic='c{suffix}', partitions=1, value_format='JSON');")
    assert fault.value.service == "ksqldb"
    stuck = f"the embedded ksqlDB failed: CSAS_B{suffix}_"
    eventually(lambda: fault_of(view), lambda said: said.startswith(stuck), within=60, describe="a query that is stuck")

    cluster.start()
    cluster.await_ready(READY_S)
    eventually(lambda: fault_of(view), lambda said: not said, within=60, describe="that it goes on")
    with contextlib.closing(KafkaProducer(bootstrap_servers=cluster.bootstrap)) as producer:
        for number in range(10):
            producer.send(f"a{suffix}", json.dumps({"n": number}).encode())
        producer.flush(20)
    eventually(lambda: length(cluster.bootstrap, f"B{suffix}", 1), lambda size: size >= 10, within=60, describe="rows")
    assert [value["N"] for value in values(cluster.bootstrap, f"B{suffix}")] == list(range(10))


def fault_of(view: KsqlView) -> str:
    """Why it cannot answer; empty if it does."""
    try:
        view.queries()
    except LabFault as fault:
        return fault.reason
    return ""


def length(bootstrap: str, topic: str, partitions: int = 3) -> int:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        parts = [TopicPartition(topic, part) for part in range(partitions)]
        return sum(consumer.end_offsets(parts).values())
    finally:
        consumer.close()


def values(bootstrap: str, topic: str) -> list[dict[str, int]]:
    return [json.loads(record.value) for record in read_all(bootstrap, topic)]


def test_it_goes_on_where_it_was(launch):
    ksqldb = launch()
    ksqldb.await_ready(READY_S)
    suffix = str(time.monotonic_ns())
    made = run(ksqldb, f"CREATE STREAM A{suffix} (x INT, y INT) WITH (kafka_topic='a{suffix}', partitions=2,"
                       f" value_format='JSON'); CREATE STREAM B{suffix} AS SELECT * FROM A{suffix};")  # fmt: skip
    before = run(ksqldb, "SHOW STREAMS; SHOW QUERIES;")
    ksqldb.kill()
    ksqldb.start()
    ksqldb.await_ready(READY_S)
    assert run(ksqldb, "SHOW STREAMS; SHOW QUERIES;") == before
    dropped = run(ksqldb, f"DROP STREAM B{suffix};")
    assert dropped[0]["commandSequenceNumber"] == made[1]["commandSequenceNumber"] + 2
    ksqldb.kill()
    ksqldb.start()
    ksqldb.await_ready(READY_S)
    assert run(ksqldb, "SHOW QUERIES;")[0]["queries"] == []


def test_a_detached_server_is_found_again(launch):
    first = launch(detached=True)
    first.await_ready(READY_S)
    again = KsqlDb.reattach(first.folder)
    assert again.probe()
    assert again.url == first.url
    again.stop()
    assert first.died() is not None
    with pytest.raises(LabFault, match="no longer runs"):
        KsqlDb.reattach(first.folder)


def test_nothing_is_left_when_the_parent_is_killed(lab, tmp_path):
    cluster, subnet = lab
    script = (
        "from topicmark.services.ksqldb import KsqlDb\n"
        f"service = KsqlDb({cluster.bootstrap!r}, {subnet.address(40)!r}, Path(sys.argv[1]), marker=sys.argv[1],"
        " service_id='orphan')\n"
        "service.start(); service.await_ready(60)"
    )
    assert dies_with_its_parent(script, tmp_path)
