"""The lab's HDFS: a real namenode and its datanodes in one JVM, on a loopback subnet of its own."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.observe.hdfs import HdfsHealth, HdfsView
from topicmark.provision import toolchain
from topicmark.provision.training_hdfs import LAUNCHER
from topicmark.services.log4j import rolled
from topicmark.services.names import write_hosts
from topicmark.services.nodes import COMMAND_S, NodesService
from topicmark.waiting import Deadline

RPC_PORT = 9000
HTTP_PORT = 9870
DATANODE_PORTS = (9864, 9866, 9867)
NAMENODE = "namenode"

_FIRST_HOST = 20
_CALL_S = 10.0
# Hadoop places a block only where a whole one (128 MB) fits, and tells its clients no more than that none does
_LEAST_DISK_BYTES = 512 << 20
_LOG4J = """\
log4j.logger.topicmark.hdfs=INFO
# noise of nodes that start and stop, and of settings that are meant
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
log4j.logger.org.apache.hadoop.metrics2=ERROR
log4j.logger.org.apache.hadoop.security.authentication.server.AuthenticationFilter=ERROR
log4j.logger.org.apache.hadoop.hdfs.server.datanode.web.DatanodeHttpServer=ERROR
log4j.logger.org.apache.hadoop.hdfs.server.blockmanagement.DatanodeManager=ERROR
log4j.logger.org.apache.hadoop.hdfs.server.blockmanagement.BlockPlacementPolicy=ERROR
log4j.logger.org.apache.hadoop.hdfs.protocol.BlockStoragePolicy=ERROR
log4j.logger.org.apache.hadoop.hdfs.server.datanode.IncrementalBlockReportManager=ERROR
log4j.logger.org.apache.hadoop.fs.CachingGetSpaceUsed=ERROR
"""


@dataclass(frozen=True, slots=True)
class HdfsSpec:
    """A file system on a subnet: the namenode at ``<subnet>.20``, datanode ``i`` at ``<subnet>.<21 + i>``.

    ``namespace`` is part of the namenode's names. Raises ``ValueError`` for what cannot be run.
    """

    subnet: str = "127.77.1"
    datanodes: int = 3
    namespace: str = "default"

    def __post_init__(self) -> None:
        if not 1 <= self.datanodes <= 9:
            raise ValueError(f"{self.datanodes} datanodes: 1 to 9 have an address")

    @property
    def nodes(self) -> dict[str, str]:
        """Addresses by node: ``namenode``, ``datanode-0``, …"""
        names = (NAMENODE, *(f"datanode-{number}" for number in range(self.datanodes)))
        return {name: f"{self.subnet}.{_FIRST_HOST + place}" for place, name in enumerate(names)}

    @property
    def webhdfs_url(self) -> str:
        """Of the namenode, at its loopback address."""
        return f"http://{self.nodes[NAMENODE]}:{HTTP_PORT}"

    def host_names(self) -> dict[str, str]:
        """Addresses by host name, for the hosts files of other JVMs: the nodes, the namenode as a Kubernetes service.

        A datanode tells clients its address, so that its name is for people only.
        """
        namenode = self.nodes[NAMENODE]
        service = f"{NAMENODE}.{self.namespace}"
        return {**self.nodes, **dict.fromkeys((service, f"{service}.svc", f"{service}.svc.cluster.local"), namenode)}


def is_whole(health: HdfsHealth, spec: HdfsSpec) -> bool:
    """Whether the namenode knows every datanode and is out of safe mode."""
    return health.is_operational and health.live_datanodes == spec.datanodes


def round_trip(view: HdfsView, marker: str, spec: HdfsSpec) -> bool:
    """Whether a file is written to all datanodes and read back; it is deleted. Raises ``LabFault``."""
    path, content = f"/.topicmark-{marker.rsplit('/', 1)[-1]}+ready", b"ready\n"
    view.write(path, content, replication=spec.datanodes)
    read = view.read(path)
    return view.delete(path) and read == content


class HdfsCluster(NodesService[str]):
    """A ``Service``. ``folder`` is its own: settings, logs and ``data/<node>``. Killed and started again it goes on
    with the same data."""

    name = "hdfs"
    rpc_url = f"hdfs://{NAMENODE}:{RPC_PORT}"
    """For clients that resolve the names of ``host_names``."""

    def __init__(
        self, spec: HdfsSpec, folder: Path, *, marker: str, detached: bool = False, leash: int | None = None
    ) -> None:
        super().__init__(folder, marker=marker, detached=detached, leash=leash)
        self.spec = spec

    @property
    def webhdfs_url(self) -> str:
        """``http://127.x.y.20:9870``: WebHDFS and JMX; redirects lead to addresses, not names."""
        return self.spec.webhdfs_url

    def host_names(self) -> dict[str, str]:
        """As ``HdfsSpec.host_names``."""
        return self.spec.host_names()

    def view(self, *, within_s: float = _CALL_S) -> HdfsView:
        """A client of its own on the file system."""
        return HdfsView(self.webhdfs_url, within_s=within_s)

    def probe(self) -> bool:
        """Whether every node runs, the namenode knows them all and is out of safe mode."""
        try:
            return self._all_run() and self._is_whole(self._health())
        except (OSError, LabFault):
            return False

    def await_ready(self, within: float | Deadline) -> HdfsHealth:
        """Block until a file is written to all datanodes and read back (and deleted); the namenode's view then.

        Raises ``LabFault`` with the log's tail if a node fails, the JVM dies or ``within`` (seconds) passes.
        """
        deadline = within if isinstance(within, Deadline) else Deadline.after(within)
        self._await_nodes(deadline)
        health = self._await_whole(deadline)
        self._await(
            self._round_trip, bool, within=deadline, describe="a file written and read back", retry_on=(LabFault,)
        )
        return health

    def stop_datanode(self, number: int, *, within_s: float = COMMAND_S) -> None:
        """Shut a datanode down; returns when the namenode no longer counts on it."""
        self._tell(f"stop datanode-{number}", within_s)
        self._await_live(within_s)

    def start_datanode(self, number: int, *, within_s: float = COMMAND_S) -> None:
        """Start a stopped datanode on its old data; returns when the namenode counts on it again.

        What was written meanwhile is copied to it within seconds: ``view().replicas(path)``.
        """
        self._tell(f"start datanode-{number}", within_s)
        self._await_live(within_s)

    def stop_namenode(self, *, within_s: float = COMMAND_S) -> None:
        """Shut the namenode down. Until it is started again ``died`` says so: nothing can be read or written."""
        self._tell(f"stop {NAMENODE}", within_s)

    def start_namenode(self, *, within_s: float = COMMAND_S) -> None:
        """Start the namenode on its old data; returns when the running datanodes are back and safe mode is left."""
        self._tell(f"start {NAMENODE}", within_s)
        self._await_live(within_s)

    def reset(self, *, within_s: float = COMMAND_S) -> None:
        """Delete everything, also what someone is writing; the root gets its mode back. Raises ``LabFault`` unless the
        file system is then empty, without open files, and whole."""
        deadline = Deadline.after(within_s)
        self._tell("reset", within_s)
        with contextlib.closing(self.view()) as view:
            left = view.tree()
        if left:
            raise self._fault(f"after the reset there is {left[0].path}")
        self._await_whole(deadline)

    def _health(self) -> HdfsHealth:
        with contextlib.closing(self.view()) as view:
            return view.health()

    def _is_whole(self, health: HdfsHealth) -> bool:
        return is_whole(health, self.spec)

    def _round_trip(self) -> bool:
        with contextlib.closing(self.view()) as view:
            return round_trip(view, self.marker, self.spec)

    def _await_live(self, within_s: float) -> None:
        def is_agreed(health: HdfsHealth) -> bool:
            running = sum(state == "running" for node, state in self.statuses().items() if node != NAMENODE)
            return health.live_datanodes == running

        if self.statuses().get(NAMENODE) != "running":
            return
        self._await(
            self._health, is_agreed, within=within_s,
            describe="the namenode to count the running datanodes", retry_on=(LabFault, OSError),
        )  # fmt: skip

    def _await_whole(self, deadline: Deadline) -> HdfsHealth:
        return self._await(
            self._health, self._is_whole, within=deadline,
            describe="the datanodes counted, safe mode left", retry_on=(LabFault,),
        )  # fmt: skip

    def _node(self, name: str) -> str:
        return name

    def _ailment(self, states: Mapping[str, str]) -> str | None:
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self.folder).free
            if free < _LEAST_DISK_BYTES:
                return f"the disk of {self.folder} has {free >> 20} MB left, too little for a block"
        stopped = f"{NAMENODE} is stopped" if states.get(NAMENODE) == "stopped" else None
        return "; ".join(filter(None, (super()._ailment(states), stopped))) or None

    def _command(self) -> list[str]:
        (self.folder / "tmp").mkdir(exist_ok=True)
        log4j = self._write("log4j.properties", rolled(self._log.main, _LOG4J, who="[%t] "))
        names = {socket.gethostname(): "127.0.0.1", **self.host_names()}
        return [
            *self._java(
                toolchain.HDFS,
                f"-Dlog4j.configuration=file:{log4j}",
                write_hosts(self.folder / "hosts", names, "127.0.0.1"),
                f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            ),
            *self._launched(LAUNCHER),
            "data",
            *self.spec.nodes.values(),
        ]

    def _record(self) -> dict[str, Any]:
        return {"spec": asdict(self.spec)}

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> HdfsCluster:
        return cls(HdfsSpec(**record["spec"]), folder, marker=record["marker"], detached=True)
