"""The lab's schema registry: Apicurio's jars behind Confluent's API, its schemas in the topic ``_schemas``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.observe.registry import RegistryView
from topicmark.provision import toolchain
from topicmark.provision.training_registry import LAUNCHER
from topicmark.services.configured import ConfiguredService
from topicmark.services.names import write_hosts
from topicmark.services.refusal import Refusal
from topicmark.services.registry_spec import RegistrySpec
from topicmark.waiting import Deadline

__all__ = ["Refusal", "Registry", "RegistrySpec"]

_PROBE_S = 5.0


class Registry(ConfiguredService):
    """A ``Service``. ``folder`` is its own: settings and logs; what it knows it keeps in Kafka."""

    name = "registry"

    def __init__(self, spec: RegistrySpec, folder: Path, *, marker: str, detached: bool = False) -> None:
        super().__init__(folder, marker=marker, detached=detached)
        self.spec = spec

    @property
    def url(self) -> str:
        """``http://127.x.y.31:8081``."""
        return self.spec.url

    def probe(self) -> bool:
        """Whether it answers ``GET /`` with ``{}`` where its users look for it."""
        return self.died() is None and self._ready(self.spec.port)

    def await_ready(
        self, within: float | Deadline, *, kafka_ready: Callable[[], bool] = lambda: True
    ) -> RegistryView | Refusal:
        """Block until it can be used, or until it is plain that it never will be with these settings.

        ``kafka_ready`` tells whether the brokers that it should use serve; what happens before they do is not held
        against the settings. Raises ``LabFault`` for what is no fault of the settings: the JVM was killed or could not
        start, or ``within`` (seconds) passes and the registry has nothing to say for itself.
        """
        answer = self._await_serving(
            lambda port: self._ready(port) or None,
            listens_at=self.spec.listener.port,
            wanted_at=self.spec.port,
            within=within,
            kafka_ready=kafka_ready,
            describe="the registry",
        )
        return answer if isinstance(answer, Refusal) else RegistryView(self.url)

    def _ready(self, port: int) -> bool:
        return serves(f"http://{self.spec.address}:{port}")

    def _command(self) -> list[str]:
        return [
            *self._java(
                toolchain.REGISTRY, write_hosts(self.folder / "hosts", self.spec.host_names, self.spec.address)
            ),
            LAUNCHER,
            str(self._write("registry.properties", self.spec.render(str(self._log.main)))),
        ]

    def _record(self) -> dict[str, Any]:
        return {"spec": asdict(self.spec)}

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> Registry:
        return cls(RegistrySpec(**record["spec"]), folder, marker=record["marker"], detached=True)


def serves(url: str) -> bool:
    """Whether a registry answers ``GET /`` with ``{}``."""
    view = RegistryView(url, request_s=_PROBE_S)
    try:
        return bool(view.root() == {})
    except LabFault:
        return False
    finally:
        view.close()
