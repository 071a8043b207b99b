"""One Kafka broker, one HDFS and one Connect worker for the whole suite; each test has topics and names of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftest.contract.sink import plugin_folder
from selftest.contract.sink.stack import READY_S, Hdfs, Worker
from selftest.contract.sink.writer import Sink
from topicmark.provision import maven
from topicmark.provision.toolchain import ensure
from topicmark.services.hdfs import HdfsCluster, HdfsSpec
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.subnet import Subnet, claim

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def subnet() -> Iterator[Subnet]:
    with claim() as leased:
        yield leased


@pytest.fixture(scope="session")
def kafka(subnet, tmp_path_factory) -> Iterator[KafkaCluster]:
    ensure(["kafka"])
    single = {"offsets.topic.replication.factor": "1", "auto.create.topics.enable": "false"}
    spec = KafkaSpec(subnet.prefix, nodes=(NodeSpec(0),), properties=single)
    cluster = KafkaCluster(spec, tmp_path_factory.mktemp("kafka"), marker="selftest")
    cluster.start()
    cluster.await_ready(READY_S)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def hdfs(subnet, tmp_path_factory) -> Iterator[Hdfs]:
    ensure(["hdfs"])
    cluster = HdfsCluster(HdfsSpec(subnet.prefix), tmp_path_factory.mktemp("hdfs"), marker="selftest")
    cluster.start()
    cluster.await_ready(READY_S)
    yield Hdfs(cluster)
    cluster.stop()


@pytest.fixture(scope="session")
def plugins(request) -> Path:
    if chosen := request.config.getoption("--connect-plugins"):
        return Path(chosen).absolute()
    maven.fetch(plugin_folder.SETS)
    return plugin_folder.build()


@pytest.fixture(scope="session")
def ours(request) -> bool:
    """Whether it is our own plugin that is tested."""
    return not request.config.getoption("--connect-plugins")


@pytest.fixture(scope="session")
def worker(kafka, hdfs, subnet, plugins, ours, tmp_path_factory) -> Iterator[Worker]:
    maven.fetch(["connect"])
    discovery = {} if ours else {"plugin.discovery": "hybrid_warn"}
    service = Worker(
        tmp_path_factory.mktemp("connect"),
        kafka.bootstrap,
        subnet.address(30),
        plugins,
        {"namenode": hdfs.address},
        **discovery,
    )
    service.start()
    service.await_ready()
    yield service
    service.kill()


@pytest.fixture
def sink(kafka, hdfs, worker) -> Iterator[Sink]:
    """A topic of three partitions and a connector for it, not yet posted."""
    made = Sink(kafka.bootstrap, hdfs, worker, f"T{next(_numbers)}")
    yield made
    made.close()
