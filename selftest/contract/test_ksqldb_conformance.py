"""Our cases in ksqlDB's own format, on the embedded ksqlDB: none wrong, none refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selftest.conformance.cases import OWN, Case, load
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_conforms(runner: Runner, case: Case):
    verdict = runner.run(case)
    assert verdict.kind == "passed", verdict.detail
