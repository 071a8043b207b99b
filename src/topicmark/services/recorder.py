"""The flight recorder as a service of a lab, or beside a cluster that others run; and where its tapes lie."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topicmark.recorder import ELSEWHERE, STARTED
from topicmark.services.jvm import MARKER
from topicmark.services.process import ProcessService
from topicmark.services.subnet import state_dir

_BEGINS_S = 30.0
_KEPT_S = 14 * 24 * 3600.0


def tape_of(cluster: str) -> Path:
    """The tape of the cluster with this id, whether there is one or not."""
    return state_dir() / "recordings" / f"{cluster.replace('/', '_')}.jsonl"


def forget(cluster: str) -> None:
    """Its records are of no use any more: the cluster is gone."""
    tape_of(cluster).unlink(missing_ok=True)


def forget_old() -> None:
    """Remove tapes that nobody has written to for two weeks."""
    for tape in (state_dir() / "recordings").glob("*.jsonl"):
        with contextlib.suppress(OSError):
            if time.time() - tape.stat().st_mtime > _KEPT_S:
                tape.unlink()


class Recorder(ProcessService):
    """A ``Service``, detached unless told otherwise. ``source`` are the arguments that lead to the cluster; ``owner``
    is the process (pid, start time) with which it ends."""

    name = "recorder"
    output = "recorder.log"
    called = "the flight recorder"

    def __init__(
        self,
        cluster: str,
        source: Sequence[str],
        folder: Path,
        *,
        marker: str,
        owner: tuple[int, float] | None = None,
        module: str = "topicmark.recorder",
        detached: bool = True,
    ) -> None:
        super().__init__(folder, marker=marker, detached=detached)
        self.cluster, self.source, self.owner, self.module = cluster, tuple(source), owner, module

    @classmethod
    def of_brokers(
        cls, bootstrap: str, cluster: str, folder: Path, *, marker: str, owner: tuple[int, float] | None = None
    ) -> Recorder:
        """Of brokers that this machine reaches."""
        return cls(cluster, ("--bootstrap", bootstrap), folder, marker=marker, owner=owner)

    @classmethod
    def last_of(cls, folder: Path) -> str | None:
        """The cluster that was recorded from this folder, whether the recorder still runs or not."""
        try:
            return str(json.loads((folder / f"{cls.name}.json").read_text(encoding="utf-8"))["cluster"])
        except (OSError, ValueError, KeyError):
            return None

    @property
    def tape(self) -> Path:
        return tape_of(self.cluster)

    def probe(self) -> bool:
        """Whether the cluster is recorded, by this process or by another one."""
        return bool({STARTED, ELSEWHERE} & set(self._log.since_start().splitlines()))

    def await_ready(self, within_s: float = _BEGINS_S) -> bool:
        """Wait until the cluster is recorded; False if another process does it already. Raises ``LabFault``."""
        self._await(self.probe, bool, within=within_s, describe="the flight recorder")
        return ELSEWHERE not in self._log.since_start()

    def died(self) -> str | None:
        return None if self.probe() and ELSEWHERE in self._log.since_start() else super().died()

    def _command(self) -> list[str]:
        owner = ["--owner", str(self.owner[0]), repr(self.owner[1])] if self.owner else []
        told = ["--cluster", self.cluster, "--tape", str(self.tape), *owner]
        return [sys.executable, "-m", self.module, *self.source, *told]

    def _environment(self) -> Mapping[str, str]:
        theirs = {name: value for name, value in os.environ.items() if name != MARKER}  # kubectl's log-in may need any
        return {**theirs, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry), "MALLOC_ARENA_MAX": "2"}

    def _record(self) -> dict[str, Any]:
        return {"cluster": self.cluster, "source": self.source, "owner": self.owner, "module": self.module}

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> Recorder:
        owner = tuple(record["owner"]) if record["owner"] else None
        return cls(
            record["cluster"],
            record["source"],
            folder,
            marker=record["marker"],
            owner=owner,
            module=record["module"],
        )
