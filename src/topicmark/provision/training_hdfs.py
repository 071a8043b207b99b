"""The training run whose classes go into the HDFS launcher's archive: a small file system, used once all round."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Sequence
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

    Starts the four nodes, writes, appends, reads, lists, stops and starts nodes, resets, quits. Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with tempfile.TemporaryDirectory(prefix="topicmark-") as name:
        folder = Path(name)
        subnet = f"127.{128 + os.getpid() % 100}.{os.getpid() // 100 % 250 + 1}"
        addresses = [f"{subnet}.{20 + node}" for node in range(_NODES)]
        (folder / "hosts").write_text(
            f"{addresses[0]} namenode\n127.0.0.1 localhost {socket.gethostname()}\n", encoding="utf-8"
        )
        (folder / "log4j.properties").write_text("log4j.rootLogger=WARN\n", encoding="utf-8")
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *command, f"-Djdk.net.hosts.file={folder}/hosts", f"-Djava.io.tmpdir={folder}",
                    f"-Dlog4j.configuration=file:{folder}/log4j.properties", LAUNCHER, "control", "data", *addresses,
                ],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            _exercise(process, folder, f"http://{addresses[0]}:9870", deadline)
        except (WaitExpired, OSError, subprocess.TimeoutExpired) as error:
            text = log.read_text(errors="replace")[-4000:]
            raise LabFault(f"the training run: {error}", service="provision", log=text) from error
        finally:
            process.kill()
            process.wait()


def _exercise(process: subprocess.Popen[bytes], folder: Path, url: str, deadline: Deadline) -> None:
    def alive() -> None:
        if process.poll() is not None:
            raise OSError(f"the launcher ended with {process.returncode}")

    def command(line: str) -> str:
        return ask(folder, "control", line, within_s=deadline.left_s + 1)

    eventually(
        lambda: command("status"), lambda status: status.count("=running") == _NODES, within=deadline,
        describe="four nodes", retry_on=(OSError,), watch=alive,
    )  # fmt: skip
    _use(url)
    for line in ("stop datanode-2", "start datanode-2", "stop namenode", "start namenode", "reset"):
        answer = command(line)
        if answer != "ok":
            raise OSError(f"{line}: {answer}")
    try:
        command("quit")
    except OSError:
        process.wait(10)


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
