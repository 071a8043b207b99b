"""The pod that a program runs in, as the API server is told: as closed in as the restricted profile of Kubernetes' Pod
Security Standards asks for, and more."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topicmark.sandbox import bubblewrap
from topicmark.sandbox.network import HOSTNAME
from topicmark.sandbox.spec import Limits

CONTAINER = "program"
CARRIED_TO = "/opt"
"""The one folder outside of the scratch that things are carried into."""
_MIB = 2**20
_SMALL_SCRATCH_BYTES = 64 * _MIB
_OURS_BYTES = 192 * _MIB
"""What ``in_pod.py`` and the pages of what was carried in take beside the program."""
_CARRIED_BYTES = 1024 * _MIB
_START_S = 300
"""What a pod's deadline has on top of the program's wall time: it counts from when a node has taken it."""
_FIRST_UID, _UIDS = 20_000, 40_000
_BOOT = """\
import sys, types
for name in ("topicmark", "topicmark.sandbox", "topicmark.sandbox.inside"):
    sys.modules[name] = types.ModuleType(name)
inside = sys.modules["topicmark.sandbox"].inside = sys.modules["topicmark.sandbox.inside"]
exec(compile(sys.argv[1], "inside.py", "exec"), inside.__dict__)
exec(compile(sys.argv[2], "in_pod.py", "exec"), {"__name__": "__main__"})
"""


def pod_name(label: str) -> str:
    """A name that no other pod has."""
    plain = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:30].strip("-") or "program"
    return f"topicmark-{plain}-{uuid.uuid4().hex[:8]}"


def pod(
    name: str,
    image: str,
    limits: Limits,
    *,
    labels: Mapping[str, str],
    architecture: str,
    hosts: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The document. ``hosts`` are names by address that the cluster's DNS does not know; ``architecture`` is that of
    the packages that are carried in (``amd64``, ``arm64``)."""
    uid = _FIRST_UID + uuid.uuid4().int % _UIDS  # of its own: the limit on processes counts all of a user on a node
    memory = limits.memory_bytes + limits.scratch_bytes + 2 * _SMALL_SCRATCH_BYTES + _OURS_BYTES
    home, tmp, _ = bubblewrap.SCRATCH
    volumes = {
        "home": (home, {"medium": "Memory", "sizeLimit": str(limits.scratch_bytes)}),
        "tmp": (tmp, {"medium": "Memory", "sizeLimit": str(_SMALL_SCRATCH_BYTES)}),
        "carried": (CARRIED_TO, {"sizeLimit": str(_CARRIED_BYTES)}),
    }
    program = {
        "name": CONTAINER,
        "image": image,
        "command": ["python3", "-I", "-S", "-c", _BOOT, *_sources()],
        "workingDir": "/",
        "stdin": True,
        "stdinOnce": True,
        "resources": {
            "requests": {"cpu": "50m", "memory": str(64 * _MIB), "ephemeral-storage": str(64 * _MIB)},
            "limits": {"cpu": "2", "memory": str(memory), "ephemeral-storage": str(_CARRIED_BYTES + 64 * _MIB)},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": volume, "mountPath": path} for volume, (path, _) in volumes.items()],
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "activeDeadlineSeconds": int(limits.wall_s) + _START_S,
        "terminationGracePeriodSeconds": 1,
        "hostname": HOSTNAME,
        "nodeSelector": {"kubernetes.io/os": "linux", "kubernetes.io/arch": architecture},
        "hostAliases": [{"ip": address, "hostnames": list(names)} for address, names in hosts.items()],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": uid,
            "runAsGroup": uid,
            "fsGroup": uid,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [program],
        "volumes": [{"name": volume, "emptyDir": held} for volume, (_, held) in volumes.items()],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": dict(labels)}, "spec": spec}


def _sources() -> list[str]:
    """What the container runs, in its command: so nothing of ours has to be in an image, a ConfigMap or a volume."""
    here = Path(__file__)
    return [here.with_name(name).read_text() for name in ("inside.py", "in_pod.py")]
