"""A real registry, made from the environment of the course's manifest and from broken ones."""

from __future__ import annotations

import json
import os
import signal

import pytest
import requests
from kafka.admin import NewTopic

from selftest.configured import READY_S, Changes, brokers, changed, host_names, launcher
from selftest.processes import dies_with_its_parent
from selftest.topics import read_all
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.observe.membership import admin
from topicmark.observe.registry import RegistryView, Rejected, StoredSchema
from topicmark.provision.toolchain import ensure
from topicmark.services.base import Service
from topicmark.services.kafka import KafkaCluster
from topicmark.services.registry import Refusal, Registry, RegistrySpec

# The course's own manifest, with the pod's address filled in.
COURSE = {
    "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": "kafka:9092",
    "SCHEMA_REGISTRY_LISTENERS": "http://0.0.0.0:8081",
    "SCHEMA_REGISTRY_HOST_NAME": "10.0.0.4",
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def record(**fields: str) -> str:
    """An Avro record with fields of these types."""
    made = [{"name": name, "type": kind} for name, kind in fields.items()]
    return json.dumps({"type": "record", "name": "Sensor", "fields": made})


@pytest.fixture(scope="module")
def toolchain():
    ensure(["kafka", "registry"])


@pytest.fixture(scope="module")
def kafka(toolchain, tmp_path_factory):
    with brokers(tmp_path_factory.mktemp("kafka"), range(10, 32)) as cluster:
        yield cluster


def describe(kafka: KafkaCluster, changes: Changes, subnet: str = "") -> RegistrySpec | Refusal:
    return RegistrySpec.from_environment(
        changed(COURSE, changes), subnet or kafka.spec.subnet, host_names=host_names(kafka),
    )  # fmt: skip


@pytest.fixture
def launch(kafka, tmp_path):
    """Start one beside the shared one."""
    with launcher(
        tmp_path, range(31, 32), (8081, 18081), lambda changes, subnet: describe(kafka, changes, subnet), Registry
    ) as start:
        yield start


@pytest.fixture(scope="module")
def registry(kafka, tmp_path_factory):
    """One registry of the course's environment."""
    spec = describe(kafka, {})
    assert isinstance(spec, RegistrySpec)
    shared = Registry(spec, tmp_path_factory.mktemp("registry"), marker="selftest")
    shared.start()
    assert isinstance(shared.await_ready(READY_S, kafka_ready=kafka.probe), RegistryView)
    yield shared
    shared.stop()


@pytest.fixture
def view(registry):
    one = RegistryView(registry.url)
    yield one
    one.close()


def test_the_courses_manifest_gives_a_registry_on_this_cluster(kafka, registry, view):
    assert isinstance(registry, Service)
    assert registry.probe()
    assert registry.died() is None
    with admin(kafka.bootstrap) as client:
        assert view.cluster_id() == client.describe_cluster()["cluster_id"]
    assert "Apicurio" in view.version()
    brokers = ClusterView(kafka.bootstrap)
    topic = brokers.topic("_schemas")
    brokers.close()
    assert (len(topic.partitions), topic.replication_factor) == (1, 3)
    assert topic.configs["cleanup.policy"].value == "compact"
    assert registry.rss_bytes() < 220_000_000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", "{}"),
        ("/subjects", "[]"),
        ("/config", '{"compatibilityLevel":"BACKWARD"}'),
        ("/schemas/types", '["JSON","PROTOBUF","AVRO"]'),
        ("/mode", '{"mode":"READWRITE"}'),
    ],
)
def test_answers_are_those_of_the_recordings(registry, path, body):
    answer = requests.get(registry.url + path, timeout=10)
    assert (answer.status_code, answer.text) == (200, body)
    assert answer.headers["Content-Type"] == "application/vnd.schemaregistry.v1+json"


def test_a_schema_is_kept_and_its_successors_are_judged(kafka, view):
    first, wider, other = record(a="int"), record(a="long"), record(a="string")
    made = view.register("judged", first)
    assert isinstance(made, int)
    assert view.register("judged", first) == made
    assert view.schema(made) == first
    assert view.stored("judged") == StoredSchema("judged", 1, made, first, "AVRO")
    assert (view.compatible("judged", wider), view.compatible("judged", other)) == (True, False)
    refused = view.register("judged", other)
    assert isinstance(refused, Rejected)
    assert (refused.status, refused.code) == (409, 409)
    assert refused.message.startswith(
        'Schema being registered is incompatible with an earlier schema for subject "judged", details: ['
    )
    assert view.versions("judged") == (1,)
    assert view.level("judged") == Rejected(
        404, 40408, "Subject 'judged' does not have subject-level compatibility configured"
    )
    assert view.set_level("NONE", "judged") is None
    assert view.level("judged") == "NONE"
    assert view.compatible("judged", other)
    assert isinstance(view.register("judged", other), int)
    assert view.versions("judged") == (1, 2)
    assert view.delete("judged") == (1, 2)
    assert "judged" not in view.subjects()
    assert view.level() == "BACKWARD"
    kept = [(json.loads(record.key), json.loads(record.value)) for record in read_all(kafka.bootstrap, "_schemas")]
    key = {"keytype": "SCHEMA", "subject": "judged", "version": 1, "magic": 1}
    assert (key, {"subject": "judged", "version": 1, "id": made, "schema": first, "deleted": False}) in kept


def test_json_and_protobuf_are_kept_as_such(view):
    plain = '{"type":"object","properties":{"a":{"type":"integer"}}}'
    made = view.register("json", plain, type="JSON")
    assert isinstance(made, int)
    assert view.stored("json") == StoredSchema("json", 1, made, plain, "JSON")
    proto = 'syntax = "proto3";\nmessage Sensor { int32 id = 1; }\n'
    assert isinstance(view.register("proto", proto, type="PROTOBUF"), int)
    stored = view.stored("proto")
    assert isinstance(stored, StoredSchema)
    assert stored.type == "PROTOBUF"


def test_what_is_unknown_or_invalid_gets_the_registrys_codes(registry, view):
    assert isinstance(view.register("known", record(a="int")), int)
    assert view.versions("nosuch") == Rejected(404, 40401, "Subject 'nosuch' not found.")
    assert view.stored("known", 9) == Rejected(404, 40402, "Version 9 not found.")
    assert view.schema(4711) == Rejected(404, 40403, "Schema 4711 not found")
    for invalid in ('{"type":"nonsense"}', "no json", ""):
        refused = view.register("known", invalid)
        assert isinstance(refused, Rejected)
        assert (refused.status, refused.code) == (422, 42201)
    wrong_version, wrong_level = view.stored("known", "first"), view.set_level("SIDEWAYS")
    assert isinstance(wrong_version, Rejected)
    assert isinstance(wrong_level, Rejected)
    assert (wrong_version.code, wrong_level.code) == (42202, 42203)
    nowhere = requests.get(f"{registry.url}/nosuch", timeout=10)
    assert (nowhere.status_code, nowhere.json()) == (404, {"error_code": 404, "message": "HTTP 404 Not Found"})
    malformed = requests.post(f"{registry.url}/subjects/x/versions", data="{bad", timeout=10)
    assert (malformed.status_code, malformed.json()["error_code"]) == (400, 400)


@pytest.mark.parametrize(
    ("changes", "telling"),
    [
        ({"SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": "kafak:9092"}, r"No resolvable bootstrap urls.*kafak:9092"),
        ({"SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": "kafka:9999"}, r"found only 0.*kafka:9999"),
        ({"SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": "SSL://kafka:9092"}, "No supported Kafka endpoints"),
        ({"SCHEMA_REGISTRY_LISTENERS": "http://0.0.0.0:8082"}, "port 8082; nothing answers on port 8081"),
        ({"SCHEMA_REGISTRY_KAFKASTORE_TOPIC": "deleting"}, "Expected cleanup.policy to be 'compact' but it is delete"),
    ],
    ids=["host", "port", "protocol", "listener", "policy"],
)
def test_settings_that_do_not_work_are_refused_with_the_line_that_tells(kafka, launch, changes, telling):
    with admin(kafka.bootstrap) as client:
        if "deleting" not in client.list_topics():
            client.create_topics([NewTopic("deleting", num_partitions=1, replication_factor=3)])
    seen = launch(changes).await_ready(READY_S, kafka_ready=kafka.probe)
    assert isinstance(seen, Refusal)
    with pytest.raises(AssertionError, match=telling):
        raise AssertionError(seen.reason)


@pytest.mark.parametrize(
    ("changes", "telling"),
    [
        ({"SCHEMA_REGISTRY_HOST_NAME": None}, "SCHEMA_REGISTRY_HOST_NAME is required."),
        ({"SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": None}, "one of (SCHEMA_REGISTRY_KAFKASTORE_CONNECTION_URL,"),
        ({"SCHEMA_REGISTRY_PORT": "tcp://10.0.0.7:8081"}, "PORT is deprecated."),
        (
            {
                "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": None,
                "SCHEMA_REGISTRY_KAFKASTORE_CONNECTION_URL": "zookeeper:2181",
            },
            "SCHEMA_REGISTRY_KAFKASTORE_CONNECTION_URL names a ZooKeeper",
        ),
        ({"SCHEMA_REGISTRY_LISTENERS": "http://localhost:8081"}, "it listens on localhost only"),
        ({"SCHEMA_REGISTRY_KAFKASTORE_TOPIC_REPLICATION_FACTOR": "all"}, "Invalid value all for configuration"),
    ],
)
def test_a_container_that_would_end_at_once_is_refused_without_a_registry(kafka, changes, telling):
    refused = describe(kafka, changes)
    assert isinstance(refused, Refusal)
    assert refused.reason.startswith(telling)


def test_a_killed_registry_starts_again_with_its_schemas(launch):
    one = launch({"SCHEMA_REGISTRY_KAFKASTORE_TOPIC": "kept"})
    view = one.await_ready(READY_S)
    assert isinstance(view, RegistryView)
    ids = [view.register(f"s{number}", record(**{f"f{number}": "int"})) for number in range(3)]
    assert view.set_level("FULL") is None
    assert view.delete("s1") == (1,)
    one.kill()
    with pytest.raises(LabFault, match="GET /subjects"):
        view.subjects()
    one.start()
    again = one.await_ready(READY_S)
    assert isinstance(again, RegistryView)
    assert again.subjects() == ("s0", "s2")
    assert again.level() == "FULL"
    assert again.schema(ids[2]) == record(f2="int")
    again.close()
    view.close()


def test_a_registry_that_is_killed_from_outside_is_our_fault(launch):
    one = launch({})
    os.kill(one.pid, signal.SIGKILL)
    with pytest.raises(LabFault, match="signal 9"):
        one.await_ready(READY_S)


def test_a_detached_registry_is_found_again(kafka, launch):
    first = launch({}, detached=True)
    assert isinstance(first.await_ready(READY_S, kafka_ready=kafka.probe), RegistryView)
    again = Registry.reattach(first.folder)
    assert again.probe()
    assert again.spec == first.spec
    again.stop()
    assert first.died() is not None
    with pytest.raises(LabFault, match="no longer runs"):
        Registry.reattach(first.folder)
    first.stop()
    first.clean()
    assert not first.folder.exists()


def test_nothing_is_left_when_the_parent_is_killed(kafka, tmp_path):
    script = (
        "from selftest.contract.test_registry_service import COURSE\n"
        "from topicmark.services.registry import *\n"
        "spec = RegistrySpec.from_environment(COURSE, sys.argv[2], host_names={'kafka': sys.argv[3]})\n"
        "service = Registry(spec, Path(sys.argv[1]), marker=sys.argv[1])\n"
        "service.start()"
    )
    other = kafka.spec.subnet.replace("127.", "127.1", 1)
    assert dies_with_its_parent(script, tmp_path, other, kafka.spec.address(0))
