"""The course's host names, with the namespaces that a submission speaks of."""

from __future__ import annotations

from topicmark.backends.names import in_namespaces, namespaces


def test_namespaces_are_found_behind_the_services_names(tmp_path):
    (tmp_path / "sink.json").write_text(
        '{"hdfs.url": "hdfs://namenode.anbae:9000", "u": "kafka-schema-registry.kafka:8081"}'
    )
    (tmp_path / "worker.yaml").write_text(
        "value: kafka-controller-0.kafka-controller-headless.team-7.svc.cluster.local:9092"
    )
    (tmp_path / "big.txt").write_text("kafka.huge " * 100_000)
    (tmp_path / "code.py").write_text("import kafka.errors\nopen('kafka.yaml')\nmy-kafka.other\n")
    found = namespaces(tmp_path, ["sink.json", "worker.yaml", "big.txt", "code.py", "gone.txt"])
    assert found == ("default", "anbae", "kafka", "team-7", "errors")


def test_every_form_of_a_name_leads_to_the_same_place():
    names = in_namespaces({"kafka": "127.1.1.10 127.1.1.11"}, ["default", "team-7"])
    assert names["kafka"] == names["kafka.team-7"] == names["kafka.default.svc.cluster.local"]
    assert set(names.values()) == {"127.1.1.10 127.1.1.11"}
    assert "kafka.other" not in names
