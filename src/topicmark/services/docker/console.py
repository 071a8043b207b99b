"""Redpanda Console beside a lab in containers, with the settings of ``manifests/``."""

from __future__ import annotations

import yaml

from topicmark.provision import versions

SERVICE, PORT, HOST = "redpanda", 8080, 33
MEMORY_BYTES = 256 * 2**20
_MANIFESTS = ("redpanda/redpanda.yaml", "redpanda-tabs/redpanda-tabs.yaml")


def image() -> str:
    return versions.image(SERVICE)


def environment() -> dict[str, str]:
    """What the manifests give to its container: its own variables, and those of the tabs' ConfigMap."""
    found: dict[str, str] = {}
    for file in _MANIFESTS:
        for document in yaml.safe_load_all((versions.FILE.parent / file).read_text(encoding="utf-8")):
            if document["kind"] == "ConfigMap":
                found |= {name: str(value) for name, value in document["data"].items()}
            elif document["kind"] == "Deployment":
                (container,) = document["spec"]["template"]["spec"]["containers"]
                found |= {one["name"]: str(one["value"]) for one in container["env"]}
    return found
