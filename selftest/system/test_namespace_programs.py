"""Whole runs on a deployed lab that go further than looking: programs as pods, brokers restarted, groups that run."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from selftest.cases import CORPUS, ROOT, grade, read
from selftest.kubernetes.cluster import FakeCluster
from selftest.kubernetes.tender import Tender, tended
from selftest.running_lab import RunningLab, running_lab
from topicmark.backends import kubernetes
from topicmark.backends.attachment import Attachment
from topicmark.backends.kubernetes import KubernetesLab
from topicmark.backends.needs import Needs
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.sandbox import Level
from topicmark.services.kubectl import Place
from topicmark.waiting import eventually

REFERENCE = ROOT / "submissions" / "reference"
TOPIC, PARTITIONS = "INGESTION", 3
SETTLE_S = 60
KEPT = {"retention.ms": "86400000", "retention.bytes": "1000000"}


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab() as running:
        yield running


@pytest.fixture
def view(theirs: RunningLab) -> Iterator[ClusterView]:
    """The lab, without the topic."""
    found = ClusterView(theirs.lab.bootstrap)
    found.delete_topic(TOPIC)
    eventually(lambda: found.topic(TOPIC), lambda topic: topic is None, within=SETTLE_S, describe="a clean lab")
    yield found
    found.close()


@pytest.fixture
def cluster(cluster: FakeCluster, theirs: RunningLab) -> FakeCluster:
    """The lab, deployed in a namespace."""
    cluster.deploy(theirs)
    return cluster


@contextmanager
def publishing(bootstrap: str) -> Iterator[None]:
    """Six sensors, one key each, five records a second."""
    stop = threading.Event()

    def work() -> None:
        producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), retries=100, metadata_max_age_ms=1000)
        while not stop.wait(0.2):
            for sensor in range(1, 7):
                value = {"sensor_id": sensor, "modality": 4.2, "unit": "MW", "temporal_aspect": "real_time"}
                producer.send(TOPIC, key=str(sensor).encode(), value=json.dumps(value).encode(), partition=sensor % 3)
        producer.close(timeout=5)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


@contextmanager
def reading(bootstrap: str, group: str, members: int) -> Iterator[None]:
    """That many consumers in one group, as somebody runs them elsewhere."""
    stop = threading.Event()

    def work() -> None:
        # kafka-python's leader may join before it knows the topic, and gives out nothing until it asks again
        settings = {"bootstrap_servers": bootstrap.split(","), "group_id": group, "metadata_max_age_ms": 1000}
        consumer = KafkaConsumer(TOPIC, **settings)
        while not stop.is_set():
            consumer.poll(timeout_ms=200)
        consumer.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(members)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


# The submission's programs


def test_programs_run_as_pods_beside_what_is_deployed_and_nothing_stays(
    cluster: FakeCluster, view: ClusterView, tmp_path: Path
) -> None:
    pods = cluster.api.names("v1/pods", "default")

    graded = grade(REFERENCE, tmp_path / "out", *cluster.options("--allow-writes", "-k", "ex4 or ex5.1"))

    assert graded.code == 0, graded.told()
    outcomes = {**dict.fromkeys(("ex4.1", "ex4.3", "ex4.4", "ex4.5", "ex5.1"), "passed"), "ex4.2": "not_run"}
    assert graded.outcomes == outcomes, graded.told()
    assert graded.results["sandbox"] == "pod"
    programs = [document["metadata"]["name"] for document in cluster.kubelet.seen]
    assert any(name.startswith("topicmark-producer") for name in programs), programs
    assert any(name.startswith("topicmark-consumer") for name in programs), programs
    assert cluster.api.names("v1/pods", "default") == pods
    assert view.topic(TOPIC) is None


def test_pods_that_cannot_be_made_cost_nothing(cluster: FakeCluster, view: ClusterView, tmp_path: Path) -> None:
    cluster.kubelet.held_up = {"phase": "Failed", "reason": "OutOfpods", "message": "Node didn't have enough resource"}

    graded = grade(REFERENCE, tmp_path / "out", *cluster.options("--allow-writes", "-k", "ex4.3"))

    assert graded.code == 3, graded.told()
    assert graded.outcomes == {"ex4.3": "infra"}
    assert "OutOfpods: Node didn't have enough resource" in graded.told()
    assert view.topic(TOPIC) is None


# Brokers, only if that is allowed


@pytest.mark.parametrize(("replicas", "outcome"), [(3, "passed"), (1, "failed")])
def test_a_broker_is_restarted_where_that_is_allowed(
    replicas: int, outcome: str, cluster: FakeCluster, theirs: RunningLab, view: ClusterView, tmp_path: Path
) -> None:
    view.create_topic(TOPIC, PARTITIONS, replicas, KEPT)

    with tended(cluster, theirs) as tender, publishing(theirs.lab.bootstrap):
        graded = grade(REFERENCE, tmp_path / "out", *cluster.options("--allow-disruption", "-k", "ex4.1 or ex4.2"))

    assert graded.outcomes == {"ex4.1": "passed", "ex4.2": outcome}, graded.told()
    assert tender.restarted, "the leader's pod came back"
    assert len(view.brokers()) == 3
    if outcome == "failed":
        assert "no record of sensor" in graded.told()


def test_a_mutant_loses_for_a_broker_that_is_down_what_it_loses_elsewhere(
    cluster: FakeCluster, theirs: RunningLab, view: ClusterView, tmp_path: Path
) -> None:
    mutant = read(CORPUS / "mutants" / "ex4-topic-rf-1")
    options = cluster.options("--allow-writes", "--allow-disruption", "-k", "ex4.1 or ex4.2 or ex4.3")

    with tended(cluster, theirs):
        graded = grade(mutant.lay_out(tmp_path / "mutant"), tmp_path / "out", *options)

    assert graded.points == mutant.points, graded.told()
    assert graded.code == 1
    assert len(view.brokers()) == 3


@pytest.fixture
def disrupted(cluster: FakeCluster) -> Iterator[KubernetesLab]:
    """The lab as it is opened to have brokers restarted."""
    lab = KubernetesLab(
        Attachment(),
        level=Level.POD,
        needs=Needs(),
        allow_writes=False,
        place=Place("default", cluster.kubeconfig),
        allow_disruption=True,
    )
    lab.start()
    yield lab
    lab.close()


def test_a_broker_that_does_not_come_back_is_nobodys_lost_point(
    cluster: FakeCluster,
    theirs: RunningLab,
    view: ClusterView,
    disrupted: KubernetesLab,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kubernetes, "_POD_BACK_S", 4.0)
    with tended(cluster, theirs) as tender:
        tender.comes_back = False

        with pytest.raises(LabFault, match="kafka-controller-1 to come back") as fault, disrupted.broker_down(1):
            await_brokers(view, [0, 2])

    assert "kubectl get pods" in fault.value.remedy
    await_brokers(view, [0, 1, 2])


def test_a_broker_that_comes_back_too_soon_shows_nothing(
    cluster: FakeCluster,
    theirs: RunningLab,
    view: ClusterView,
    disrupted: KubernetesLab,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kubernetes, "_DELETED_EVERY_S", 999.0)
    told = "had it back before it was deleted again"
    with tended(cluster, theirs) as tender, pytest.raises(LabFault, match=told), disrupted.broker_down(1):
        await_restarted(tender, view)

    await_brokers(view, [0, 1, 2])


def await_restarted(tender: Tender, view: ClusterView) -> None:
    eventually(lambda: tender.restarted, bool, within=SETTLE_S, describe="the pod to come back")
    await_brokers(view, [0, 1, 2])


def await_brokers(view: ClusterView, wanted: list[int]) -> None:
    eventually(
        view.brokers,
        lambda alive: alive == wanted,
        within=SETTLE_S,
        describe=f"brokers {wanted}",
        retry_on=(KafkaError,),
    )


# Groups that are found running


def test_groups_that_run_are_judged_as_far_as_looking_goes(
    cluster: FakeCluster, theirs: RunningLab, view: ClusterView, tmp_path: Path
) -> None:
    view.create_topic(TOPIC, PARTITIONS, 3, KEPT)
    group = f"theirs-{uuid.uuid4().hex[:6]}"

    with reading(theirs.lab.bootstrap, group, PARTITIONS + 1):
        eventually(
            lambda: view.group(group),
            lambda seen: seen.stable and [len(seen.members), len(seen.owners(TOPIC))] == [PARTITIONS + 1, PARTITIONS],
            within=SETTLE_S,
            describe="the group",
            retry_on=(KafkaError,),
        )
        graded = grade(REFERENCE, tmp_path / "out", *cluster.options("-k", "ex5"))

    not_seen = dict.fromkeys(("ex5.1", "ex5.2", "ex5.3", "ex5.4", "ex5.5"), "not_run")
    assert graded.outcomes == {**not_seen, "ex5.6": "passed"}, graded.told()
    assert f"{group} has 4 member(s)" in graded.told()


def test_a_group_that_is_smaller_is_meant_for_something_else(
    cluster: FakeCluster, theirs: RunningLab, view: ClusterView, tmp_path: Path
) -> None:
    view.create_topic(TOPIC, PARTITIONS, 3, KEPT)

    with reading(theirs.lab.bootstrap, f"theirs-{uuid.uuid4().hex[:6]}", 1):
        graded = grade(REFERENCE, tmp_path / "out", *cluster.options("-k", "ex5.6"))

    assert graded.outcomes == {"ex5.6": "not_run"}, graded.told()
    assert "Start 4 consumers of one group" in str(graded.results)
