"""Our calls of kubectl, against an API server in memory: the same with the tests' own kubectl as with the real one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftest.kubernetes.api import NAMESPACES
from selftest.kubernetes.cluster import FakeCluster, fake_cluster
from selftest.kubernetes.front import NOT_LOGGED_IN
from topicmark.model import LabFault
from topicmark.services.kubectl import Cluster, Place

NOBODY = "http://127.0.0.1:1"
REAL = shutil.which("kubectl")


@pytest.fixture(params=["ours", "real"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCluster]:
    """An empty cluster; which kubectl is first on the PATH differs."""
    if request.param == "real" and REAL is None:
        pytest.skip("there is no kubectl on the PATH")
    with fake_cluster(tmp_path / "cluster") as made:
        first = made.bin if request.param == "ours" else Path(str(REAL)).parent
        monkeypatch.setenv("PATH", f"{first}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("HOME", str(tmp_path))  # where it keeps what it learnt of a server
        yield made


@pytest.fixture
def here(cluster: FakeCluster) -> Cluster:
    return Cluster(Place("default", cluster.kubeconfig))


def config_map(name: str, **data: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def namespace(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"of": "tests"}}}


def test_objects_are_made_found_changed_and_deleted(here: Cluster) -> None:
    here.create([config_map("one", a='it\'s $HOME; "b"\n---\n'), config_map("two")])

    found = here.item("configmaps", "one")
    assert found is not None
    assert found["data"] == {"a": 'it\'s $HOME; "b"\n---\n'}
    assert found["metadata"]["namespace"] == "default"
    assert sorted(one["metadata"]["name"] for one in here.items("configmaps")) == ["one", "two"]
    here.apply_all([config_map("one", a="new"), config_map("three")])
    changed, made = here.item("configmaps", "one"), here.item("configmaps", "three")
    assert changed is not None
    assert changed["data"] == {"a": "new"}
    assert made is not None
    here.delete("configmaps", "one")
    here.delete("configmaps", "one")
    here.delete_now("configmaps", "two")
    assert [one["metadata"]["name"] for one in here.items("configmaps")] == ["three"]
    assert here.item("configmaps", "one") is None


def test_objects_of_other_groups_are_made_too(here: Cluster) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "x", "image": "y"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    here.create([{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "one"}, "spec": spec}])

    assert [one["kind"] for one in here.items("deployments")] == ["Deployment"]
    assert here.items("statefulsets") == []


def test_a_namespace_goes_with_all_that_is_in_it(cluster: FakeCluster, here: Cluster) -> None:
    here.create([namespace("other"), namespace("third")])
    there = Cluster(Place("other", cluster.kubeconfig))
    there.create([config_map("one")])
    assert here.item("configmaps", "one") is None
    assert here.item("namespace", "other", anywhere=True) is not None

    here.delete("namespace", "other", within_s=10, anywhere=True)

    assert here.item("namespace", "other", anywhere=True) is None
    assert cluster.api.names("v1/configmaps", "other") == []
    here.kubectl(["delete", "namespace", "-l", "of=tests"], as_dict=False)
    assert cluster.api.names(NAMESPACES, None) == []


def test_what_is_there_already_is_not_made_again(here: Cluster) -> None:
    here.create([config_map("one")])

    with pytest.raises(LabFault, match=r"AlreadyExists.*configmaps \"one\" already exists"):
        here.create([config_map("one")])


def test_nothing_is_made_in_a_namespace_that_is_not_there(cluster: FakeCluster) -> None:
    nowhere = Cluster(Place("nowhere", cluster.kubeconfig))

    with pytest.raises(LabFault, match='namespaces "nowhere" not found'):
        nowhere.create([config_map("one")])
    with pytest.raises(LabFault, match='namespaces "nowhere" not found'):
        nowhere.apply_all([config_map("one")])
    assert nowhere.items("configmaps") == []
    assert nowhere.item("configmaps", "one") is None


def test_what_the_user_may_not_is_told_and_named(cluster: FakeCluster, here: Cluster) -> None:
    here.create([config_map("one")])
    cluster.forbidden.extend(f"{verb} configmaps" for verb in ("list", "get", "create", "delete"))

    for call in (
        lambda: here.items("configmaps"),
        lambda: here.item("configmaps", "one"),
        lambda: here.create([config_map("two")]),
        lambda: here.delete("configmaps", "one"),
    ):
        with pytest.raises(LabFault, match="is not allowed") as fault:
            call()
        assert "configmaps" in fault.value.reason
        assert "docs/rbac.yaml" in fault.value.remedy


def test_the_user_is_told_what_he_may(cluster: FakeCluster, here: Cluster) -> None:
    cluster.forbidden.extend(["create pods/portforward", "delete namespaces"])

    asked = [("list", "pods"), ("create", "pods/portforward"), ("delete", "namespaces"), ("create", "pods")]

    assert [here.may(*one) for one in asked] == [True, False, False, True]


def test_a_user_whom_the_server_does_not_know_is_told_to_log_in(cluster: FakeCluster, here: Cluster) -> None:
    cluster.forbidden.append(NOT_LOGGED_IN)

    for call in (lambda: here.items("pods"), lambda: here.create([config_map("one")])):
        with pytest.raises(LabFault, match="does not know the user") as fault:
            call()
        assert "Log in" in fault.value.remedy


def test_a_server_that_does_not_answer_is_told(cluster: FakeCluster, here: Cluster) -> None:
    cluster.lead_to(NOBODY)

    for call in (
        lambda: here.items("pods"),
        lambda: here.item("pods", "one"),
        lambda: here.may("list", "pods"),
        lambda: here.create([config_map("one")]),
        lambda: here.delete("configmaps", "one"),
        here.server_version,
    ):
        with pytest.raises(LabFault, match="the API server does not answer"):
            call()


def test_a_context_that_is_not_there_is_told(cluster: FakeCluster) -> None:
    with pytest.raises(LabFault, match=r'"elsewhere" does not exist'):
        Cluster(Place("default", cluster.kubeconfig, "elsewhere")).items("pods")
    assert Cluster(Place("default", cluster.kubeconfig, "lab")).items("pods") == []


def test_a_kind_that_the_server_does_not_know_is_a_fault(here: Cluster) -> None:
    with pytest.raises(LabFault, match="doesn't have a resource type"):
        here.items("widgets")


def test_a_pod_has_last_words(cluster: FakeCluster, here: Cluster) -> None:
    cluster.pod("one", "one", {}, image="x")

    assert here.last_words("one").strip() == "last words of one"
    assert here.last_words("nobody") == ""


def test_the_servers_version_is_told(here: Cluster) -> None:
    assert here.server_version() == "v1.31.0-fake"
