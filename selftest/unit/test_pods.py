"""What the API server says of pods and Services, in words for a student; and whose fault it is."""

from __future__ import annotations

from typing import Any

import pytest

from topicmark.observe.contact import by_way_of, of_brokers, parted
from topicmark.observe.pods import NamespaceFacts, namespace_facts, pod_facts

SERVICE = {
    "metadata": {"name": "kafka"},
    "spec": {"selector": {"app": "kafka"}, "ports": [{"port": 9092, "targetPort": "client"}], "clusterIP": "10.96.0.1"},
}
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def pod(name: str = "kafka-controller-0", status: dict[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
    ports = [{"name": "client", "containerPort": 19092}]
    return {
        "metadata": {"name": name, "labels": {"app": "kafka"}, **meta},
        "spec": {"containers": [{"name": "kafka", "image": "apache/kafka:3.8.0", "ports": ports}]},
        "status": READY if status is None else status,
    }


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"name": "kafka", "image": "x", "state": state, **more}]}


def seen(*pods: dict[str, Any]) -> NamespaceFacts:
    return namespace_facts("default", pods, [SERVICE])


@pytest.mark.parametrize(
    ("status", "told", "clusters_doing"),
    [
        (READY, "", False),
        (waiting("ContainerCreating"), "", False),
        (waiting("ImagePullBackOff", "Back-off pulling"), "its image x cannot be pulled", False),
        (waiting("CreateContainerConfigError", 'configmap "a" not found'), 'configmap "a" not found', False),
        (
            waiting("CrashLoopBackOff", lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            "last ended with code 137 (OOMKilled)",
            False,
        ),
        ({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}, "Evicted: low on memory", True),
        ({"phase": "Failed", "reason": "NodeShutdown"}, "NodeShutdown", True),
        (
            {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": "no cpu"}]},
            "no node takes it: no cpu",
            True,
        ),
        (
            {
                **READY,
                "conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}],
            },
            "EvictionByEvictionAPI",
            True,
        ),
    ],
    ids=["ready", "starting", "unpulled", "misconfigured", "crashing", "evicted", "shut-down", "homeless", "disrupted"],
)
def test_what_is_wrong_with_a_pod(status: dict[str, Any], told: str, clusters_doing: bool) -> None:
    facts = pod_facts(pod(status=status))

    assert told in facts.trouble
    assert bool(facts.trouble) == bool(told)
    assert facts.clusters_doing is clusters_doing


def test_a_service_leads_to_the_named_port_of_a_ready_pod() -> None:
    facts = seen(pod())
    (only,) = facts.ready_behind("kafka")

    assert facts.why_not("kafka", 9092) == ""
    assert facts.services[0].target_port(9092, only) == 19092
    assert facts.services[0].target_port(9093, only) is None


@pytest.mark.parametrize(
    ("service", "port", "pods", "told"),
    [
        ("connect", 8083, [], "there is no Service connect in namespace default (Services: kafka)"),
        ("kafka", 9093, [pod()], "the Service kafka has no port 9093 (ports: 9092)"),
        ("kafka", 9092, [], "the Service kafka selects no pod"),
        ("kafka", 9092, [pod(status={"phase": "Running"})], "kafka-controller-0: Running"),
        ("kafka", 9092, [pod(deletionTimestamp="now")], "kafka-controller-0: being deleted"),
    ],
    ids=["no-service", "no-port", "no-pod", "not-ready", "ending"],
)
def test_why_a_client_gets_to_nobody(service: str, port: int, pods: list[dict[str, Any]], told: str) -> None:
    assert told in seen(*pods).why_not(service, port)


def test_what_the_cluster_did_counts_only_if_nobody_else_serves() -> None:
    evicted = pod("kafka-controller-1", {"phase": "Failed", "reason": "Evicted"})

    assert seen(pod(), evicted).spoilt("kafka") is None
    spoilt = seen(evicted).spoilt("kafka")
    assert spoilt is not None
    assert spoilt.name == "kafka-controller-1"


def test_a_server_by_way_of_a_proxy_is_told_apart_again() -> None:
    text = by_way_of("a:1,b:2", "http://127.0.0.1:3")

    assert parted(text) == ("a:1,b:2", "http://127.0.0.1:3")
    assert of_brokers(text) == {"bootstrap_servers": ["a:1", "b:2"], "proxy_url": "http://127.0.0.1:3"}
    assert of_brokers("a:1") == {"bootstrap_servers": ["a:1"]}
