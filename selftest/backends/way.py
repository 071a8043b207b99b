"""What the suite over all backends has to be told of one: nothing else in it knows which backend it runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from selftest.cases import ROOT
from topicmark.backends.base import Ability, Lab
from topicmark.backends.needs import Needs
from topicmark.backends.opening import Wish, open_lab
from topicmark.model import LabFault
from topicmark.services.subnet import state_dir
from topicmark.waiting import eventually

_WITHIN_S = 120


class Ground(ABC):
    """Where labs of one backend are opened, by the tests and by whole runs that they start. Use as a context: meanwhile
    the environment names its state folder, and whatever else the backend is found by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Ground:
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            self.prepare(stack, patch)
            patch.setenv("TOPICMARK_STATE", str(self.folder / "state"))
            self.ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self.over()

    def prepare(self, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:  # noqa: B027 — most have no need of it
        """What has to be there before; ends with the stack. The state folder is still the session's."""

    def ready(self) -> None:  # noqa: B027 — most have no need of it
        """Called when the state folder is the ground's own."""

    def over(self) -> None:  # noqa: B027 — most have no need of it
        """Called while it still is."""

    # Labs

    @property
    @abstractmethod
    def options(self) -> Sequence[str]:
        """What ``topicmark grade`` is told; known once the context was entered."""

    @abstractmethod
    def wish(self, needs: Needs) -> Wish:
        """What a run of ``options`` would ask for."""

    @contextmanager
    def lab(self, needs: Needs | None = None) -> Iterator[Lab]:
        """One that is up; closed after the block."""
        try:
            made = open_lab(self.wish(needs or Needs()))
        except LabFault as fault:
            fault.add_note(fault.log)  # for whoever reads why the test failed
            raise
        try:
            yield made
        finally:
            made.close()

    @contextmanager
    def another(self) -> Iterator[Ground]:
        """Where a second lab can be had meanwhile: here, or beside."""
        yield self

    @abstractmethod
    def broker_killed(self, node: int) -> AbstractContextManager[None]:
        """The broker of the only lab goes, and nobody has told the lab. What outlives the lab is mended afterwards."""

    # What is there

    def markers(self) -> list[str]:
        """Of the labs that have a folder."""
        labs = state_dir() / "labs"
        return sorted(path.name for path in labs.iterdir()) if labs.is_dir() else []

    def left(self) -> set[str]:
        """Everything that a run could leave, each with its kind as the first word."""
        return {*(f"folder {marker}" for marker in self.markers()), *processes_of(self.folder)}

    def at_rest(self) -> set[str]:
        """The same, when nothing of a run before is still on its way out."""
        return self.left()

    def await_only(self, before: set[str], within_s: float = 60.0) -> None:
        """Until there is what there was before. A namespace goes at once, what its pods led to a moment later."""
        eventually(self.left, lambda left: left == before, within=within_s, describe=f"only {before}", pause_s=0.25)

    def sweep(self) -> str:
        """What a user is to do about a run that was killed; what it said."""
        return topicmark("down", "--all")

    def restore(self) -> None:  # noqa: B027 — most have no need of it
        """Remove what by decision outlives a run that was killed."""


@dataclass(frozen=True)
class Way:
    """One way to a lab, and what is rightly different about it."""

    name: str
    ground: Callable[[Path], Ground]
    complete: Callable[[Path], Ground] | None = None
    """The ground for whole grades, where a run does not itself bring up what its tasks need."""
    cannot: frozenset[Ability] = frozenset()
    not_run: Mapping[str, str] = field(default_factory=dict)
    """Tasks that it cannot grade, each with words of the reason."""
    logs: bool = True
    """Whether the log of a broker can be had."""
    outlives_a_kill: frozenset[str] = frozenset()
    """Kinds of things that a killed run leaves for its owner to remove, by decision."""
    fixtures: tuple[str, ...] = ()
    marks: tuple[pytest.MarkDecorator, ...] = ()

    def __repr__(self) -> str:
        return self.name


def processes_of(folder: Path) -> set[str]:
    """Processes that were started in the folder, or are told of it; but for questions that a lab of this very process
    asks a cluster right now."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.name() == "kubectl" and process.ppid() == os.getpid():
                continue
            told = [process.cwd(), *process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if any(str(folder) in one for one in told):
            found.add(f"process {process.pid} {process.name()}")
    return found


def topicmark(*arguments: str) -> str:
    """A command of the user's; what it printed."""
    command = [sys.executable, "-m", "topicmark", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=_WITHIN_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
