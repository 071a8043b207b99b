"""A lab on a cluster: what is told of its pods, how it is reached, and that nothing outlives the grader."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from selftest.cases import ROOT
from selftest.kubernetes.api import NAMESPACES
from selftest.kubernetes.cluster import IMAGES, FakeCluster
from selftest.kubernetes.echo import echo
from selftest.running_lab import COMPONENTS, RunningLab, running_lab
from topicmark.backends import Ability
from topicmark.backends.attachment import Attachment
from topicmark.backends.kubernetes import KubernetesLab
from topicmark.backends.needs import Needs
from topicmark.backends.replayed import ReplayedLab
from topicmark.model import LabFault, Unable
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectView, Refused
from topicmark.observe.feed import Feeder
from topicmark.observe.forms import COURSE_SAMPLES, learn
from topicmark.observe.hdfs import HdfsView
from topicmark.observe.tap import Tap
from topicmark.sandbox import Command, Level
from topicmark.services.kubectl import Cluster, Place
from topicmark.waiting import eventually

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

READY_S = 30
NOBODY = "127.0.0.1:1"
WAITING = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]}
UNPULLED = {
    **WAITING,
    "containerStatuses": [
        {"name": "kafka", "image": "bitnami/kafka:3.8.0", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
    ],
}
EVICTED = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
HOMELESS = {
    "phase": "Pending",
    "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes: Insufficient cpu"}
    ],
}


@pytest.fixture
def echoing() -> Iterator[str]:
    """Where somebody listens that speaks nothing a lab speaks."""
    with echo() as address:
        yield address


Open = Callable[..., KubernetesLab]


@pytest.fixture
def opened(cluster: FakeCluster) -> Iterator[Open]:
    """Open a lab in the fake namespace; closed after the test."""
    made: list[KubernetesLab] = []

    def one(namespace: str = "default", start: bool = True, **more: Any) -> KubernetesLab:
        settings: dict[str, Any] = {"allow_writes": False, "needs": Needs(hdfs=True), **more}
        place = Place(namespace, cluster.kubeconfig)
        lab = KubernetesLab(Attachment(), level=Level.NAMESPACES, place=place, **settings)
        made.append(lab)
        if start:
            lab.start()
        return lab

    yield one
    for lab in made:
        lab.close()


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab(*COMPONENTS, hdfs=True) as running:
        yield running


# What the API server says, and what it does not


@pytest.mark.parametrize("what", ["create pods", "get pods/attach", "create pods/attach", "delete pods"])
def test_programs_take_permissions_of_their_own(what: str, cluster: FakeCluster, opened: Open) -> None:
    cluster.forbidden.append(what)
    cluster.install()

    opened()
    with pytest.raises(LabFault, match=what) as fault:
        opened(allow_writes=True)

    assert "docs/rbac.yaml" in fault.value.remedy


@pytest.mark.parametrize("what", ["list pods", "list services", "create pods/portforward"])
def test_a_missing_permission_is_named(what: str, cluster: FakeCluster, opened: Open) -> None:
    cluster.forbidden.append(what)
    cluster.install()

    with pytest.raises(LabFault, match=what) as fault:
        opened()

    assert "docs/rbac.yaml" in fault.value.remedy


def test_to_restart_a_broker_takes_more_permission(cluster: FakeCluster, opened: Open) -> None:
    cluster.forbidden.append("delete pods")
    cluster.install()

    opened()
    with pytest.raises(LabFault, match="delete pods"):
        opened(allow_disruption=True)


def test_an_api_server_that_is_not_there_is_a_fault(cluster: FakeCluster, opened: Open) -> None:
    cluster.lead_to("http://127.0.0.1:1")

    with pytest.raises(LabFault, match="does not answer") as fault:
        opened()

    assert fault.value.service == "kubernetes"


def test_without_kubectl_it_is_said_so(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(LabFault, match="kubectl is not on the PATH"):
        Cluster(Place("default", cluster.kubeconfig)).items("pods")


def test_no_shell_reads_what_the_user_gave(cluster: FakeCluster, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    with pytest.raises(LabFault):
        Cluster(Place("default", cluster.kubeconfig, f"$(touch {trap})")).items("pods")

    assert not trap.exists()


# Pods and Services


def test_nothing_deployed_is_told_and_no_fault(opened: Open) -> None:
    lab = opened()

    assert "there is no Service kafka in namespace default" in lab.why_no("kafka")
    assert "there is no Service kafka-connect" in lab.component("connect").refusal
    with pytest.raises(Unable, match="no Service kafka"):
        _ = lab.bootstrap
    assert lab.faults(0.0) == []


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (UNPULLED, "cannot be pulled"),
        ({"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}, "kafka-controller-0: Running"),
    ],
    ids=["unpulled", "unready"],
)
def test_a_pod_that_its_owner_got_wrong_is_told(
    status: dict[str, Any], told: str, cluster: FakeCluster, opened: Open
) -> None:
    cluster.pod("kafka-controller-0", "kafka", {9092: NOBODY}, image=IMAGES["kafka"], status=status)
    cluster.service("kafka", "kafka", {9092: 9092})

    assert told in opened().why_no("kafka")


@pytest.mark.parametrize("status", [EVICTED, HOMELESS], ids=["evicted", "homeless"])
def test_a_pod_that_the_cluster_took_down_is_a_fault(
    status: dict[str, Any], cluster: FakeCluster, opened: Open
) -> None:
    cluster.pod("kafka-controller-0", "kafka", {9092: NOBODY}, image=IMAGES["kafka"], status=status)
    cluster.service("kafka", "kafka", {9092: 9092})
    lab = opened()

    with pytest.raises(LabFault, match="the cluster took a pod down"):
        lab.why_no("kafka")


def test_an_evicted_pod_that_was_replaced_is_history(cluster: FakeCluster, opened: Open, echoing: str) -> None:
    cluster.pod("kafka-connect-old", "kafka-connect", {}, image=IMAGES["connect"], status=EVICTED)
    cluster.pod("kafka-connect-new", "kafka-connect", {8083: echoing}, image=IMAGES["connect"])
    cluster.service("kafka-connect", "kafka-connect", {8083: 8083})

    lab = opened()

    assert lab.why_no("connect") == ""
    assert "does not answer as Kafka Connect does" in lab.component("connect").refusal


def test_brokers_that_speak_no_kafka_cost_the_deployment_not_the_run(
    cluster: FakeCluster, opened: Open, echoing: str
) -> None:
    cluster.pod("kafka-controller-0", "kafka", {9092: echoing}, image=IMAGES["kafka"])
    cluster.service("kafka", "kafka", {9092: 9092})

    lab = opened()

    assert "does not answer as Kafka does" in lab.why_no("kafka")


# With a lab behind it


def test_brokers_and_datanodes_are_reached_by_the_names_they_advertise(
    cluster: FakeCluster, theirs: RunningLab, opened: Open
) -> None:
    cluster.deploy(theirs, *COMPONENTS, hdfs=True)
    content = uuid.uuid4().hex.encode() * 100
    HdfsView(theirs.address("webhdfs")).write("/looked/at+this", content)

    lab = opened()

    with closing(ClusterView(lab.bootstrap)) as view:
        assert view.cluster_id() in lab.versions()["kafka"]
        assert view.addresses()[2][0] == "kafka-controller-2.kafka-controller-headless.default.svc.cluster.local"
    assert HdfsView(lab.webhdfs_url).read("/looked/at+this") == content
    info = ConnectView(lab.component("connect").url).info()
    assert not isinstance(info, Refused)
    assert [lab.component(name).refusal for name in COMPONENTS] == ["", "", ""]
    assert lab.faults(0.0) == []
    assert lab.unable(Ability.WRITE) is not None
    assert lab.unable(Ability.STOP_BROKER) is not None


def test_records_and_programs_get_there_too(cluster: FakeCluster, theirs: RunningLab, opened: Open) -> None:
    cluster.deploy(theirs)
    lab = opened(allow_writes=True, needs=Needs())
    topic = f"T_{uuid.uuid4().hex[:8]}"
    with closing(ClusterView(lab.bootstrap)) as view:
        view.create_topic(topic, 3, 3, {})
    with (
        Tap(lab.bootstrap, topic, range(3), from_start=True) as tap,
        closing(Feeder(lab.bootstrap, topic, 3)) as feeder,
        closing(lab.sandbox([], [], [])) as sandbox,
    ):
        feeder.feed(learn(COURSE_SAMPLES, "the course's records"), 6)
        eventually(lambda: tap.count, lambda n: n == 6, within=READY_S, describe="the records", retry_on=())
        names = ["kafka-controller-1.kafka-controller-headless.default.svc.cluster.local", "kafka"]
        look = f"import socket; print([socket.gethostbyname_ex(name) for name in {names}])"
        running = sandbox.start(Command(["python3", "-c", look]), ROOT / "submissions" / "reference", "look")
        eventually(lambda: running.exit, lambda e: e is not None, within=READY_S, describe="the program to end")
        addresses = theirs.lab.kafka.spec.nodes
        assert all(theirs.lab.kafka.spec.address(one.node_id) in running.output() for one in addresses)

    lab.close()

    with closing(ClusterView(theirs.lab.bootstrap)) as view:
        assert topic not in view.topics()


def test_a_broker_that_the_cluster_takes_down_meanwhile_is_a_fault(
    cluster: FakeCluster, theirs: RunningLab, opened: Open
) -> None:
    cluster.deploy(theirs)
    lab = opened()

    cluster.spoil("kafka-controller-1", EVICTED)

    faults = eventually(lambda: lab.faults(0.0), bool, within=READY_S, describe="the fault to be noticed")
    assert "kafka-controller-1: Evicted" in faults[0].reason


# A namespace of the run's own


@pytest.fixture
def replayed(cluster: FakeCluster) -> ReplayedLab:
    """Not yet started."""
    place = Place("default", cluster.kubeconfig)
    return ReplayedLab(Attachment(), level=Level.NAMESPACES, needs=Needs(), place=place)


def test_a_replay_whose_pods_do_not_come_deletes_what_it_made(
    cluster: FakeCluster, replayed: ReplayedLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("topicmark.backends.replayed._UP_S", 3.0)

    with pytest.raises(LabFault, match="kafka has no pod yet"):
        replayed.start()
    assert cluster.api.names(NAMESPACES, None) == [replayed.place.namespace]
    assert cluster.api.names("apps/v1/statefulsets", replayed.place.namespace) == ["kafka-controller"]
    replayed.close()

    assert cluster.api.names(NAMESPACES, None) == []


def test_a_replay_deletes_no_namespace_but_its_own(
    cluster: FakeCluster, replayed: ReplayedLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("topicmark.backends.replayed._UP_S", 1.0)
    with pytest.raises(LabFault):
        replayed.start()
    name = replayed.place.namespace
    cluster.api.put(NAMESPACES, None, {"metadata": {"name": name, "labels": {"topicmark.run": "another"}}})

    replayed.close()

    assert cluster.api.names(NAMESPACES, None) == [name]


def test_a_replay_touches_no_namespace_that_is_there(cluster: FakeCluster, replayed: ReplayedLab) -> None:
    name = replayed.place.namespace
    cluster.api.put(NAMESPACES, None, {"metadata": {"name": name}})

    with pytest.raises(LabFault, match="AlreadyExists"):
        replayed.start()
    replayed.close()

    assert cluster.api.names(NAMESPACES, None) == [name]
    assert cluster.api.names("v1/services", name) == []
