"""What of an attached lab a program in the sandbox can reach: under the course's names, and as it advertises itself."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from topicmark.backends.attachment import HDFS, WEBHDFS, Address
from topicmark.backends.names import IN_ANY_NAMESPACE, PORTS, SERVICES, is_number
from topicmark.sandbox import Endpoint
from topicmark.services.hdfs import HTTP_PORT, NAMENODE, RPC_PORT
from topicmark.services.kafka_spec import CLIENT_PORT

_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where everything is, as the grader reaches it. ``given`` are brokers as they were named, ``brokers`` by id as
    they advertise themselves; ``services`` by name: components, ``hdfs`` and ``webhdfs``."""

    given: Sequence[Address]
    brokers: Mapping[int, Address]
    services: Mapping[str, Address]

    def unreachable(self) -> list[Address]:
        """Brokers that programs could not get to: a sandbox has no address but loopback ones."""
        return [one for one in self.brokers.values() if is_number(one[0]) and not _is_loopback(one[0])]


@dataclass
class _Book:
    """Endpoints so far. A host and port that was entered once leads where it did then."""

    entries: list[Endpoint] = field(default_factory=list)
    _taken: set[Address] = field(default_factory=set)

    def enter(
        self,
        label: str,
        hosts: Sequence[str],
        port: int,
        targets: Sequence[Address],
        *,
        patterns: Sequence[str] = (),
        on_localhost: bool = False,
    ) -> None:
        """``hosts`` are names and addresses by which programs look for it."""
        wanted = [*hosts, *(["localhost"] if on_localhost else [])]
        spoken = ["localhost" if host.lower() in _LOCAL else host.lower() for host in wanted]
        fresh = [host for host in dict.fromkeys(spoken) if (host, port) not in self._taken]
        self._taken.update((host, port) for host in fresh)
        names = [host for host in fresh if host != "localhost" and not is_number(host)]
        if names or patterns or "localhost" in fresh:
            self.entries.append(
                Endpoint(label, names, port, list(targets), patterns, on_localhost="localhost" in fresh)
            )
        for host in filter(_is_loopback, fresh):
            self.entries.append(Endpoint(f"{label} at {host}", (), port, list(targets), literal=host))


def endpoints(where: Whereabouts, aliases: Sequence[str], *, on_localhost: bool) -> list[Endpoint]:
    """``aliases`` are further names of the brokers. ``on_localhost``: as in a broker's pod, beside port-forwards."""
    book = _Book()
    for broker, (host, port) in where.brokers.items():
        book.enter(f"broker {broker}", [host], port, [(host, port)])
    for host, port in where.given:
        book.enter(f"{host}:{port}", [host], port, [(host, port)])
    for service, (host, port) in where.services.items():
        book.enter(f"{service} as given", [host], port, [(host, port)])
    if where.brokers:
        _course_brokers(book, where, aliases, on_localhost)
    _course_services(book, where, on_localhost)
    return book.entries


def _course_brokers(book: _Book, where: Whereabouts, aliases: Sequence[str], on_localhost: bool) -> None:
    for number, broker in enumerate(sorted(where.brokers)):
        pod = f"kafka-controller-{number}.kafka-controller-headless"
        pattern = rf"kafka-controller-{number}\.kafka-controller-headless{IN_ANY_NAMESPACE}"
        names = [pod, f"{pod}.default.svc.cluster.local"]
        book.enter(f"kafka-controller-{number}", names, CLIENT_PORT, [where.brokers[broker]], patterns=[pattern])
    book.enter(
        "kafka",
        ["kafka", "kafka-controller-headless", *aliases],
        CLIENT_PORT,
        list(where.brokers.values()),
        patterns=[f"kafka{IN_ANY_NAMESPACE}", f"kafka-controller-headless{IN_ANY_NAMESPACE}"],
        on_localhost=on_localhost,
    )


def _course_services(book: _Book, where: Whereabouts, on_localhost: bool) -> None:
    for component, name in SERVICES.items():
        if component in where.services:
            pattern = f"{re.escape(name)}{IN_ANY_NAMESPACE}"
            target = where.services[component]
            book.enter(component, [name], PORTS[component], [target], patterns=[pattern], on_localhost=on_localhost)
    for service, port in ((HDFS, RPC_PORT), (WEBHDFS, HTTP_PORT)):
        if service in where.services:
            pattern = f"{NAMENODE}{IN_ANY_NAMESPACE}"
            book.enter(f"{NAMENODE}:{port}", [NAMENODE], port, [where.services[service]], patterns=[pattern])


def _is_loopback(host: str) -> bool:
    return is_number(host) and ipaddress.ip_address(host).version == 4 and ipaddress.ip_address(host).is_loopback
