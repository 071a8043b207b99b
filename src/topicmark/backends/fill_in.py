"""Services of ours beside brokers that others run: what was not given, and tasks need, as far as that makes sense.

ksqlDB, and a Connect worker with an HDFS for it to write to. All that they keep on the brokers has the run's tag in its
name, so that they join nobody's group and read nobody's records.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from topicmark.backends.attachment import HDFS, WEBHDFS, Address
from topicmark.backends.base import Booted
from topicmark.backends.components import Components
from topicmark.backends.course import ENVIRONMENT
from topicmark.backends.folder import LabFolder
from topicmark.backends.names import PORTS, SERVICES, in_namespaces, is_number
from topicmark.backends.needs import Needs, Wanted
from topicmark.backends.plan import HOSTS
from topicmark.model import Fault, LabFault
from topicmark.provision import toolchain
from topicmark.services import subnet
from topicmark.services.hdfs import HTTP_PORT, NAMENODE, RPC_PORT, HdfsCluster, HdfsSpec

FILLED_IN = ("ksqldb", "connect", WEBHDFS)
_READY_S = 60.0


@dataclass(frozen=True, slots=True)
class FillInPlan:
    """Addresses and names for services of ours on a subnet of their own. ``brokers`` as they advertise themselves."""

    subnet: str
    bootstrap: str
    brokers: Sequence[Address]
    needs: Needs
    hdfs: HdfsCluster | None = None

    def address_of(self, component: str) -> str:
        return f"{self.subnet}.{HOSTS[component]}"

    def host_names(self) -> dict[str, str]:
        """A JVM of ours knows the brokers' hosts and, by the course's names, what stands beside it."""
        hosts = dict.fromkeys(host for host, _ in self.brokers)
        known = {host: _resolved(host) for host in hosts if not is_number(host)}
        course = {"kafka": " ".join(dict.fromkeys(_resolved(host) for host in hosts))}
        course |= {service: self.address_of(name) for name, service in SERVICES.items()}
        course |= self.hdfs.host_names() if self.hdfs is not None else {}
        return {**in_namespaces(course, self.needs.spaces), **known}


class FillIns:
    """Started when first asked for; ``close`` ends them all."""

    def __init__(self, bootstrap: str, brokers: Sequence[Address], needs: Needs, folder: LabFolder, tag: str) -> None:
        self._bootstrap = bootstrap
        self._brokers = brokers
        self._needs = needs
        self._folder = folder
        self._tag = tag
        self._open = ExitStack()
        self._subnet: subnet.Subnet | None = None
        self._hdfs: HdfsCluster | None = None
        self._running: dict[str, tuple[Components, Booted]] = {}

    def booted(self, name: str) -> Booted:
        """``ksqldb`` or ``connect``, once it is ready. Raises ``LabFault``."""
        if name not in self._running:
            toolchain.ensure(["connect", "connect-bare"] if name == "connect" else [])
            components = Components(self._plan(name), self._folder.components, self._folder.marker, lambda: True)
            self._open.callback(components.close)
            components.begin(Wanted(name, {**ENVIRONMENT[name], **self._settings(name)}, PORTS[name]))
            booted = components.outcome(name, working=False)
            if booted.refusal:
                raise LabFault(booted.refusal, service=name)
            self._running[name] = components, booted
        return self._running[name][1]

    @property
    def webhdfs_url(self) -> str:
        """Of an HDFS of ours, once it is ready. Raises ``LabFault``."""
        return self._filled_hdfs().webhdfs_url

    def _filled_hdfs(self) -> HdfsCluster:
        if self._hdfs is None:
            toolchain.ensure(["hdfs"])
            hdfs = HdfsCluster(HdfsSpec(self._prefix()), self._folder.hdfs, marker=self._folder.marker)
            self._open.callback(hdfs.stop)
            hdfs.start()
            hdfs.await_ready(_READY_S)
            self._hdfs = hdfs
        return self._hdfs

    def addresses(self, services: Sequence[str]) -> dict[str, Address]:
        """Where programs find these once they run, by service as in ``OPTIONS`` of an attachment."""
        found = {name: (f"{self._prefix()}.{HOSTS[name]}", PORTS[name]) for name in services if name in PORTS}
        if WEBHDFS in services:
            node = HdfsSpec(self._prefix()).nodes[NAMENODE]
            found |= {HDFS: (node, RPC_PORT), WEBHDFS: (node, HTTP_PORT)}
        return found

    def running(self) -> list[str]:
        """Services that were asked for so far."""
        return [*self._running, *([WEBHDFS] if self._hdfs is not None else [])]

    def check(self) -> Fault | None:
        """What died of them."""
        for components, _ in self._running.values():
            if (fault := components.check()) is not None:
                return fault
        if self._hdfs is not None and (reason := self._hdfs.died()):
            return Fault(self._hdfs.name, reason, self._hdfs.logs(), "The exercise is run again once.")
        return None

    def close(self) -> None:
        """End them all."""
        self._open.close()
        self._running.clear()
        self._hdfs = self._subnet = None

    def _plan(self, name: str) -> FillInPlan:
        hdfs = self._filled_hdfs() if name == "connect" else None
        return FillInPlan(self._prefix(), self._bootstrap, self._brokers, self._needs, hdfs)

    def _prefix(self) -> str:
        if self._subnet is None:
            self._subnet = subnet.claim()
            self._open.callback(self._subnet.release)
        return self._subnet.prefix

    def _settings(self, name: str) -> Mapping[str, str]:
        """What differs from the course's manifest."""
        if name == "ksqldb":
            return {"KSQL_KSQL_SERVICE_ID": f"{self._tag}_"}
        return {
            "CONNECT_BOOTSTRAP_SERVERS": ",".join(f"{host}:{port}" for host, port in self._brokers),
            "CONNECT_GROUP_ID": self._tag,
            "CONNECT_CONFIG_STORAGE_TOPIC": f"_{self._tag}-configs",
            "CONNECT_OFFSET_STORAGE_TOPIC": f"_{self._tag}-offsets",
            "CONNECT_STATUS_STORAGE_TOPIC": f"_{self._tag}-status",
        }


def _resolved(host: str) -> str:
    """Its IPv4 address; a name that has none is kept, and the JVM says so."""
    try:
        return socket.gethostbyname(host)
    except OSError:
        return host
