"""Whole runs on what somebody deployed in a namespace: looked at, and nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from selftest.cases import ROOT, Graded, grade
from selftest.kubernetes.cluster import IMAGES, FakeCluster
from selftest.running_lab import COMPONENTS, RunningLab, running_lab
from topicmark.observe.registry import RegistryView

REFERENCE = ROOT / "submissions" / "reference"
_KEPT = {"retention.ms": "86400000", "retention.bytes": "1000000"}


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab(*COMPONENTS) as running:
        RegistryView(running.address("registry")).register("a-value", '{"type": "long"}')
        yield running


def observe(cluster: FakeCluster, folder: Path, select: str, *more: str) -> Graded:
    return grade(REFERENCE, folder / "out", *cluster.options("-k", select, *more))


def type_into(theirs: RunningLab, topic: str) -> None:
    """What a console producer would leave there."""
    bootstrap = theirs.lab.bootstrap.split(",")
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    if topic not in admin.list_topics():
        admin.create_topics([NewTopic(topic, 3, 3, topic_configs=_KEPT)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send(topic, b"typed").get(timeout=20)
    producer.close()


def test_what_was_deployed_is_looked_at(cluster: FakeCluster, theirs: RunningLab, tmp_path: Path) -> None:
    cluster.deploy(theirs, *COMPONENTS)
    type_into(theirs, "test")
    type_into(theirs, "INGESTION")

    graded = observe(cluster, tmp_path, "ex1 or ex3 or ex4.1 or ex4.2")

    assert graded.code == 0, graded.told()
    assert graded.outcomes == {
        "ex1.1": "passed",
        "ex1.2": "passed",
        "ex3.1": "passed",
        "ex3.2": "passed",
        "ex3.3": "passed",
        "ex3.4": "passed",
        "ex4.1": "passed",
        "ex4.2": "not_run",
    }, graded.told()


def publish(bootstrap: str, stop: threading.Event) -> None:
    """Six sensors, one key each, five records a second, until told to stop."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","))
    while not stop.wait(0.2):
        for sensor in range(1, 7):
            value = {"sensor_id": sensor, "modality": 4.2, "unit": "MW", "temporal_aspect": "real_time"}
            producer.send("INGESTION", key=str(sensor).encode(), value=json.dumps(value).encode())
    producer.close()


def test_programs_that_run_elsewhere_are_judged_by_their_records(
    cluster: FakeCluster, theirs: RunningLab, tmp_path: Path
) -> None:
    cluster.deploy(theirs)
    type_into(theirs, "INGESTION")
    stop = threading.Event()
    producer = threading.Thread(target=publish, args=(theirs.lab.bootstrap, stop))
    producer.start()
    try:
        graded = observe(cluster, tmp_path, "ex4.3 or ex4.4 or ex4.5 or ex5.1")
    finally:
        stop.set()
        producer.join()

    assert graded.code == 0, graded.told()
    assert graded.outcomes == {"ex4.3": "passed", "ex4.4": "passed", "ex4.5": "passed", "ex5.1": "not_run"}


def test_what_is_missing_or_left_over_costs_its_own_task(
    cluster: FakeCluster, theirs: RunningLab, tmp_path: Path
) -> None:
    cluster.deploy(theirs, "registry")
    type_into(theirs, "test")
    cluster.pod("kafka-client", "kafka-client", {}, image=IMAGES["kafka"], bare=True)
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
    status = {"phase": "Running", "containerStatuses": [{"name": "connect", "restartCount": 7, "state": waiting}]}
    cluster.pod("kafka-connect-1", "kafka-connect", {}, image=IMAGES["connect"], status=status)
    cluster.service("kafka-connect", "kafka-connect", {8083: 8083})

    graded = observe(cluster, tmp_path, "ex1.2 or ex3")

    assert graded.code == 1, graded.told()
    lost = {task: outcome for task, outcome in graded.outcomes.items() if outcome != "passed"}
    assert lost == {"ex3.2": "failed", "ex3.3": "failed", "ex3.4": "failed"}, graded.told()
    assert "CrashLoopBackOff" in graded.told()
    assert "there is no Service kafka-ksqldb-server" in graded.told()
    assert "still there: kafka-client" in graded.told()


def test_without_brokers_only_the_deployment_is_judged(cluster: FakeCluster, tmp_path: Path) -> None:
    graded = observe(cluster, tmp_path, "ex1.2 or ex4")

    assert graded.code == 1, graded.told()
    blocked = {task for task, outcome in graded.outcomes.items() if outcome == "blocked"}
    assert blocked == {"ex4.1", "ex4.2", "ex4.3", "ex4.4", "ex4.5"}, graded.told()
    assert graded.outcomes["ex1.2"] == "failed"


def test_a_cluster_that_does_not_answer_is_no_fault_of_the_student(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.lead_to("http://127.0.0.1:1")

    graded = observe(cluster, tmp_path, "ex1.2 or ex3.1")

    assert graded.code == 3, graded.told()
    assert set(graded.outcomes.values()) == {"infra"}, graded.told()
    assert "the API server does not answer" in graded.told()
