"""A real Connect worker, made from the environment of the course's manifest and from broken ones."""

from __future__ import annotations

import os
import signal

import pytest
import requests
from kafka import KafkaProducer

from selftest.configured import READY_S, Changes, brokers, changed, host_names, launcher
from selftest.processes import dies_with_its_parent
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectorStatus, ConnectView, Refused
from topicmark.observe.membership import admin
from topicmark.provision import maven
from topicmark.provision.toolchain import ensure
from topicmark.services.base import Service
from topicmark.services.connect import ConnectSpec, ConnectWorker, Refusal, WorkerInfo
from topicmark.services.connect_env import REQUIRED, Unstartable, UnusableHere, worker_properties
from topicmark.services.kafka import KafkaCluster
from topicmark.waiting import eventually

SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector"
AVRO = "io.confluent.connect.avro.AvroConverter"
JSON = "org.apache.kafka.connect.json.JsonConverter"
# The course's own manifest, with the pod's address filled in.
COURSE = {
    "HADOOP_USER_NAME": "root",
    "CONNECT_BOOTSTRAP_SERVERS": "kafka:9092",
    "CONNECT_REST_PORT": "8083",
    "CONNECT_GROUP_ID": "kafka-connect-group-id-01",
    "CONNECT_CONFIG_STORAGE_TOPIC": "_connect-configs",
    "CONNECT_OFFSET_STORAGE_TOPIC": "_connect-offsets",
    "CONNECT_STATUS_STORAGE_TOPIC": "_connect-status",
    "CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR": "1",
    "CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR": "1",
    "CONNECT_STATUS_STORAGE_REPLICATION_FACTOR": "1",
    "CONNECT_PLUGIN_PATH": "/usr/share/java,/usr/share/confluent-hub-components,/data/connect-jars",
    "CONNECT_KEY_CONVERTER": AVRO,
    "CONNECT_KEY_CONVERTER_SCHEMA_REGISTRY_URL": "http://kafka-schema-registry:8081",
    "CONNECT_VALUE_CONVERTER": AVRO,
    "CONNECT_VALUE_CONVERTER_SCHEMA_REGISTRY_URL": "http://kafka-schema-registry:8081",
    "CONNECT_INTERNAL_KEY_CONVERTER": JSON,
    "CONNECT_INTERNAL_VALUE_CONVERTER": JSON,
    "CONNECT_REST_ADVERTISED_HOST_NAME": "kafka-connect",
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def toolchain():
    ensure(["kafka", "connect", "connect-bare"])
    maven.fetch(["connect-file"])


@pytest.fixture(scope="module")
def kafka(toolchain, tmp_path_factory):
    with brokers(tmp_path_factory.mktemp("kafka"), range(10, 31)) as cluster:
        yield cluster


def describe(kafka: KafkaCluster, changes: Changes, subnet: str = "") -> ConnectSpec | Refusal:
    return ConnectSpec.from_environment(
        changed(COURSE, changes), subnet or kafka.spec.subnet, host_names=host_names(kafka),
        plugin_path=tuple(map(str, maven.jars("connect-file"))),
    )  # fmt: skip


@pytest.fixture
def launch(kafka, tmp_path):
    """Start one beside the shared one."""
    with launcher(
        tmp_path, range(30, 31), (8083, 8084), lambda changes, subnet: describe(kafka, changes, subnet), ConnectWorker
    ) as start:
        yield start


@pytest.fixture(scope="module")
def worker(kafka, tmp_path_factory):
    """One worker of the course's environment, for the tests that leave it as it was."""
    spec = describe(kafka, {})
    assert isinstance(spec, ConnectSpec)
    shared = ConnectWorker(spec, tmp_path_factory.mktemp("connect"), marker="selftest")
    shared.start()
    assert isinstance(shared.await_ready(READY_S, kafka_ready=kafka.probe), WorkerInfo)
    yield shared
    shared.stop()


@pytest.fixture
def view(worker):
    one = ConnectView(worker.url)
    yield one
    for name in one.connectors():
        one.delete(name)
    one.close()


def cluster_id(kafka: KafkaCluster) -> str:
    with admin(kafka.bootstrap) as client:
        return str(client.describe_cluster()["cluster_id"])


def test_the_courses_manifest_gives_a_worker_of_this_cluster(kafka, worker):
    assert isinstance(worker, Service)
    seen = worker.await_ready(READY_S)
    assert isinstance(seen, WorkerInfo)
    assert (seen.version, seen.cluster_id) == ("3.8.0", cluster_id(kafka))
    assert seen.commit
    assert worker.probe()
    assert worker.died() is None
    assert worker.rss_bytes() < 200_000_000


def test_a_workers_group_does_not_disturb_who_looks_at_consumers(kafka, worker):
    brokers = ClusterView(kafka.bootstrap)
    assert COURSE["CONNECT_GROUP_ID"] not in brokers.groups()
    assert COURSE["CONNECT_GROUP_ID"] not in {group.id for group in brokers.groups_with_members()}
    brokers.close()


def test_answers_are_those_of_the_recordings(worker, view):
    assert set(requests.get(worker.url, timeout=5).json()) == {"version", "commit", "kafka_cluster_id"}
    plugins = view.plugins()
    assert {(plugin.name, plugin.type) for plugin in plugins} >= {(SINK, "sink")}
    eventually(view.connectors, lambda names: names == (), within=20, describe="no connector of another test")
    assert view.status("nosuch") == Refused(404, "No status found for connector nosuch")
    assert view.connector("nosuch") == Refused(404, "Connector nosuch not found")
    unknown = view.create({"name": "x", "config": {"connector.class": "no.such.Connector", "topics": "t"}})
    assert isinstance(unknown, Refused)
    assert unknown.status == 500
    assert unknown.message.startswith(
        "Failed to find any class that implements Connector and which name matches no.such.Connector"
    )
    malformed = view.create("{bad")
    assert isinstance(malformed, Refused)
    assert (malformed.status, malformed.message[:20]) == (500, "Unexpected character")
    no_topics = view.create({"name": "x", "config": {"connector.class": SINK}})
    assert isinstance(no_topics, Refused)
    assert no_topics.status == 400  # 3.3.1 answered 500 with the second line alone
    assert "Must configure one of topics or topics.regex" in no_topics.message
    assert view.validate(SINK.rsplit(".")[-1], {"connector.class": SINK, "topics": "t", "tasks.max": "0"}) == {
        "tasks.max": ["Invalid value 0 for configuration tasks.max: Value must be at least 1"],
        "name": ['Missing required configuration "name" which has no default value.'],
    }


def test_a_sink_runs_and_is_taken_away(kafka, worker, view, tmp_path):
    sunk = worker.folder / "sunk"
    config = {"connector.class": SINK, "topics": "sunk", "file": str(sunk), "value.converter": JSON}
    config |= {"value.converter.schemas.enable": "false", "tasks.max": "2"}
    made = view.create({"name": "good", "config": config})
    assert made.config == {**config, "name": "good"}
    # a worker answers before it has read what it wrote
    eventually(view.connectors, lambda names: names == ("good",), within=20, describe="the connector")
    assert view.create({"name": "good", "config": config}) == Refused(409, "Connector good already exists")
    status = view.await_running("good", READY_S)
    assert isinstance(status, ConnectorStatus)
    assert status.running
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    producer.send("sunk", b'{"id": 1}')
    producer.flush(20)
    producer.close()
    eventually(lambda: sunk.exists() and sunk.read_text(), lambda text: text == "{id=1}\n", within=20, describe="it")
    assert view.put_config("good", {**config, "tasks.max": "1"}).config["tasks.max"] == "1"
    assert view.restart("good") is None
    assert view.delete("good") is None
    eventually(view.connectors, lambda names: names == (), within=20, describe="no connector")


def test_records_without_avro_fail_the_task_that_kept_the_default_converter(kafka, worker, view):
    config = {"connector.class": SINK, "topics": "plain", "file": str(worker.folder / "sunk")}
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    producer.send("plain", b'{"id": 1}')
    producer.flush(20)
    producer.close()
    view.create({"name": "avro", "config": config})
    status = eventually(
        lambda: view.status("avro"),
        lambda status: isinstance(status, ConnectorStatus) and "FAILED" in {task.state for task in status.tasks},
        within=READY_S,
        describe="the task to fail",
    )
    assert status.state == "RUNNING"
    assert status.failures == ("org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler",)
    assert "Unknown magic byte!" in status.tasks[0].trace


@pytest.mark.parametrize(
    ("changes", "telling"),
    [
        ({"CONNECT_BOOTSTRAP_SERVERS": "kafak:9092"}, "Couldn't resolve server kafak:9092"),
        ({"CONNECT_BOOTSTRAP_SERVERS": "kafka:9999"}, r"kafka/127\.\S+:9999\) could not be established"),
        ({"CONNECT_STATUS_STORAGE_REPLICATION_FACTOR": "4", "CONNECT_STATUS_STORAGE_TOPIC": "four"},
         "Cannot create topic four.*only 3 broker"),
        ({"CONNECT_VALUE_CONVERTER": "no.such.Converter"}, "no.such.Converter could not be found"),
        ({"CONNECT_OFFSET_STORAGE_PARTITIONS": "many"}, "Invalid value many for configuration offset.storage.part"),
        ({"CONNECT_LISTENERS": "http://0.0.0.0:8084"}, "listens on port 8084; nothing answers on port 8083"),
    ],
    ids=["host", "port", "replication", "converter", "number", "listener"],
)  # fmt: skip
def test_settings_that_do_not_work_are_refused_with_the_line_that_tells(kafka, launch, changes, telling):
    one = launch({"CONNECT_GROUP_ID": "other", **changes})
    seen = one.await_ready(READY_S, kafka_ready=kafka.probe)
    assert isinstance(seen, Refusal)
    with pytest.raises(AssertionError, match=telling):
        raise AssertionError(seen.reason)


def test_one_wrong_address_of_two_does_no_harm(kafka, launch):
    one = launch({"CONNECT_GROUP_ID": "two", "CONNECT_BOOTSTRAP_SERVERS": "kafka:9999,kafka:9092"})
    assert isinstance(one.await_ready(READY_S, kafka_ready=kafka.probe), WorkerInfo)


@pytest.mark.parametrize("name", REQUIRED)
def test_what_the_image_requires(name):
    with pytest.raises(Unstartable, match=f"^{name} is required"):
        worker_properties({key: value for key, value in COURSE.items() if key != name})


def test_names_of_variables_become_names_of_properties():
    made = worker_properties({**COURSE, "CONNECT_A_B__C___D": "x", "CONNECT_REST_PORT": ""})
    assert made["a.b_c-d"] == "x"
    assert made["rest.port"] == "8083"
    assert made["internal.value.converter.schemas.enable"] == "false"
    assert "hadoop.user.name" not in made


def test_a_container_that_would_end_at_once_is_refused_without_a_worker(kafka):
    for changes, telling in (
        ({"CONNECT_GROUP_ID": None}, "CONNECT_GROUP_ID is required."),
        ({"CONNECT_KEY_CONVERTER_SCHEMA_REGISTRY_URL": None}, "CONNECT_KEY_CONVERTER_SCHEMA_REGISTRY_URL is required."),
        ({"CONNECT_LISTENERS": "8083"}, "'8083' is not a listener of the form http://host:port"),
        ({"CONNECT_LISTENERS": "http://localhost:8083"}, "it listens on localhost only"),
    ):
        refused = describe(kafka, changes)
        assert isinstance(refused, Refusal)
        assert refused.reason.startswith(telling)


def test_settings_that_reach_into_the_grading_machine_are_not_run(kafka):
    with pytest.raises(UnusableHere, match=r"config\.providers"):
        describe(kafka, {"CONNECT_CONFIG_PROVIDERS": "file"})


def test_a_killed_worker_starts_again_with_its_connectors(kafka, launch, tmp_path):
    # a new worker waits for the session of the one that was killed to end, ten seconds by default
    quick = {"CONNECT_SESSION_TIMEOUT_MS": "6000", "CONNECT_HEARTBEAT_INTERVAL_MS": "1000"}
    one = launch({"CONNECT_GROUP_ID": "again", "CONNECT_CONFIG_STORAGE_TOPIC": "again", **quick})
    assert isinstance(one.await_ready(READY_S), WorkerInfo)
    view = ConnectView(one.url)
    view.create({"name": "kept", "config": {"connector.class": SINK, "topics": "t", "file": str(tmp_path / "f")}})
    one.kill()
    assert one.died() == "was not started"
    with pytest.raises(LabFault, match="GET /connectors"):
        view.connectors()
    one.start()
    assert isinstance(one.await_ready(READY_S), WorkerInfo)
    assert view.connectors() == ("kept",)
    view.close()


def test_a_worker_that_is_killed_from_outside_is_our_fault(launch):
    one = launch({"CONNECT_GROUP_ID": "killed"})
    os.kill(one.pid, signal.SIGKILL)
    with pytest.raises(LabFault, match="signal 9"):
        one.await_ready(READY_S)


def test_what_happens_before_kafka_serves_is_not_held_against_the_settings(launch):
    one = launch({"CONNECT_GROUP_ID": "early", "CONNECT_BOOTSTRAP_SERVERS": "kafka:9999"})
    with pytest.raises(LabFault, match="waited"):
        one.await_ready(2, kafka_ready=lambda: False)


def test_a_detached_worker_is_found_again(kafka, launch):
    first = launch({"CONNECT_GROUP_ID": "detached"}, detached=True)
    before = first.await_ready(READY_S)
    again = ConnectWorker.reattach(first.folder)
    assert again.await_ready(READY_S) == before
    assert again.spec == first.spec
    again.stop()
    assert first.died() is not None
    with pytest.raises(LabFault, match="no longer runs"):
        ConnectWorker.reattach(first.folder)
    first.stop()
    first.clean()
    assert not first.folder.exists()


def test_nothing_is_left_when_the_parent_is_killed(kafka, tmp_path):
    script = (
        "from selftest.contract.test_connect_service import COURSE\n"
        "from topicmark.services.connect import *\n"
        "spec = ConnectSpec.from_environment(COURSE, sys.argv[2], host_names={'kafka': sys.argv[3]})\n"
        "service = ConnectWorker(spec, Path(sys.argv[1]), marker=sys.argv[1])\n"
        "service.start()"
    )
    other = kafka.spec.subnet.replace("127.", "127.1", 1)
    assert dies_with_its_parent(script, tmp_path, other, kafka.spec.address(0))
