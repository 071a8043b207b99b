"""Who hands in the project's own manifests gets full marks, and the embedded lab stands in with the same settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from selftest import manifests
from topicmark.backends.course import ENVIRONMENT
from topicmark.submission import Component, Submission, load

FILES = ("schema-registry/kafka-schema-registry.yaml", "connect/kafka-connect.yaml", "ksqldb/kafka-ksqldb.yaml")
BEYOND = {
    "registry": {"SCHEMA_REGISTRY_HEAP_OPTS"},
    "connect": {"CONNECT_REST_PORT", "CONNECT_PLUGIN_PATH", "KAFKA_HEAP_OPTS"},
    "ksqldb": {"KSQL_KSQL_SCHEMA_REGISTRY_URL", "KSQL_HEAP_OPTS"},
}
"""What a container needs and the embedded lab sees to itself: memory, plugins, a registry that nobody asks."""


@pytest.fixture
def handed_in(tmp_path: Path) -> Submission:
    (tmp_path / "in").mkdir()
    for file in FILES:
        shutil.copy(manifests.ROOT / file, tmp_path / "in")
    return load(tmp_path / "in", tmp_path / "out")


def test_no_remark_is_made(handed_in):
    assert [remark for remark in handed_in.remarks if ".yaml" in remark] == []


@pytest.mark.parametrize("role", ENVIRONMENT)
def test_each_is_taken_without_a_doubt(handed_in, role):
    component = getattr(handed_in, role)
    assert isinstance(component, Component)
    assert component.doubt() == ""
    assert component.sink_doubt() == ""
    assert component.forwards().container_port in component.listens
    assert (component.replicas, component.service_links, component.remarks) == (1, False, ())


@pytest.mark.parametrize("role", ENVIRONMENT)
def test_the_embedded_lab_stands_in_with_these_settings(handed_in, role):
    environment = dict(getattr(handed_in, role).env)
    beyond = {name: environment.pop(name) for name in BEYOND[role]}
    assert environment == ENVIRONMENT[role]
    assert all(beyond.values())
