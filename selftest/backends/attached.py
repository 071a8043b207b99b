"""A lab that somebody else runs: an embedded one plays the part, in a state folder of which the run knows nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from selftest.backends.way import Ground, Way
from selftest.running_lab import COMPONENTS, RunningLab, running_lab, seen
from topicmark.backends.attachment import Attachment
from topicmark.backends.base import Ability
from topicmark.backends.needs import Needs
from topicmark.backends.opening import Wish
from topicmark.observe.cluster import ClusterView
from topicmark.sandbox import Level
from topicmark.waiting import eventually

OTHERS = frozenset(
    {Ability.BOOT, Ability.STOP_BROKER, Ability.KILL_COMPONENT, Ability.TELL_AUTO_CREATED, Ability.IMPORT}
)
NO_TABLE = {"ex8.2": "the table that is imported is one of Topicmark's own"}
"""As part of what such a lab cannot grade."""
ON_THEIR_DISKS = "nobody recorded what passed through"
"""Why nobody can tell what records that were deleted were: brokers that others run keep them on disks of theirs."""
KEPT_BY_OTHERS = frozenset({"topics", "groups", "connectors", "streams", "queries", "subjects", "hdfs"})


class TheirGround(Ground):
    """Somebody's lab, of brokers alone or with all that the exercises need."""

    theirs: RunningLab

    def __init__(self, folder: Path, components: Collection[str] = ()) -> None:
        super().__init__(folder)
        self.components = tuple(components)

    def prepare(self, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
        self.theirs = stack.enter_context(running_lab(*self.components, hdfs=bool(self.components)))
        with closing(ClusterView(self.theirs.lab.bootstrap)) as view:
            view.await_coordinators()
        self.before = seen(self.theirs)

    def left(self) -> set[str]:
        now = seen(self.theirs)
        return super().left() | {f"{kind} {name}" for kind, names in asdict(now).items() for name in names}

    @contextmanager
    def broker_killed(self, node: int) -> Iterator[None]:
        self.theirs.lab.kafka.stop_node(node)
        try:
            yield
        finally:
            self.theirs.lab.kafka.start_node(node)

    @contextmanager
    def another(self) -> Iterator[Ground]:
        with type(self)(self.folder / "another", self.components) as beside:
            yield beside

    def restore(self) -> None:
        with closing(ClusterView(self.theirs.lab.bootstrap)) as view:
            for group in view.all_groups() - self.before.groups:
                view.evict(group)
                view.delete_group(group)
            for topic in set(view.topics()) - self.before.topics:
                view.delete_topic(topic)
            eventually(
                lambda: set(view.topics()) - self.before.topics, lambda left: not left, within=30, describe="their end"
            )


class AttachedGround(TheirGround):
    """Reached by its addresses."""

    @property
    def services(self) -> tuple[str, ...]:
        return ("kafka", *self.components, *(("webhdfs", "hdfs") if self.components else ()))

    @property
    def options(self) -> Sequence[str]:
        return ["--backend", "attached", *self.theirs.options(*self.services), "--allow-writes"]

    def wish(self, needs: Needs) -> Wish:
        attachment = Attachment.of({one: self.theirs.address(one) for one in self.services})
        return Wish(
            "attached", Level.NAMESPACES, needs, {}, reuse=False, attachment=attachment, allow_writes=True
        )  # fmt: skip


def complete(folder: Path) -> AttachedGround:
    """With all that the exercises need."""
    return AttachedGround(folder, COMPONENTS)


WAY = Way(
    "attached",
    AttachedGround,
    complete=complete,
    cannot=OTHERS,
    not_run={
        "ex2.3": ON_THEIR_DISKS,
        "ex4.2": "brokers that others run are not stopped",
        **NO_TABLE,
    },
    logs=False,
    outlives_a_kill=KEPT_BY_OTHERS,
)
