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
from topicmark.provision import maven
from topicmark.provision.training import Broker, broker
from topicmark.waiting import Deadline, WaitExpired, eventually

LAUNCHER = "topicmark.connect.LabWorker"
_WITHIN_S = 120
_JSON = "org.apache.kafka.connect.json.JsonConverter"
_STRING = "org.apache.kafka.connect.storage.StringConverter"
_SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector"


def train(command: Sequence[str], kafka: Sequence[str]) -> None:
    """Run the worker once, beside a broker. ``command`` and ``kafka`` are everything up to the main class.

    Starts it, asks what a lab asks, lets a sink drain a topic, takes it away, and ends it. Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with broker(kafka) as kafka_broker, tempfile.TemporaryDirectory(prefix="topicmark-") as name:
        folder, log = Path(name), Path(name) / "log"
        (folder / "worker.properties").write_text(_properties(kafka_broker), encoding="utf-8")
        (folder / "log4j.properties").write_text("log4j.rootLogger=WARN\n", encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, f"-Dlog4j.configuration=file:{folder}/log4j.properties", LAUNCHER, "worker.properties"],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            _exercise(process, kafka_broker, folder / "sunk", deadline)
            process.terminate()  # a list of loaded classes is written at an orderly end only
            process.wait(deadline.left_s + 1)
        except (WaitExpired, OSError, KafkaError, requests.RequestException, subprocess.TimeoutExpired) as error:
            text = log.read_text(errors="replace")[-4000:]
            raise LabFault(f"Connect's training run: {error}", service="provision", log=text) from error
        finally:
            process.kill()
            process.wait()


def _exercise(process: subprocess.Popen[bytes], kafka_broker: Broker, sunk: Path, deadline: Deadline) -> None:
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
    config = {"connector.class": _SINK, "topics": "training", "file": str(sunk), "tasks.max": "2", "name": "training"}
    ask("PUT", f"/connector-plugins/{_SINK}/config/validate", config)
    ask("POST", "/connectors", {"name": "bad", "config": {"connector.class": "no.such.Connector"}})
    eventually(
        lambda: ask("POST", "/connectors", {"name": "training", "config": config}).status_code,
        lambda status: status != 409, within=deadline, describe="the connector", watch=alive,
    )  # fmt: skip
    producer = KafkaProducer(bootstrap_servers=kafka_broker.address, compression_type="gzip")
    for number in range(20):
        producer.send("training", key=b"k", value=b'{"number":%d}' % number)
    producer.flush(30)
    producer.close()
    eventually(
        lambda: sunk.read_text().count("\n"), lambda lines: lines == 20, within=deadline,
        describe="20 records in the sink", retry_on=(FileNotFoundError,), watch=alive,
    )  # fmt: skip
    for path in ("", "/status", "/tasks", "/topics"):
        ask("GET", f"/connectors/training{path}")
    ask("GET", "/connectors?expand=info&expand=status")
    ask("POST", "/connectors/training/restart?includeTasks=true")
    ask("DELETE", "/connectors/training")


def _properties(kafka_broker: Broker) -> str:
    plugins = ",".join(str(jar) for jar in maven.jars("connect-file"))
    lines = [
        f"bootstrap.servers={kafka_broker.address}", "group.id=training", f"plugin.path={plugins}",
        f"listeners=http://{kafka_broker.free_address}:8083", "plugin.discovery=service_load",
        f"key.converter={_STRING}", f"value.converter={_JSON}", "value.converter.schemas.enable=false",
        "scheduled.rebalance.max.delay.ms=0", "offset.flush.interval.ms=1000",
        "auto.include.jmx.reporter=false",
    ]  # fmt: skip
    for store in ("config", "offset", "status"):
        lines += [f"{store}.storage.topic=_connect-{store}", f"{store}.storage.replication.factor=1"]
    return "\n".join(lines) + "\n"
