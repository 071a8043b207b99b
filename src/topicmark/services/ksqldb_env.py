"""The ksqlDB server's settings, made from a container's environment as Confluent's image does.

From the image's public ``configure`` script: ``KSQL_FOO_BAR`` becomes ``foo.bar``; two variables are required.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from topicmark.services.image_env import Listener, Unstartable, UnusableHere, first_listener, properties, require
from topicmark.services.refusal import Refusal

PORT = 8088
_BROKER_PORT = 9092
_REQUIRED = ("KSQL_BOOTSTRAP_SERVERS",)
_DEFAULT_SERVICE_ID = "default_"
_DEFAULT_LISTENER = f"http://0.0.0.0:{PORT}"
_BROKERS = re.compile(r"kafka(?:\..*)?|kafka-controller-.*")


@dataclass(frozen=True, slots=True)
class KsqlSettings:
    """What of the environment the embedded ksqlDB follows."""

    service_id: str
    listener: Listener

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], host_names: Mapping[str, str]) -> KsqlSettings | Refusal:
        """The settings, or why the container would end at once, never find a broker or never be reached.

        Raises ``UnusableHere`` for what a lab cannot run.
        """
        try:
            require(environment, _REQUIRED)
            settings = properties(environment, "KSQL_")
            listener = first_listener(settings.get("listeners") or _DEFAULT_LISTENER)
        except Unstartable as reason:
            return Refusal("ksqldb", str(reason))
        if listener.pod_only:
            return Refusal("ksqldb", f"it listens on {listener.host} only: nobody outside its pod can reach it")
        if listener.scheme != "http":
            raise UnusableHere(f"a listener of {listener.scheme}:// cannot be run in a lab of ours; http:// can")
        if why := _unreachable(settings["bootstrap.servers"], host_names):
            return Refusal("ksqldb", why)
        return cls(settings.get("ksql.service.id") or _DEFAULT_SERVICE_ID, listener)


def _unreachable(servers: str, host_names: Mapping[str, str]) -> str:
    """Why none of these leads to a broker of the lab; empty if one does. In the words of Kafka's client."""
    told = []
    for server in filter(None, (part.strip() for part in servers.split(","))):
        host, _, port = server.rpartition("://")[2].rpartition(":")
        if not host or not port.isdecimal():
            return f"Invalid url in bootstrap.servers: {server}"
        if host not in host_names:
            told.append(f"Couldn't resolve server {server} from bootstrap.servers as DNS resolution failed for {host}")
        elif int(port) != _BROKER_PORT or not _BROKERS.fullmatch(host):
            told.append(f"Connection to node -1 ({server}) could not be established. Broker may not be available.")
        else:
            return ""
    return "; ".join(told) or "No bootstrap urls given in bootstrap.servers"
