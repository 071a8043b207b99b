"""What a program can do to the lab through its own listener: all that the exercises ask for, and no more."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.needs import Needs
from topicmark.observe.cluster import ClusterView
from topicmark.provision import runtimes, toolchain
from topicmark.sandbox import Command, Level
from topicmark.waiting import eventually

TRY = """
    import json, sys
    from confluent_kafka import Consumer, Producer, TopicPartition
    from confluent_kafka.admin import *

    WHERE = {"bootstrap.servers": "kafka:9092"}
    admin = AdminClient(WHERE)

    class Refused(Exception):
        pass

    def done(futures):
        for future in futures.values() if isinstance(futures, dict) else [futures]:
            error = future.exception(20)
            if error is not None:
                raise Refused(error.args[0].name())

    def produce(topic):
        told = []
        producer = Producer({**WHERE, "message.timeout.ms": 10000})
        producer.produce(topic, b"x", on_delivery=lambda error, _: told.append(error and error.name()))
        producer.flush(20)
        if told != [None]:
            raise Refused(told[0] if told else "no answer")

    def consume(topic):
        consumer = Consumer({**WHERE, "group.id": "g", "auto.offset.reset": "earliest"})
        consumer.subscribe([topic])
        message = consumer.poll(30)
        assert message.value() == b"x", message.error()
        consumer.commit(message, asynchronous=False)
        consumer.close()

    def alter(kind, name, key):
        entry = ConfigEntry(key, "60000", incremental_operation=AlterConfigOpType.SET)
        done(admin.incremental_alter_configs([ConfigResource(kind, name, incremental_configs=[entry])]))

    def grant(name):
        done(admin.create_acls([AclBinding(ResourceType.TOPIC, name, ResourcePatternType.LITERAL, "User:program", "*",
            AclOperation.ALL, AclPermissionType.ALLOW)]))

    BROKER, TOPIC = ConfigResource.Type.BROKER, ConfigResource.Type.TOPIC
    WORK = {
        "create": lambda: done(admin.create_topics([NewTopic("mine", 3, 3), NewTopic("gone", 1, 1)])),
        "produce": lambda: produce("mine"),
        "consume": lambda: consume("mine"),
        "alter": lambda: alter(TOPIC, "mine", "retention.ms"),
        "grow": lambda: done(admin.create_partitions([NewPartitions("mine", 5)])),
        "delete": lambda: done(admin.delete_topics(["gone"])),
        "delete records": lambda: done(admin.delete_records([TopicPartition("mine", 0, -1)])),
        "delete group": lambda: done(admin.delete_consumer_groups(["g"])),
        "describe brokers": lambda: done(admin.describe_configs([ConfigResource(BROKER, "0")])),
        "describe cluster": lambda: done(admin.describe_cluster()),
        "delete the lab's": lambda: done(admin.delete_topics(["__consumer_offsets"])),
        "alter the lab's": lambda: alter(TOPIC, "__consumer_offsets", "retention.ms"),
        "write to the lab's": lambda: produce("__consumer_offsets"),
        "make Connect's": lambda: produce("_connect-status"),
        "alter a broker": lambda: alter(BROKER, "0", "log.retention.ms"),
        "grant": lambda: grant("__consumer_offsets"),
    }
    told = {}
    for name, work in WORK.items():
        try:
            work()
            told[name] = "done"
        except Exception as error:
            told[name] = str(error)
    print(json.dumps(told))
    """
FLOOD = """
    import json
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": "kafka:9092"})
    admin.create_topics([NewTopic("flood", 1, 3)])["flood"].result(20)
    waits = []
    told = {"throttle_cb": lambda event: waits.append(event.throttle_time)}
    producer = Producer({"bootstrap.servers": "kafka:9092", "linger.ms": 50, **told})
    while not waits:
        try:
            producer.produce("flood", b"x" * 500_000)
        except BufferError:
            pass
        producer.poll(0.05)
    def make(topics):
        answers = {name: future.exception(60) for name, future in admin.create_topics(topics).items()}
        return {name: error.args[0].str() for name, error in answers.items() if error is not None}

    too_wide = make([NewTopic("wide", 257, 1)])
    many = {}
    for start in range(0, 1100, 100):
        many.update(make([NewTopic(f"t{number}", 1, 1) for number in range(start, start + 100)]))
    print(json.dumps({"wide": too_wide, "many": len(many), "told": sorted(set(many.values()))}), flush=True)
    """
GROW = """
    import json
    from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

    admin = AdminClient({"bootstrap.servers": "kafka:9092"})
    admin.create_topics([NewTopic("grown", 1, 3)])["grown"].exception(60)
    failed = {n: str(f.exception(300)) for n, f in admin.create_partitions([NewPartitions("grown", 1200)]).items()}
    print(json.dumps({"failed": {name: error for name, error in failed.items() if error != "None"}}))
    """
ALLOWED = {
    "create", "produce", "consume", "alter", "grow", "delete", "delete records", "delete group", "describe brokers",
    "describe cluster",
}  # fmt: skip

REFUSED = {
    "delete the lab's": "TOPIC_AUTHORIZATION_FAILED",
    "alter the lab's": "TOPIC_AUTHORIZATION_FAILED",
    "write to the lab's": "TOPIC_AUTHORIZATION_FAILED",
    "make Connect's": "TOPIC_AUTHORIZATION_FAILED",
    "alter a broker": "CLUSTER_AUTHORIZATION_FAILED",
    "grant": "CLUSTER_AUTHORIZATION_FAILED",
}

Run = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def lab() -> Iterator[EmbeddedLab]:
    toolchain.ensure(["kafka"])
    running = EmbeddedLab.new(level=Level.NAMESPACES, needs=Needs())
    try:
        running.start()
        yield running
    finally:
        running.take_down()


@pytest.fixture
def run(lab: EmbeddedLab, tmp_path: Path) -> Iterator[Run]:
    """What a program prints as its last line, JSON."""
    runtime = runtimes.default(print)
    with closing(lab.sandbox(runtime.mounts(), (f"{runtimes.SHOWN_AT}/bin",), ())) as box:

        def told(source: str) -> dict[str, Any]:
            (tmp_path / "try.py").write_text(textwrap.dedent(source))
            program = box.start(Command(["python3", "try.py"]), tmp_path, "try")
            program.wait(120)
            answers = [line for line in program.output().splitlines() if line.startswith("{")]
            assert answers, program.output()
            answer: dict[str, Any] = json.loads(answers[-1])
            return answer

        yield told


def test_a_program_uses_the_cluster_and_cannot_change_it(run: Run) -> None:
    told = run(TRY)
    assert {name for name, came in told.items() if came == "done"} == ALLOWED, told
    refused = {name: came for name, came in told.items() if came != "done"}
    assert refused == REFUSED


def test_the_lab_itself_is_held_by_nothing(lab: EmbeddedLab) -> None:
    with closing(ClusterView(lab.bootstrap)) as view:
        view.create_topic("_schemas", 1, 3, {})
        eventually(view.topics, lambda names: "_schemas" in names, within=20, describe="the topic")
        view.delete_topic("_schemas")
        eventually(view.topics, lambda names: "_schemas" not in names, within=20, describe="its end")


def test_what_fills_the_lab_is_told(run: Run, lab: EmbeddedLab) -> None:
    told = run(GROW)
    assert told == {"failed": {}}
    used = eventually(lab.overused, bool, within=60, describe="its partitions on the disks")
    assert re.fullmatch(r"\d{4} replicas of partitions were made, and a lab has room for 3000", used)


def test_a_flood_of_records_is_slowed_down_and_one_of_topics_is_refused(run: Run) -> None:
    told = run(FLOOD)
    assert told.pop("wide") == {"wide": "This lab allows up to 256 partitions in a topic."}
    assert told.pop("many") in range(901, 930)  # of 1100; those before them count, and what was asked for in vain
    assert told == {"told": ["This lab allows up to 200 topics to be made."]}
