"""A namespace of a cluster, reached from here: objects by kubectl, ports by port-forwards, names by a proxy."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from topicmark.backends.names import is_number
from topicmark.model import Fault, LabFault
from topicmark.observe.pods import NamespaceFacts, PodFacts, namespace_facts
from topicmark.services.kubectl import Cluster
from topicmark.services.name_proxy import NameProxy
from topicmark.services.port_forward import HOST, PortForward

_DOWN_S = 15.0


class Namespace:
    """Port-forwards are opened when somebody first wants through, and stay. Safe for use by several threads."""

    def __init__(self, cluster: Cluster, folder: Path, marker: str) -> None:
        self.cluster = cluster
        self._folder = folder
        self._marker = marker
        self._forwards: dict[tuple[str, int], PortForward] = {}
        self._being_opened: dict[tuple[str, int], threading.Lock] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._closed = False
        self._facts: NamespaceFacts | None = None
        self.proxy = NameProxy(self.reach)

    @property
    def name(self) -> str:
        return self.cluster.place.namespace

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.proxy.start()

    def look(self) -> NamespaceFacts:
        """Pods and Services as they are now."""
        facts = namespace_facts(self.name, self.cluster.items("pods"), self.cluster.items("services"))
        self._facts = facts
        return facts

    def forward(self, target: str, port: int) -> int:
        """The loopback port that leads to a port of ``svc/NAME`` or ``pod/NAME``. Raises ``LabFault``."""
        key = (target, port)
        with self._lock:
            if self._closed:
                raise LabFault("the lab was closed", service="port-forward")
            turn = self._being_opened.setdefault(key, threading.Lock())
        with turn:
            known = self._forwards.get(key)
            if known is not None:  # perhaps closed at present; whoever connects is refused until it is open again
                return known.local_port
            fresh = PortForward(
                self.cluster, target, port, self._folder / f"forward-{next(self._numbers)}.log", self._marker
            )
            fresh.open()
            with self._lock:
                if self._closed:
                    fresh.close()
                self._forwards[key] = fresh
            return fresh.local_port

    def reach(self, host: str, port: int) -> tuple[str, int]:
        """Where a port is reached from here that the namespace speaks of as ``host``: a pod's or a Service's name, with
        or without what may stand behind it, or its address. Raises ``LookupError`` and ``LabFault``."""
        target = self._named(host, self._facts or self.look()) or self._named(host, self.look())
        if target is None:
            raise LookupError(f"neither a pod nor a Service of namespace {self.name} is called {host}")
        return HOST, self.forward(target, port)

    def _named(self, host: str, facts: NamespaceFacts) -> str | None:
        if is_number(host):
            pod = next((pod for pod in facts.pods if pod.address == host and not pod.ending), None)
            service = next((one for one in facts.services if one.address == host), None)
            return f"pod/{pod.name}" if pod else f"svc/{service.name}" if service else None
        labels = host.lower().rstrip(".").split(".")
        first, rest = labels[0], self._without_domain(labels[1:])
        if rest == [] and facts.service(first) is not None:
            return f"svc/{first}"
        found = _pod_called(facts, first, rest)
        return f"pod/{found.name}" if found is not None else None

    def _without_domain(self, rest: list[str]) -> list[str] | None:
        """What is left of a name behind its first label: nothing, or a subdomain; None if it is of elsewhere."""
        if "svc" in rest:  # what follows is the cluster's domain, which need not be cluster.local
            rest = rest[: rest.index("svc")]
            if rest[-1:] != [self.name]:
                return None
        rest = rest[:-1] if rest[-1:] == [self.name] else rest
        return rest if len(rest) < 2 else None

    def check(self) -> Fault | None:
        """A port-forward that has been closed for too long to be on its way back."""
        for one in self.forwards():
            fault = one.fault
            if fault is not None and time.monotonic() - one.down_since > _DOWN_S:
                return Fault("port-forward", fault.reason, fault.log, fault.remedy)
        return None

    def cut_off(self) -> str:
        """Why connections broke that nobody in a pod refused; empty if none did."""
        losses = [loss for one in self.forwards() for loss in one.losses if "refused" not in loss.lower()]
        return losses[-1] if losses else ""

    def forwards(self) -> list[PortForward]:
        with self._lock:
            return list(self._forwards.values())

    def close(self) -> None:
        """Close the proxy and every port-forward. Idempotent; touches nothing in the cluster."""
        with self._lock:
            self._closed = True
            forwards = list(self._forwards.values())
        with ExitStack() as stack:
            for one in forwards:
                stack.callback(one.close)
            stack.callback(self.proxy.close)


def _pod_called(facts: NamespaceFacts, first: str, rest: list[str] | None) -> PodFacts | None:
    if rest is None:
        return None
    wanted = [pod for pod in facts.pods if first in (pod.name, pod.hostname)]
    return next((pod for pod in wanted if rest in ([], [pod.subdomain])), None)
