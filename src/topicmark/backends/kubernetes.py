"""A lab on a live cluster: what somebody deployed in a namespace, looked at, or, if that is allowed, written to."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from kafka.errors import KafkaError

from topicmark.backends import tools
from topicmark.backends.attached import AttachedLab
from topicmark.backends.attachment import CONSOLE, HDFS, KAFKA, WEBHDFS, Address, Attachment
from topicmark.backends.base import Ability, Booted
from topicmark.backends.fill_in import FillIns
from topicmark.backends.names import PORTS, SERVICES
from topicmark.backends.namespace import Namespace
from topicmark.backends.programs import BROKERS, IN_A_BROKERS_POD, TO_RUN_PROGRAMS, Forward, ProgramPods, clear_ended
from topicmark.model import Fault, LabFault, Unable
from topicmark.observe.contact import by_way_of
from topicmark.observe.pods import NamespaceFacts, PodFacts
from topicmark.sandbox import Level, Limits, Mount, Sandbox
from topicmark.services.hdfs import HTTP_PORT, NAMENODE, RPC_PORT
from topicmark.services.kafka_spec import CLIENT_PORT
from topicmark.services.kubectl import Cluster, Place
from topicmark.services.name_proxy import HOST
from topicmark.waiting import WaitExpired, eventually

CONSOLE_SERVICE, CONSOLE_PORT = "redpanda", 8080
_SERVED: Mapping[str, tuple[str, int]] = {
    **{name: (service, PORTS[name]) for name, service in SERVICES.items()},
    WEBHDFS: (NAMENODE, HTTP_PORT),
    HDFS: (NAMENODE, RPC_PORT),
    CONSOLE: (CONSOLE_SERVICE, CONSOLE_PORT),
}
"""The Service of each part of the lab and its port, as everything in the course calls them."""
_NEEDED = (("get", "pods"), ("list", "pods"), ("list", "services"), ("create", "pods/portforward"))
_TO_DISRUPT = (("delete", "pods"),)
_DELETED_EVERY_S = 1.0
_LOOKED_FOR_EVERY_S = 0.5
_POD_BACK_S = 180.0
_POD_GONE_S = 60.0
_LOOKS_EVERY_BEATS = 20
_REMEDY = "What runs there is not the grader's to repair. The exercise is run again once."


@runtime_checkable
class Live(Protocol):
    """A lab of which pods and Services can be seen."""

    @property
    def facts(self) -> NamespaceFacts:
        """As they were when the lab was opened."""
        ...

    def look(self) -> NamespaceFacts:
        """As they are now."""
        ...

    def why_no(self, part: str) -> str:
        """Why a part of the lab (``kafka``, ``connect``, …) does not serve, as far as that is up to whoever deployed
        it; empty if it does. Raises ``LabFault`` if it is the cluster's doing."""
        ...


@dataclass
class KubernetesLab(AttachedLab):
    """The course's Services in one namespace, through port-forwards. What is missing there or does not serve is told as
    a refusal, not as a fault: to deploy it is the exercise."""

    place: Place = field(default_factory=Place)
    allow_disruption: bool = False

    name = "kubernetes"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._cluster_of_pods = Cluster(self.place)
        self.namespace = Namespace(self._cluster_of_pods, self.folder.path / "forwards", self.folder.marker)
        self._facts: NamespaceFacts | None = None
        self._silent: dict[str, str] = {}
        self._looks = 0
        self._brokers_said = ""
        self._down: set[str] = set()

    def start(self) -> None:
        """Raises ``LabFault`` if the API server does not answer or forbids it, or if the cluster took brokers down."""
        if self.pulse.begun:
            return
        self._require_permission()
        self.namespace.start()
        self._facts = self.namespace.look()
        if self.allow_writes:
            clear_ended(self._cluster_of_pods, self._facts)
        self.attachment = self._attach(self._facts)
        try:
            super().start()
        except LabFault as fault:
            if fault.service != KAFKA or self.why_no(KAFKA) or self.namespace.cut_off():
                raise
            # the pods are ready, and what they answer is none for a client without a password: to deploy that is ex1.2
            misled = "; ".join(why for _, why in self.namespace.proxy.refused[-3:])
            self._silent[KAFKA] = f"{fault.reason}. {misled}" if misled else fault.reason
            self.attachment = replace(self.attachment, kafka=())
            super().start()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.namespace.close()

    # What is there

    @property
    def facts(self) -> NamespaceFacts:
        assert self._facts is not None
        return self._facts

    def look(self) -> NamespaceFacts:
        return self.namespace.look()

    def why_no(self, part: str) -> str:
        service, port = (BROKERS, CLIENT_PORT) if part == KAFKA else _SERVED[part]
        spoilt = self.facts.spoilt(service)
        if spoilt is not None:
            raise LabFault(f"the cluster took a pod down: {spoilt.told()}", service=part, remedy=_REMEDY)
        return self.facts.why_not(service, port) or self._silent.get(part, "")

    def unable(self, ability: Ability) -> Unable | None:
        if ability is Ability.STOP_BROKER:
            if self.allow_disruption:
                return None
            return Unable("brokers of a live cluster are not stopped", "Give --allow-disruption to have one restarted")
        return super().unable(ability)

    def component(self, name: str, *, working: bool = False) -> Booted:  # noqa: ARG002 — there are none of ours
        if why := self.why_no(name):
            return Booted("", {}, PORTS[name], why)
        found = self._found[name]
        if found.fault is not None:
            return Booted("", {}, PORTS[name], found.fault.reason)
        return Booted(found.url, {}, PORTS[name])  # of another Kafka cluster, perhaps: that is for the tests to say

    def console_refusal(self) -> str | None:
        if why := self.why_no(CONSOLE):
            return why
        found = self._found[CONSOLE]
        if found.fault is not None:
            return found.fault.reason
        return self._asked_console(found.url)

    def versions(self) -> Mapping[str, str]:
        try:
            server = self._cluster_of_pods.server_version()
        except LabFault:
            server = "of unknown version"
        images = {pod.name: ", ".join(pod.images) for pod in self.facts.pods}
        return {**super().versions(), "kubernetes": f"{server}, {self.place.told()}", **images}

    def _missing(self, service: str) -> Unable:
        return Unable(self.why_no(service) or f"nothing answers as {service}", "Deploy it, and look at its pods")

    def _attach(self, facts: NamespaceFacts) -> Attachment:
        there = {part: at for part, at in _SERVED.items() if not facts.why_not(*at)}
        with ThreadPoolExecutor(max_workers=len(_SERVED)) as together:
            ports = list(together.map(lambda at: self.namespace.forward(f"svc/{at[0]}", at[1]), there.values()))
        schemes = {part: "hdfs" if part == HDFS else "http" for part in there}
        urls = {part: f"{schemes[part]}://{HOST}:{port}" for part, port in zip(there, ports, strict=True)}
        return Attachment(kafka=self._brokers_of(facts), urls=urls)

    def _brokers_of(self, facts: NamespaceFacts) -> tuple[Address, ...]:
        """The brokers by their pods' names: a Service would lead to any one of them."""
        service = facts.service(BROKERS)
        if service is None or facts.why_not(BROKERS, CLIENT_PORT):
            return ()
        ports = {pod.name: service.target_port(CLIENT_PORT, pod) for pod in facts.ready_behind(BROKERS)}
        return tuple((name, port) for name, port in ports.items() if port is not None)

    def _require_permission(self) -> None:
        more = [*(_TO_DISRUPT if self.allow_disruption else ()), *(TO_RUN_PROGRAMS if self.allow_writes else ())]
        wanted = list(dict.fromkeys([*_NEEDED, *more]))
        with ThreadPoolExecutor(max_workers=len(wanted)) as together:
            allowed = list(together.map(lambda one: self._cluster_of_pods.may(*one), wanted))
        lacking = [f"{verb} {kind}" for (verb, kind), may in zip(wanted, allowed, strict=True) if not may]
        if lacking:
            raise LabFault(
                f"in {self.place.told()} you may not: {', '.join(lacking)}",
                service="kubernetes",
                remedy="The role that is needed is in docs/rbac.yaml.",
            )

    # Programs

    def sandbox(
        self, mounts: Sequence[Mount], path: Sequence[str], aliases: Sequence[str], *, in_a_pod: bool = False
    ) -> Sandbox:
        return self.sandbox_in_pods(mounts, path, aliases, IN_A_BROKERS_POD if in_a_pod else ())

    def sandbox_in_pods(
        self,
        mounts: Sequence[Mount],
        path: Sequence[str],
        aliases: Sequence[str],
        localhost: Sequence[Forward],
        env: Mapping[str, str] = MappingProxyType({}),
    ) -> Sandbox:
        """Pods beside the services: there the cluster's own names lead to them, and ports of ``localhost`` too."""
        if not self.allow_writes:
            raise Unable("programs are not run where nothing may be written", "Give --allow-writes")
        in_image = Path(sys.base_prefix).resolve()  # the interpreter itself is the image's
        return Sandbox(
            level=Level.POD,
            endpoints=(),
            mounts=[mount for mount in mounts if mount.source != in_image],
            tools=tools.mounts(elsewhere=True),
            path=(*path, *tools.PATH),
            env={**tools.environment(), **env},
            limits=Limits(),
            folder=self.folder.programs,
            marker=self.folder.marker,
            pods=ProgramPods(self._cluster_of_pods, self.folder.marker, self.needs.spaces, aliases, localhost),
        )

    # How to get there

    def _contact(self) -> str:
        return by_way_of(self.attachment.bootstrap, self.namespace.proxy.url)

    def _through(self, webhdfs_url: str) -> str:  # noqa: ARG002 — datanodes are named by it, so it goes by name too
        return by_way_of(f"http://{NAMENODE}:{HTTP_PORT}", self.namespace.proxy.url)

    def _connects(self, host: str, port: int) -> bool:
        try:
            address = self.namespace.reach(host, port)
        except LookupError:
            return False
        return super()._connects(*address)

    def _offer_fill_ins(self, brokers: Sequence[Address]) -> FillIns | None:  # noqa: ARG002
        return None  # nothing in the cluster could reach them

    # Faults

    def _check(self) -> Fault | None:
        if self._down:
            return None
        return self.namespace.check() or self._check_brokers() or self._check_pods()

    def _check_brokers(self) -> Fault | None:
        fault = super()._check()
        if fault is None or fault.service != KAFKA:
            return fault
        if not self._brokers_said:  # once: it costs a call of kubectl for each pod
            self._brokers_said = "\n".join(filter(None, map(self._last_words, self.facts.behind(BROKERS))))
        return replace(fault, reason=f"{fault.reason}{self._pods_gone()}", log=self._brokers_said)

    def _pods_gone(self) -> str:
        """``; gone: kafka-controller-1``: pods of brokers that are not what they were, even if they were made anew."""
        try:
            now = self.look()
        except LabFault:
            return ""
        there = {pod.uid for pod in now.pods if not pod.ending}
        gone = [pod.name for pod in self.facts.behind(BROKERS) if pod.uid not in there]
        return f"; gone: {', '.join(gone)}" if gone else ""

    def _last_words(self, pod: PodFacts) -> str:
        """The end of its log, under its name; empty if it has none, or is gone."""
        said = self._cluster_of_pods.last_words(pod.name)
        return f"{pod.name}:\n{said}" if said else ""

    def faults(self, since: float) -> list[Fault]:
        self._looks = 0
        return super().faults(since)

    def _check_pods(self) -> Fault | None:
        """Now and then, for each look costs a call of kubectl: whether the cluster took a pod down that served."""
        self._looks += 1
        if self._looks % _LOOKS_EVERY_BEATS != 1:
            return None
        served = {pod.name for service in self._services() for pod in self.facts.ready_behind(service)}
        now = self.look()
        for name in served - self._down:
            pod = now.pod(name)
            if pod is not None and pod.clusters_doing:
                return Fault("kubernetes", f"the cluster took a pod down: {pod.told()}", remedy=_REMEDY)
        return None

    def _services(self) -> Iterator[str]:
        yield BROKERS
        yield from {service for service, _ in _SERVED.values()}

    # Disruption, only if it is allowed

    def broker_down(self, node: int) -> AbstractContextManager[None]:
        if not self.allow_disruption:
            return super().broker_down(node)
        return self._pod_kept_down(node, self._pod_of(node))

    def _pod_of(self, node: int) -> PodFacts:
        host, _ = self._brokers().brokers[node]
        pod = next((pod for pod in self.facts.pods if host.split(".")[0] in (pod.name, pod.hostname)), None)
        if pod is None:
            raise Unable(f"which pod is broker {node} cannot be told from its address {host}")
        return pod

    @contextmanager
    def _pod_kept_down(self, node: int, pod: PodFacts) -> Iterator[None]:
        """Its StatefulSet makes it anew at once, so it is deleted again for as long as the block lasts, which begins
        when the other brokers have given it up. Raises ``LabFault`` after the block if it served in between: then
        nobody can tell how it is without it."""
        over, served = threading.Event(), threading.Event()
        keeper = threading.Thread(target=self._keep_down, args=(node, pod.name, served, over), daemon=True)
        self._down.add(pod.name)
        try:
            with self.pulse.held():
                self._cluster_of_pods.delete_now("pod", pod.name)
                self._await_gone(pod)
                keeper.start()
                self._await(lambda: not self._serves(node), _POD_GONE_S, f"broker {node} to be given up by the others")
            served.clear()
            yield
            if self._serves_now(node):
                served.set()
        finally:
            over.set()
            if keeper.ident is not None:
                keeper.join()
            with self.pulse.held():
                self._await_back(pod)
                self._down.discard(pod.name)
        if served.is_set():
            raise LabFault(
                f"{pod.name} was to be down, and the cluster had it back before it was deleted again",
                service=KAFKA,
                remedy="How writes go on without it cannot be told so. Grade ex4.2 with another backend.",
            )

    def _keep_down(self, node: int, name: str, served: threading.Event, over: threading.Event) -> None:
        deleted_at = time.monotonic()
        while not over.wait(_LOOKED_FOR_EVERY_S):
            with suppress(KafkaError):  # the one that was asked is the one that is down
                if self._serves(node):
                    served.set()
            if time.monotonic() - deleted_at < _DELETED_EVERY_S:
                continue
            with suppress(LabFault):  # it is told when it does not come back
                self._cluster_of_pods.delete_now("pod", name)
            deleted_at = time.monotonic()

    def _serves(self, node: int) -> bool:
        """Whether the brokers count it among them; of a lost one they do so for some seconds yet."""
        return node in self._brokers().view.addresses()

    def _serves_now(self, node: int) -> bool:
        """The same, asked until somebody answers."""
        return eventually(
            lambda: self._serves(node),
            lambda _: True,
            within=_POD_GONE_S,
            describe="the brokers to answer",
            retry_on=(KafkaError,),
            pause_s=_LOOKED_FOR_EVERY_S,
        )

    def _await_gone(self, pod: PodFacts) -> None:
        def gone() -> bool:
            found = self.look().pod(pod.name)
            return found is None or not found.ready

        self._await(gone, _POD_GONE_S, f"{pod.name} to go")

    def _await_back(self, pod: PodFacts) -> None:
        def back() -> bool:
            found = self.look().pod(pod.name)
            brokers = self._brokers().view.addresses() if found is not None and found.ready else {}
            return len(brokers) == len(self._brokers().brokers)

        self._await(back, _POD_BACK_S, f"{pod.name} to come back")

    def _await(self, done: Callable[[], bool], within_s: float, describe: str) -> None:
        try:
            eventually(done, bool, within=within_s, describe=describe, retry_on=(KafkaError,), pause_s=1.0)
        except WaitExpired as error:
            raise LabFault(str(error), service=KAFKA, remedy="kubectl get pods shows how it is.") from error
