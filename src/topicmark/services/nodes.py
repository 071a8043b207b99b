"""What Kafka and HDFS have in common: several nodes in one JVM, told what to do through its control socket."""

from __future__ import annotations

import contextlib
import os
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Generic, TypeVar

from topicmark.provision.control import ask
from topicmark.services.process import ProcessService
from topicmark.waiting import Deadline

COMMAND_S = 60.0
"""How long a node may take to stop or to start."""
_SOCKET = "control"
_STATUS_S = 5.0
Node = TypeVar("Node")


class NodesService(ProcessService, Generic[Node]):
    """A ``ProcessService`` with a control socket; its nodes' data is in ``data/<node>`` of its folder."""

    def statuses(self) -> dict[Node, str]:
        """By node: ``starting``, ``running``, ``stopping``, ``stopped`` or ``failed: <why>``. Raises ``OSError``."""
        states = (part.partition("=") for part in ask(self.folder, _SOCKET, "status", within_s=_STATUS_S).split("\t"))
        return {self._node(node): state for node, _, state in states}

    def died(self) -> str | None:
        """Why it can no longer become or stay ready; None while it can."""
        if reason := super().died():
            return reason
        try:
            states = self.statuses()
        except OSError:
            states = {}
        return self._ailment(states)

    def data_bytes(self) -> int:
        """What the nodes' data takes on disk."""
        total = 0
        for folder, _, files in os.walk(self.folder / "data"):  # passes over what goes meanwhile
            for file in files:
                with contextlib.suppress(OSError):
                    total += Path(folder, file).lstat().st_blocks * 512
        return total

    @abstractmethod
    def _node(self, name: str) -> Node:
        """A node as the class's users name it; ``name`` is the launcher's."""

    def _ailment(self, states: Mapping[Node, str]) -> str | None:
        """What is wrong though the JVM runs. ``states`` is empty if it does not tell."""
        failed = (f"node {node} {state}" for node, state in states.items() if state.startswith("failed"))
        return "; ".join(failed) or None

    def _all_run(self) -> bool:
        return set(self.statuses().values()) == {"running"}

    def _await_nodes(self, within: float | Deadline) -> None:
        self._await(
            self.statuses, lambda nodes: set(nodes.values()) == {"running"},
            within=within, describe="all nodes running", retry_on=(OSError,),
        )  # fmt: skip

    def _launched(self, main_class: str) -> list[str]:
        """Main class and control socket, as the launchers want them; nobody listens there yet."""
        (self.folder / _SOCKET).unlink(missing_ok=True)
        return [main_class, _SOCKET]

    def _tell(self, line: str, within_s: float) -> None:
        """Have the launcher do it; returns when it is done. Raises ``LabFault``."""
        try:
            answer = ask(self.folder, _SOCKET, line, within_s=within_s)
        except OSError as error:
            raise self._fault(f"{line}: {self.died() or error}") from error
        if answer != "ok":
            raise self._fault(f"{line}: {answer.removeprefix('error: ')}")
