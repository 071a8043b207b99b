"""Whole runs in a namespace of their own: made, graded in, and deleted; nothing else is touched."""

from __future__ import annotations

from pathlib import Path

from selftest.cases import ROOT, grade
from selftest.kubernetes.api import NAMESPACES
from selftest.kubernetes.cluster import IMAGES, FakeCluster
from selftest.kubernetes.controller import Controller

REFERENCE = ROOT / "submissions" / "reference"


def options(cluster: FakeCluster) -> list[str]:
    return ["--backend", "kubernetes", f"--kubeconfig={cluster.kubeconfig}", "--replay"]


def test_the_reference_is_replayed_and_nothing_is_left(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.pod("somebody-elses", "theirs", {}, image=IMAGES["kafka"])

    with Controller(cluster.api) as controller:
        graded = grade(REFERENCE, tmp_path / "out", *options(cluster), "-k", "ex4 or ex3.2")

    assert graded.code == 0, graded.told()
    assert set(graded.outcomes.values()) == {"passed"}, graded.told()
    (deployed,) = controller.deployed
    assert deployed.namespace in graded.results["versions"]["namespace"]
    assert len(deployed.seen["networking.k8s.io/v1/networkpolicies"]) == 2
    assert deployed.seen["v1/resourcequotas"] == ["lab"]
    assert deployed.seen["apps/v1/deployments"] == ["kafka-connect"]
    assert deployed.restarted, "ex4.2 stops a broker"
    assert cluster.api.names(NAMESPACES, None) == []
    assert cluster.api.names("v1/pods", "default") == ["somebody-elses"]


def test_without_leave_to_make_a_namespace_nothing_is_made(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.forbidden.append("create namespaces")
    cluster.install()

    graded = grade(REFERENCE, tmp_path / "out", *options(cluster), "-k", "ex4.1")

    assert graded.code == 3, graded.told()
    assert "you may not: create namespaces" in graded.told()
    assert cluster.api.names(NAMESPACES, None) == []
