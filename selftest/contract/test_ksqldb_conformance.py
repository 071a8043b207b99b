"""Our cases in ksqlDB's own format, on the embedded ksqlDB: none wrong, none refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selftest.conformance.cases import OWN, load
from selftest.conformance.runner import Runner
from topicmark.provision.toolchain import ensure
from topicmark.services.kafka import KafkaCluster, KafkaSpec, NodeSpec
from topicmark.services.ksqldb import KSQLDB_HOST, KsqlDb
from topicmark.services.subnet import claim

READY_S = 90
CASES = list(load(OWN))


@pytest.fixture(scope="module")
def runner(tmp_path_factory) -> Iterator[Runner]:
    ensure(["kafka"])
    folder = tmp_path_factory.mktemp("conformance")
    with claim() as subnet:
        one = {"offsets.topic.replication.factor": "1"}
        cluster = KafkaCluster(
            KafkaSpec(subnet.prefix, nodes=(NodeSpec(0),), properties=one), folder / "kafka", marker="selftest"
        )
        ksqldb = KsqlDb(cluster.bootstrap, subnet.address(KSQLDB_HOST), folder / "ksqldb", marker="selftest")
        try:
            cluster.start()
            cluster.await_ready(READY_S)
            ksqldb.start()
            ksqldb.await_ready(READY_S)
            running = Runner(ksqldb.url, cluster.bootstrap)
            yield running
            running.close()
        finally:
            ksqldb.stop()
            cluster.stop()


def test_there_are_enough_cases():
    assert len(CASES) >= 120
    assert all(case.beyond() is None for case in CASES)
    assert sum(case.expects_error for case in CASES) >= 30


def test_all_of_them_pass(runner: Runner):
    """One test: a server for each of several workers would be four clusters."""
    verdicts = [(case, runner.run(case)) for case in CASES]
    assert not [f"{case.file}: {case.name}: {v.kind}: {v.detail}" for case, v in verdicts if v.kind != "passed"]
