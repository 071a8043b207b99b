"""The lab's schema registry: Apicurio's jars behind Confluent's API, its schemas in the topic ``_schemas``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from topicmark.model import LabFault
from topicmark.observe.registry import RegistryView
from topicmark.provision import toolchain
from topicmark.provision.training_registry import LAUNCHER
from topicmark.services.jvm import Jvm
from topicmark.services.names import write_hosts
from topicmark.services.program_log import ProgramLog
from topicmark.services.refusal import Refusal, SettingsJudge
from topicmark.services.registry_spec import RegistrySpec
from topicmark.waiting import Deadline, WaitExpired, eventually

__all__ = ["Refusal", "Registry", "RegistrySpec"]

_RECORD = "registry.json"
_PROBE_S = 5.0


class Registry:
    """A ``Service``. ``folder`` is its own: settings and logs. Not safe for use by several threads.

    ``marker`` is put into the JVM's environment (``TOPICMARK_LAB``) and names the lab that it belongs to. Unless
    ``detached`` the JVM ends with this process, however that ends.
    """

    name = "registry"

    def __init__(self, spec: RegistrySpec, folder: Path, *, marker: str, detached: bool = False) -> None:
        self.spec = spec
        self.folder = folder.absolute()
        self.marker = marker
        self._detached = detached
        self._jvm: Jvm | None = None
        self._log = ProgramLog(self.folder / "registry.log", self.folder / "jvm.log")

    @classmethod
    def reattach(cls, folder: Path) -> Registry:
        """The detached registry whose files are in ``folder``. Raises ``LabFault`` if it no longer runs."""
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            jvm = Jvm.attach(record["pid"], record["started_at"])
            registry = cls(RegistrySpec(**record["spec"]), folder, marker=record["marker"], detached=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabFault(f"no record of a registry in {folder}: {error}", service=cls.name) from error
        if jvm is None:
            raise LabFault(f"the registry of {folder} no longer runs", service=cls.name, log=registry.logs())
        registry._jvm = jvm
        registry._log.from_bytes = record["log_from_bytes"]
        return registry

    @property
    def url(self) -> str:
        """``http://127.x.y.31:8081``."""
        return self.spec.url

    @property
    def pid(self) -> int | None:
        """The JVM's process id, None if it was not started."""
        return self._jvm.process.pid if self._jvm else None

    def start(self) -> None:
        """Start the JVM; returns at once. Raises ``LabFault`` if it cannot be started."""
        if self._jvm is not None and self.died() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "registry.properties"
        settings.write_text(self.spec.render(str(self._log.main)), encoding="utf-8")
        settings.chmod(0o600)
        command = [
            *toolchain.REGISTRY.command(),
            f"-Dtopicmark.detached={str(self._detached).lower()}",
            write_hosts(self.folder / "hosts", self.spec.host_names, self.spec.address),
            LAUNCHER,
            str(settings),
        ]
        self._log.begin()
        self._jvm = Jvm.spawn(
            command, folder=self.folder, output=self.folder / "jvm.log", marker=self.marker, detached=self._detached
        )
        self._write_record()

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
        judge = SettingsJudge(self.name, self._log, kafka_ready)

        def seen() -> bool | Refusal | None:
            if self._jvm is None:
                raise LabFault("was not started", service=self.name)
            if code := self._jvm.exit_reason():
                return judge.ended(code)
            return True if self._ready(self.spec.listener.port) else judge.running()

        try:
            answer = eventually(
                seen, lambda answer: answer is not None, within=within, describe="the registry", pause_s=0.05
            )
        except WaitExpired as error:
            answer = judge.expired(str(error))
        if isinstance(answer, Refusal):
            return answer
        if self.spec.listener.port != self.spec.port:
            return Refusal(
                self.name,
                f"the registry listens on port {self.spec.listener.port}; nothing answers on port {self.spec.port}",
                self.logs(),
            )
        return RegistryView(self.url)

    def died(self) -> str | None:
        """Why the registry no longer runs; None while it does."""
        if self._jvm is None:
            return "was not started"
        reason = self._jvm.exit_reason()
        return f"the JVM {reason}" if reason else None

    def stop(self) -> None:
        """End the JVM now. What a registry keeps is in Kafka."""
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the JVM that this object started or attached to; returns when it is gone."""
        if self._jvm is not None:
            self._jvm.kill()
            self._jvm = None

    def clean(self) -> None:
        """Remove the folder with settings and logs."""
        if self._jvm is not None:
            raise LabFault("clean before stop", service=self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The tails of the registry's log and of the JVM's own output."""
        return self._log.tail()

    def rss_bytes(self) -> int:
        """Resident memory of the JVM."""
        return self._jvm.rss_bytes() if self._jvm else 0

    def _ready(self, port: int) -> bool:
        return serves(f"http://{self.spec.address}:{port}")

    def _write_record(self) -> None:
        assert self._jvm is not None
        record = {
            "pid": self._jvm.process.pid,
            "started_at": self._jvm.started_at,
            "marker": self.marker,
            "spec": asdict(self.spec),
            "log_from_bytes": self._log.from_bytes,
        }
        fresh = self.folder / f"{_RECORD}.new"
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self.folder / _RECORD)


def serves(url: str) -> bool:
    """Whether a registry answers ``GET /`` with ``{}``."""
    view = RegistryView(url, request_s=_PROBE_S)
    try:
        return bool(view.root() == {})
    except LabFault:
        return False
    finally:
        view.close()
