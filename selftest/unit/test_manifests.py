"""The project's Kubernetes manifests: valid, wired to one another, and small enough."""

from __future__ import annotations

import functools

import kubernetes_validate
import pytest
from yamllint import linter
from yamllint.config import YamlLintConfig

from selftest import manifests
from selftest.manifests import Resource
from topicmark.backends.names import PORTS, SERVICES

ALL = manifests.render(manifests.ROOT)
WORKLOADS = [each for each in ALL if each.pod]
CONTAINERS = [(each, one) for each in WORKLOADS for one in (*each.init_containers, *each.containers)]
SERVICE = {each.name: each for each in ALL if each.kind == "Service"}
EXERCISES = [folder for folder in manifests.folders() if folder.name.startswith("exercise-")]
KUBERNETES = ("1.27", "1.29", "1.31", "1.33", "1.35", "1.37")
WITHOUT_PROBES = {"kafka-ksqldb-cli", "interactive", "sqoop"}
"""Pods that serve nothing: somebody works in them."""

by_name = functools.partial(pytest.mark.parametrize, ids=str)
every_workload = by_name("workload", WORKLOADS)
every_container = pytest.mark.parametrize(
    ("workload", "container"), CONTAINERS, ids=[f"{each}-{one['name']}" for each, one in CONTAINERS]
)


@pytest.mark.parametrize("version", KUBERNETES)
@by_name("resource", ALL)
def test_kubernetes_takes_it(resource, version):
    assert kubernetes_validate.validate(resource.data, version, strict=True) == version


@pytest.mark.parametrize(
    "file", sorted(manifests.ROOT.rglob("*.yaml")), ids=lambda file: str(file.relative_to(manifests.ROOT))
)
def test_the_yaml_is_clean(file):
    problems = linter.run(file.read_text(), YamlLintConfig(file=str(manifests.ROOT / "yamllint.yaml")), str(file))
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize("folder", manifests.folders(), ids=lambda folder: folder.name)
def test_a_kustomization_names_nothing_twice(folder):
    rendered = [(each.kind, each.name) for each in manifests.render(folder)]
    assert rendered
    assert len(set(rendered)) == len(rendered), "kustomize refuses what is registered already"


def test_every_manifest_is_in_the_whole_lab_and_in_an_exercise():
    assert {each.file for each in ALL} | {manifests.ROOT / "yamllint.yaml"} == set(manifests.files())
    of_exercises = {each.file for folder in EXERCISES for each in manifests.render(folder)}
    assert of_exercises == {each.file for each in ALL}
    assert [folder.name for folder in EXERCISES] == [f"exercise-0{number}" for number in range(1, 9)]


def test_no_namespace_is_written_down():
    assert [str(each) for each in ALL if "namespace" in each.data["metadata"]] == []
    assert [str(each) for each in ALL for host, _ in manifests.addresses(each) if host.endswith(".default")] == []


@by_name("resource", ALL)
def test_labels_are_the_standard_ones(resource):
    labels = resource.data["metadata"]["labels"]
    assert set(labels) == {f"app.kubernetes.io/{key}" for key in ("name", "component", "part-of")}
    if resource.pod:
        (selected,) = resource.data["spec"]["selector"]["matchLabels"].items()
        assert selected in resource.pod_labels.items()
        assert {
            **labels,
            "app.kubernetes.io/version": resource.pod_labels["app.kubernetes.io/version"],
        } == resource.pod_labels


@every_workload
def test_the_version_label_is_the_version_that_runs(workload):
    image = workload.containers[0]["image"]
    told = workload.pod_labels["app.kubernetes.io/version"]
    fetched = {text for each in ALL if each.file == workload.file for text in manifests.texts(each)}
    assert told == image.partition(":")[2] or any(f"<version>{told}</version>" in text for text in fetched)


@by_name("service", SERVICE.values())
def test_a_service_leads_to_the_ports_of_one_workload(service):
    selector = service.data["spec"]["selector"].items()
    (workload,) = [each for each in WORKLOADS if selector <= each.pod_labels.items()]
    named = {port["name"] for container in workload.containers for port in container.get("ports", ())}
    assert {port["targetPort"] for port in service.data["spec"].get("ports", ())} <= named
    assert all(port["port"] == _port_of(workload, port["targetPort"]) for port in service.data["spec"].get("ports", ()))


def test_every_declared_port_is_served():
    served = {
        (each.data["spec"]["selector"]["app.kubernetes.io/name"], port["port"])
        for each in SERVICE.values()
        for port in each.data["spec"].get("ports", ())
    }
    declared = {
        (each.pod_labels["app.kubernetes.io/name"], port["containerPort"])
        for each in WORKLOADS
        for container in each.containers
        for port in container.get("ports", ())
    }
    assert declared == served


@pytest.mark.parametrize("folder", EXERCISES, ids=lambda folder: folder.name)
def test_every_address_that_is_named_is_served_in_that_exercise(folder):
    rendered = manifests.render(folder)
    served = {
        (each.name, port["port"])
        for each in rendered
        if each.kind == "Service"
        for port in each.data["spec"].get("ports", ())
    }
    named = {(manifests.service_of(host), port) for each in rendered for host, port in manifests.addresses(each)}
    assert named - served == set()


def test_addresses_are_found_where_they_stand():
    named = {each.name: manifests.addresses(each) for each in ALL}
    headless = "kafka-controller-headless"
    assert named["kafka-controller"] == {
        *((f"kafka-controller-{number}.{headless}", 9093) for number in range(3)),
        (f"$(POD_NAME).{headless}.$(POD_NAMESPACE).svc.cluster.local", 9092),
        (f"$(POD_NAME).{headless}.$(POD_NAMESPACE).svc.cluster.local", 9094),
    }
    assert named["kafka-schema-registry"] == {("kafka", 9092)}
    assert named["kafka-connect"] == {("kafka", 9092), ("kafka-schema-registry", 8081)}
    assert named["kafka-ksqldb-server"] == {("kafka", 9092), ("kafka-schema-registry", 8081)}
    assert named["redpanda-tabs"] == {("kafka-schema-registry", 8081), ("kafka-connect", 8083)}
    assert named["hdfs-config"] == {("namenode", 9000)}
    assert named["flume-config"] == {("kafka", 9092)}


@pytest.mark.parametrize("folder", EXERCISES, ids=lambda folder: folder.name)
def test_every_configmap_secret_and_claim_is_there(folder):
    rendered = manifests.render(folder)
    there = {(each.kind, each.name) for each in rendered}
    assert {one for each in rendered for one in _referenced(each)} - there == set()


def test_the_names_are_those_that_the_course_says():
    assert {role: SERVICE[name].data["spec"]["ports"][0]["port"] for role, name in SERVICES.items()} == PORTS
    for name, port in {"kafka": 9092, "namenode": 9000, "redpanda": 8080, "flume": 12345, "postgresql": 5432}.items():
        assert port in {each["port"] for each in SERVICE[name].data["spec"]["ports"]}
    assert 9870 in {each["port"] for each in SERVICE["namenode"].data["spec"]["ports"]}
    kafka = _workload("kafka-controller")
    assert (kafka.kind, kafka.replicas, kafka.data["spec"]["serviceName"]) == (
        "StatefulSet",
        3,
        "kafka-controller-headless",
    )
    assert SERVICE["kafka-controller-headless"].data["spec"]["clusterIP"] == "None"
    assert _workload("kafka-ksqldb-cli").kind == "Deployment"
    assert _workload("datanode").replicas == 3


def test_nothing_is_replicated_more_often_than_there_are_brokers():
    brokers = _workload("kafka-controller").replicas
    factors = {
        f"{each} {entry['name']}": int(entry["value"])
        for each, container in CONTAINERS
        for entry in container.get("env", ())
        if entry["name"].endswith(("REPLICATION_FACTOR", "MIN_ISR", "INSYNC_REPLICAS"))
    }
    assert len(factors) == 8
    assert {name: factor for name, factor in factors.items() if not 1 <= factor <= brokers} == {}


@every_workload
def test_no_pod_gets_variables_of_services(workload):
    assert workload.pod["enableServiceLinks"] is False
    assert workload.pod["automountServiceAccountToken"] is False


@every_workload
def test_probes_tell_when_a_pod_is_ready(workload):
    (container,) = workload.containers
    probes = {key for key in container if key.endswith("Probe")}
    if workload.name in WITHOUT_PROBES:
        assert "ports" not in container
        assert probes == set()
        return
    assert probes == {"startupProbe", "readinessProbe", "livenessProbe"}
    startup, liveness = container["startupProbe"], container["livenessProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 180, "three minutes for a slow disk and no cache"
    assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 120, "a laptop that sleeps is not a broken pod"


@every_container
def test_containers_run_with_no_more_than_they_need(workload, container):
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert workload.pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    if workload.name != "interactive":
        assert workload.pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


@every_container
def test_containers_say_what_they_need(workload, container):
    needed = container["resources"]
    assert set(needed) == {"requests", "limits"}
    assert all(set(each) == {"cpu", "memory"} for each in needed.values())


def test_the_whole_lab_fits_a_laptop():
    gib = 2**30
    assert sum(manifests.memory_bytes(each, "limits") for each in WORKLOADS) <= 8 * gib
    assert sum(manifests.memory_bytes(each, "requests") for each in WORKLOADS) <= 5 * gib
    assert sum(manifests.cpu_millis(each) for each in WORKLOADS) <= 1500


@every_workload
def test_claims_outlive_what_claims_them(workload):
    """But for a cache of downloads."""
    if "volumeClaimTemplates" in workload.data["spec"]:
        retention = workload.data["spec"]["persistentVolumeClaimRetentionPolicy"]
        assert retention == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    claims = [each for each in workload.pod.get("volumes", ()) if "persistentVolumeClaim" in each]
    assert [each["name"] for each in claims] == (["plugins"] if workload.name == "kafka-connect" else [])
    assert workload.kind == "StatefulSet" or not claims or workload.data["spec"]["strategy"] == {"type": "Recreate"}


def _port_of(workload: Resource, name: str) -> int:
    (number,) = [port["containerPort"] for one in workload.containers for port in one["ports"] if port["name"] == name]
    return int(number)


def _workload(name: str) -> Resource:
    (found,) = [each for each in WORKLOADS if each.name == name]
    return found


def _referenced(resource: Resource) -> set[tuple[str, str]]:
    found = set()
    for volume in resource.pod.get("volumes", ()):
        if "configMap" in volume:
            found.add(("ConfigMap", volume["configMap"]["name"]))
        if "persistentVolumeClaim" in volume:
            found.add(("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]))
    for container in (*resource.containers, *resource.init_containers):
        for source in container.get("envFrom", ()):
            if not source["configMapRef"].get("optional"):
                found.add(("ConfigMap", source["configMapRef"]["name"]))
        for entry in container.get("env", ()):
            secret = entry.get("valueFrom", {}).get("secretKeyRef")
            if secret:
                found.add(("Secret", secret["name"]))
    if resource.kind == "StatefulSet":
        found.add(("Service", resource.data["spec"]["serviceName"]))
    return found
