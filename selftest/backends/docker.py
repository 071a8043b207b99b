"""Labs in containers, on an engine of the tests' own with stand-ins for the official images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest

from selftest.backends.way import Ground, Way
from topicmark.backends.base import Ability
from topicmark.backends.needs import Needs
from topicmark.backends.opening import Wish
from topicmark.containers import engine
from topicmark.sandbox import Level


class DockerGround(Ground):
    """A state folder of its own; the engine is everybody's."""

    @property
    def options(self) -> Sequence[str]:
        return ("--backend", "docker")

    def prepare(self, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
        engine.client.cache_clear()  # of an engine that an earlier session of the tests had
        stack.callback(engine.client.cache_clear)

    def wish(self, needs: Needs) -> Wish:
        return Wish("docker", Level.NAMESPACES, needs, {}, reuse=False)

    @contextmanager
    def broker_killed(self, node: int) -> Iterator[None]:
        (marker,) = self.markers()
        engine.client().containers.get(f"{marker}-kafka-controller-{node}").kill()
        yield

    def left(self) -> set[str]:
        by_label = {"label": engine.LABEL}
        api = engine.client().api
        containers = {f"container {one['Names'][0]}" for one in api.containers(all=True, filters=by_label)}
        return super().left() | containers | {f"network {one['Name']}" for one in api.networks(filters=by_label)}


WAY = Way(
    "docker",
    DockerGround,
    cannot=frozenset({Ability.IMPORT}),
    not_run={"ex8.2": "there is no database in it"},
    fixtures=("docker_engine",),
    marks=(pytest.mark.docker,),
)
