"""The training run whose classes go into the Kafka launcher's archive: a small cluster, used once all round."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from topicmark.model import LabFault
from topicmark.provision.control import ask
from topicmark.waiting import Deadline, WaitExpired, eventually

LAUNCHER = "topicmark.lab.KafkaNodes"
_WITHIN_S = 120


def train(command: Sequence[str]) -> None:
    """Run the launcher once. ``command`` is everything up to the main class (java, options, class path).

    Starts three nodes, creates, writes, reads, stops and starts one, resets, and quits. Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with tempfile.TemporaryDirectory(prefix="topicmark-") as name:
        folder = Path(name)
        subnet = f"127.{128 + os.getpid() % 100}.{os.getpid() // 100 % 250 + 1}"
        files = [_properties(folder, subnet, node) for node in range(3)]
        log = folder / "log"
        (folder / "log4j.properties").write_text("log4j.rootLogger=WARN\n", encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, f"-Dlog4j.configuration=file:{folder}/log4j.properties", LAUNCHER, "control", *files],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            _exercise(process, folder, subnet, deadline)
        except (WaitExpired, OSError, KafkaError, subprocess.TimeoutExpired) as error:
            text = log.read_text(errors="replace")[-4000:]
            raise LabFault(f"the training run: {error}", service="provision", log=text) from error
        finally:
            process.kill()
            process.wait()


def _exercise(process: subprocess.Popen[bytes], folder: Path, subnet: str, deadline: Deadline) -> None:
    def alive() -> None:
        if process.poll() is not None:
            raise OSError(f"the launcher ended with {process.returncode}")

    def command(line: str) -> str:
        return ask(folder, "control", line, within_s=deadline.left_s + 1)

    def running(status: str) -> bool:
        return status.count("=running") == 3

    eventually(
        lambda: command("status"), running, within=deadline, describe="three nodes", retry_on=(OSError,), watch=alive
    )
    addresses = [f"{subnet}.{node + 1}:9092" for node in range(3)]
    eventually(
        lambda: [_brokers_known_to(address) for address in addresses], lambda known: known == [3, 3, 3],
        within=deadline, describe="three brokers known to each", retry_on=(KafkaError,), watch=alive,
    )  # fmt: skip
    _use(addresses)
    for line in ("stop 2", "start 2", "recycle"):
        answer = command(line)
        if answer != "ok":
            raise OSError(f"{line}: {answer}")
    try:
        command("quit")
    except OSError:
        process.wait(10)


def _brokers_known_to(address: str) -> int:
    admin = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=5000)
    try:
        return len(admin.describe_cluster()["brokers"])
    finally:
        admin.close()


def _use(bootstrap: Sequence[str]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic("training", num_partitions=3, replication_factor=3)])
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for key in range(20):
        producer.send("training", key=str(key).encode(), value=b"x" * 100)
    producer.flush()
    producer.close()
    consumer = KafkaConsumer(
        "training", bootstrap_servers=bootstrap, group_id="training", auto_offset_reset="earliest",
        consumer_timeout_ms=1500,
    )  # fmt: skip
    for _ in consumer:
        pass
    consumer.close()
    admin.describe_cluster()
    admin.delete_topics(["training"])
    admin.close()


def _properties(folder: Path, subnet: str, node: int) -> str:
    address = f"{subnet}.{node + 1}"
    file = folder / f"{node}.properties"
    voters = ",".join(f"{i}@{subnet}.{i + 1}:9093" for i in range(3))
    lines = [
        "process.roles=broker,controller", f"node.id={node}", f"log.dirs={folder}/data-{node}",
        f"controller.quorum.voters={voters}", "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=GRADER", f"listeners=GRADER://{address}:9092,CONTROLLER://{address}:9093",
        "listener.security.protocol.map=GRADER:PLAINTEXT,CONTROLLER:PLAINTEXT", "offsets.topic.num.partitions=3",
        "log.cleaner.dedupe.buffer.size=2097152", "num.partitions=1", "group.initial.rebalance.delay.ms=0",
        "controller.quorum.election.timeout.ms=300", "auto.include.jmx.reporter=false", "metrics.jmx.exclude=.*",
    ]  # fmt: skip
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)
