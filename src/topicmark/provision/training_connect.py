"""The training run whose classes go into the Connect worker's archive: one worker, one sink, a few records."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import requests
from kafka import KafkaProducer
from kafka.errors import KafkaError

from topicmark.model import LabFault
from topicmark.provision.training import Broker, broker
from topicmark.provision.training_hdfs import file_system
from topicmark.waiting import Deadline, WaitExpired, eventually

LAUNCHER = "topicmark.connect.LabWorker"
_WITHIN_S = 120
_JSON = "org.apache.kafka.connect.json.JsonConverter"
_STRING = "org.apache.kafka.connect.storage.StringConverter"
_SINK = "io.confluent.connect.hdfs.HdfsSinkConnector"
_FORMAT = "io.confluent.connect.hdfs.json.JsonFormat"
_RECORDS, _FLUSH_SIZE = 20, 5


def train(command: Sequence[str], kafka: Sequence[str], hdfs: Sequence[str]) -> None:
    """Run the worker once, beside a broker and HDFS. Each command is everything up to the main class.

    Starts it, asks what a lab asks, lets the sink drain a topic, takes it away, and ends it. Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with (
        broker(kafka) as kafka_broker,
        file_system(hdfs) as namenode,
        tempfile.TemporaryDirectory(prefix="topicmark-") as name,
    ):
        folder, log = Path(name), Path(name) / "log"
        (folder / "worker.properties").write_text(_properties(kafka_broker), encoding="utf-8")
        (folder / "log4j.properties").write_text("log4j.rootLogger=WARN\n", encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, f"-Dlog4j.configuration=file:{folder}/log4j.properties", LAUNCHER, "worker.properties"],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            _exercise(process, kafka_broker, namenode, deadline)
            process.terminate()  # a list of loaded classes is written at an orderly end only
            process.wait(deadline.left_s + 1)
        except (WaitExpired, OSError, KafkaError, requests.RequestException, subprocess.TimeoutExpired) as error:
            text = log.read_text(errors="replace")[-4000:]
            raise LabFault(f"Connect's training run: {error}", service="provision", log=text) from error
        finally:
            process.kill()
            process.wait()


def _exercise(process: subprocess.Popen[bytes], kafka_broker: Broker, namenode: str, deadline: Deadline) -> None:
    url = f"http://{kafka_broker.free_address}:8083"

    def alive() -> None:
        if process.poll() is not None:
            raise OSError(f"the worker ended with {process.returncode}")

    def ask(method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(method, url + path, json=body, timeout=30)

    eventually(
        lambda: ask("GET", "/connectors").status_code, lambda status: status == 200, within=deadline,
        describe="the worker", retry_on=(requests.RequestException,), watch=alive,
    )  # fmt: skip
    ask("GET", "/")
    ask("GET", "/connector-plugins?connectorsOnly=false")
    config = {
        "connector.class": _SINK, "topics": "training", "tasks.max": "2", "name": "training", "format.class": _FORMAT,
        "hdfs.url": f"hdfs://{namenode}:9000", "flush.size": str(_FLUSH_SIZE),
    }  # fmt: skip
    ask("PUT", f"/connector-plugins/{_SINK}/config/validate", config)
    ask("POST", "/connectors", {"name": "bad", "config": {"connector.class": "no.such.Connector"}})
    eventually(
        lambda: ask("POST", "/connectors", {"name": "training", "config": config}).status_code,
        lambda status: status != 409, within=deadline, describe="the connector", watch=alive,
    )  # fmt: skip
    producer = KafkaProducer(bootstrap_servers=kafka_broker.address, compression_type="gzip")
    for number in range(_RECORDS):
        producer.send("training", key=b"k", value=b'{"number":%d}' % number)
    producer.flush(30)
    producer.close()
    eventually(
        lambda: _files(namenode), lambda files: files == _RECORDS // _FLUSH_SIZE, within=deadline,
        describe="all records in files", watch=alive,
    )  # fmt: skip
    for path in ("", "/status", "/tasks", "/topics"):
        ask("GET", f"/connectors/training{path}")
    ask("GET", "/connectors?expand=info&expand=status")
    ask("POST", "/connectors/training/restart?includeTasks=true")
    ask("DELETE", "/connectors/training")


def _files(namenode: str) -> int:
    """How many files the sink has written by now."""
    folder = f"http://{namenode}:9870/webhdfs/v1/topics/training/partition=0?user.name=root&op=LISTSTATUS"
    answer = requests.get(folder, timeout=30)
    return len(answer.json()["FileStatuses"]["FileStatus"]) if answer.ok else 0


def _properties(kafka_broker: Broker) -> str:
    lines = [
        f"bootstrap.servers={kafka_broker.address}", "group.id=training",
        f"listeners=http://{kafka_broker.free_address}:8083", "plugin.discovery=service_load",
        f"key.converter={_STRING}", f"value.converter={_JSON}", "value.converter.schemas.enable=false",
        "scheduled.rebalance.max.delay.ms=0", "offset.flush.interval.ms=1000",
        "auto.include.jmx.reporter=false",
    ]  # fmt: skip
    for store in ("config", "offset", "status"):
        lines += [f"{store}.storage.topic=_connect-{store}", f"{store}.storage.replication.factor=1"]
    return "\n".join(lines) + "\n"
