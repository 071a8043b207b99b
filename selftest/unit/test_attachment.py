"""Addresses of what already runs: what the options may say, and what a sandbox makes of them."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from topicmark import options
from topicmark.backends.attached_endpoints import Whereabouts, endpoints
from topicmark.backends.attachment import Attachment
from topicmark.model import UsageError
from topicmark.sandbox.network import plan


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.declare(parser.add_argument)
    return parser.parse_args(arguments)


def test_addresses_are_read_and_told_as_they_were_given():
    made = options.settings(
        parsed("--backend=attached", "--kafka=a:1, b:2", "--hdfs-url=hdfs://nn", "--connect-url=http://h:8083/"), Path()
    ).attachment
    assert made is not None
    assert made.kafka == (("a", 1), ("b", 2))
    assert made.bootstrap == "a:1,b:2"
    assert made.address("hdfs") == ("nn", 9000)
    assert made.address("connect") == ("h", 8083)
    assert made.address("ksqldb") is None
    assert made.told("connect") == "--connect-url http://h:8083"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--backend=attached"], "--kafka"),
        (["--backend=attached", "--kafka=localhost"], "HOST:PORT"),
        (["--backend=attached", "--kafka=,"], "HOST:PORT"),
        (["--backend=attached", "--kafka=h:99999"], "HOST:PORT"),
        (["--backend=attached", "--ksqldb-url=localhost:8088"], "http://HOST:PORT"),
        (["--backend=attached", "--ksqldb-url=http://h:port"], "http://HOST:PORT"),
        (["--backend=attached", "--connect-url=http://h:1/connectors"], "http://HOST:PORT"),
        (["--backend=attached", "--hdfs-url=http://h:9000"], "hdfs://HOST:PORT"),
        (["--ksqldb-url=http://h:8088"], "--backend attached"),
        (["--kafka=h:9092"], "--backend attached"),
        (["--allow-writes"], "--backend attached"),
        (["--backend=attached", "--kafka=h:9092", "--allow-writes", "--untrusted"], "--untrusted"),
        (["--connect-plugins=/nowhere/at/all"], "no such folder"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_that_names_the_option(arguments, named):
    with pytest.raises(UsageError, match=named):
        options.settings(parsed(*arguments), Path())


def test_what_was_parsed_goes_on_to_pytest():
    given = ["--backend=attached", "--kafka=h:9092", "--allow-writes", "--connect-plugins=plugins"]
    told = list(options.forwarded(parsed(*given)))
    assert {"--backend=attached", "--kafka=h:9092", "--allow-writes"} <= set(told)
    assert f"--connect-plugins={Path('plugins').absolute()}" in told
    assert not [one for one in told if one.startswith(("--untrusted", "--ksqldb-url", "--fresh"))]


def reached(where: Whereabouts, host: str, port: int, *, in_a_pod: bool = False) -> list[tuple[str, int]]:
    """Where a program in the sandbox gets to that asks for this host and port."""
    network = plan(endpoints(where, ["my-broker"], on_localhost=in_a_pod))
    address = {"localhost": "127.0.0.1"}.get(host, network.names.get(host, host))
    return [target for index, at, number in network.listeners if (at, number) == (address, port)
            for target in network.endpoints[index].targets]  # fmt: skip


CLUSTER = Whereabouts(
    given=[("localhost", 29092)],
    brokers={1: ("localhost", 29092), 2: ("broker-2", 9092), 7: ("127.9.9.9", 9092)},
    services={"connect": ("localhost", 28083), "hdfs": ("nn", 8020), "webhdfs": ("nn", 9870)},
)


@pytest.mark.parametrize(
    ("host", "port", "target"),
    [
        ("localhost", 29092, ("localhost", 29092)),  # as it was given, and as it advertises itself
        ("broker-2", 9092, ("broker-2", 9092)),
        ("127.9.9.9", 9092, ("127.9.9.9", 9092)),
        ("kafka-controller-0.kafka-controller-headless", 9092, ("localhost", 29092)),
        ("kafka-controller-2.kafka-controller-headless.default.svc.cluster.local", 9092, ("127.9.9.9", 9092)),
        ("localhost", 28083, ("localhost", 28083)),
        ("kafka-connect", 8083, ("localhost", 28083)),
        ("namenode", 9000, ("nn", 8020)),
        ("namenode", 9870, ("nn", 9870)),
    ],
)
def test_a_program_gets_there_by_the_courses_names_and_by_the_services_own(host, port, target):
    assert reached(CLUSTER, host, port) == [target]


def test_the_brokers_together_have_the_courses_name_and_in_a_pod_localhost():
    everyone = list(CLUSTER.brokers.values())
    assert reached(CLUSTER, "kafka", 9092) == reached(CLUSTER, "my-broker", 9092) == everyone
    assert reached(CLUSTER, "localhost", 9092) == []
    assert reached(CLUSTER, "localhost", 9092, in_a_pod=True) == everyone


def test_a_name_that_is_one_brokers_own_leads_to_that_broker():
    where = Whereabouts([("kafka", 9092)], {0: ("kafka", 9092), 1: ("kafka", 9093)}, {})
    assert reached(where, "kafka", 9092) == [("kafka", 9092)]
    assert reached(where, "kafka", 9093) == [("kafka", 9093)]
    assert reached(where, "my-broker", 9092) == [("kafka", 9092), ("kafka", 9093)]


def test_brokers_behind_numbers_that_no_sandbox_has_are_told():
    assert Whereabouts([], {0: ("192.168.1.4", 9092), 1: ("localhost", 9092)}, {}).unreachable() == [
        ("192.168.1.4", 9092)
    ]


def test_nothing_given_is_no_attachment():
    assert Attachment.of({}) is None
