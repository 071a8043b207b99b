"""Inside addresses, host names and the sandbox's name server."""

from __future__ import annotations

import socket
import struct

import pytest

from topicmark.sandbox.gateway import Names
from topicmark.sandbox.network import plan
from topicmark.sandbox.spec import Endpoint

TARGET = (("127.0.0.9", 1),)


def query(name: str, kind: int = 1, *, identity: int = 7) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", identity, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def answer(names: Names, packet: bytes) -> tuple[int, str | None]:
    reply = names.answer(packet)
    assert reply is not None
    identity, flags, _, answers = struct.unpack(">HHHH", reply[:8])
    assert identity == 7
    assert flags & 0x8000
    return flags & 15, socket.inet_ntoa(reply[-4:]) if answers else None


@pytest.fixture
def names() -> Names:
    return Names({"Kafka": "127.0.1.1"}, [(r"kafka-\d\.[a-z-]+\.svc", "127.0.1.2")])


def test_names_and_patterns_are_answered_in_any_case(names: Names) -> None:
    assert answer(names, query("kafka")) == (0, "127.0.1.1")
    assert answer(names, query("KAFKA-3.any-ns.SVC")) == (0, "127.0.1.2")


def test_other_kinds_are_empty_and_other_names_do_not_exist(names: Names) -> None:
    assert answer(names, query("kafka", kind=28)) == (0, None)
    assert answer(names, query("kafka", kind=16)) == (0, None)
    assert answer(names, query("xkafka-3.any.svc")) == (3, None)
    assert answer(names, query("example.com", kind=28)) == (3, None)
    assert list(names.unknown) == ["xkafka-3.any.svc", "example.com"]


@pytest.mark.parametrize("cut", range(12, 23))
def test_broken_queries_are_refused(names: Names, cut: int) -> None:
    assert answer(names, query("kafka")[:cut]) == (1, None)


def test_noise_is_not_answered(names: Names) -> None:
    assert names.answer(b"") is None
    assert names.answer(b"\0\7\x80\0" + bytes(20)) is None
    pointer = query("kafka")[:12] + b"\xc0\x0c\0\1\0\1"
    assert answer(names, pointer) == (1, None)


def test_each_endpoint_has_an_address_and_shared_names_share_it() -> None:
    network = plan(
        [
            Endpoint("a", ["kafka", "kafka.ns"], 9092, TARGET, on_localhost=True),
            Endpoint("b", ["broker"], 9092, TARGET, patterns=["b.*"]),
            Endpoint("c", ["KAFKA.ns", "registry"], 8081, TARGET),
        ]
    )
    assert set(network.listeners) == {
        (0, "127.0.1.1", 9092),
        (0, "127.0.0.1", 9092),
        (0, "::1", 9092),
        (2, "127.0.1.1", 8081),
        (1, "127.0.1.2", 9092),
    }
    assert network.names["registry"] == network.names["kafka"] == "127.0.1.1"
    assert network.patterns == (("b.*", "127.0.1.2"),)
    assert "127.0.1.2 broker\n" in network.hosts


def test_two_endpoints_at_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'a' and 'b' both need 127\.0\.1\.1:9092"):
        plan([Endpoint("a", ["kafka"], 9092, TARGET), Endpoint("b", ["kafka"], 9092, TARGET)])
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:9092"):
        plan([Endpoint(label, [label], 9092, TARGET, on_localhost=True) for label in "ab"])
