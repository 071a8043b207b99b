"""``cp-schema-registry``: ``SCHEMA_REGISTRY_FOO_BAR`` is the property ``foo.bar``."""

from __future__ import annotations

import os

import standin

from topicmark.services.image_env import Unstartable, first_listener
from topicmark.services.names import rendered
from topicmark.services.registry_spec import registry_properties

LAUNCHER = "topicmark.registry.RegistryFront"


def main() -> None:
    standin.work()
    try:
        settings = registry_properties(os.environ)
    except Unstartable as reason:
        standin.refuse(str(reason))
    listener = first_listener(settings.get("listeners") or "http://0.0.0.0:8081")
    ours = {
        "topicmark.log": "/proc/1/fd/1",
        "topicmark.host": listener.host or "0.0.0.0",
        "topicmark.port": str(listener.port),
        "topicmark.backend.port": "18081",
    }
    (standin.WORK / "registry.properties").write_text(rendered({**settings, **ours}))
    file = str(standin.WORK / "registry.properties")
    standin.become([*standin.COMMANDS["registry"], "-Dtopicmark.detached=true", LAUNCHER, file])


main()
