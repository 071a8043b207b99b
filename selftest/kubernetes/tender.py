"""What a StatefulSet does for brokers' pods: one that was deleted comes back, and its broker with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from selftest.kubernetes.api import FakeApi
from selftest.kubernetes.cluster import FakeCluster
from selftest.running_lab import RunningLab

LOOKS_EVERY_S = 0.2
_BROKER = "kafka-controller"
_PENDING = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]}


class Tender:
    """``pods`` are the documents by name, as they are when they are ready."""

    def __init__(self, api: FakeApi, namespace: str, running: RunningLab, pods: Mapping[str, dict[str, Any]]) -> None:
        self._api = api
        self._namespace = namespace
        self._running = running
        self._pods = pods
        self._down_at: dict[str, float] = {}
        self.comes_back = True
        """Whether a pod that was deleted is ready again a few seconds later; else it stays pending."""
        self.restart_s = 10.0
        """From the last time that it was deleted: longer than a call of kubectl takes on a busy machine, or it would be
        back before it is deleted again."""
        self.restarted: list[str] = []
        """Pods that were deleted, and came back."""

    def tend(self) -> None:
        """Look once."""
        there = self._api.names("v1/pods", self._namespace)
        for name, item in self._pods.items():
            if name in there and name not in self._down_at:
                continue
            if name not in self._down_at and name.startswith(_BROKER):
                self._running.lab.kafka.stop_node(_node(name))
            if name not in there:
                self._down_at[name] = time.monotonic()
                self._put(name, {**item, "status": _PENDING})
            elif self.comes_back and time.monotonic() - self._down_at[name] > self.restart_s:
                self.bring_back(name)

    def bring_back(self, name: str) -> None:
        if name.startswith(_BROKER):
            self._running.lab.kafka.start_node(_node(name))
        self._put(name, self._pods[name])
        self.restarted.append(name)
        del self._down_at[name]

    def bring_all_back(self) -> None:
        """Leave the lab as it was."""
        for name in list(self._down_at):
            self.bring_back(name)

    def _put(self, name: str, item: Mapping[str, Any]) -> None:
        self._api.put("v1/pods", self._namespace, item)


def _node(pod: str) -> int:
    return int(pod.rpartition("-")[2])


@contextmanager
def tended(cluster: FakeCluster, running: RunningLab) -> Iterator[Tender]:
    """The pods that are there now are looked after for the length of the block."""
    names = cluster.api.names("v1/pods", cluster.namespace)
    pods = {name: item for name in names if (item := cluster.api.get("v1/pods", cluster.namespace, name)) is not None}
    tender = Tender(cluster.api, cluster.namespace, running, pods)
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(LOOKS_EVERY_S):
            tender.tend()

    thread = threading.Thread(target=work, name="tender", daemon=True)
    thread.start()
    try:
        yield tender
    finally:
        stop.set()
        thread.join(30)
        tender.bring_all_back()
