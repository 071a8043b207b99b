"""The project's manifests in a namespace that lives no longer than a run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from topicmark.backends.course import ENVIRONMENT
from topicmark.backends.deployment import (
    FOLDERS,
    MANIFESTS,
    RUN,
    environment_of,
    frame,
    manifest_of,
    told,
    with_environment,
)
from topicmark.backends.names import PORTS, SERVICES
from topicmark.model import LabFault


@pytest.mark.parametrize("part", FOLDERS)
def test_every_part_has_its_manifests(part: str) -> None:
    kinds = {one["kind"] for one in manifest_of(part)}

    assert "Service" in kinds
    assert kinds & {"Deployment", "StatefulSet"}


@pytest.mark.parametrize("component", PORTS)
def test_a_component_takes_over_what_was_handed_in_and_nothing_else(component: str) -> None:
    ours = manifest_of(component)
    theirs = {
        **ENVIRONMENT[component],
        "SOMETHING": "else",
        "CONNECT_PLUGIN_PATH": "/mine",
        "KSQL_HEAP_OPTS": "-Xmx64g",
    }

    changed = with_environment(ours, component, theirs)

    env = environment_of(changed, component)
    assert env["SOMETHING"] == "else"
    assert "SOMETHING" not in environment_of(ours, component)
    of_the_lab = {name for name in environment_of(ours, component) if name.endswith(("HEAP_OPTS", "PLUGIN_PATH"))}
    assert {name: env[name] for name in of_the_lab} == {
        name: environment_of(ours, component)[name] for name in of_the_lab
    }
    (container,) = (
        one["spec"]["template"]["spec"]["containers"][0]
        for one in changed
        if one["kind"] == "Deployment" and one["metadata"]["name"] == SERVICES[component]
    )
    assert container["image"] in str(ours)


def test_what_was_left_out_is_not_filled_in() -> None:
    changed = with_environment(manifest_of("connect"), "connect", {"CONNECT_GROUP_ID": "mine"})

    assert "CONNECT_BOOTSTRAP_SERVERS" not in environment_of(changed, "connect")


def test_the_frame_holds_the_namespace() -> None:
    space, held = frame("topicmark-1", "1")

    assert space["metadata"]["labels"][RUN] == "1"
    assert [one["kind"] for one in held] == ["ResourceQuota", "LimitRange", "NetworkPolicy", "NetworkPolicy"]
    inside = held[2]["spec"]
    assert inside["ingress"] == [{"from": [{"podSelector": {}}]}]
    assert told(held) == "1 ResourceQuota, 1 LimitRange, 2 NetworkPolicy"


def test_a_manifest_that_would_make_more_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / FOLDERS["kafka"]
    folder.mkdir()
    (folder / "kustomization.yaml").write_text("resources: [a.yaml]")
    (folder / "a.yaml").write_text("kind: ClusterRole\nmetadata: {name: x}\n")

    with pytest.raises(LabFault, match="ClusterRole"):
        manifest_of("kafka", tmp_path)


def test_manifests_that_are_not_there_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(LabFault, match="cannot be read"):
        manifest_of("kafka", tmp_path)


def quantity(text: object) -> float:
    """Of Kubernetes: ``500m``, ``1Gi``, ``2``."""
    number, unit = re.fullmatch(r"([0-9.]+)(m|Mi|Gi)?", str(text)).groups()  # type: ignore[union-attr]
    return float(number) * {None: 1.0, "m": 1e-3, "Mi": 2.0**20, "Gi": 2.0**30}[unit]


def pods_of_the_lab() -> list[tuple[int, dict[str, Any]]]:
    """How many of each, and their spec."""
    documents = [one for part in FOLDERS for one in manifest_of(part)]
    owners = [one for one in documents if one["kind"] in ("Deployment", "StatefulSet")]
    return [(one["spec"].get("replicas", 1), one["spec"]["template"]["spec"]) for one in owners]


@pytest.mark.parametrize(
    ("hard", "side", "what"),
    [
        ("requests.cpu", "requests", "cpu"),
        ("requests.memory", "requests", "memory"),
        ("limits.memory", "limits", "memory"),
    ],
)
def test_the_quota_has_room_for_the_whole_lab(hard: str, side: str, what: str) -> None:
    quota = frame("topicmark-1", "1")[1][0]["spec"]["hard"]

    wanted = sum(
        count * sum(quantity(container["resources"][side][what]) for container in spec["containers"])
        for count, spec in pods_of_the_lab()
    )

    assert 0 < wanted <= quantity(quota[hard])
    assert sum(count for count, _ in pods_of_the_lab()) < quantity(quota["pods"])


@pytest.mark.parametrize("version", ["1.27", "1.31", "1.34"])
def test_what_is_made_beside_the_manifests_is_valid(version: str) -> None:
    space, held = frame("topicmark-1", "1")
    roles = yaml.safe_load_all((MANIFESTS.parent / "docs" / "rbac.yaml").read_text())

    for document in [space, *held, *roles]:
        assert kubernetes_validate.validate(document, version, strict=True) == version
