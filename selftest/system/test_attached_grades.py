"""Whole runs on a lab that somebody else runs: what is particular to them. Verdicts: ``test_equal_verdicts``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from selftest.cases import ROOT, Graded, grade
from selftest.running_lab import COMPONENTS, RunningLab, running_lab, seen
from topicmark.observe.cluster import ClusterView
from topicmark.waiting import eventually

REFERENCE = ROOT / "submissions" / "reference"
EVERYTHING = ("kafka", *COMPONENTS, "webhdfs", "hdfs")
NOBODY = "127.0.0.1:1"


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab(*COMPONENTS, hdfs=True) as running:
        yield running


def attached(submission: Path, folder: Path, theirs: RunningLab, select: str, *options: str) -> Graded:
    return grade(
        submission, folder / "out", "--backend", "attached", "-k", select, *theirs.options(*EVERYTHING), *options
    )


def test_without_leave_to_write_what_is_there_is_looked_at_and_nothing_changes(
    theirs: RunningLab, tmp_path: Path
) -> None:
    before = seen(theirs)

    graded = attached(REFERENCE, tmp_path, theirs, "ex")

    assert seen(theirs) == before
    outcomes = graded.outcomes
    seen_there = {"ex1.1", "ex1.2", "ex2.1", "ex3.2", "ex3.3"}
    missing_there = {"ex2.2", "ex2.4", "ex4.1", "ex6.1", "ex7.1"}
    assert {task for task, outcome in outcomes.items() if outcome == "passed"} == seen_there
    assert {task for task, outcome in outcomes.items() if outcome == "failed"} == missing_there
    without_a_topic = {"ex4.2", "ex4.3", "ex4.4", "ex4.5"}
    assert {task for task, outcome in outcomes.items() if outcome == "blocked"} == without_a_topic
    told = {task["id"]: task["observed"] for task in graded.results["tasks"] if task["outcome"] == "not_run"}
    assert told.keys() == outcomes.keys() - seen_there - missing_there - without_a_topic
    assert "embedded" in told.pop("ex8.2")  # nobody's cluster brings the database that its table is in
    assert all("--allow-writes" in said for said in told.values()), told
    assert graded.code == 1


@contextmanager
def their_ingestion(theirs: RunningLab, partitions: int, replicas: int, config: Mapping[str, str]) -> Iterator[None]:
    """A topic that was there before the run; gone after the block."""
    cluster = ClusterView(theirs.lab.bootstrap)
    cluster.create_topic("INGESTION", partitions, replicas, config)
    try:
        yield
    finally:
        cluster.delete_topic("INGESTION")
        eventually(lambda: "INGESTION" in cluster.topics(), lambda there: not there, within=30, describe="its end")
        cluster.close()


def test_an_ingestion_that_is_there_is_looked_at_and_left_alone(theirs: RunningLab, tmp_path: Path) -> None:
    with their_ingestion(theirs, 2, 3, {"retention.ms": "600000", "retention.bytes": "1000000"}):
        before = seen(theirs)

        looked = attached(REFERENCE, tmp_path / "looked", theirs, "ex4.1")
        replayed = attached(REFERENCE, tmp_path / "replayed", theirs, "ex4 or ex6", "--allow-writes")

        assert looked.outcomes == {"ex4.1": "passed"}, looked.told()
        assert set(replayed.outcomes.values()) == {"not_run"}, replayed.told()
        told = {task["id"]: task["observed"] for task in replayed.results["tasks"]}
        assert all("INGESTION already" in said for said in told.values()), told
        assert seen(theirs) == before


def test_a_topic_that_a_broker_may_have_made_is_not_judged(theirs: RunningLab, tmp_path: Path) -> None:
    with their_ingestion(theirs, 1, 1, {}):
        graded = attached(REFERENCE, tmp_path, theirs, "ex4.1")
        assert graded.outcomes == {"ex4.1": "not_run"}, graded.told()
        assert "logs" in graded.told()


def test_an_address_with_nothing_behind_it_is_never_a_lost_point(tmp_path: Path) -> None:
    graded = grade(
        REFERENCE, tmp_path / "out", "--backend", "attached", "--kafka", NOBODY, "--allow-writes", "-k", "ex4"
    )
    assert graded.code == 3, graded.output
    assert set(graded.outcomes.values()) == {"infra"}
    assert all(f"--kafka {NOBODY}" in fault["reason"] for fault in graded.results["faults"]), graded.told()


def test_a_silent_url_costs_only_the_tasks_that_need_it(theirs: RunningLab, tmp_path: Path) -> None:
    graded = grade(
        REFERENCE, tmp_path / "out", "--backend", "attached", *theirs.options("kafka", "connect"),
        f"--ksqldb-url=http://{NOBODY}", "-k", "ex3.2 or ex3.3",
    )  # fmt: skip
    assert graded.outcomes == {"ex3.2": "passed", "ex3.3": "infra"}, graded.told()
    assert graded.code == 3
    assert f"--ksqldb-url http://{NOBODY}" in graded.results["faults"][0]["reason"]


def test_addresses_with_another_backend_are_wrong_usage(tmp_path: Path) -> None:
    graded = grade(REFERENCE, tmp_path / "out", "--ksqldb-url", f"http://{NOBODY}", "-k", "ex6")
    assert graded.code == 2
    assert "--backend attached" in graded.output


def test_beside_brokers_alone_services_of_ours_stand_in_and_leave_nothing(tmp_path: Path) -> None:
    with running_lab() as brokers:
        cluster = ClusterView(brokers.lab.bootstrap)
        before = cluster.topics(), cluster.all_groups()
        graded = grade(
            REFERENCE, tmp_path / "out", "--backend", "attached", *brokers.options("kafka"), "--allow-writes",
            "-k", "ex3.3 or ex6 or ex7",
        )  # fmt: skip
        assert (cluster.topics(), cluster.all_groups()) == before
        cluster.close()
    others = {task: outcome for task, outcome in graded.outcomes.items() if outcome != "passed"}
    assert others == {"ex3.3": "not_run"}, graded.told()
    assert "--ksqldb-url" in graded.told()
    assert graded.code == 0
