"""The lab's HDFS: a real namenode and its datanodes in one JVM, on a loopback subnet of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from topicmark.model import LabFault
from topicmark.observe.hdfs import HdfsHealth, HdfsView
from topicmark.provision import toolchain
from topicmark.provision.control import ask
from topicmark.provision.training_hdfs import LAUNCHER
from topicmark.services.jvm import Jvm
from topicmark.waiting import Deadline, WaitExpired, eventually

RPC_PORT = 9000
HTTP_PORT = 9870
DATANODE_PORTS = (9864, 9866, 9867)
NAMENODE = "namenode"
CLIENT_SETTINGS: Mapping[str, str] = {
    # a writer goes on with two of three replicas: with three datanodes there is no fourth to take a dead one's place
    "dfs.client.block.write.replace-datanode-on-failure.policy": "NEVER",
    "dfs.client.socket-timeout": "10000",
    "ipc.client.connect.max.retries": "3",
}
"""What a Hadoop client in another JVM does well to have in its ``hdfs-site.xml``, where a student's settings allow."""

_FIRST_HOST = 20
_SOCKET = "control"
_RECORD = "hdfs.json"
_LOG = "hdfs.log"
_TAIL_BYTES = 8192
_COMMAND_S = 60.0
_CALL_S = 10.0
# Hadoop places a block only where a whole one (128 MB) fits, and tells its clients no more than that none does
_LEAST_DISK_BYTES = 512 << 20
_LOG4J = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.RollingFileAppender
log4j.appender.out.File={folder}/hdfs.log
log4j.appender.out.MaxFileSize=8MB
log4j.appender.out.MaxBackupIndex=1
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{{HH:mm:ss.SSS}} %p [%t] %c{{1}}: %m%n
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


class HdfsCluster:
    """A ``Service``. ``folder`` is its own: settings, logs and ``data/<node>``. Not safe for use by several threads.

    ``marker`` is put into the JVM's environment (``TOPICMARK_LAB``) and names the lab that it belongs to. Unless
    ``detached`` the JVM ends with this process, however that ends.
    """

    name = "hdfs"
    rpc_url = f"hdfs://{NAMENODE}:{RPC_PORT}"
    """For clients that resolve the names of ``host_names``."""

    def __init__(self, spec: HdfsSpec, folder: Path, *, marker: str, detached: bool = False) -> None:
        self.spec = spec
        self.folder = folder.absolute()
        self.marker = marker
        self._detached = detached
        self._jvm: Jvm | None = None

    @classmethod
    def reattach(cls, folder: Path) -> HdfsCluster:
        """The detached cluster whose files are in ``folder``. Raises ``LabFault`` if it no longer runs."""
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            jvm = Jvm.attach(record["pid"], record["started_at"])
            cluster = cls(HdfsSpec(**record["spec"]), folder, marker=record["marker"], detached=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabFault(f"no record of a file system in {folder}: {error}", service=cls.name) from error
        if jvm is None:
            raise LabFault(f"the file system of {folder} no longer runs", service=cls.name, log=cluster.logs())
        cluster._jvm = jvm
        return cluster

    @property
    def webhdfs_url(self) -> str:
        """``http://127.x.y.20:9870``: WebHDFS and JMX; redirects lead to addresses, not names."""
        return self.spec.webhdfs_url

    @property
    def pid(self) -> int | None:
        """The JVM's process id, None if it was not started."""
        return self._jvm.process.pid if self._jvm else None

    def host_names(self) -> dict[str, str]:
        """As ``HdfsSpec.host_names``."""
        return self.spec.host_names()

    def view(self, *, within_s: float = _CALL_S) -> HdfsView:
        """A client of its own on the file system."""
        return HdfsView(self.webhdfs_url, within_s=within_s)

    def start(self) -> None:
        """Start the JVM; returns at once. Raises ``LabFault`` if it cannot be started."""
        if self._jvm is not None and self._jvm.exit_reason() is None:
            return
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        log4j = self.folder / "log4j.properties"
        log4j.write_text(_LOG4J.format(folder=self.folder), encoding="utf-8")
        hosts = self.folder / "hosts"
        names = {"localhost": "127.0.0.1", socket.gethostname(): "127.0.0.1", **self.host_names()}
        hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()), encoding="utf-8")
        command = [
            *toolchain.HDFS.command(),
            f"-Dtopicmark.detached={str(self._detached).lower()}",
            f"-Dlog4j.configuration=file:{log4j}",
            f"-Djdk.net.hosts.file={hosts}",
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            LAUNCHER,
            _SOCKET,
            "data",
            *self.spec.nodes.values(),
        ]
        (self.folder / _SOCKET).unlink(missing_ok=True)
        self._jvm = Jvm.spawn(
            command, folder=self.folder, output=self.folder / "jvm.log", marker=self.marker, detached=self._detached
        )
        self._write_record()

    def probe(self) -> bool:
        """Whether every node runs, the namenode knows them all and is out of safe mode."""
        try:
            return set(self.statuses().values()) == {"running"} and self._is_whole(self._health())
        except (OSError, LabFault):
            return False

    def await_ready(self, within: float | Deadline) -> HdfsHealth:
        """Block until a file is written to all datanodes and read back (and deleted); the namenode's view then.

        Raises ``LabFault`` with the log's tail if a node fails, the JVM dies or ``within`` (seconds) passes.
        """
        deadline = within if isinstance(within, Deadline) else Deadline.after(within)
        try:
            eventually(
                self.statuses, lambda nodes: set(nodes.values()) == {"running"}, within=deadline,
                describe="all nodes running", retry_on=(OSError,), watch=self._alive,
            )  # fmt: skip
            health = eventually(
                self._health, self._is_whole, within=deadline,
                describe="the datanodes counted, safe mode left", retry_on=(LabFault,), watch=self._alive,
            )  # fmt: skip
            eventually(
                self._round_trip, bool, within=deadline,
                describe="a file written and read back", retry_on=(LabFault,), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error
        return health

    def statuses(self) -> dict[str, str]:
        """By node: ``starting``, ``running``, ``stopping``, ``stopped`` or ``failed: <why>``. Raises ``OSError``."""
        answer = ask(self.folder, _SOCKET, "status", within_s=5)
        states = (part.partition("=") for part in answer.split("\t"))
        return {node: state for node, _, state in states}

    def stop_datanode(self, number: int, *, within_s: float = _COMMAND_S) -> None:
        """Shut a datanode down; returns when the namenode no longer counts on it."""
        self._command(f"stop datanode-{number}", within_s)
        self._await_live(within_s)

    def start_datanode(self, number: int, *, within_s: float = _COMMAND_S) -> None:
        """Start a stopped datanode on its old data; returns when the namenode counts on it again.

        What was written meanwhile is copied to it within seconds: ``view().replicas(path)``.
        """
        self._command(f"start datanode-{number}", within_s)
        self._await_live(within_s)

    def stop_namenode(self, *, within_s: float = _COMMAND_S) -> None:
        """Shut the namenode down. Until it is started again ``died`` says so: nothing can be read or written."""
        self._command(f"stop {NAMENODE}", within_s)

    def start_namenode(self, *, within_s: float = _COMMAND_S) -> None:
        """Start the namenode on its old data; returns when the running datanodes are back and safe mode is left."""
        self._command(f"start {NAMENODE}", within_s)
        self._await_live(within_s)

    def reset(self, *, within_s: float = _COMMAND_S) -> None:
        """Delete everything, also what someone is writing; the root gets its mode back. Raises ``LabFault`` unless the
        file system is then empty, without open files, and whole."""
        deadline = Deadline.after(within_s)
        self._command("reset", within_s)
        with contextlib.closing(self.view()) as view:
            left = view.tree()
        if left:
            raise self._fault(f"after the reset there is {left[0].path}")
        try:
            eventually(
                self._health, self._is_whole, within=deadline,
                describe="the datanodes counted, safe mode left", retry_on=(LabFault,), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def died(self) -> str | None:
        """Why it can no longer become or stay ready; None while it can (a datanode stopped on purpose is fine)."""
        if self._jvm is None:
            return "was not started"
        if reason := self._jvm.exit_reason():
            return f"the JVM {reason}"
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self.folder).free
            if free < _LEAST_DISK_BYTES:
                return f"the disk of {self.folder} has {free >> 20} MB left, too little for a block"
        try:
            states = self.statuses()
        except OSError:
            return None
        bad = {node: state for node, state in states.items() if state.startswith("failed")}
        if states.get(NAMENODE) == "stopped":
            bad[NAMENODE] = "is stopped"
        return "; ".join(f"{node} {state}" for node, state in bad.items()) or None

    def stop(self) -> None:
        """End the JVM now. There is nothing to shut down cleanly for: a lab's data is not used again."""
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the JVM that this object started or attached to; returns when it is gone. ``start`` goes on with
        the same data."""
        if self._jvm is not None:
            self._jvm.kill()

    def clean(self) -> None:
        """Remove the folder. Only after ``stop``."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The tails of the nodes' log and of the JVM's own output."""
        return "\n".join(text for name in (_LOG, "jvm.log") if (text := _tail(self.folder / name)))

    def data_bytes(self) -> int:
        """What the nodes' data takes on disk."""
        total = 0
        for path in (self.folder / "data").rglob("*"):
            with contextlib.suppress(OSError):
                total += path.lstat().st_blocks * 512
        return total

    def rss_bytes(self) -> int:
        """Resident memory of the JVM."""
        return self._jvm.rss_bytes() if self._jvm else 0

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
        try:
            eventually(
                self._health, is_agreed, within=within_s, describe="the namenode to count the running datanodes",
                retry_on=(LabFault, OSError), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def _alive(self) -> None:
        if reason := self.died():
            raise self._fault(reason)

    def _command(self, line: str, within_s: float) -> None:
        try:
            answer = ask(self.folder, _SOCKET, line, within_s=within_s)
        except OSError as error:
            raise self._fault(f"{line}: {self.died() or error}") from error
        if answer != "ok":
            raise self._fault(f"{line}: {answer.removeprefix('error: ')}")

    def _fault(self, reason: str) -> LabFault:
        return LabFault(reason, service=self.name, log=self.logs(), remedy="topicmark doctor tells what is missing.")

    def _write_record(self) -> None:
        assert self._jvm is not None
        record = {
            "pid": self._jvm.process.pid,
            "started_at": self._jvm.started_at,
            "marker": self.marker,
            "spec": asdict(self.spec),
        }
        fresh = self.folder / f"{_RECORD}.new"
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.replace(self.folder / _RECORD)


def _tail(file: Path) -> str:
    try:
        with file.open("rb") as source:
            source.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            return source.read().decode(errors="replace")
    except OSError:
        return ""
