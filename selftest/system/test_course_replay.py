"""A small course, carried out on a real lab: what works, what runs on, what fails at its line, what cannot be done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from selftest.by_hand import REFERENCE, Home
from selftest.cases import CORPUS
from selftest.kubernetes.api import NAMESPACES
from selftest.kubernetes.cluster import IMAGES, NAMES, FakeCluster
from selftest.kubernetes.controller import Controller

_KAFKA = "--bootstrap-server kafka:9092"
_TEXT = f"""\
# Tides

## Exercise 1 - A topic

**Task**: Make it from a shell, and send a line.

```bash
export TOPIC=tides
mkdir work && cd work
kafka-topics.sh {_KAFKA} --create --topic $TOPIC --partitions 3 --replication-factor 3
pwd > where.txt && cat where.txt | kafka-console-producer.sh {_KAFKA} --topic tides
kafka-console-consumer.sh {_KAFKA} --topic tides --from-beginning
```

**Task**: Look at it from a broker's pod.

```bash
kubectl exec -it kafka-controller-0 -- kafka-topics.sh --bootstrap-server localhost:9092 --describe --topic tides
kubectl get pods
```

**Task**: Run `python send.py`.

## Exercise 2 - Elsewhere

```bash
curl -s -X POST http://localhost:8083/connectors -H 'Content-Type: application/json' -d '{{"name": "x"}}'
hdfs dfs -fs hdfs://namenode:9000 -ls /
curl -s -X POST http://localhost:8083/connectors -H 'Content-Type: application/json' -d @keep.json
curl -s -X POST http://localhost:8083/connectors -H 'Content-Type: application/json' -d @lose.json
```

**Task**: In ksqlDB, make a stream.

```sql
CREATE STREAM T (height DOUBLE) WITH (KAFKA_TOPIC='tides', VALUE_FORMAT='JSON');
CREATE STREAM U AS SELECT depth FROM T EMIT CHANGES;
```
"""
_PROGRAM = """\
from kafka import KafkaProducer

KafkaProducer(bootstrap_servers="kafka:9092").send("tides", b"3.1").get(30)
raise SystemExit("the tide is out")
"""
_FAILS_AT_A_LINE_OF_TEXT = {
    "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
    "topics": "tides",
    "hdfs.url": "hdfs://namenode:9000",
    "flush.size": "3",
    "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
}
_AS_TEXT = {"value.converter": "org.apache.kafka.connect.storage.StringConverter"}


def test_a_course_is_carried_out_and_what_fails_is_found_at_its_line(tmp_path: Path) -> None:
    _carried_out(tmp_path)

    assert list((tmp_path / "state" / "labs").iterdir()) == [], "the lab was taken down"


def test_on_a_cluster_it_is_carried_out_in_a_pod_of_a_namespace_of_its_own(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.pod("somebody-elses", "theirs", {}, image=IMAGES["kafka"])

    with Controller(cluster.api) as controller:
        _carried_out(tmp_path, "--backend", "kubernetes", f"--kubeconfig={cluster.kubeconfig}")

    (deployed,) = controller.deployed
    assert set(deployed.seen["apps/v1/deployments"]) > set(NAMES.values())
    assert cluster.api.names(NAMESPACES, None) == []
    assert cluster.api.names("v1/pods", "default") == ["somebody-elses"]


def _carried_out(tmp_path: Path, *options: str) -> None:
    home = Home(tmp_path)
    course = tmp_path / "course"
    (course / "hints").mkdir(parents=True)
    (course / "README.md").write_text(_TEXT, "utf-8")
    (course / "hints" / "send.py").write_text(_PROGRAM, "utf-8")
    (course / "keep.json").write_text(json.dumps({"name": "keep", "config": _FAILS_AT_A_LINE_OF_TEXT}), "utf-8")
    nowhere = {**_FAILS_AT_A_LINE_OF_TEXT, "hdfs.url": "hdfs://namenode:9001", "flush.size": "1", **_AS_TEXT}
    (course / "lose.json").write_text(json.dumps({"name": "lose", "config": nowhere}), "utf-8")
    before = {path.name: path.read_bytes() for path in course.rglob("*") if path.is_file()}

    done = home.run("course", str(course), "--replay", *options, "--sarif", str(tmp_path / "out.sarif"), within_s=600)

    assert done.returncode == 1, done.stdout + done.stderr
    shown, _, _ = done.stdout.partition(" not replayed\n")
    steps = dict(_step(line) for line in shown.splitlines() if line.startswith(("  ✓ ", "  ✗ ", "  … ", "  - ")))
    assert steps == {
        8: "✓", 9: "✓", 10: "✓", 11: "✓", 12: "…",
        18: "✓", 19: "-", 22: "✗",
        27: "✗", 28: "✓", 29: "✗", 30: "✗", 36: "✓", 37: "✗",
    }, done.stdout  # fmt: skip
    (run,) = json.loads((tmp_path / "out.sarif").read_text("utf-8"))["runs"]
    failed = {
        each["locations"][0]["physicalLocation"]["region"]["startLine"]: each["message"]["text"]
        for each in run["results"]
        if each["ruleId"] == "replay-failed"
    }
    assert sorted(failed) == [22, 27, 29, 30, 37]
    assert "the connector keep does not work" in failed[29]
    assert "the connector lose does not work" in failed[30]
    assert "in tides, partition " in failed[30]
    assert "hdfs.url" in failed[30]
    assert "the tide is out" in failed[22]
    assert "It was run on a lab." in failed[22]
    assert {path.name: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before


def test_the_course_s_own_programs_are_graded_as_hand_ins(tmp_path: Path) -> None:
    home = Home(tmp_path)
    course = tmp_path / "course"
    hints = course / "hints"
    hints.mkdir(parents=True)
    (course / "README.md").write_text("# Sensors\n\n**Task**: Publish to INGESTION. See the hints.\n", "utf-8")
    shutil.copy(REFERENCE / "records.py", hints)
    shutil.copy(CORPUS / "mutants" / "ex4-producer-literal-key" / "submission" / "producer.py", hints)

    done = home.run("course", str(course), "--replay", "--sarif", str(tmp_path / "out.sarif"), within_s=600)

    assert done.returncode == 1, done.stdout + done.stderr
    (run,) = json.loads((tmp_path / "out.sarif").read_text("utf-8"))["runs"]
    (found,) = (each for each in run["results"] if each["ruleId"].startswith("replay-"))
    assert found["ruleId"] == "replay-hint"
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "hints/producer.py"
    assert found["message"]["text"].startswith("ex4.4 "), found["message"]["text"]
    assert "ex4.3" in done.stdout, "what it does right is told too"


def _step(line: str) -> tuple[int, str]:
    mark, number, *_ = line.split()
    return int(number), mark
