"""A lab of the run's own on a cluster: the project's manifests in a fresh namespace, which is deleted afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from topicmark.backends.base import NOTHING_BEFORE, Ability, Booted
from topicmark.backends.course import ENVIRONMENT
from topicmark.backends.deployment import RUN, environment_of, frame, manifest_of, told, with_environment
from topicmark.backends.kubernetes import KubernetesLab
from topicmark.backends.names import PORTS, SERVICES
from topicmark.backends.needs import Wanted
from topicmark.backends.probing import probe
from topicmark.backends.programs import BROKERS
from topicmark.model import LabFault, Unable
from topicmark.observe.pods import NamespaceFacts
from topicmark.services.hdfs import NAMENODE
from topicmark.waiting import Deadline, WaitExpired, eventually

_UP_S = 600.0
"""Images may have to be pulled first."""
_BOOT_S = 240.0
_GONE_S = 180.0
_STUCK = 3
"""After as many restarts a component does not run with its settings."""
_TO_REPLAY = (("create", "namespaces"), ("delete", "namespaces"))
_REMEDY = "kubectl describe pods shows what holds them up. The namespace is deleted; run again."


@dataclass
class ReplayedLab(KubernetesLab):
    """Named after its run. Components have the environment of the submission's manifests and images of our own, for a
    manifest that somebody handed in may ask for anything."""

    say: Callable[[str], None] = field(default=lambda text: None)  # noqa: ARG005
    allow_writes: bool = True

    def __post_init__(self) -> None:
        self._run = uuid.uuid4().hex[:8]
        self.place = replace(self.place, namespace=f"topicmark-{self._run}")
        self.allow_disruption = True
        super().__post_init__()
        self._parts = {part: manifest_of(part) for part in self._part_names()}
        self._refused: dict[str, str] = {}
        self._made = False

    def _part_names(self) -> list[str]:
        components = [wanted.name for wanted in self.needs.components]
        return ["kafka", *components, *(["hdfs"] if self.needs.hdfs else [])]

    # Its life

    def start(self) -> None:
        """Make the namespace, wait for its pods. Raises ``LabFault``; what was made is deleted by ``close``."""
        if self.pulse.begun:
            return
        space, held = frame(self.place.namespace, self._run)
        documents = [one for part in self._parts for one in self._documents(part)]
        self._require_leave()
        self.say(f"creating {self.place.told()}: {told([*held, *documents])}; it is deleted afterwards")
        self._cluster_of_pods.create([space])
        self._made = True
        self._cluster_of_pods.create(held)
        self._cluster_of_pods.create(documents)
        self._await_pods()
        super().start()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._delete()

    def _delete(self) -> None:
        """The namespace, if it is the one that this run has made."""
        if not self._made:
            return
        self._made = False
        found = self._cluster_of_pods.item("namespace", self.place.namespace, anywhere=True)
        if found is None or (found["metadata"].get("labels") or {}).get(RUN) != self._run:
            return
        self.say(f"deleting {self.place.told()}")
        self._cluster_of_pods.delete("namespace", self.place.namespace, within_s=_GONE_S, anywhere=True)

    def _require_leave(self) -> None:
        lacking = [f"{verb} {kind}" for verb, kind in _TO_REPLAY if not self._cluster_of_pods.may(verb, kind)]
        if lacking:
            raise LabFault(
                f"to make a namespace of the run's own you may not: {', '.join(lacking)}",
                service="kubernetes",
                remedy="The role that is needed is in docs/rbac.yaml.",
            )

    def _remember(self) -> None:
        self.before = NOTHING_BEFORE  # and nothing to remove one by one

    def unable(self, ability: Ability) -> Unable | None:
        if ability in (Ability.WRITE, Ability.BOOT, Ability.STOP_BROKER, Ability.KILL_COMPONENT):
            return None
        return super().unable(ability)

    # What is made

    def _documents(self, part: str) -> list[dict[str, Any]]:
        """A component's with the submission's settings, unless it has none but the course's."""
        wanted = self._wanted_of(part)
        theirs = wanted is not None and dict(wanted.env) != dict(ENVIRONMENT[part])
        return with_environment(self._parts[part], part, wanted.env) if theirs and wanted else self._parts[part]

    def _wanted_of(self, part: str) -> Wanted | None:
        return next((one for one in self.needs.components if one.name == part), None)

    def _await_pods(self) -> None:
        """Until all are ready, or a component is known not to run with the submission's settings."""
        deadline = Deadline.after(_UP_S)
        services = [BROKERS, *([NAMENODE] if self.needs.hdfs else [])]
        self._await_services(services, deadline)
        for wanted in self.needs.components:
            self._refused[wanted.name] = self._boots(wanted.name, Deadline.after(min(_BOOT_S, deadline.left_s)))

    def _await_services(self, services: Sequence[str], deadline: Deadline) -> None:
        def unready() -> list[str]:
            now = self._seen(services)
            wanting = [pod.told() for name in services for pod in now.behind(name) if not pod.ready]
            wanting += [f"{name} has no pod yet" for name in services if not now.behind(name)]
            self.say(f"{len(wanting)} pods are not ready" if wanting else "pods are ready")
            return wanting

        try:
            eventually(unready, lambda left: not left, within=deadline, describe="pods to be ready", pause_s=1.0)
        except WaitExpired as error:
            raise LabFault(str(error), service="kubernetes", remedy=_REMEDY) from error

    def _seen(self, services: Sequence[str]) -> NamespaceFacts:
        now = self.look()
        for name in services:
            pod = now.spoilt(name)
            if pod is not None and "no node takes it" not in pod.trouble:  # one may yet come
                raise LabFault(f"the cluster took a pod down: {pod.told()}", service="kubernetes", remedy=_REMEDY)
        return now

    def _boots(self, component: str, deadline: Deadline) -> str:
        """Why it does not run with its settings; empty if it does."""
        service = SERVICES[component]

        def settled() -> str | None:
            now = self._seen([service])
            if now.ready_behind(service):
                return ""
            stuck = next((pod for pod in now.behind(service) if pod.trouble and pod.restarts >= _STUCK), None)
            if stuck is None:
                return None
            return f"{stuck.told()}. {self._cluster_of_pods.last_words(stuck.name, before=True)}".strip()

        try:
            found = eventually(
                settled, lambda seen: seen is not None, within=deadline, describe=f"{service} to be ready", pause_s=1.0
            )
        except WaitExpired as error:
            raise LabFault(str(error), service=component, remedy=_REMEDY) from error
        return found or ""

    # What it offers

    def console_refusal(self) -> str | None:
        """None: a namespace of the run's own has no console; the manifest that was handed in is followed."""
        return None

    def component(self, name: str, *, working: bool = False) -> Booted:
        wanted = self._wanted_of(name)
        if wanted is not None and wanted.port != PORTS[name]:
            why = f"its container listens on port {wanted.port}, and a replay has its probes on {PORTS[name]}"
            if not working:
                return Booted("", wanted.env, wanted.port, why, why)
        if self._refused.get(name):
            if not working:
                return Booted("", wanted.env if wanted else {}, PORTS[name], self._refused[name])
            self._replace_by_ours(name)
        env = environment_of(self._parts[name] if working and wanted is None else self._documents(name), name)
        return replace(super().component(name, working=working), env=env)

    def _replace_by_ours(self, name: str) -> None:
        self._cluster_of_pods.apply_all(self._parts[name])
        if why := self._boots(name, Deadline.after(_BOOT_S)):
            raise LabFault(why, service=name)
        self._refused[name] = ""
        self._probe_again(name)

    def component_killed(self, name: str) -> AbstractContextManager[None]:
        return self._killed(name)

    @contextmanager
    def _killed(self, name: str) -> Iterator[None]:
        service = SERVICES[name]
        with self.pulse.held():
            pods = self.look().ready_behind(service)
            self._down |= {pod.name for pod in pods}
            for pod in pods:
                self._cluster_of_pods.delete_now("pod", pod.name)
        yield
        with self.pulse.held():
            if why := self._boots(name, Deadline.after(_BOOT_S)):
                raise LabFault(f"did not come back: {why}", service=name)
            self._down -= {pod.name for pod in pods}
            self._probe_again(name)

    def _probe_again(self, name: str) -> None:
        self._facts = self.look()
        port = self.namespace.forward(f"svc/{SERVICES[name]}", PORTS[name])
        self.attachment = replace(self.attachment, urls={**self.attachment.urls, name: f"http://127.0.0.1:{port}"})
        cluster_id = self._brokers().id
        self._found[name] = eventually(
            lambda: probe(name, self.attachment, cluster_id),
            lambda found: found.usable,
            within=30.0,
            describe=f"{name} to answer",
            pause_s=0.5,
        )

    def versions(self) -> Mapping[str, str]:
        return {**super().versions(), "namespace": f"{self.place.namespace}, made for this run from manifests/"}
