"""Whether what was given by URL answers as its service does, and to which Kafka cluster it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from topicmark.backends.attachment import CONSOLE, KAFKA, WEBHDFS, Attachment
from topicmark.model import LabFault, Unable

SHOWN: Mapping[str, str] = {
    KAFKA: "Kafka",
    "registry": "a schema registry",
    "connect": "Kafka Connect",
    "ksqldb": "ksqlDB",
    WEBHDFS: "HDFS",
    CONSOLE: "a console",
}
"""A service in words."""
_PATHS = {
    "registry": "/subjects",
    "connect": "/",
    "ksqldb": "/info",
    WEBHDFS: "/webhdfs/v1/?op=LISTSTATUS&user.name=root",
    CONSOLE: "/admin/health",
}
_PROBE_S = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """A service that was given by URL. ``fault``: it does not answer. ``elsewhere``: it belongs to another cluster."""

    url: str
    version: str = ""
    fault: LabFault | None = None
    elsewhere: Unable | None = None

    @property
    def usable(self) -> bool:
        return self.fault is None and self.elsewhere is None

    def required(self) -> str:
        """Its URL. Raises what stands against using it."""
        if self.fault is not None:
            raise self.fault
        if self.elsewhere is not None:
            raise self.elsewhere
        return self.url


def probe(service: str, attachment: Attachment, cluster_id: str | None) -> Found:
    """Ask it once, five seconds at most. ``cluster_id`` is that of the brokers that were given, if any were."""
    url = attachment.urls[service]
    try:
        answer = _ask(url + _PATHS[service])
        version, its_cluster = _identity(service, answer)
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        return Found(url, fault=silent(service, attachment, str(error)))
    if cluster_id is not None and its_cluster and its_cluster != cluster_id:
        elsewhere = Unable(
            f"{attachment.told(service)} belongs to the Kafka cluster {its_cluster}, "
            f"but {attachment.told(KAFKA)} is the cluster {cluster_id}",
            "Give addresses of one lab",
        )
        return Found(url, version, elsewhere=elsewhere)
    return Found(url, version)


def silent(service: str, attachment: Attachment, why: str) -> LabFault:
    """The fault of an address behind which there is no such service."""
    return LabFault(
        f"{attachment.told(service)} does not answer as {SHOWN[service]} does: {why}",
        service=service,
        remedy=f"Is it running, and is this its address as seen from this machine? Then: {attachment.told(service)}",
    )


def _ask(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the user's has nothing to do with a lab
        answer = session.get(url, timeout=_PROBE_S)
    answer.raise_for_status()
    return answer


def _identity(service: str, answer: requests.Response) -> tuple[str, str]:
    """Version and cluster id, as far as it tells them. Raises if the answer is not that of such a service."""
    if service == CONSOLE:
        return "", ""
    said: Any = answer.json()
    if service == "connect":
        return str(said["version"]), str(said["kafka_cluster_id"])
    if service == "ksqldb":
        about = said["KsqlServerInfo"]
        return str(about["version"]), str(about["kafkaClusterId"])
    if service == WEBHDFS:
        _ = said["FileStatuses"]["FileStatus"]
    elif not isinstance(said, list):
        raise ValueError(f"its answer is {answer.text[:80]!r}")
    return "", ""
