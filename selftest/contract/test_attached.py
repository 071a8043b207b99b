"""A lab that others run: what is told of it, and that nothing is left of what a run made, and all of what it found."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import pytest
from kafka import KafkaConsumer, KafkaProducer

from selftest.running_lab import COMPONENTS, RunningLab, running_lab, seen
from topicmark.backends import Ability, require, require_fresh
from topicmark.backends.attached import AttachedLab
from topicmark.backends.attachment import Attachment
from topicmark.backends.base import Before
from topicmark.backends.inventory import Inventory
from topicmark.backends.needs import Needs, Wanted
from topicmark.model import LabFault, Unable
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectView, Refused
from topicmark.observe.hdfs import HdfsView
from topicmark.observe.ksqldb import Declined, KsqlView
from topicmark.observe.registry import RegistryView, Rejected
from topicmark.sandbox import Level
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.subnet import claim
from topicmark.waiting import eventually

READY_S = 90
NOBODY = "127.0.0.1:1"
SINK = {
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "hdfs.url": "hdfs://namenode:9000",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "flush.size": "3",
    "tasks.max": "1",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
}
Attach = Callable[..., AttachedLab]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab(*COMPONENTS, hdfs=True) as running:
        yield running


@pytest.fixture(scope="module")
def one_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another cluster, of one broker: where it listens."""
    with claim() as address:
        spec = KafkaSpec(address.prefix, nodes=(NodeSpec(0),), properties={"offsets.topic.replication.factor": "1"})
        cluster = KafkaCluster(spec, tmp_path_factory.mktemp("one-broker"), marker="selftest")
        try:
            cluster.start()
            cluster.await_ready(READY_S)
            yield cluster.bootstrap
        finally:
            cluster.stop()


@pytest.fixture
def attach() -> Iterator[Attach]:
    """Attach by services' addresses; let go of it after the test."""
    made: list[AttachedLab] = []

    def opened(allow_writes: bool = False, hdfs: bool = True, **given: str) -> AttachedLab:
        attachment = Attachment.of(given)
        assert attachment is not None
        needs = Needs(hdfs=hdfs, components=tuple(Wanted.of_the_course(name) for name in COMPONENTS))
        lab = AttachedLab(attachment, level=Level.NAMESPACES, needs=needs, allow_writes=allow_writes)
        made.append(lab)
        lab.start()
        return lab

    yield opened
    for lab in made:
        lab.close()


def addresses(theirs: RunningLab, *services: str) -> dict[str, str]:
    return {service: theirs.address(service) for service in services or ("kafka", *COMPONENTS, "webhdfs")}


def put_something(theirs: RunningLab, name: str) -> None:
    """A topic with a record, a group, a stream and its query, a connector, a schema and a file, all called ``name``."""
    bootstrap = theirs.lab.bootstrap.split(",")
    cluster = ClusterView(theirs.lab.bootstrap)
    cluster.create_topic(name, 1, 3, {})
    cluster.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send(name, b'{"a": 1}').get(timeout=20)
    producer.close()
    consumer = KafkaConsumer(
        name, bootstrap_servers=bootstrap, group_id=name, auto_offset_reset="earliest", consumer_timeout_ms=20_000
    )
    next(consumer)
    consumer.commit()
    consumer.close()
    ksqldb = KsqlView(theirs.address("ksqldb"))
    made = ksqldb.run(
        f"CREATE STREAM S_{name} (a INT) WITH (kafka_topic='{name}', value_format='JSON');"
        f"CREATE STREAM C_{name} AS SELECT * FROM S_{name};"
    )
    assert not isinstance(made, Declined), made
    connector = ConnectView(theirs.address("connect")).put_config(name, {**SINK, "topics": name})
    assert not isinstance(connector, Refused), connector
    schema = RegistryView(theirs.address("registry")).register(f"{name}-value", json.dumps({"type": "long"}))
    assert not isinstance(schema, Rejected), schema
    HdfsView(theirs.address("webhdfs")).write(f"/data/{name}/partition=0/file", b"x")
    eventually(
        lambda: {group for group in seen(theirs).groups if name in group},
        lambda groups: len(groups) == 3,
        within=30,
        describe="the groups of consumer, connector and query",
    )


def unique(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex[:6].upper()}"


def test_without_leave_to_write_it_only_looks(theirs: RunningLab, attach: Attach) -> None:
    before = seen(theirs)
    lab = attach(**addresses(theirs))

    for service in COMPONENTS:
        assert lab.component(service).url == lab.component(service, working=True).url == theirs.address(service)
    assert lab.webhdfs_url == theirs.address("webhdfs")
    assert lab.bootstrap == theirs.lab.bootstrap
    assert lab.topic_defaults() == theirs.lab.topic_defaults()
    assert "3 brokers" in lab.versions()["kafka"]
    for ability in Ability:
        with pytest.raises(Unable):
            require(lab, ability)
    with pytest.raises(Unable, match="--allow-writes"):
        lab.sandbox([], [], [])
    with pytest.raises(Unable, match="--backend embedded"), lab.broker_down(0):
        pass
    with pytest.raises(Unable, match="--backend embedded"), lab.component_killed("connect"):
        pass
    with pytest.raises(Unable):
        lab.auto_created()
    assert lab.faults(0.0) == []
    lab.close()
    assert seen(theirs) == before


def test_exactly_what_came_during_the_run_is_removed(theirs: RunningLab, attach: Attach) -> None:
    found, made = unique("FOUND"), unique("MADE")
    put_something(theirs, found)
    before = seen(theirs)
    lab = attach(allow_writes=True, **addresses(theirs))
    assert lab.before == before
    with pytest.raises(Unable, match=f"topic {found} already.*--backend embedded"):
        require_fresh(lab, found)
    require_fresh(lab, made)

    put_something(theirs, made)
    assert seen(theirs) != before
    lab.close()

    # a worker may stop and start all its tasks when a connector goes: a group without offsets is away for that moment
    eventually(lambda: seen(theirs), lambda now: now == before, within=30, describe="what was there before")
    assert lab.left == []


def test_a_lab_that_could_not_look_around_removes_nothing(theirs: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    put_something(theirs, unique("FOUND"))
    before = seen(theirs)
    attachment = Attachment.of(addresses(theirs))
    assert attachment is not None
    lab = AttachedLab(attachment, level=Level.NAMESPACES, needs=Needs(hdfs=True), allow_writes=True)

    def interrupted(_: Inventory) -> Before:
        raise LabFault("the connection broke")

    with monkeypatch.context() as patched:
        patched.setattr(Inventory, "take", interrupted)
        with pytest.raises(LabFault):
            lab.start()
    lab.close()

    assert seen(theirs) == before


def test_what_was_not_given_is_told_with_the_option_that_gives_it(theirs: RunningLab, attach: Attach) -> None:
    lab = attach(**addresses(theirs, "registry"))
    assert lab.component("registry").url == theirs.address("registry")
    for option, asked in {
        "--kafka": lambda: lab.bootstrap,
        "--connect-url": lambda: lab.component("connect", working=True),
        "--ksqldb-url": lambda: lab.component("ksqldb", working=True),
        "--webhdfs-url": lambda: lab.webhdfs_url,
    }.items():
        with pytest.raises(Unable, match=option):
            asked()


def test_an_address_with_nothing_behind_it_is_a_fault_that_names_it(theirs: RunningLab, attach: Attach) -> None:
    lab = attach(**addresses(theirs, "kafka", "connect"), ksqldb=f"http://{NOBODY}", registry=theirs.address("connect"))
    assert lab.component("connect").url == theirs.address("connect")
    with pytest.raises(LabFault, match=f"--ksqldb-url http://{NOBODY}") as fault:
        lab.component("ksqldb")
    assert fault.value.remedy
    with pytest.raises(LabFault, match=r"--registry-url .* as a schema registry does"):
        lab.component("registry")
    with pytest.raises(LabFault, match=f"--kafka {NOBODY}"):
        attach(kafka=NOBODY)


def test_services_of_another_cluster_are_refused(theirs: RunningLab, attach: Attach, one_broker: str) -> None:
    lab = attach(kafka=one_broker, **addresses(theirs, "connect", "ksqldb"))
    for option, service in (("--ksqldb-url", "ksqldb"), ("--connect-url", "connect")):
        with pytest.raises(Unable, match=f"{option} .* belongs to the Kafka cluster"):
            lab.component(service, working=True)


def test_services_of_ours_stand_in_beside_their_brokers_and_leave_nothing(attach: Attach, one_broker: str) -> None:
    view = ClusterView(one_broker)
    view.await_coordinators()
    before = view.topics(), view.all_groups()
    lab = attach(kafka=one_broker, allow_writes=True)
    with pytest.raises(Unable, match="--ksqldb-url"):
        lab.component("ksqldb")  # a student's own is asked for: ours is none
    ksqldb = KsqlView(lab.component("ksqldb", working=True).url)
    info = ksqldb.info()
    assert not isinstance(info, Declined)
    assert info.cluster_id == view.cluster_id()
    worker = ConnectView(lab.component("connect", working=True).url).info()
    assert not isinstance(worker, Refused)
    assert worker.cluster_id == view.cluster_id()
    assert HdfsView(lab.webhdfs_url).health().live_datanodes == 3
    assert set(view.topics()) > set(before[0])
    assert lab.faults(0.0) == []

    lab.close()

    assert (view.topics(), view.all_groups()) == before
    view.close()
