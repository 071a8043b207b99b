"""What the sink is tested on: the lab's HDFS and a Connect worker that a test may kill."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from topicmark.provision import java, maven
from topicmark.services.hdfs import RPC_PORT, HdfsCluster
from topicmark.services.jvm import Jvm
from topicmark.waiting import eventually

READY_S = 90
PLUGIN = "io.confluent.connect.hdfs.HdfsSinkConnector"
# ends with the test process, however that ends
_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
_LEAN = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k", "-XX:-UsePerfData", "-Djava.awt.headless=true")
_LOG4J = """\
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.FileAppender
log4j.appender.out.File={log}
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{{HH:mm:ss.SSS}} %p %t %c{{1}}: %m%n
log4j.logger.org.apache.kafka=WARN
log4j.logger.org.apache.kafka.connect=INFO
log4j.logger.org.apache.kafka.connect.runtime.isolation=WARN
log4j.logger.org.reflections=ERROR
log4j.logger.org.eclipse.jetty=WARN
log4j.logger.org.apache.hadoop=WARN
"""


class _Program:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._jvm: Jvm | None = None

    def _spawn(self, jar_set: str, options: list[str], *arguments: str) -> None:
        (self.folder / "log4j.properties").write_text(_LOG4J.format(log=self.folder / "log"))
        classpath = ":".join(map(str, maven.jars(jar_set)))
        self._jvm = Jvm.spawn(
            [
                *_WITH_PARENT, str(java.java()), *_LEAN, *options,
                f"-Dlog4j.configuration=file:{self.folder}/log4j.properties", "-cp", classpath, *arguments,
            ],
            folder=self.folder, output=self.folder / "out", marker="selftest", detached=True,
        )  # fmt: skip

    def alive(self) -> None:
        assert self._jvm is not None
        if reason := self._jvm.exit_reason():
            raise AssertionError(f"{self.folder.name} {reason}\n{self.log()[-4000:]}")

    def log(self) -> str:
        return "\n".join(
            file.read_text(errors="replace") for file in (self.folder / "out", self.folder / "log") if file.exists()
        )

    def kill(self) -> None:
        if self._jvm is not None:
            self._jvm.kill()
            self._jvm = None

    @property
    def pid(self) -> int:
        assert self._jvm is not None
        return self._jvm.process.pid


class Hdfs:
    """The lab's HDFS with three DataNodes; its files are looked at through WebHDFS."""

    def __init__(self, cluster: HdfsCluster) -> None:
        self.address = cluster.host_names()["namenode"]
        self.url = f"hdfs://{self.address}:{RPC_PORT}"
        self._web = f"{cluster.webhdfs_url}/webhdfs/v1"

    def tree(self, root: str) -> dict[str, int]:
        """All files and folders (these with a slash at the end) below ``root`` with their length in bytes."""
        answer = requests.get(f"{self._web}{root}", params={"op": "LISTSTATUS", "user.name": "root"}, timeout=30)
        if answer.status_code == 404:
            return {}
        answer.raise_for_status()
        found: dict[str, int] = {}
        for entry in answer.json()["FileStatuses"]["FileStatus"]:
            path = f"{root.rstrip('/')}/{entry['pathSuffix']}"
            if entry["type"] == "DIRECTORY":
                found[path + "/"] = 0
                found |= self.tree(path)
            else:
                found[path] = entry["length"]
        return found

    def files(self, root: str) -> list[str]:
        return [path for path in sorted(self.tree(root)) if not path.endswith("/")]

    def read(self, path: str) -> bytes:
        answer = requests.get(f"{self._web}{path}", params={"op": "OPEN", "user.name": "root"}, timeout=30)
        answer.raise_for_status()
        return answer.content

    def write(self, path: str, content: bytes) -> None:
        where = requests.put(
            f"{self._web}{path}", params={"op": "CREATE", "overwrite": "true", "user.name": "root"}, timeout=30,
            allow_redirects=False,
        )  # fmt: skip
        requests.put(where.headers["Location"], data=content, timeout=30).raise_for_status()

    def delete(self, path: str) -> None:
        requests.delete(
            f"{self._web}{path}", params={"op": "DELETE", "recursive": "true", "user.name": "root"}, timeout=30
        ).raise_for_status()


class Worker(_Program):
    """One Connect worker in a cluster of its own."""

    def __init__(
        self, folder: Path, bootstrap: str, address: str, plugins: Path, names: Mapping[str, str], **settings: str
    ) -> None:
        super().__init__(folder)
        self._names = names
        self.url = f"http://{address}:8083"
        self.settings = {
            "bootstrap.servers": bootstrap,
            "group.id": "connect-cluster",
            "config.storage.topic": "_connect-configs",
            "offset.storage.topic": "_connect-offsets",
            "status.storage.topic": "_connect-status",
            "config.storage.replication.factor": "1",
            "offset.storage.replication.factor": "1",
            "status.storage.replication.factor": "1",
            "offset.storage.partitions": "1",
            "status.storage.partitions": "1",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable": "false",
            "listeners": self.url,
            "rest.advertised.host.name": address,
            "plugin.path": str(plugins),
            "plugin.discovery": "service_load",
            "scheduled.rebalance.max.delay.ms": "0",
            "offset.flush.interval.ms": "1000",
            # longer than a busy machine keeps it from its turn: one that is put out of its group opens all logs anew
            "session.timeout.ms": "60000",
            "connector.client.config.override.policy": "All",
            **settings,
        }

    def start(self) -> None:
        file = self.folder / "worker.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in self.settings.items()))
        # as in the lab: only the names of this file resolve
        hosts = self.folder / "hosts"
        hosts.write_text("".join(f"{address} {name}\n" for name, address in self._names.items()))
        options = ["-Xmx256m", "-DHADOOP_USER_NAME=root", f"-Djdk.net.hosts.file={hosts}"]
        self._spawn(
            "connect", options, "org.apache.kafka.connect.cli.ConnectDistributed",
            str(file),
        )  # fmt: skip

    def await_ready(self) -> None:
        eventually(
            lambda: self.get("/connectors"), lambda answer: answer.ok, within=READY_S, describe="Connect",
            retry_on=(requests.RequestException,), watch=self.alive,
        )  # fmt: skip

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=30)

    def post(self, path: str, body: Any) -> requests.Response:
        return self._settled("POST", path, body)

    def put(self, path: str, body: Any = None) -> requests.Response:
        return self._settled("PUT", path, body)

    def delete(self, path: str) -> requests.Response:
        return self._settled("DELETE", path, None)

    def _settled(self, method: str, path: str, body: Any) -> requests.Response:
        """The answer once the worker is not busy with a rebalance: that, too, is a 409."""
        return eventually(
            lambda: requests.request(method, self.url + path, json=body, timeout=60),
            lambda answer: answer.status_code != 409 or "already exists" in answer.text,
            within=30, describe=f"{method} {path}", watch=self.alive,
        )  # fmt: skip

    def status(self, name: str) -> Mapping[str, Any]:
        answer = self.get(f"/connectors/{name}/status")
        return dict(answer.json())

    def states(self, name: str) -> list[str]:
        """The connector's state and then its tasks'; empty if it is not there yet."""
        status = self.status(name)
        if "connector" not in status:
            return []
        return [status["connector"]["state"], *(task["state"] for task in status["tasks"])]

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
