"""Redpanda Console's manifest: what the program in the container would read, and from where."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from topicmark.submission import Component, Problem
from topicmark.submission.images import retired_console
from topicmark.submission.kubernetes import parse
from topicmark.submission.redpanda import ConsoleSettings, address, settings, url_address

REFERENCE = (Path(__file__).parents[2] / "submissions" / "reference" / "redpanda.yaml").read_text()
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: redpanda
  labels: {app: redpanda}
spec:
  containers:
    - name: console
      image: redpandadata/console:v2.7.0
"""
MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: console}
data:
  config.yaml: |
    kafka:
      brokers: [kafka-0.x:9092, "kafka:9092"]
      sasl: {enabled: true}
      schemaRegistry: {enabled: true, urls: ["http://kafka-schema-registry:8081"]}
    server: {listenPort: 8085}
---
"""
MOUNT = "volumeMounts: [{name: config, mountPath: /etc/c}]\n"
VOLUME = "  volumes: [{name: config, configMap: {name: console}}]\n"


def component(text: str) -> Component:
    found = parse(text, "x.yaml", "redpanda")
    assert isinstance(found, Component), found
    return found


def pod(lines: str, before: str = "", after: str = "") -> ConsoleSettings:
    """The settings of a console whose container has these lines more."""
    return settings(component(before + POD + textwrap.indent(lines, " " * 6) + after))


def test_reference() -> None:
    found = component(REFERENCE)
    assert found.forwards().container_port == 8080
    assert (found.doubt(), found.remarks) == ("", ())
    assert settings(found) == ConsoleSettings(
        ("kafka:9092",), urls=("http://kafka-schema-registry:8081", "http://kafka-connect:8083")
    )


@pytest.mark.parametrize(
    ("env", "brokers", "demands", "port"),
    [
        ('{name: KAFKA_BROKERS, value: "a:1,b:2"}', ("a:1", "b:2"), (), 8080),
        ('{name: KAFKA_BROKERS, value: ""}', (), (), 8080),
        ('{name: KAFKA_TLS_ENABLED, value: "true"}', (), ("TLS",), 8080),
        ('{name: KAFKA_SASL_ENABLED, value: "True"}, {name: KAFKA_TLS_ENABLED, value: "false"}', (), ("SASL",), 8080),
        ('{name: SERVER_LISTENPORT, value: "9000"}', (), (), 9000),
    ],
)
def test_the_environment(env: str, brokers: tuple[str, ...], demands: tuple[str, ...], port: int) -> None:
    found = pod(f"env: [{env}]\n")
    assert (found.brokers, found.demands, found.port, found.problem) == (brokers, demands, port, "")


@pytest.mark.parametrize(
    "lines",
    [
        "env: [{name: CONFIG_FILEPATH, value: /etc/c/config.yaml}]\n" + MOUNT,
        "args: ['--config.filepath=/etc/c/config.yaml']\n" + MOUNT,
        "command: [/app/console, -config.filepath, /etc/c/config.yaml]\n" + MOUNT,
        "args: [--config.filepath=/c.yml]\nvolumeMounts: [{name: config, mountPath: /c.yml, subPath: config.yaml}]\n",
    ],
)
def test_a_mounted_config_map(lines: str) -> None:
    found = pod(lines, MAP, VOLUME)
    assert found.brokers == ("kafka-0.x:9092", "kafka:9092")
    assert (found.demands, found.port, found.problem) == (("SASL",), 8085, "")
    assert found.urls == ("http://kafka-schema-registry:8081",)
    assert found.source.startswith("kafka.brokers in ")


def test_the_environment_goes_before_the_file() -> None:
    lines = "env: [{name: CONFIG_FILEPATH, value: /etc/c/config.yaml}, {name: KAFKA_BROKERS, value: kafka}]\n"
    found = pod(lines + MOUNT, MAP, VOLUME)
    assert (found.brokers, found.source, found.port) == (("kafka",), "KAFKA_BROKERS", 8085)


def test_items_of_a_volume() -> None:
    volume = "  volumes: [{name: config, configMap: {name: console, items: [{key: config.yaml, path: a/b.yml}]}}]\n"
    assert pod("args: [--config.filepath=/etc/c/a/b.yml]\n" + MOUNT, MAP, volume).port == 8085
    gone = pod("args: [--config.filepath=/etc/c/config.yaml]\n" + MOUNT, MAP, volume)
    assert "nothing puts a file there" in gone.problem


def test_inline_as_in_redpandas_own_example() -> None:
    inline = "{name: CONSOLE_CONFIG_FILE, value: 'kafka: {brokers: [kafka:9092]}'}"
    path = "{name: CONFIG_FILEPATH, value: /tmp/config.yml}"
    command = 'command: [/bin/sh, -c, echo "$$CONSOLE_CONFIG_FILE" > /tmp/config.yml; /app/console]\n'
    assert pod(f"env: [{inline}, {path}]\n{command}").brokers == ("kafka:9092",)
    unwritten = pod(f"env: [{inline}]\n")
    assert unwritten.brokers == ()
    assert "read by nobody" in unwritten.remarks[0]


def test_what_ends_it_at_once() -> None:
    assert "nothing puts a file there" in pod("args: [--config.filepath=/no.yml]\n").problem
    broken = MAP.replace("kafka:\n", "kafka: [\n")
    assert (
        "its configuration is not valid YAML"
        in pod("args: [--config.filepath=/etc/c/config.yaml]\n" + MOUNT, broken, VOLUME).problem
    )
    unread = pod(MOUNT, MAP, VOLUME)
    assert unread.problem == ""
    assert "neither CONFIG_FILEPATH nor" in unread.remarks[0]


def test_a_mount_without_a_volume_is_refused() -> None:
    found = parse(POD + textwrap.indent(MOUNT, " " * 6), "x.yaml", "redpanda")
    assert isinstance(found, Problem)
    assert "the volume config" in found.what.replace("'", "")


@pytest.mark.parametrize(
    ("image", "doubt", "retired"),
    [
        ("docker.redpanda.com/redpandadata/console:v2.7.0", "", False),
        ("redpandadata/console", "", False),
        ("registry.example.org/mirror/redpanda-console:1", "", False),
        ("docker.redpanda.com/vectorized/console:v2.1.0", "", True),
        ("quay.io/cloudhut/kowl:v1.5.0", "", True),
        ("docker.redpanda.com/redpandadata/redpanda:v24.1.1", "not Redpanda Console", False),
        ("provectuslabs/kafka-ui:latest", "not Redpanda Console", False),
        ("confluentinc/cp-kafka-connect:7.3.1", "not Redpanda Console", False),
    ],
)
def test_images(image: str, doubt: str, retired: bool) -> None:
    found = component(POD.replace("redpandadata/console:v2.7.0", image))
    assert doubt in found.doubt()
    assert bool(found.doubt()) is bool(doubt)
    assert bool(retired_console(image)) is retired


@pytest.mark.parametrize(
    ("broker", "expected"),
    [
        ("kafka:9092", ("kafka", 9092)),
        ("kafka", ("kafka", 9092)),
        ("[::1]:9092", ("::1", 9092)),
        (" kafka:9092", None),
        ("PLAINTEXT://kafka:9092", None),
        ("kafka:9092;b:1", None),
    ],
)
def test_addresses(broker: str, expected: tuple[str, int] | None) -> None:
    assert address(broker) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://a.b:8081/x", ("a.b", 8081)), ("https://a", ("a", 443)), ("kafka-connect:8083", None)],
)
def test_urls(url: str, expected: tuple[str, int] | None) -> None:
    assert url_address(url) == expected
