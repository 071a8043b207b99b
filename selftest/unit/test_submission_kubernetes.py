"""Manifests of exercise 3: what is read of them, what Kubernetes would refuse, and where a Service leads."""

from __future__ import annotations

import pytest

from selftest.handed_manifests import DEPLOYMENT, FILES, REFERENCE, SERVICE, component, env, problem
from topicmark.submission import Component, Problem
from topicmark.submission.kubernetes import ROLES
from topicmark.submission.podenv import expand


@pytest.mark.parametrize("role", FILES)
def test_reference(role: str) -> None:
    found = component((REFERENCE / FILES[role]).read_text(), role)
    assert found.name == found.service.name == ROLES[role].service if found.service else False
    assert (found.kind, found.line, found.remarks) == ("Deployment", 17, ())
    assert found.listens == (ROLES[role].port,)
    assert found.forwards().container_port == ROLES[role].port
    assert (found.doubt(), found.service_links) == ("", False)
    assert (found.sink_doubt() == "") is True


def test_the_environment_of_the_reference() -> None:
    found = component((REFERENCE / FILES["registry"]).read_text(), "registry")
    assert found.env == {
        "SCHEMA_REGISTRY_HOST_NAME": "kafka-schema-registry",
        "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": "PLAINTEXT://kafka:9092",
        "SCHEMA_REGISTRY_LISTENERS": "http://0.0.0.0:8081",
    }


def test_the_client_of_ksqldb_is_not_the_server() -> None:
    first, service, client = (REFERENCE / FILES["ksqldb"]).read_text().split("---\n")
    for text in (first, service, client), (client, service, first), (service, client, first):
        assert component("---\n".join(text), "ksqldb").name == "kafka-ksqldb-server"


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "remedy"),
    [
        ("value: g", "value: 8083", 20, "CONNECT_GROUP_ID has the number 8083", 'value: "8083"'),
        ("value: g", "value: true", 20, "the boolean true", 'value: "true"'),
        ("value: g", "value: 1e3", 20, "the number 1e3", '"1e3"'),
        ("value: g", "value: [a]", 20, "must be a text", ""),
        (
            "            - name: CONNECT_GROUP_ID\n              value: g",
            "            A: b",
            19,
            "not `NAME: value`",
            "- name",
        ),
        ("- name: CONNECT_GROUP_ID\n              value: g", "- A=b", 19, "not of NAME=value", "- name"),
        ("name: CONNECT_GROUP_ID", "name: 1A", 19, "no name of a variable", ""),
        ("apiVersion: apps/v1\n", "", 1, "apiVersion is not there", "apiVersion: …"),
        (
            "apiVersion: apps/v1",
            "apiversion: apps/v1",
            1,
            "apiVersion is not there",
            "Write apiVersion, not apiversion",
        ),
        ("apps/v1", "extensions/v1beta1", 1, "no kind Deployment in apiVersion extensions/v1beta1", "apps/v1"),
        ("kind: Deployment", "kind: deployment", 2, "no kind deployment", "Write Deployment"),
        ("kind: Deployment", "kind: Deploymnet", 2, "no kind", "Write Deployment"),
        ("kind: Deployment\n", "", 1, "kind is not there", ""),
        ("  name: kafka-connect\n", "  labels: {}\n", 4, "metadata.name", ""),
        ("  name: kafka-connect\n", "  name: Kafka_Connect\n", 4, "'Kafka_Connect'", "Lower-case"),
        ("matchLabels: {app: c}", "matchLabels: {app: d}", 7, "wants app=d, and the template has app=c", "same"),
        ("labels: {app: c}\n    spec", "labels: {app: 1}\n    spec", 10, "the number 1", '"1"'),
        ("  selector:\n    matchLabels: {app: c}\n", "", 6, "spec.selector.matchLabels", ""),
        ("image: example.org/me/kafka-connect:1\n", "imagePullPolicy: Always\n", 13, "image is not there", ""),
        ("        - name: main\n          image", "        - image", 13, "name is not there", ""),
        ("name: main", "name: Main_1", 13, "no name of a container", ""),
        ("containerPort: 8083", 'containerPort: "8083"', 16, "whole number, not '8083'", "containerPort: 8083"),
        ("containerPort: 8083", "containerPort: 808300", 16, "between 1 and 65535", ""),
        ("containerPort: 8083", "port: 8083", 16, "containerPort is not there", "not port"),
        ("name: rest", 'name: "8083"', 17, "no number", ""),
        ("name: rest", "name: Rest-Port", 17, "no name of a port", ""),
        ("          env:", "          command: sleep\n          env:", 18, "list of texts", "["),
        ("          env:", "          args: [-p, 1]\n          env:", 18, "the number 1", '"1"'),
        ("    spec:\n", "    spec:\n      restartPolicy: Never\n", 12, "only Always", ""),
        (
            "            - name: CONNECT_GROUP_ID",
            "            - name: A\n              name: B",
            20,
            "given twice",
            "Keep one",
        ),
        ("          env:", "\t  env:", 18, "a tab", "spaces"),
        ("          env:", "<<<<<<< HEAD\n          env:", 18, "merge conflict", ""),
        ("kind: Deployment", "kind: Deployment: x", 2, "not valid YAML", ""),
        ("      containers:", "      container:", 12, "containers is not there", ""),
    ],
)
def test_what_kubernetes_refuses(old: str, new: str, line: int, what: str, remedy: str) -> None:
    assert DEPLOYMENT.count(old) == 1
    found = problem(DEPLOYMENT.replace(old, new))
    assert found.where == f"x.yaml:{line}"
    assert what in found.what
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "remedy"),
    [
        ("port: 8083", 'port: "8083"', 29, "whole number", "port: 8083"),
        ("port: 8083", 'port: 8083\n      targetPort: "8083"', 30, "is the text '8083'", "quotes"),
        ("port: 8083", "port: 8083\n    - port: 8084", 29, "name is required where a Service has several", ""),
        ("port: 8083", "port: 8083\n      protocol: tcp", 30, "protocol is tcp", "Write TCP"),
        ("port: 8083", "port: 8083\n      nodePort: 8083", 30, "between 30000", ""),
        ("port: 8083", "targetPort: 8083", 29, "port is required", ""),
        ("  ports:\n    - port: 8083\n", "", 27, "spec.ports", ""),
        ("    - port: 8083", "    port: 8083", 29, "must be a list", "- "),
        (
            "selector: {app: c}",
            "selector: {matchLabels: {app: c}}",
            27,
            "matchLabels must be a text",
            "labels themselves",
        ),
        ("  ports", "  type: Clusterip\n  ports", 28, "spec.type is Clusterip", "ClusterIP"),
        ("apiVersion: v1", "apiVersion: apps/v1", 22, "no kind Service", "apiVersion: v1"),
        (
            "kind: Service\nmetadata:\n  name: kafka-connect",
            "kind: Service\nmetadata:\n  name: 1-connect",
            25,
            "Service",
            "",
        ),
    ],
)
def test_services_that_kubernetes_refuses(old: str, new: str, line: int, what: str, remedy: str) -> None:
    found = problem(DEPLOYMENT + SERVICE.replace(old, new))
    assert found.where == f"x.yaml:{line}"
    assert what in found.what
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("old", "new", "port", "why"),
    [
        ("port: 8083", "port: 8083\n      targetPort: 9", 9, ""),
        ("port: 8083", "port: 8083\n      targetPort: rest", 8083, ""),
        ("port: 8083", "port: 8083\n      targetPort: http", None, "targetPort http is the name of no port"),
        ("port: 8083", "port: 8084", None, "the Service kafka-connect has no port 8083, only 8084"),
        ("port: 8083", "{name: a, port: 80}\n    - {name: b, port: 8083, targetPort: 1}", 1, ""),
        ("port: 8083", "{port: 8083, protocol: UDP}", None, "no port 8083"),
        ("{app: c}", "{app: x}", None, "its selector app=x matches no pod of this manifest (their labels: app=c)"),
        ("  selector: {app: c}\n", "", None, "the Service kafka-connect has no selector"),
        ("  ports", "  type: NodePort\n  ports", 8083, ""),
        ("  ports", "  type: LoadBalancer\n  ports", 8083, ""),
        ("  ports", "  clusterIP: None\n  ports", 8083, ""),
        ("  ports:\n    - port: 8083", "  clusterIP: None\n  ports:\n    - {port: 8084, targetPort: 1}", 8083, ""),
        ("  ports", "  type: ExternalName\n  ports", None, "ExternalName"),
        (
            "name: kafka-connect",
            "name: connect",
            None,
            "no Service called kafka-connect; connect would select its pods",
        ),
        ("name: kafka-connect", "name: connect\n  namespace: a", None, "no Service called kafka-connect"),
    ],
)
def test_where_a_service_leads(old: str, new: str, port: int | None, why: str) -> None:
    forwarding = component(DEPLOYMENT + SERVICE.replace(old, new)).forwards()
    assert forwarding.container_port == port
    assert why in forwarding.why_not
    assert bool(forwarding.why_not) == (port is None)


def test_no_pods_and_no_service() -> None:
    assert "no Service called kafka-connect" in component(DEPLOYMENT).forwards().why_not
    none = component(DEPLOYMENT.replace("spec:\n  sel", "spec:\n  replicas: 0\n  sel") + SERVICE)
    assert (none.replicas, none.forwards().why_not) == (
        0,
        "the Service kafka-connect: replicas is 0, so it has no pod behind it",
    )
    apart = DEPLOYMENT.replace("name: kafka-connect", "name: kafka-connect\n  namespace: a") + SERVICE.replace(
        "name: kafka-connect", "name: kafka-connect\n  namespace: b"
    )
    assert "namespace b and the pods are in a" in component(apart).forwards().why_not


@pytest.mark.parametrize("text", [DEPLOYMENT + SERVICE, "---\n# x\n---\n" + SERVICE + "---\n" + DEPLOYMENT + "---\n"])
def test_documents_in_any_order(text: str) -> None:
    assert component(text).forwards().container_port == 8083
    assert component(text.replace("\n", "\r\n")).env == {"CONNECT_GROUP_ID": "g"}


def test_stateful_sets_pods_and_lists() -> None:
    other = component(DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet") + SERVICE)
    assert (other.kind, other.forwards().container_port) == ("StatefulSet", 8083)
    pod = component(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n"
        "  metadata: {name: connect, labels: {app: c}}\n  spec: {containers: [{name: a, image: b}]}\n" + SERVICE
    )
    assert (pod.kind, pod.image, pod.forwards().container_port) == ("Pod", "b", 8083)


def test_the_container_among_several() -> None:
    sidecar = "        - {name: proxy, image: nginx, ports: [{containerPort: 1, name: web}]}\n        - name: main"
    found = component(
        DEPLOYMENT.replace("        - name: main", sidecar) + SERVICE.replace("8083", "8083\n      targetPort: web")
    )
    assert found.image == "example.org/me/kafka-connect:1"
    assert found.forwards().container_port == 1


def test_references() -> None:
    before = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {A: a, B.c: '2', 1x: n}\n---\n"
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {P: cHc=}\nstringData: {Q: q}"
    )
    entries = [
        "- {name: A, valueFrom: {configMapKeyRef: {name: m, key: A}}}",
        "- {name: P, valueFrom: {secretKeyRef: {name: s, key: P}}}",
        "- {name: Q, valueFrom: {secretKeyRef: {name: s, key: Q}}}",
        "- {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}",
        "- {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}",
        "- {name: APP, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}}",
        "- {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}",
        "- {name: ELSE, valueFrom: {configMapKeyRef: {name: other, key: A}}}",
        "- {name: MAYBE, valueFrom: {configMapKeyRef: {name: m, key: Z, optional: true}}}",
        "- {name: BOTH, value: $(A)-$(POD)-$(LATER)-$$(A)}",
        "- {name: LATER, value: ''}",
        "- {name: NONE}",
    ]
    found = env("\n".join(entries), before)
    assert isinstance(found, Component), found
    assert found.env == {
        "A": "a",
        "P": "pw",
        "Q": "q",
        "POD": "kafka-connect",
        "IP": "kafka-connect",
        "APP": "c",
        "BOTH": "a-kafka-connect-$(LATER)-$(A)",
        "LATER": "",
        "NONE": "",
    }
    assert [remark.split(" is left out")[0].partition(": ")[2] for remark in found.remarks] == ["CPU", "ELSE"]


def test_env_from_and_duplicates() -> None:
    before = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {A: a, B: b}"
    with_from = DEPLOYMENT.replace(
        "          env:",
        "          envFrom:\n          - configMapRef: {name: m}\n            prefix: X_\n          env:",
    ).replace("value: g", "value: $(X_A)\n            - {name: X_B, value: '1'}\n            - {name: X_B, value: '2'}")
    found = component(before + "\n---\n" + with_from)
    assert found.env == {"X_A": "a", "X_B": "2", "CONNECT_GROUP_ID": "a"}
    assert "X_B is given twice" in found.remarks[0]
    missing = component(with_from)
    assert missing.env == {"CONNECT_GROUP_ID": "$(X_A)", "X_B": "2"}
    assert "the ConfigMap m are left out" in missing.remarks[0]


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("- {name: A, valueFrom: {configMapKeyRef: {name: m, key: Z}}}", "has no such key"),
        ("- {name: A, value: x, valueFrom: {configMapKeyRef: {name: m, key: A}}}", "both value and valueFrom"),
        ("- {name: A, valueFrom: {configMapKeyRef: {name: m}}}", "key is not there"),
        ("- {name: A, valueFrom: {secretKeyRef: {name: s, key: A}}}", "not base64"),
        ("- {name: A, valueFrom: {configMapKeyRef: {name: n, key: A}}}", "the number 8083"),
    ],
)
def test_references_that_fail(entry: str, what: str) -> None:
    before = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {A: a}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n}\ndata: {A: 8083}\n---\n"
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {A: '%'}"
    )
    found = env(entry, before)
    assert isinstance(found, Problem), found
    assert what in found.what


def test_unknown_keys_are_remarks() -> None:
    found = component(DEPLOYMENT.replace("image:", "enviroment: []\n          image:"))
    assert found.remarks[0].startswith("line 14:")
    assert "enviroment" in found.remarks[0]


def test_expansion() -> None:
    assert expand("$(A)$(B)$$(A)$C$", {"A": "1"}) == "1$(B)$(A)$C$"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a ["
        + "x," * 50
        + "]\n"
        + "".join(f"{c}: &{c} [{','.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)),
        "[" * 5000,
        "a: " + "x" * 300_000,
        "- " * 3000,
        "kind: " + "{a: " * 500,
        "&a [*a]",
        "? [a]\n: b",
        "text",
        "",
        "# only a comment\n---\n",
        DEPLOYMENT.replace(
            "value: g",
            "value: g\n"
            + "".join(f"            - {{name: A{n}, value: $(A{n - 1})$(A{n - 1})xx}}\n" for n in range(1, 60)),
        ),
    ],
    ids=range(11),
)
def test_hostile_files_end_in_words(text: str) -> None:
    assert problem(text).what
