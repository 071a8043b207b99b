"""The training run whose classes go into the HDFS launcher's archive: a small file system, used once all round."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from topicmark.model import LabFault
from topicmark.provision.control import ask
from topicmark.waiting import Deadline, WaitExpired, eventually

LAUNCHER = "topicmark.hdfs.HdfsNodes"
_WITHIN_S = 180
_NODES = 4


def train(command: Sequence[str]) -> None:
    """Run the launcher once. ``command`` is everything up to the main class (java, options, class path).

    Starts the four nodes, writes, appends, reads, lists, stops and starts nodes, resets, and quits. Raises
    ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with _launched(command) as nodes, nodes.told():
        nodes.await_running(deadline)
        _exercise(nodes, deadline)


@contextmanager
def file_system(command: Sequence[str]) -> Iterator[str]:
    """A file system for another part's training run; ``command`` is that of the part ``hdfs``. Yields the namenode's
    address; its port is 9000. Ends with the block. Raises ``LabFault``."""
    with _launched(command) as nodes:
        with nodes.told():
            nodes.await_running(Deadline.after(_WITHIN_S))
        yield nodes.addresses[0]


@dataclass(frozen=True, slots=True)
class _Nodes:
    process: subprocess.Popen[bytes]
    folder: Path
    addresses: Sequence[str]

    def ask(self, line: str, deadline: Deadline) -> str:
        return ask(self.folder, "control", line, within_s=deadline.left_s + 1)

    def alive(self) -> None:
        if self.process.poll() is not None:
            raise OSError(f"the launcher ended with {self.process.returncode}")

    def await_running(self, deadline: Deadline) -> None:
        eventually(
            lambda: self.ask("status", deadline), lambda status: status.count("=running") == _NODES, within=deadline,
            describe="four nodes", retry_on=(OSError,), watch=self.alive,
        )  # fmt: skip

    @contextmanager
    def told(self) -> Iterator[None]:
        """What goes wrong in the block, as a fault with the log's end."""
        try:
            yield
        except (WaitExpired, OSError, subprocess.TimeoutExpired) as error:
            text = (self.folder / "log").read_text(errors="replace")[-4000:]
            raise LabFault(f"the training run: {error}", service="provision", log=text) from error


@contextmanager
def _launched(command: Sequence[str]) -> Iterator[_Nodes]:
    with tempfile.TemporaryDirectory(prefix="topicmark-") as name:
        folder = Path(name)
        subnet = f"127.{128 + os.getpid() % 100}.{os.getpid() // 100 % 250 + 1}"
        addresses = [f"{subnet}.{20 + node}" for node in range(_NODES)]
        (folder / "hosts").write_text(
            f"{addresses[0]} namenode\n127.0.0.1 localhost {socket.gethostname()}\n", encoding="utf-8"
        )
        (folder / "log4j.properties").write_text("log4j.rootLogger=WARN\n", encoding="utf-8")
        with (folder / "log").open("wb") as output:
            process = subprocess.Popen(
                [
                    *command, f"-Djdk.net.hosts.file={folder}/hosts", f"-Djava.io.tmpdir={folder}",
                    f"-Dlog4j.configuration=file:{folder}/log4j.properties", LAUNCHER, "control", "data", *addresses,
                ],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            yield _Nodes(process, folder, addresses)
        finally:
            process.kill()
            process.wait()


def _exercise(nodes: _Nodes, deadline: Deadline) -> None:
    _use(f"http://{nodes.addresses[0]}:9870")
    for line in ("stop datanode-2", "start datanode-2", "stop namenode", "start namenode", "reset"):
        answer = nodes.ask(line, deadline)
        if answer != "ok":
            raise OSError(f"{line}: {answer}")
    try:
        nodes.ask("quit", deadline)
    except OSError:
        nodes.process.wait(10)


def _use(url: str) -> None:
    files = f"{url}/webhdfs/v1"
    with requests.Session() as session:
        session.trust_env = False

        def call(method: str, path: str, operation: str, data: bytes | None = None) -> None:
            target = f"{files}{path}?user.name=root&op={operation}"
            if data is not None:
                asked = session.request(method, target, allow_redirects=False, timeout=60)
                asked.raise_for_status()
                target = asked.headers["Location"]
            session.request(method, target, data=data, timeout=60).raise_for_status()

        call("PUT", "/training/a%2Bb", "CREATE&overwrite=true", b"x" * 1000)
        call("POST", "/training/a%2Bb", "APPEND", b"y" * 1000)
        for operation in ("OPEN", "GETFILESTATUS", "GETCONTENTSUMMARY"):
            call("GET", "/training/a%2Bb", operation)
        call("PUT", "/training/folder", "MKDIRS")
        call("PUT", "/training/a%2Bb", "RENAME&destination=/training/folder/c")
        call("GET", "/training", "LISTSTATUS")
        call("DELETE", "/training/folder", "DELETE&recursive=true")
        missing = session.get(f"{files}/none?user.name=root&op=GETFILESTATUS", timeout=60)
        if missing.status_code != requests.codes.not_found:
            raise OSError(f"a missing file: {missing.status_code}")
        session.get(f"{url}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState", timeout=60).raise_for_status()
