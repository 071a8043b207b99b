"""Addresses of what already runs, as the options of ``--backend attached`` give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from topicmark.model import UsageError

KAFKA, HDFS, WEBHDFS, CONSOLE = "kafka", "hdfs", "webhdfs", "console"
OPTIONS: Mapping[str, str] = {
    KAFKA: "--kafka",
    "registry": "--registry-url",
    "connect": "--connect-url",
    "ksqldb": "--ksqldb-url",
    HDFS: "--hdfs-url",
    WEBHDFS: "--webhdfs-url",
    CONSOLE: "--console-url",
}
"""The option that gives a service's address, by service."""
_SCHEMES = {HDFS: "hdfs"}
_PORTS = {HDFS: 9000}
"""What a URL may leave out."""

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where services run, any subset. ``kafka``: brokers to begin with; ``urls``: by service, as in ``OPTIONS``."""

    kafka: tuple[Address, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Attachment | None:
        """From the options' values by service; None if there is none. Raises ``UsageError`` for what is no address."""
        given = {service: text.strip() for service, text in given.items()}
        if not given:
            return None
        urls = {service: _url(service, text) for service, text in given.items() if service != KAFKA}
        return cls(_addresses(given[KAFKA]) if KAFKA in given else (), urls)

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.kafka)

    def address(self, service: str) -> Address | None:
        """Host and port of a service that was given by URL."""
        if service not in self.urls:
            return None
        place = urlsplit(self.urls[service])
        return str(place.hostname), place.port or _PORTS.get(service, 80)

    def told(self, service: str) -> str:
        """The option as it was given: ``--connect-url http://127.0.0.1:8083``."""
        return f"{OPTIONS[service]} {self.bootstrap if service == KAFKA else self.urls[service]}"


def _addresses(text: str) -> tuple[Address, ...]:
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        host, _, port = part.rpartition("://")[2].rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise UsageError(f"{OPTIONS[KAFKA]} {text}: {part!r} is not of the form HOST:PORT")
        found.append((host, int(port)))
    if not found:
        raise UsageError(f"{OPTIONS[KAFKA]} names no broker; give HOST:PORT[,HOST:PORT…]")
    return tuple(found)


def _url(service: str, text: str) -> str:
    scheme = _SCHEMES.get(service, "http")
    wanted = f"{OPTIONS[service]} {text}: expected {scheme}://HOST:PORT"
    try:
        place = urlsplit(text)
        port = place.port
    except ValueError as error:
        raise UsageError(wanted) from error
    if place.scheme != scheme or not place.hostname or place.path.strip("/") or place.query or place.username:
        raise UsageError(wanted)
    return f"{scheme}://{place.hostname}:{port}" if port else f"{scheme}://{place.hostname}"
