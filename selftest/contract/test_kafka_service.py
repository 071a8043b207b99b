"""A real cluster, started and stopped, broken and reset."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from selftest.processes import dies_with_its_parent
from selftest.topics import await_known
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.observe.membership import admin, membership
from topicmark.observe.segments import written
from topicmark.provision.toolchain import ensure
from topicmark.services.base import Service
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.subnet import claim
from topicmark.waiting import eventually

READY_S = 60

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def toolchain():
    ensure(["kafka"])


@pytest.fixture
def launch(toolchain, tmp_path):
    """Start a cluster on a subnet of its own; everything is gone after the test."""
    made = []

    def start(**spec) -> KafkaCluster:
        subnet = claim()
        folder = tmp_path / f"kafka-{len(made)}"
        detached = spec.pop("detached", False)
        cluster = KafkaCluster(KafkaSpec(subnet.prefix, **spec), folder, marker="selftest", detached=detached)
        made.append((cluster, subnet))
        cluster.start()
        return cluster

    yield start
    for cluster, subnet in reversed(made):
        cluster.stop()
        subnet.release()


@pytest.fixture(scope="module")
def cluster(toolchain, tmp_path_factory):
    """One cluster for the tests that leave it as it was or reset it."""
    with claim() as subnet:
        shared = KafkaCluster(KafkaSpec(subnet.prefix), tmp_path_factory.mktemp("kafka"), marker="selftest")
        shared.start()
        shared.await_ready(READY_S)
        yield shared
        shared.stop()


def topics(cluster: KafkaCluster) -> set[str]:
    """What any broker knows: they do not hear of a new topic all at once."""
    with closing(ClusterView(cluster.bootstrap)) as view:
        return set(view.topics())


def send(bootstrap: str, topic: str, count: int, **options) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", **options)
    for number in range(count):
        producer.send(topic, key=str(number).encode(), value=b"v")
    producer.flush(timeout=20)
    producer.close()


def test_three_nodes_form_one_cluster(cluster):
    assert isinstance(cluster, Service)
    seen = cluster.await_ready(READY_S)
    assert (seen.brokers, seen.voters) == ({0, 1, 2}, {0, 1, 2})
    assert seen.leader in seen.voters
    assert cluster.probe()
    assert cluster.died() is None
    assert cluster.rss_bytes() < 350_000_000


def test_the_course_listener_advertises_the_course_names(cluster):
    name, address, port = cluster.client_targets(1)
    with admin(f"{address}:{port}") as client:
        hosts = {(broker.host, broker.port) for broker in client._manager.cluster.brokers()}
    assert name == "kafka-controller-1.kafka-controller-headless.default.svc.cluster.local"
    assert (name, 9092) in hosts
    assert len(hosts) == 3


def test_members_of_groups_that_share_a_coordinator_are_seen(cluster):
    groups = [f"group-{number}" for number in range(4)]  # one more than there are brokers
    with admin(cluster.bootstrap) as client:
        client.create_topics([NewTopic("read-by-four", num_partitions=1, replication_factor=1)])
    await_known(cluster.bootstrap, "read-by-four")
    with closing(ClusterView(cluster.bootstrap)) as view, ExitStack() as consumers:
        for group in groups:
            member = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": group})
            consumers.callback(member.close)
            member.subscribe(["read-by-four"])
            eventually(lambda member=member: member.poll(0.1) or member.assignment(), bool, within=30, describe=group)
        seen = {group.id: [member.partitions for member in group.members] for group in view.groups_with_members()}
    assert seen == {group: [{"read-by-four": (0,)}] for group in groups}


def test_auto_created_tells_use_from_purpose(cluster):
    with admin(cluster.bootstrap) as client:
        client.create_topics([NewTopic("on-purpose", num_partitions=2, replication_factor=3)])
    await_known(cluster.bootstrap, "on-purpose")
    send(cluster.bootstrap, "on-purpose", 3)
    send(cluster.bootstrap, "by-use", 3)
    assert {"on-purpose", "by-use"} <= topics(cluster)
    assert cluster.auto_created() == {"by-use"}


def test_use_right_after_creation_is_no_auto_creation(cluster):
    """A broker that has not heard of the topic yet asks for it too, and is refused."""
    with admin(cluster.bootstrap) as client:
        for number in range(10):
            client.create_topics([NewTopic(f"at-once-{number}", num_partitions=1, replication_factor=1)])
            send(cluster.bootstrap, f"at-once-{number}", 1)
    assert not {name for name in cluster.auto_created() if name.startswith("at-once")}


def test_what_was_deleted_is_still_on_disk(cluster):
    with admin(cluster.bootstrap) as client:
        client.create_topics([NewTopic("gone", num_partitions=1, replication_factor=2)])
        send(cluster.bootstrap, "gone", 3)
        client.delete_records({TopicPartition("gone", 0): 3})
        assert [record.offset for record in written(cluster.data_folders(), "gone").records] == [0, 1, 2]
        client.delete_topics(["gone"])
        eventually(lambda: "gone" in topics(cluster), lambda there: not there, within=20, describe="its end")
    assert [record.offset for record in written(cluster.data_folders(), "gone").records] == [0, 1, 2]


def test_a_node_stops_and_comes_back_while_the_others_serve(cluster):
    with admin(cluster.bootstrap) as client:
        client.create_topics([NewTopic("stays", num_partitions=3, replication_factor=3)])
    await_known(cluster.bootstrap, "stays")
    cluster.stop_node(1)
    assert cluster.statuses()[1] == "stopped"
    assert cluster.died() is None
    send(cluster.bootstrap, "stays", 30)
    cluster.start_node(1)
    assert set(cluster.statuses().values()) == {"running"}
    with admin(cluster.bootstrap) as client:
        assert membership(client).brokers == {0, 1, 2}


def test_recycle_gives_a_new_and_empty_cluster(cluster):
    send(cluster.bootstrap, "old", 3)
    before = cluster.await_ready(READY_S)
    after = cluster.recycle({"num.partitions": "4"})
    assert after.cluster_id != before.cluster_id
    assert topics(cluster) == set()
    assert cluster.auto_created() == set()
    send(cluster.bootstrap, "new", 1)
    with admin(cluster.bootstrap) as client:
        eventually(
            lambda: len(client.describe_topics(["new"])[0]["partitions"]),
            lambda partitions: partitions == 4,
            within=5,
            describe="the new default for topics made by use",
        )
    cluster.recycle({})


def test_two_clusters_do_not_see_one_another(launch, cluster):
    other = launch(nodes=(NodeSpec(0),), properties={"offsets.topic.replication.factor": "1"})
    theirs, ours = other.await_ready(READY_S), cluster.await_ready(READY_S)
    assert theirs.cluster_id != ours.cluster_id
    assert theirs.brokers == {0}
    send(other.bootstrap, "only-there", 2)
    assert "only-there" not in topics(cluster)
    other.stop()
    assert cluster.probe()


def test_sasl_lets_in_who_knows_the_password(launch):
    guarded = launch(
        nodes=(NodeSpec(0),), client_protocol="SASL_PLAINTEXT", users={"user1": "secret"},
        properties={"offsets.topic.replication.factor": "1"},
    )  # fmt: skip
    guarded.await_ready(READY_S)
    _, address, port = guarded.client_targets(0)

    def sees(**options) -> int:
        client = KafkaAdminClient(bootstrap_servers=f"{address}:{port}", bootstrap_timeout_ms=1500, **options)
        try:
            return len(client._manager.cluster.brokers())
        finally:
            client.close()

    def known(mechanism: str, password: str) -> dict[str, str]:
        return {
            "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": mechanism,
            "sasl_plain_username": "user1", "sasl_plain_password": password,
        }  # fmt: skip

    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        assert sees(**known(mechanism, "secret")) == 1
    for options in ({}, known("PLAIN", "wrong"), known("SCRAM-SHA-512", "wrong")):
        with pytest.raises(KafkaError):
            sees(**options)


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL", "nonsense"])
def test_a_protocol_that_cannot_be_run_is_refused(protocol):
    with pytest.raises(ValueError, match="cannot be run"):
        KafkaSpec(client_protocol=protocol)


def test_settings_that_make_up_the_lab_cannot_be_overridden():
    with pytest.raises(ValueError, match="listeners"):
        KafkaSpec(properties={"listeners": "PLAINTEXT://:1"})


def test_a_broken_setting_is_told_with_the_log(launch):
    broken = launch(properties={"num.io.threads": "many"})
    with pytest.raises(LabFault) as caught:
        broken.await_ready(READY_S)
    assert "num.io.threads" in str(caught.value)


def test_a_jvm_that_dies_is_noticed(launch):
    cluster = launch(nodes=(NodeSpec(0),))
    assert cluster.pid is not None
    os.kill(cluster.pid, signal.SIGKILL)
    with pytest.raises(LabFault, match="signal 9"):
        cluster.await_ready(READY_S)


def test_nothing_is_left_when_the_parent_is_killed(toolchain, tmp_path):
    script = (
        "from topicmark.services.kafka import *; from topicmark.services.subnet import claim\n"
        "subnet, folder = claim(), Path(sys.argv[1])\n"
        "service = KafkaCluster(KafkaSpec(subnet.prefix), folder, marker=sys.argv[1])\n"
        "service.start(); service.await_ready(60)"
    )
    assert dies_with_its_parent(script, tmp_path)


def test_a_detached_cluster_is_found_again(launch):
    first = launch(nodes=(NodeSpec(0),), detached=True, properties={"offsets.topic.replication.factor": "1"})
    before = first.await_ready(READY_S)
    again = KafkaCluster.reattach(first.folder)
    assert again.await_ready(READY_S) == before
    assert again.spec == first.spec
    again.stop()
    assert first.died() is not None
    with pytest.raises(LabFault, match="no longer runs"):
        KafkaCluster.reattach(first.folder)


def test_stop_and_clean_leave_nothing(launch):
    cluster = launch(nodes=(NodeSpec(0),))
    cluster.await_ready(READY_S)
    assert cluster.data_bytes() > 0
    pid = cluster.pid
    cluster.stop()
    cluster.stop()
    cluster.clean()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert not Path(cluster.folder).exists()
