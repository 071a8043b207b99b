"""The registry, Connect and ksqlDB of a lab: each booted from a container's environment, as a manifest has it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from topicmark.backends.base import Booted
from topicmark.backends.names import PORTS
from topicmark.backends.needs import Wanted
from topicmark.backends.plan import Plan
from topicmark.model import Fault, LabFault
from topicmark.services.base import Service
from topicmark.services.connect import ConnectSpec, ConnectWorker
from topicmark.services.connect_spec import HYBRID, SERVICE_LOAD
from topicmark.services.image_env import UnusableHere
from topicmark.services.ksqldb import KsqlDb
from topicmark.services.ksqldb_env import KsqlSettings
from topicmark.services.refusal import Refusal
from topicmark.services.registry import Registry, RegistrySpec
from topicmark.waiting import eventually

READY_S = 90.0
_AFTER_KAFKA = frozenset({"ksqldb"})
"""Quick to start and of no use before there are brokers."""


class Bootable(Service, Protocol):
    """A component's process, made from a ``Wanted``."""

    def await_ready(self, within: float, *, kafka_ready: Callable[[], bool] = ...) -> object: ...

    def kill(self) -> None: ...

    def halted(self) -> str | None: ...


Make = Callable[[Wanted, Plan, Path, str], Bootable | Refusal]
"""How a backend makes a component's process: of a plan, in a folder of its own, under the lab's marker."""


def make(wanted: Wanted, plan: Plan, folder: Path, marker: str, *, detached: bool = False) -> Bootable | Refusal:
    """The process of a component, not yet started; or why its container would end at once. ``detached`` lets it outlive
    this process."""
    spec: Any
    if wanted.name == "connect":
        plugins = plan.needs.connect_plugins
        spec = ConnectSpec.from_environment(
            wanted.env,
            plan.subnet,
            host_names=plan.host_names(),
            rest_port=wanted.port,
            plugin_path=() if plugins is None else (str(plugins),),
            discovery=SERVICE_LOAD if plugins is None else HYBRID,
        )
        return spec if isinstance(spec, Refusal) else ConnectWorker(spec, folder, marker=marker, detached=detached)
    if wanted.name == "ksqldb":
        return _ksqldb(wanted, plan, folder, marker, detached)
    spec = RegistrySpec.from_environment(wanted.env, plan.subnet, host_names=plan.host_names(), port=wanted.port)
    return spec if isinstance(spec, Refusal) else Registry(spec, folder, marker=marker, detached=detached)


def make_detached(wanted: Wanted, plan: Plan, folder: Path, marker: str) -> Bootable | Refusal:
    """As ``make``, of a component that stays up with its lab."""
    return make(wanted, plan, folder, marker, detached=True)


def _ksqldb(wanted: Wanted, plan: Plan, folder: Path, marker: str, detached: bool) -> Bootable | Refusal:
    settings = KsqlSettings.from_environment(wanted.env, plan.host_names())
    if isinstance(settings, Refusal):
        return settings
    if settings.listener.port != wanted.port:
        told = f"it listens on port {settings.listener.port}; nothing answers on port {wanted.port}"
        return Refusal("ksqldb", told)
    return KsqlDb(
        plan.bootstrap,
        plan.address_of("ksqldb"),
        folder,
        marker=marker,
        detached=detached,
        service_id=settings.service_id,
        port=wanted.port,
        home=plan.needs.ksqldb_home,
    )


@dataclass
class _One:
    wanted: Wanted
    process: Bootable | Refusal
    booted: Future[Booted]
    up: bool = False
    held: bool = False
    """Down on purpose."""


@dataclass
class Components:
    """Those of one lab, each in a folder of its own. ``kafka_ready`` tells whether the brokers serve."""

    plan: Plan
    folder: Path
    marker: str
    kafka_ready: Callable[[], bool]
    make: Make = make
    ready_s: float = READY_S
    """How long a component may take to be ready."""
    _all: dict[str, _One] = field(default_factory=dict)
    _closed: threading.Event = field(default_factory=threading.Event)
    _waiting: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(len(PORTS), thread_name_prefix="component")
    )

    def begin(self, wanted: Wanted) -> None:
        """Start to boot it; returns at once. One of the same name is ended first."""
        self._end(wanted.name)
        unusable = ""
        try:
            process = self.make(wanted, self.plan, self.folder / wanted.name, self.marker)
        except UnusableHere as error:
            process = Refusal(wanted.name, str(error))
            unusable = str(error)
        one = _One(wanted, process, Future())
        self._all[wanted.name] = one
        if isinstance(process, Refusal):
            one.booted.set_result(Booted("", wanted.env, wanted.port, process.reason, unusable))
            return
        early = not self.kafka_ready()
        if not (early and wanted.name in _AFTER_KAFKA):
            process.start()
        self._waiting.submit(self._await, one, process, early)

    def _await(self, one: _One, process: Bootable, early: bool) -> None:
        try:
            answer = self._ready(one.wanted.name, process, early)
        except BaseException as error:  # noqa: BLE001 — handed to whoever asks
            one.booted.set_exception(error)
            return
        wanted = one.wanted
        if isinstance(answer, Refusal):
            one.booted.set_result(Booted("", wanted.env, wanted.port, answer.reason))
            return
        one.up = True
        url = f"http://{self.plan.address_of(wanted.name)}:{wanted.port}"
        one.booted.set_result(Booted(url, wanted.env, wanted.port))

    def _ready(self, name: str, process: Bootable, early: bool) -> object:
        """What came of it. ``early``: it was begun before there were brokers. One that ended because of that is started
        again, as Kubernetes would."""
        if not (early and name in _AFTER_KAFKA):
            try:
                return process.await_ready(self.ready_s, kafka_ready=self.kafka_ready)
            except LabFault:
                if not early or process.died() is None:
                    raise
        eventually(self.kafka_ready, bool, within=self.ready_s, describe="the brokers", watch=self._open)
        process.start()
        return process.await_ready(self.ready_s, kafka_ready=self.kafka_ready)

    def _open(self) -> None:
        if self._closed.is_set():
            raise LabFault("the lab was taken down", service="lab")

    def outcome(self, name: str, *, working: bool) -> Booted:
        """What came of it; waits. ``working``: if it does not run, the course's takes its place.

        Raises ``LabFault`` if it could not be told, or the course's does not run either.
        """
        booted = self._all[name].booted.result()
        if booted.refusal and working:
            self.begin(Wanted.of_the_course(name))
            booted = self._all[name].booted.result()
            if booted.refusal:
                raise LabFault(booted.refusal, service=name)
        return booted

    @contextmanager
    def killed(self, name: str) -> Iterator[None]:
        """SIGKILL now; after the block it is started again and ready."""
        one = self._all[name]
        process = one.process
        assert not isinstance(process, Refusal)
        one.held = True
        process.kill()
        yield
        process.start()
        answer = process.await_ready(READY_S)
        if isinstance(answer, Refusal):
            raise LabFault(f"did not come back: {answer.reason}", service=name, log=answer.log)
        one.held = False

    def check(self) -> Fault | None:
        """What was up and is not."""
        for name, one in self._all.items():
            if not one.up or one.held or isinstance(one.process, Refusal):
                continue
            if reason := one.process.died() or one.process.halted():
                return Fault(name, reason, one.process.logs(), "The lab is rebuilt and the exercise run again once.")
        return None

    def _end(self, name: str) -> None:
        one = self._all.pop(name, None)
        if one is not None and not isinstance(one.process, Refusal):
            one.process.stop()
            one.process.clean()

    def leave(self) -> None:
        """Done with them; they go on. Only for those that were made to outlive this process, once they are ready."""
        self._closed.set()
        self._all.clear()
        self._waiting.shutdown(wait=True)

    def close(self) -> None:
        """End them all."""
        self._closed.set()
        for name in list(self._all):
            self._end(name)
        self._waiting.shutdown(wait=True)
