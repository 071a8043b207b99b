"""The lab's HDFS as containers of ``apache/hadoop``: a namenode and its datanodes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from testcontainers.core.network import Network

from topicmark.containers import engine
from topicmark.model import LabFault
from topicmark.observe.hdfs import HdfsHealth, HdfsView
from topicmark.services.docker.container import ContainerPlan, ServiceContainer
from topicmark.services.hdfs import DATANODE_PORTS, HTTP_PORT, NAMENODE, RPC_PORT, HdfsSpec, is_whole, round_trip
from topicmark.waiting import Deadline, WaitExpired, eventually

IMAGE = "apache/hadoop:3.3.6"
_NAME_DIR = "/tmp/topicmark/name"  # noqa: S108  in the container
_DATANODE_HTTP = DATANODE_PORTS[0]
_COMMON = {
    "CORE-SITE.XML_fs.defaultFS": f"hdfs://{NAMENODE}:{RPC_PORT}",
    "HDFS-SITE.XML_dfs.replication": "3",
    "HDFS-SITE.XML_dfs.permissions.enabled": "false",
    "HADOOP_USER_NAME": "root",
    "HADOOP_HEAPSIZE_MAX": "256m",
}
_NAMENODE = {
    "ENSURE_NAMENODE_DIR": _NAME_DIR,
    "HDFS-SITE.XML_dfs.namenode.name.dir": f"file://{_NAME_DIR}",
    "HDFS-SITE.XML_dfs.namenode.rpc-address": f"{NAMENODE}:{RPC_PORT}",
    "HDFS-SITE.XML_dfs.namenode.rpc-bind-host": "0.0.0.0",  # noqa: S104  in the container
    "HDFS-SITE.XML_dfs.namenode.http-address": f"0.0.0.0:{HTTP_PORT}",
    "HDFS-SITE.XML_dfs.namenode.datanode.registration.ip-hostname-check": "false",
    "HDFS-SITE.XML_dfs.namenode.safemode.extension": "0",
    "HDFS-SITE.XML_dfs.namenode.redundancy.considerLoad": "false",
}
_DATANODE = {
    "HDFS-SITE.XML_dfs.datanode.data.dir": "file:///tmp/topicmark/data",
    "HDFS-SITE.XML_dfs.blockreport.initialDelay": "0",
    "HDFS-SITE.XML_dfs.heartbeat.interval": "1",
    "HDFS-SITE.XML_dfs.datanode.du.reserved": "0",
    "HDFS-SITE.XML_dfs.client.block.write.replace-datanode-on-failure.policy": "NEVER",
    # datanodes start with the namenode and try again until it listens
    "CORE-SITE.XML_ipc.client.connect.max.retries": "300",
    "CORE-SITE.XML_ipc.client.connect.retry.interval": "200",
}


class HdfsContainers:
    """A ``Service``. ``names`` as for ``KafkaContainers``.

    A datanode's host name is the loopback address at which it is published: WebHDFS redirects lead the grader there,
    while clients on the network use the datanodes' addresses on it.
    """

    name = "hdfs"

    def __init__(self, spec: HdfsSpec, marker: str, network: Network, names: Mapping[str, str]) -> None:
        self.spec = spec
        self.marker = marker
        self._nodes = [
            ServiceContainer(_plan(node, address, names), marker, network) for node, address in spec.nodes.items()
        ]

    @property
    def webhdfs_url(self) -> str:
        return self.spec.webhdfs_url

    def start(self) -> None:
        """Start every node at once; returns when their containers run. Raises ``LabFault``."""
        with ThreadPoolExecutor(len(self._nodes)) as pool:
            list(pool.map(ServiceContainer.start, self._nodes))

    def probe(self) -> bool:
        """Whether the namenode knows every datanode and is out of safe mode."""
        try:
            return is_whole(self._asked(), self.spec)
        except LabFault:
            return False

    def await_ready(self, within: float | Deadline) -> HdfsHealth:
        """Block until a file is written to all datanodes and read back. Raises ``LabFault`` with the nodes' logs."""
        deadline = within if isinstance(within, Deadline) else Deadline.after(within)
        try:
            health = eventually(
                self._asked, lambda health: is_whole(health, self.spec), within=deadline,
                describe="the datanodes counted, safe mode left", retry_on=(LabFault,), watch=self._alive,
            )  # fmt: skip
            eventually(
                self._round_trip, bool, within=deadline,
                describe="a file written and read back", retry_on=(LabFault,), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error
        return health

    def died(self) -> str | None:
        """Which nodes have ended, and how."""
        running = {state.role for state in engine.states(self.marker) if state.running}
        ended = [
            f"{node.plan.role} {reason}"
            for node in self._nodes
            if node.plan.role not in running and (reason := node.exit_reason()) is not None
        ]
        return "; ".join(ended) or None

    def stop(self) -> None:
        """Kill and remove all nodes."""
        with ThreadPoolExecutor(len(self._nodes)) as pool:
            list(pool.map(ServiceContainer.remove, self._nodes))

    def clean(self) -> None:
        """Nothing is left after ``stop``."""

    def logs(self) -> str:
        """The last lines of every node."""
        return "\n".join(f"--- {node.plan.role}\n{node.logs(lines=40)}" for node in self._nodes)

    def _asked(self) -> HdfsHealth:
        with contextlib.closing(HdfsView(self.webhdfs_url)) as view:
            return view.health()

    def _round_trip(self) -> bool:
        with contextlib.closing(HdfsView(self.webhdfs_url)) as view:
            return round_trip(view, self.marker, self.spec)

    def _alive(self) -> None:
        if reason := self.died():
            raise self._fault(reason)

    def _fault(self, reason: str) -> LabFault:
        return LabFault(reason, service=self.name, log=self.logs(), remedy="topicmark doctor tells what is missing.")


def _plan(node: str, address: str, names: Mapping[str, str]) -> ContainerPlan:
    aliases = [name for name, at in names.items() if address in at.split()]
    if node == NAMENODE:
        published = {HTTP_PORT: (address, HTTP_PORT), RPC_PORT: (address, RPC_PORT)}
        env = {**_COMMON, **_NAMENODE}
        return ContainerPlan(node, IMAGE, env, aliases, published, ("hdfs", "namenode"), uses_sudo=True)
    env = {**_COMMON, **_DATANODE, "HDFS-SITE.XML_dfs.datanode.hostname": address}
    published = {_DATANODE_HTTP: (address, _DATANODE_HTTP)}
    return ContainerPlan(node, IMAGE, env, aliases, published, ("hdfs", "datanode"), uses_sudo=True)
