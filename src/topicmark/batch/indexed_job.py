"""A class as a Job of Kubernetes: a pod for each hand-in, all results on one volume, from which the tables are made.

Fields and their defaults are those of ``batch/v1`` in Kubernetes 1.29 and later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from topicmark.batch.turns import LONGEST_S

NAME = "topicmark-class"
HANDED_IN, RESULTS = "/root/handed-in", "/root/results"
"""Below a folder that only root may enter: programs of one hand-in, which are somebody else, see no other one."""
CLAIMS = {HANDED_IN: "topicmark-handed-in", RESULTS: "topicmark-results"}
"""The volumes' claims by where they are mounted; that of results is ReadWriteMany."""
INDEX = "JOB_COMPLETION_INDEX"
PARALLEL = 10
_CONTAINER = "grade"
_SET_UP_S = 600
"""For a pod, beside its run: mounting, starting, ending."""
_REFUSED, _FAULT = 2, 3
_PREFACE = """\
# {count} hand-ins on Kubernetes 1.29 or later, a pod each. How to go about it: docs/class.md
#   kubectl apply -f THIS_FILE
#   kubectl wait --for=condition=complete --timeout=-1s job/{name}    # or failed: not every hand-in has a verdict then
#   kubectl patch job {name}-tables --type=merge -p '{{"spec": {{"suspend": false}}}}'
"""


def to_yaml(count: int, image: str, options: Sequence[str], parallel: int) -> str:
    """The Job that grades ``count`` hand-ins with ``options`` (of ``topicmark batch``), ``parallel`` at a time; the
    suspended one that makes the tables, and grades what is missing, with the same options; and what keeps their pods
    off any network. Topicmark is the entry point of ``image``."""
    escaped = [option.replace("$(", "$$(") for option in options]
    batch = ["batch", HANDED_IN, f"--out={RESULTS}", *escaped]
    graded = _job(
        NAME,
        {
            "completionMode": "Indexed",
            "completions": count,
            "parallelism": min(count, parallel),
            "backoffLimitPerIndex": 1,
            "podFailurePolicy": {"rules": _rules()},
        },
        _pod(image, [*batch, f"--nth=$({INDEX})/{count}"], LONGEST_S + _SET_UP_S),
    )
    tables = _job(f"{NAME}-tables", {"suspend": True, "backoffLimit": 0}, _pod(image, [*batch, "--workers=1"]))
    parts = [yaml.safe_dump(part, sort_keys=False, width=120) for part in (_alone(), graded, tables)]
    return _PREFACE.format(count=count, name=NAME) + "---\n" + "---\n".join(parts)


def _rules() -> list[dict[str, Any]]:
    """What becomes of a pod that fails; the first that fits. A hand-in that loses points is no failure: the pod ends
    with 0. Anything else that is not named, such as a lack of memory, counts as a fault too."""
    return [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
        {"action": "FailIndex", "onExitCodes": _ended_with(_REFUSED)},
        {"action": "Count", "onExitCodes": _ended_with(_FAULT)},
    ]


def _ended_with(code: int) -> dict[str, Any]:
    return {"containerName": _CONTAINER, "operator": "In", "values": [code]}


def _labels(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": NAME}


def _job(name: str, spec: dict[str, Any], pod: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": _labels(name)},
        "spec": {**spec, "template": {"metadata": {"labels": _labels(name)}, "spec": pod}},
    }


def _pod(image: str, arguments: Sequence[str], longest_s: float | None = None) -> dict[str, Any]:
    limit = {} if longest_s is None else {"activeDeadlineSeconds": int(longest_s)}
    return {
        "restartPolicy": "Never",
        **limit,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": _CONTAINER,
                "image": image,
                "args": list(arguments),
                "env": [{"name": "TOPICMARK_STATE", "value": "/tmp/topicmark-state"}],  # noqa: S108 — a volume of its own
                "resources": {
                    "requests": {"cpu": "1", "memory": "2Gi"},
                    "limits": {"cpu": "2", "memory": "2Gi"},
                },
                "securityContext": {"allowPrivilegeEscalation": False},
                "volumeMounts": [
                    {"name": "handed-in", "mountPath": HANDED_IN, "readOnly": True},
                    {"name": "results", "mountPath": RESULTS},
                    {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108
                ],
            }
        ],
        "volumes": [
            {"name": "handed-in", "persistentVolumeClaim": {"claimName": CLAIMS[HANDED_IN], "readOnly": True}},
            {"name": "results", "persistentVolumeClaim": {"claimName": CLAIMS[RESULTS]}},
            {"name": "scratch", "emptyDir": {"sizeLimit": "4Gi"}},
        ],
    }


def _alone() -> dict[str, Any]:
    """No way in or out: all that a lab is made of is in the image and on the pod's own loopback."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": NAME, "labels": _labels(NAME)},
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/part-of": NAME}},
            "policyTypes": ["Ingress", "Egress"],
        },
    }
