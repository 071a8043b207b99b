"""Whole runs on what somebody deployed in a namespace: looked at, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from selftest.cases import ROOT, Graded, grade
from selftest.kubernetes.cluster import IMAGES, FakeCluster, fake_cluster
from selftest.running_lab import COMPONENTS, RunningLab, running_lab
from topicmark.observe.registry import RegistryView

REFERENCE = ROOT / "submissions" / "reference"
_KEPT = {"retention.ms": "86400000", "retention.bytes": "1000000"}


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab(*COMPONENTS) as running:
        RegistryView(running.address("registry")).register("a-value", '{"type": "long"}')
        yield running


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCluster]:
    with fake_cluster(tmp_path / "cluster") as made:
        monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
        yield made


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
    assert "CrashLoopBackOff" in graded.output
    assert "there is no Service kafka-ksqldb-server" in graded.output
    assert "still there: kafka-client" in graded.output


def test_without_brokers_only_the_deployment_is_judged(cluster: FakeCluster, tmp_path: Path) -> None:
    graded = observe(cluster, tmp_path, "ex1.2 or ex4")

    assert graded.code == 1, graded.told()
    blocked = {task for task, outcome in graded.outcomes.items() if outcome == "blocked"}
    assert blocked == {"ex4.1", "ex4.2", "ex4.3", "ex4.4", "ex4.5"}, graded.told()
    assert graded.outcomes["ex1.2"] == "failed"


def test_a_cluster_that_does_not_answer_is_no_fault_of_the_student(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.kubeconfig.write_text('{"server": "http://127.0.0.1:1"}')

    graded = observe(cluster, tmp_path, "ex1.2 or ex3.1")

    assert graded.code == 3, graded.told()
    assert set(graded.outcomes.values()) == {"infra"}, graded.told()
    assert "the API server does not answer" in graded.output
