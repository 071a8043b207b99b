"""Helm values as the Bitnami chart 30.0.4 reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicmark.submission import Problem, Values
from topicmark.submission.values import parse

REFERENCE = Path(__file__).parents[2] / "submissions" / "reference" / "kafka-values.yaml"


def good(text: str) -> Values:
    values = parse(text, "kafka-values.yaml")
    assert isinstance(values, Values), values
    return values


def bad(text: str) -> Problem:
    problem = parse(text, "kafka-values.yaml")
    assert isinstance(problem, Problem), problem
    return problem


def test_defaults_of_the_chart() -> None:
    for text in ("", "# nothing\n", "---\n", "{}"):
        values = good(text)
        assert values.client_protocol == "SASL_PLAINTEXT"
        assert (values.controllers, values.controller_only, values.brokers) == (3, False, 0)
        assert (values.kraft, values.zookeeper) == (True, False)
        assert values.image == "docker.io/bitnami/kafka:3.8.0-debian-12-r3"
        assert values.properties == {}
        assert "bitnamilegacy" in (values.image_remark() or "")


def test_reference_has_no_remarks() -> None:
    values = good(REFERENCE.read_text())
    assert values.client_protocol == "PLAINTEXT"
    assert values.remarks == ()
    assert values.image_remark() is None


def test_protocol_is_upper_cased() -> None:
    assert good("listeners:\n  client:\n    protocol: plaintext\n").client_protocol == "PLAINTEXT"


def test_quoted_numbers_are_numbers() -> None:
    values = good('controller:\n  replicaCount: "5"\nbroker:\n  replicaCount: 2\n')
    assert (values.controllers, values.brokers) == (5, 2)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('controller:\n  replicaCount: "three"\n', ":2", "whole number"),
        ("controller:\n  replicaCount: true\n", ":2", "whole number"),
        ("controller:\n  replicaCount: -1\n", ":2", "whole number"),
        ("a: 1\ncontroller:\n  replicaCount:\n", ":3", "empty"),
        ("controller:\n  # replicaCount: 3\nbroker:\n  replicaCount: 0\n", ":1", "empty"),
        ("listeners: PLAINTEXT\n", ":1", "pairs"),
        ("listeners:\n  client: PLAINTEXT\n", ":2", "listeners.client must hold"),
        ("listeners:\n  client:\n    protocol: [PLAINTEXT]\n", ":3", "must be a text"),
        ("kraft:\n  enabled: maybe\n", ":2", "true or false"),
        ("- a\n- b\n", ":1", "no `key: value` pairs"),
        ("just words\n", ":1", "no `key: value` pairs"),
        ("a: 1\nlisteners:\n\tclient:\n", ":3", "tab"),
        ("a: 1\n  b: 2\n", ":2", "not valid YAML"),
        ("a: 1\nlisteners: {client: {protocol: PLAINTEXT}\nb: 2\n", ":3", "not valid YAML"),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n", ":2", "merge conflict"),
        ("image: &a {tag: *b}\n", ":1", "undefined alias"),
        ("{{ .Values.x }}: 1\n", ":1", "not a plain word"),
    ],
)
def test_what_is_wrong_carries_its_line(text: str, where: str, what: str) -> None:
    problem = bad(text)
    assert problem.where == f"kafka-values.yaml{where}"
    assert what in problem.what


def test_a_quoted_false_is_true_for_helm() -> None:
    values = good('kraft:\n  enabled: "false"\nzookeeper:\n  enabled: no\n')
    assert values.kraft
    assert not values.zookeeper
    assert any("takes for true" in remark for remark in values.remarks)


def test_the_last_of_duplicate_keys_wins() -> None:
    values = good("controller:\n  replicaCount: 1\n  replicaCount: 3\ncontroller:\n  replicaCount: 5\n")
    assert values.controllers == 5
    assert "controller is given twice (lines" in values.remarks[0]


def test_helm_reads_the_first_document() -> None:
    values = good("controller:\n  replicaCount: 1\n---\ncontroller:\n  replicaCount: 3\n")
    assert values.controllers == 1
    assert "several YAML documents" in values.remarks[0]
    assert "several YAML documents" in good("a: 1\n---\n: : :\n\t").remarks[0]


def test_keys_of_older_charts_get_a_remark() -> None:
    values = good("replicaCount: 3\nauth:\n  clientProtocol: plaintext\n")
    assert "controller.replicaCount" in values.remarks[0]
    assert "listeners.client.protocol" in values.remarks[1]


def test_anchors_and_merges() -> None:
    values = good("x: &three\n  replicaCount: 4\ncontroller:\n  <<: *three\n  controllerOnly: true\nbroker: *three\n")
    assert (values.controllers, values.brokers, values.controller_only) == (4, 4, True)


def test_properties_from_every_place() -> None:
    values = good(
        "config: |\n  log.dirs=/x\n"
        "extraConfig: |\n  # a remark\n  auto.create.topics.enable=false\n  min.insync.replicas = 2\n  nonsense here\n"
        "extraConfigYaml:\n  default.replication.factor: 3\n  num:\n    partitions: 6\n"
        "controller:\n  extraConfig: min.insync.replicas=1\nbroker:\n  extraConfigYaml: {a.list: [1, 2], none: }\n"
    )
    assert values.properties == {
        "log.dirs": "/x",
        "auto.create.topics.enable": "false",
        "min.insync.replicas": "1",
        "default.replication.factor": "3",
        "num.partitions": "6",
        "a.list": "1,2",
        "none": "",
    }
    assert any("nonsense here" in remark for remark in values.remarks)


@pytest.mark.parametrize(
    ("image", "retired"),
    [
        ("{repository: bitnami/kafka, tag: 3.8.0-debian-12-r3}", True),
        ("{repository: bitnamilegacy/kafka}", False),
        ("{registry: quay.io}", False),
        ("{repository: bitnamilegacy/kafka, digest: sha256:00}", False),
    ],
)
def test_retired_images(image: str, retired: bool) -> None:
    assert (good(f"image: {image}\n").image_remark() is not None) is retired


def test_a_registry_of_ones_own() -> None:
    values = good("global:\n  imageRegistry: mirror.local:5000\n")
    assert values.image == "mirror.local:5000/bitnami/kafka:3.8.0-debian-12-r3"
    assert values.image_remark() is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " * 20_000,
        "{" * 5000 + "}" * 5000,
        "a: &a [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(40)),
        "m0: &m0 {k: 1}\n"
        + "".join(f"m{n}: &m{n}\n  <<: [*m{n - 1}, *m{n - 1}]\n" for n in range(1, 60))
        + "image: *m59\n",
        "a: 1\n" * 30_000,
        "extraConfigYaml: &x\n  a: *x\n",
        "controller: {replicaCount: " + "9" * 5000 + "}\n",
        "a: 2024-99-99\n",
        "\x00\x01",
        "extraConfig: |\n  a=x" + " " * 100_000 + "y\n",
        "a: &a [x]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(40))
        + "extraConfigYaml: {x: [*a39], y: *a39}\nbroker: {extraConfigYaml: [*a39]}\nimage: {tag: *a39}\n",
        "a: !!python/object/apply:os.system ['true']\ncontroller: !!python/name:os.system {replicaCount: 3}\n",
    ],
)
def test_hostile_text_ends_in_words(text: str) -> None:
    assert isinstance(parse(text, "v.yaml"), Problem | Values)
