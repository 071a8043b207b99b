"""Images of exercise 3: which can be the component at all, and which can hold the HDFS sink."""

from __future__ import annotations

import pytest

from topicmark.submission.images import parts, why_no_sink, why_not_started, why_not_this


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("confluentinc/cp-kafka:7.3.1", ("confluentinc/cp-kafka", "7.3.1")),
        ("localhost:5000/x", ("localhost:5000/x", "")),
        ("localhost:5000/x:1@sha256:ab", ("localhost:5000/x", "1")),
    ],
)
def test_image_names(image: str, expected: tuple[str, str]) -> None:
    assert parts(image) == expected


@pytest.mark.parametrize(
    ("image", "commands", "holds"),
    [
        ("registry.gitlab.sdu.dk/jah/bigdatarepo/kafka-connect:7.3.1", (), True),
        ("confluentinc/cp-kafka-connect:7.3.1", (), False),
        ("docker.io/confluentinc/cp-kafka-connect-base:7.3.1", (), False),
        ("confluentinc/cp-server-connect:latest", (), False),
        ("confluentinc/cp-kafka-connect:5.5.1", (), True),
        ("confluentinc/cp-kafka-connect-base:5.5.1", (), False),
        ("apache/kafka:3.8.0", (), False),
        ("docker.io/bitnamilegacy/kafka:3.8.0", (), False),
        (
            "confluentinc/cp-kafka-connect:7.3.1",
            ("confluent-hub install --no-prompt confluentinc/kafka-connect-hdfs:latest",),
            True,
        ),
        ("confluentinc/cp-kafka-connect:7.3.1", ("confluent-hub install confluentinc/kafka-connect-hdfs3:1",), False),
        ("me/my-connect", (), True),
    ],
)
def test_which_images_can_hold_the_sink(image: str, commands: tuple[str, ...], holds: bool) -> None:
    assert (why_no_sink(image, commands) == "") is holds


@pytest.mark.parametrize(
    ("role", "image", "commands", "fits"),
    [
        ("registry", "confluentinc/cp-schema-registry:7.3.1", (), True),
        ("registry", "ghcr.io/aiven-open/karapace:4", (), True),
        ("registry", "confluentinc/cp-kafka-connect:7.3.1", (), False),
        ("registry", "registry.gitlab.sdu.dk/jah/bigdatarepo/kafka-connect:7.3.1", (), False),
        ("connect", "registry.gitlab.sdu.dk/jah/bigdatarepo/kafka-connect:7.3.1", (), True),
        ("connect", "confluentinc/cp-kafka:7.3.1", (), False),
        ("connect", "apache/kafka:3.8.0", ("connect-distributed.sh",), True),
        ("ksqldb", "confluentinc/ksqldb-server:0.28.2", (), True),
        ("ksqldb", "confluentinc/cp-ksqldb-cli:7.3.1", (), False),
        ("ksqldb", "apache/kafka:3.8.0", ("x",), False),
        ("ksqldb", "me/mine", (), True),
    ],
)
def test_which_images_are_the_component(role: str, image: str, commands: tuple[str, ...], fits: bool) -> None:
    assert (why_not_this(role, image, commands) == "") is fits


@pytest.mark.parametrize(
    ("role", "command", "args", "fits"),
    [
        ("connect", (), ("anything",), True),
        ("connect", ("bash", "-c"), ("confluent-hub install x && /etc/confluent/docker/run",), True),
        ("connect", ("/kafka/bin/connect-distributed.sh", "worker.properties"), (), True),
        ("connect", ("/docker-entrypoint.sh", "start"), (), True),
        ("connect", ("python3", "-c"), ("HTTPServer(('0.0.0.0', 8083), Connect).serve_forever()",), False),
        ("connect", ("sleep", "infinity"), (), False),
        ("registry", ("/etc/confluent/docker/run",), (), True),
        ("registry", ("nc", "-lk", "8081"), (), False),
        ("ksqldb", ("ksql-server-start", "/etc/x.properties"), (), True),
        ("ksqldb", ("ksql", "http://kafka-ksqldb-server:8088"), (), False),
        ("redpanda", ("/bin/sh",), ("-c", "echo $CONFIG > /tmp/c.yaml; /app/console"), True),
        ("redpanda", ("nginx",), (), False),
        ("redpanda", ("/bin/sh", "-c"), ("echo $CONSOLE_CONFIG_FILE > /etc/x",), False),
    ],
)
def test_which_commands_start_the_component(
    role: str, command: tuple[str, ...], args: tuple[str, ...], fits: bool
) -> None:
    assert (why_not_started(role, command, args) == "") is fits
