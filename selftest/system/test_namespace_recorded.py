"""A namespace of a cluster whose Kafka is recorded by port-forwards, while somebody does exercise 2 there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaProducer, TopicPartition

from selftest.cases import ROOT, grade
from selftest.kubernetes.cluster import fake_cluster
from selftest.running_lab import running_lab
from topicmark.observe.cluster import ClusterView
from topicmark.recorder import tape
from topicmark.services.recorder import tape_of
from topicmark.waiting import eventually

TOPIC = "test-redpanda"


def test_records_that_were_deleted_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOPICMARK_STATE", str(tmp_path / "state"))
    with running_lab() as theirs, fake_cluster(tmp_path / "cluster") as cluster:
        monkeypatch.setenv("PATH", f"{cluster.bin}{os.pathsep}{os.environ['PATH']}")
        cluster.deploy(theirs)
        view = ClusterView(theirs.lab.bootstrap)
        try:
            up = _topicmark("up", *cluster.options())
            assert up.returncode == 0, up.stdout + up.stderr
            view.create_topic(TOPIC, 2, 3, {})
            producer = KafkaProducer(bootstrap_servers=theirs.lab.bootstrap.split(","))
            producer.send(TOPIC, key=b"1", value=b'{"id":1,"status":"it works"}')
            producer.flush()
            producer.close()
            kept = tape_of(view.cluster_id())
            eventually(lambda: tape.read(kept, TOPIC).records, bool, within=30, describe="the record on the tape")
            view.admin.delete_records({TopicPartition(TOPIC, number): -1 for number in range(2)})

            graded = grade(ROOT / "submissions" / "reference", tmp_path / "out", *cluster.options("-k", "ex2"))

            assert {task: graded.outcomes[task] for task in ("ex2.2", "ex2.3", "ex2.4")} == {
                "ex2.2": "passed",
                "ex2.3": "passed",
                "ex2.4": "passed",
            }, graded.told()
            assert graded.outcomes["ex2.1"] == "failed", "no Service redpanda was deployed"
        finally:
            down = _topicmark("down")
            view.close()
        assert "1 recorded no more" in down.stdout, down.stdout + down.stderr


def _topicmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "topicmark", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=180
    )
