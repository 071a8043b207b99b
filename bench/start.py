"""Cold start and reset of the lab's three Kafka nodes beside one plain Kafka process: ``python bench/start.py``.

Interleaved: each round starts one plain ``kafka.Kafka`` (its start script's options, own minimal KRaft settings) and
then our three nodes. A cluster is ready when an admin client sees all its brokers and voters, and a
leader.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
from kafka.errors import KafkaError

from topicmark.observe.membership import admin, membership
from topicmark.provision import java, toolchain
from topicmark.services.jvm import Jvm
from topicmark.services.kafka import KafkaCluster, KafkaSpec
from topicmark.services.subnet import claim
from topicmark.waiting import eventually

PLAIN_OPTIONS = (
    "-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-XX:MaxInlineLevel=15",
    "-Djava.awt.headless=true",
)  # fmt: skip


def plain(subnet: str) -> tuple[float, int]:
    """Seconds until one plain node is ready, and the bytes that its process then has resident."""
    folder = Path(tempfile.mkdtemp(prefix="topicmark-bench-"))
    address = f"{subnet}.10"
    settings = folder / "server.properties"
    settings.write_text(
        "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n"
        f"controller.quorum.voters=1@{address}:9093\nlog.dirs={folder}/data\n"
        f"listeners=PLAINTEXT://{address}:9092,CONTROLLER://{address}:9093\n"
        f"advertised.listeners=PLAINTEXT://{address}:9092\n"
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
        "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
        "transaction.state.log.min.isr=1\n"
    )
    (folder / "log4j.properties").write_text(
        "log4j.rootLogger=INFO, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n"
        "log4j.appender.out.layout=org.apache.log4j.PatternLayout\n"
        "log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n\n"
    )
    command = [str(java.java()), *PLAIN_OPTIONS, f"-Dlog4j.configuration=file:{folder}/log4j.properties"]
    command += ["-cp", toolchain.KAFKA.classpath]
    subprocess.run(
        [*command, "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", str(settings)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    started = time.monotonic()
    jvm = Jvm.spawn(
        [*command, "kafka.Kafka", str(settings)], folder=folder, output=folder / "log", marker="bench", detached=False
    )
    try:
        eventually(
            lambda: seen(f"{address}:9092"), lambda count: count == 1, within=60, describe="one broker",
            retry_on=(KafkaError,),
        )  # fmt: skip
        return time.monotonic() - started, tree_bytes(jvm.process.pid)
    finally:
        jvm.kill()
        shutil.rmtree(folder)


def ours(subnet: str, resets: int) -> tuple[float, int, list[float]]:
    """Seconds until three nodes are ready, bytes resident, and the seconds of each reset that follows."""
    folder = Path(tempfile.mkdtemp(prefix="topicmark-bench-"))
    cluster = KafkaCluster(KafkaSpec(subnet=subnet), folder, marker="bench")
    started = time.monotonic()
    cluster.start()
    try:
        cluster.await_ready(60)
        took = time.monotonic() - started
        assert cluster.pid is not None
        resident = tree_bytes(cluster.pid)
        recycled = []
        for _ in range(resets):
            before = time.monotonic()
            cluster.recycle()
            recycled.append(time.monotonic() - before)
        return took, resident, recycled
    finally:
        cluster.stop()
        cluster.clean()


def seen(address: str) -> int:
    """Brokers that the node knows, once its quorum has a leader."""
    with admin(address) as client:
        found = membership(client)
    return len(found.brokers) if found.leader >= 0 else 0


def tree_bytes(pid: int) -> int:
    """Resident bytes of a process and its children."""
    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


def spread(name: str, values: list[float], unit: str) -> None:
    """Print smallest, middle and largest."""
    print(f"{name:32} min {min(values):7.2f}  median {statistics.median(values):7.2f}  max {max(values):7.2f} {unit}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--resets", type=int, default=3, help="resets of our cluster in each round")
    chosen = parser.parse_args()
    toolchain.ensure(["kafka"], progress=True)
    plain_s, ours_s, plain_mb, ours_mb, reset_s = [], [], [], [], []
    with claim() as subnet:
        for number in range(chosen.rounds):
            seconds, resident = plain(subnet.prefix)
            plain_s.append(seconds)
            plain_mb.append(resident / 1e6)
            seconds, resident, resets = ours(subnet.prefix, chosen.resets)
            ours_s.append(seconds)
            ours_mb.append(resident / 1e6)
            reset_s += resets
            print(f"round {number + 1}: one plain node {plain_s[-1]:.2f} s, our three {ours_s[-1]:.2f} s")
    spread("one plain kafka.Kafka, ready", plain_s, "s")
    spread("our three nodes, ready", ours_s, "s")
    spread("ratio, pair by pair", [b / a for a, b in zip(plain_s, ours_s, strict=True)], "")
    spread("one plain kafka.Kafka, RSS", plain_mb, "MB")
    spread("our three nodes, RSS", ours_mb, "MB")
    if reset_s:
        spread("reset to a new cluster", reset_s, "s")


if __name__ == "__main__":
    main()
