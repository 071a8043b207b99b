"""The parts of the docker backend that need no engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicmark.backends.needs import Needs, Wanted
from topicmark.backends.plan import LabPlan
from topicmark.backends.settings import refused
from topicmark.containers import engine
from topicmark.run import Run, Settings
from topicmark.sandbox import Level
from topicmark.services.docker.component import as_logged
from topicmark.services.docker.kafka import environment, variable
from topicmark.services.image_env import properties
from topicmark.services.kafka_spec import KafkaSpec
from topicmark.services.refusal import telling_line

ROOT = Path(__file__).resolve().parents[2]
CONFLUENT_LOG = """\
===> Running preflight checks ...
[2026-11-02 10:00:01,123] INFO Kafka version: 7.3.1-ccs (org.apache.kafka.common.utils.AppInfoParser)
[2026-11-02 10:00:02,456] ERROR [Worker clientId=connect-1, groupId=g] Uncaught exception in herder work thread, \
exiting:  (org.apache.kafka.connect.runtime.distributed.DistributedHerder)
org.apache.kafka.common.config.ConfigException: Topic '_connect-offsets' has cleanup.policy 'delete'
\tat org.apache.kafka.connect.util.TopicAdmin.verify(TopicAdmin.java:1)
"""


@pytest.mark.parametrize("name", ["min.insync.replicas", "log.cleaner.io.buffer.size", "a-dash.and_under.score", "x"])
def test_the_image_reads_a_variable_back_as_its_property(name: str) -> None:
    assert properties({variable(name): "value"}, "KAFKA_") == {name: "value"}


def test_a_broker_advertises_the_courses_name_inside_and_loopback_to_the_grader() -> None:
    spec = KafkaSpec(subnet="127.70.1", properties={"num.partitions": "4"})
    made = properties(environment(spec, spec.nodes[1], "an-id"), "KAFKA_")

    told = dict(one.split("://") for one in made["advertised.listeners"].split(","))

    assert told["CLIENT"] == "kafka-controller-1.kafka-controller-headless.default.svc.cluster.local:9092"
    assert told["GRADER"] == "127.70.1.41:19092"
    assert told["INTERNAL"] == "kafka-controller-1.kafka-controller-headless:47194"
    assert set(made["listeners"].replace("://:", "=").split(",")).isdisjoint({"CONTROLLER=9093", "INTERNAL=9094"})
    assert made["num.partitions"] == "4"
    assert made["controller.quorum.voters"].count("@kafka-controller-") == 3


def test_what_a_confluent_image_logs_is_judged_as_our_own_logs_are() -> None:
    logged = "\n".join(map(as_logged, CONFLUENT_LOG.splitlines()))

    assert "10:00:01.123 INFO AppInfoParser: Kafka version: 7.3.1-ccs" in logged
    assert telling_line(logged) == "Topic '_connect-offsets' has cleanup.policy 'delete'"


@pytest.mark.parametrize(
    ("name", "env", "port", "told"),
    [
        ("registry", {}, 8081, "is required"),
        ("connect", {"CONNECT_GROUP_ID": ""}, 8083, "CONNECT_GROUP_ID is required"),
        ("connect", {"CONNECT_LISTENERS": "http://0.0.0.0:8084"}, 8083, "it listens on port 8084; nothing answers on"),
        ("ksqldb", {"KSQL_LISTENERS": "http://localhost:8088"}, 8088, "listens on localhost only"),
        ("ksqldb", {"KSQL_BOOTSTRAP_SERVERS": "kafak:9092"}, 8088, "DNS resolution failed for kafak"),
    ],
)
def test_what_cannot_run_is_told_without_starting_it(name: str, env: dict[str, str], port: int, told: str) -> None:
    plan = LabPlan(KafkaSpec(), None, Needs())
    course = dict(Wanted.of_the_course(name).env) if env else {}

    refusal = refused(Wanted(name, {**course, **env}, port), plan)

    assert refusal is not None
    assert told in refusal.reason


def test_what_the_course_has_is_tried() -> None:
    plan = LabPlan(KafkaSpec(), None, Needs(components=[Wanted.of_the_course(n) for n in ("registry", "connect")]))

    assert [refused(Wanted.of_the_course(name), plan) for name in ("registry", "connect", "ksqldb")] == [None] * 3


def test_programs_of_a_docker_run_are_held_in_containers() -> None:
    run = Run(Settings(ROOT / "submissions" / "reference", backend="docker"))
    try:
        assert run.level is Level.CONTAINER
    finally:
        run.close()


def test_progress_counts_what_is_known_of_all_layers() -> None:
    layers: dict[str, tuple[int, int]] = {}
    steps = [
        {"id": "a", "status": "Downloading", "progressDetail": {"current": 10, "total": 100}},
        {"id": "b", "status": "Downloading", "progressDetail": {"current": 40, "total": 100}},
        {"id": "a", "status": "Download complete", "progressDetail": {}},
        {"id": "b", "status": "Extracting", "progressDetail": {"current": 1, "total": 100}},
    ]

    assert [engine.percent(layers, step) for step in steps] == [10, 25, 70, 70]


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http+docker://localhost", True),
        ("http://127.0.0.1:2375", True),
        ("http://localhost:2375", True),
        ("http+docker://ssh", False),
        ("https://10.1.2.3:2376", False),
    ],
)
def test_an_engine_on_another_machine_is_told(address: str, local: bool) -> None:
    assert engine.is_local(address) is local
