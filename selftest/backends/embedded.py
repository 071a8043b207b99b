"""Labs in processes of this machine: new ones, and one that stays up and is made as new."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from selftest.backends.way import Ground, Way, topicmark
from topicmark.backends import warm
from topicmark.backends.folder import labs_folder
from topicmark.backends.needs import Needs
from topicmark.backends.opening import Wish
from topicmark.provision.control import ask
from topicmark.sandbox import Level

_COMMAND_S = 30.0


class EmbeddedGround(Ground):
    """A state folder of its own."""

    @property
    def options(self) -> Sequence[str]:
        return ("--fresh",)

    def wish(self, needs: Needs) -> Wish:
        return Wish("embedded", Level.NAMESPACES, needs, {}, reuse="--fresh" not in self.options)

    @contextmanager
    def broker_killed(self, node: int) -> Iterator[None]:
        (marker,) = self.markers()
        # the run may notice, and take its lab down, before the answer comes
        with contextlib.suppress(ConnectionError):
            ask(labs_folder() / marker / "kafka", "control", f"stop {node}", within_s=_COMMAND_S)
        yield


class KeptGround(EmbeddedGround):
    """There is a lab that stays up."""

    @property
    def options(self) -> Sequence[str]:
        return ()

    def ready(self) -> None:
        topicmark("up")
        self.sweep()  # what is there for people only ends with the first run

    def left(self) -> set[str]:
        """Its recorder is another process after each run: what matters is how many there are."""
        found = super().left()
        pythons = {one for one in found if one.endswith(" python")}
        return found - pythons | {f"process python {number}" for number in range(len(pythons))}

    def over(self) -> None:
        topicmark("down", "--all")

    @contextmanager
    def another(self) -> Iterator[Ground]:
        yield self  # where the kept one is in use, a new one is made

    @contextmanager
    def broker_killed(self, node: int) -> Iterator[None]:
        with super().broker_killed(node):
            yield
        self.restore()

    def sweep(self) -> str:
        """Whoever comes next finds it, and makes it as new."""
        with self.lab():
            return ""

    def restore(self) -> None:
        if not list(warm.kept()):
            self.ready()


FRESH = Way("embedded", EmbeddedGround)
KEPT = Way("embedded-kept", KeptGround)
