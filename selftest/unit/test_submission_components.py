"""Manifests of exercise 3: in which files of a submission they are found."""

from __future__ import annotations

from pathlib import Path

from selftest.handed_manifests import DEPLOYMENT, FILES, REFERENCE, SERVICE
from topicmark.submission import Component, Missing, Problem, Submission, Values, load
from topicmark.submission.kubernetes import ROLES


def submission(tmp_path: Path, **files: str) -> Submission:
    for name, text in files.items():
        path = tmp_path / "in" / name.replace("__", "/").replace("_", "-")
        path = path.with_name(path.name.replace("-yaml", ".yaml").replace("-yml", ".yml").replace("-toml", ".toml"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load(tmp_path / "in", tmp_path / "out")


def test_files_in_folders_and_other_names(tmp_path: Path) -> None:
    found = submission(
        tmp_path,
        deploy__Kafka_Connect_YAML="",
        k8s__connect_deployment_yaml=DEPLOYMENT,
        k8s__connect_service_yaml=SERVICE.lstrip("-\n"),
        connect_values_yaml="replicas: 1\n",
    )
    assert isinstance(found.connect, Component), found.connect
    assert found.connect.file == "k8s/connect-deployment.yaml"
    assert found.connect.forwards().container_port == 8083
    assert found.connect.service is not None
    assert found.connect.service.file == "k8s/connect-service.yaml"
    assert isinstance(found.registry, Missing)


def test_a_manifest_of_everything(tmp_path: Path) -> None:
    text = "---\n".join((REFERENCE / name).read_text() for name in FILES.values())
    found = submission(tmp_path, services_yaml=text)
    for role in FILES:
        one = getattr(found, role)
        assert isinstance(one, Component), one
        assert (one.name, one.forwards().container_port) == (ROLES[role].service, ROLES[role].port)


def test_several_candidates(tmp_path: Path) -> None:
    found = submission(
        tmp_path, a__connect_1_yaml=DEPLOYMENT, b__connect_2_yaml=DEPLOYMENT.replace("value: g", "value: h")
    )
    assert isinstance(found.connect, Problem)
    assert '[connect] file = "a/connect-1.yaml"' in found.connect.remedy


def test_the_file_that_submission_toml_names(tmp_path: Path) -> None:
    found = submission(
        tmp_path,
        a__one_yaml=DEPLOYMENT,
        kafka_connect_yaml="",
        submission_toml='[connect]\nfile = "a/one.yaml"\n[registry]\nfile = "no"\n',
    )
    assert isinstance(found.connect, Component)
    assert found.connect.file == "a/one.yaml"
    assert isinstance(found.registry, Problem)
    assert found.registry.where == "submission.toml:4"


def test_values_and_manifests_are_kept_apart(tmp_path: Path) -> None:
    values = "listeners: {client: {protocol: PLAINTEXT}}\n"
    found = submission(tmp_path, my_values_yaml=values, kafka_connect_yaml=DEPLOYMENT, connect_values_yaml="a: 1\n")
    assert isinstance(found.values, Values)
    assert found.values.name == "my-values.yaml"
    assert isinstance(found.connect, Component)
    assert found.connect.file == "kafka-connect.yaml"


def test_a_group_id_is_not_looked_for_in_manifests_and_connectors(tmp_path: Path) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  group.id: x\n"
    sink = '{"connector.class": "x", "group.id": "y"}'
    root = tmp_path / "in"
    root.mkdir()
    (root / "consumer.py").write_text("import sys\nprint()\n")
    (root / "m.yaml").write_text(config)
    (root / "s.json").write_text(sink)
    (root / "c.yaml").write_text("group_id: z\n")
    consumer = load(root, tmp_path / "out").consumer
    assert consumer is not None
    ways = [consumer.way, *(each.way for each in consumer.alternatives)]
    assert any("c.yaml" in way for way in ways)
    assert not any("m.yaml" in way or "s.json" in way for way in ways)
