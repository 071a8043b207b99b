"""The training run whose classes go into the Kafka launcher's archive: a small cluster, used once all round."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from topicmark.model import LabFault
from topicmark.observe.membership import shared_view
from topicmark.provision.control import ask
from topicmark.waiting import Deadline, WaitExpired, eventually

LAUNCHER = "topicmark.lab.KafkaNodes"
_WITHIN_S = 120
_SUBNETS = itertools.count(os.getpid() // 100)


def train(command: Sequence[str]) -> None:
    """Run the launcher once. ``command`` is everything up to the main class (java, options, class path).

    Starts three nodes, creates, writes, reads, stops and starts one, resets, and quits. Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with _nodes(command, 3) as cluster, cluster.told():
        _exercise(cluster, deadline)


@contextmanager
def broker(command: Sequence[str]) -> Iterator[Broker]:
    """A broker for another part's training run; ``command`` is that of the part ``kafka``. Ends with the block.

    Raises ``LabFault``.
    """
    deadline = Deadline.after(_WITHIN_S)
    with _nodes(command, 1) as cluster:
        with cluster.told():
            cluster.await_running(1, deadline)
        yield Broker(f"{cluster.subnet}.1:9092", f"{cluster.subnet}.200")


@dataclass(frozen=True, slots=True)
class Broker:
    """``address``: ``host:port`` of its listener. ``free_address``: another host of its subnet."""

    address: str
    free_address: str


@dataclass(frozen=True, slots=True)
class _Nodes:
    process: subprocess.Popen[bytes]
    folder: Path
    subnet: str

    def ask(self, line: str, deadline: Deadline) -> str:
        return ask(self.folder, "control", line, within_s=deadline.left_s + 1)

    def alive(self) -> None:
        if self.process.poll() is not None:
            raise OSError(f"the launcher ended with {self.process.returncode}")

    def await_running(self, count: int, deadline: Deadline) -> None:
        eventually(
            lambda: self.ask("status", deadline), lambda status: status.count("=running") == count,
            within=deadline, describe="every node", retry_on=(OSError,), watch=self.alive,
        )  # fmt: skip

    @contextmanager
    def told(self) -> Iterator[None]:
        """Faults in the block as ``LabFault``, with the log."""
        try:
            yield
        except (WaitExpired, OSError, KafkaError, subprocess.TimeoutExpired) as error:
            text = (self.folder / "log").read_text(errors="replace")[-4000:]
            raise LabFault(f"the training run: {error}", service="provision", log=text) from error


@contextmanager
def _nodes(command: Sequence[str], count: int) -> Iterator[_Nodes]:
    with tempfile.TemporaryDirectory(prefix="topicmark-") as name:
        folder = Path(name)
        subnet = f"127.{128 + os.getpid() % 100}.{next(_SUBNETS) % 250 + 1}"
        files = [_properties(folder, subnet, node, count) for node in range(count)]
        (folder / "log4j.properties").write_text("log4j.rootLogger=WARN\n", encoding="utf-8")
        with (folder / "log").open("wb") as output:
            process = subprocess.Popen(
                [*command, f"-Dlog4j.configuration=file:{folder}/log4j.properties", LAUNCHER, "control", *files],
                cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            yield _Nodes(process, folder, subnet)
        finally:
            process.kill()
            process.wait()


def _exercise(cluster: _Nodes, deadline: Deadline) -> None:
    cluster.await_running(3, deadline)
    addresses = {node: f"{cluster.subnet}.{node + 1}:9092" for node in range(3)}
    eventually(
        lambda: shared_view(addresses, addresses.keys()), bool,
        within=deadline, describe="three brokers known to each", retry_on=(KafkaError,), watch=cluster.alive,
    )  # fmt: skip
    _use(list(addresses.values()))
    for line in ("stop 2", "start 2", "recycle"):
        answer = cluster.ask(line, deadline)
        if answer != "ok":
            raise OSError(f"{line}: {answer}")
    try:
        cluster.ask("quit", deadline)
    except OSError:
        cluster.process.wait(10)


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


def _properties(folder: Path, subnet: str, node: int, count: int) -> str:
    address = f"{subnet}.{node + 1}"
    file = folder / f"{node}.properties"
    voters = ",".join(f"{i}@{subnet}.{i + 1}:9093" for i in range(count))
    lines = [
        "process.roles=broker,controller", f"node.id={node}", f"log.dirs={folder}/data-{node}",
        f"controller.quorum.voters={voters}", "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=GRADER", f"listeners=GRADER://{address}:9092,CONTROLLER://{address}:9093",
        "listener.security.protocol.map=GRADER:PLAINTEXT,CONTROLLER:PLAINTEXT", "offsets.topic.num.partitions=3",
        "log.cleaner.dedupe.buffer.size=2097152", "num.partitions=1", "group.initial.rebalance.delay.ms=0",
        "controller.quorum.election.timeout.ms=300", "auto.include.jmx.reporter=false", "metrics.jmx.exclude=.*",
        f"offsets.topic.replication.factor={count}",
    ]  # fmt: skip
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)
