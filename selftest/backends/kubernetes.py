"""A cluster that is none: its API server is in memory, what its pods lead to is an embedded lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from selftest.backends.attached import KEPT_BY_OTHERS, NO_TABLE, ON_THEIR_DISKS, OTHERS, TheirGround
from selftest.backends.way import Ground, Way
from selftest.consoles import console
from selftest.kubernetes.api import NAMESPACES
from selftest.kubernetes.cluster import FakeCluster, fake_cluster
from selftest.kubernetes.controller import Controller
from selftest.running_lab import COMPONENTS
from topicmark.backends.base import Ability
from topicmark.backends.deployment import MANAGED_BY
from topicmark.backends.kubernetes import CONSOLE_PORT, CONSOLE_SERVICE
from topicmark.backends.needs import Needs
from topicmark.backends.opening import Wish
from topicmark.sandbox import Level
from topicmark.services.kubectl import Cluster, Place
from topicmark.waiting import eventually

NO_EXERCISE_8 = {"ex8.1": "Flume is not carried into pods", **NO_TABLE}


class ReplayedGround(Ground):
    """A cluster in which a run makes a namespace of its own."""

    cluster: FakeCluster

    def prepare(self, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
        self.cluster = stack.enter_context(fake_cluster(self.folder / "cluster"))
        self.cluster.pod("somebody-elses", "theirs", {}, image="theirs")
        self.controller = stack.enter_context(Controller(self.cluster.api))

    @property
    def options(self) -> Sequence[str]:
        return ["--backend", "kubernetes", f"--kubeconfig={self.cluster.kubeconfig}", "--replay"]

    def wish(self, needs: Needs) -> Wish:
        place = Place("default", self.cluster.kubeconfig)
        return Wish("kubernetes", Level.NAMESPACES, needs, {}, reuse=False, place=place, replay=True)

    @contextmanager
    def another(self) -> Iterator[Ground]:
        with ReplayedGround(self.folder / "another") as beside:
            yield beside

    @contextmanager
    def broker_killed(self, node: int) -> Iterator[None]:
        (namespace,) = self.cluster.api.names(NAMESPACES, None)
        self.cluster.api.remove("v1/pods", namespace, f"kafka-controller-{node}")
        yield

    def left(self) -> set[str]:
        api = self.cluster.api
        return super().left() | {
            *(f"namespace {name}" for name in api.names(NAMESPACES, None)),
            *(f"pod {name}" for name in api.names("v1/pods", "default")),
        }

    def at_rest(self) -> set[str]:
        def going() -> list[str]:
            there = self.cluster.api.names(NAMESPACES, None)
            ending = [one for one in self.controller.deployed if one.namespace not in there]
            return [one.namespace for one in ending if one.thread.is_alive()]

        eventually(going, lambda left: not left, within=60, describe="what pods led to before to end", pause_s=0.25)
        return self.left()

    def sweep(self) -> str:
        """The decision on this backend names the command."""
        mine = Cluster(Place("default", self.cluster.kubeconfig))
        mine.kubectl(["delete", "namespace", "-l", f"{MANAGED_BY}=topicmark"], as_dict=False)
        return super().sweep()


class ObservedGround(TheirGround):
    """A namespace in which somebody has deployed the lab, and that may be written to."""

    cluster: FakeCluster

    def prepare(self, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
        super().prepare(stack, patch)
        self.cluster = stack.enter_context(fake_cluster(self.folder / "cluster"))
        self.cluster.deploy(self.theirs, *self.components, hdfs=bool(self.components))
        if self.components:
            self._deploy_console(stack)

    def _deploy_console(self, stack: ExitStack) -> None:
        spec = self.theirs.lab.kafka.spec
        url = stack.enter_context(console({broker: spec.host_name(broker) for broker in spec.brokers}, []))
        where = {CONSOLE_PORT: urlsplit(url).netloc}
        self.cluster.pod("redpanda-6c9f-k2", CONSOLE_SERVICE, where, image="redpandadata/console:v2.7.0")
        self.cluster.service(CONSOLE_SERVICE, CONSOLE_SERVICE, {CONSOLE_PORT: CONSOLE_PORT})

    @property
    def options(self) -> Sequence[str]:
        return self.cluster.options("--allow-writes")

    def wish(self, needs: Needs) -> Wish:
        place = Place("default", self.cluster.kubeconfig)
        return Wish("kubernetes", Level.NAMESPACES, needs, {}, reuse=False, place=place, allow_writes=True)


def complete(folder: Path) -> ObservedGround:
    """With all that the exercises need."""
    return ObservedGround(folder, COMPONENTS)


REPLAYED = Way(
    "kubernetes-replayed",
    ReplayedGround,
    cannot=frozenset({Ability.TELL_AUTO_CREATED, Ability.IMPORT}),
    not_run={"ex2.3": ON_THEIR_DISKS, **NO_EXERCISE_8},
    outlives_a_kill=frozenset({"namespace"}),
)
OBSERVED = Way(
    "kubernetes-observed",
    ObservedGround,
    complete=complete,
    cannot=OTHERS,
    not_run={"ex2.3": ON_THEIR_DISKS, "ex4.2": "--allow-disruption", **NO_EXERCISE_8},
    outlives_a_kill=KEPT_BY_OTHERS,
)
