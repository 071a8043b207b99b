"""Kafka Connect seen through its REST interface (facts: Connect 3.8.0 and recordings of 3.3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from topicmark.model import LabFault
from topicmark.waiting import Deadline, WaitExpired, eventually

_REQUEST_S = 100.0  # a worker answers by itself after 90 s at the latest
_REBALANCE_S = 30.0
_CONFLICT, _UNEXPECTED = 409, 500
_REBALANCE_DUE = "a rebalance is expected"
_PASSING = ("rebalance", "stale configuration", "conflicting operation", "leader")


@dataclass(frozen=True, slots=True)
class Refused:
    """Connect said no: HTTP ``status`` and ``message``, its own words (or the body, where it sent no JSON)."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """``version`` of Kafka Connect, ``commit`` it was built from, ``cluster_id`` of the Kafka that it uses."""

    version: str
    commit: str
    cluster_id: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """``name`` is the class; ``type`` is ``sink``, ``source``, ``converter``, …; ``version`` may be empty."""

    name: str
    type: str
    version: str


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """``state`` as Connect names it: ``RUNNING``, ``FAILED``, ``UNASSIGNED``, …; ``trace`` is empty unless failed."""

    id: int
    state: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class ConnectorStatus:
    """A connector and its tasks. A running connector says nothing about its tasks."""

    name: str
    state: str
    tasks: tuple[TaskStatus, ...]
    type: str = ""
    trace: str = ""

    @property
    def running(self) -> bool:
        """Whether the connector and all its tasks run, and there is a task."""
        return self.state == "RUNNING" and bool(self.tasks) and all(task.state == "RUNNING" for task in self.tasks)

    @property
    def failures(self) -> tuple[str, ...]:
        """First lines of the traces of what failed."""
        traces = (self.trace, *(task.trace for task in self.tasks))
        return tuple(trace.splitlines()[0] for trace in traces if trace)

    def as_evidence(self) -> dict[str, Any]:
        tasks = [{"id": task.id, "state": task.state, "trace": task.trace} for task in self.tasks]
        return {"name": self.name, "state": self.state, "trace": self.trace, "tasks": tasks}


@dataclass(frozen=True, slots=True)
class ConnectorInfo:
    """What Connect keeps of a connector. ``config`` has the ``name`` in it."""

    name: str
    config: Mapping[str, str]
    tasks: int
    type: str


class ConnectView:
    """Asks the worker at ``url`` (``http://host:8083``). An HTTP error is an answer (``Refused``); no answer at all is
    ``LabFault``. Refusals that pass by themselves (409 during a rebalance) are asked again for ``patience_s``."""

    def __init__(self, url: str, *, request_s: float = _REQUEST_S, patience_s: float = _REBALANCE_S) -> None:
        self.url = url.rstrip("/")
        self._request_s = request_s
        self._patience_s = patience_s
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the user's has nothing to do with a lab

    def info(self) -> WorkerInfo | Refused:
        """``GET /``."""
        answer = self._ask("GET", "/")
        if isinstance(answer, Refused):
            return answer
        return WorkerInfo(str(answer["version"]), str(answer["commit"]), str(answer["kafka_cluster_id"]))

    def plugins(self, *, connectors_only: bool = True) -> tuple[Plugin, ...] | Refused:
        """``GET /connector-plugins``."""
        answer = self._ask("GET", f"/connector-plugins?connectorsOnly={str(connectors_only).lower()}")
        if isinstance(answer, Refused):
            return answer
        return tuple(Plugin(str(p["class"]), str(p["type"]), str(p.get("version") or "")) for p in answer)

    def connectors(self) -> tuple[str, ...] | Refused:
        """Names. ``GET /connectors``."""
        answer = self._ask("GET", "/connectors")
        return answer if isinstance(answer, Refused) else tuple(sorted(map(str, answer)))

    def create(self, body: object) -> ConnectorInfo | Refused:
        """``POST /connectors`` with ``body`` as it is: text is sent as the student wrote it, anything else as JSON."""
        return _info(self._ask("POST", "/connectors", body))

    def put_config(self, name: str, config: object) -> ConnectorInfo | Refused:
        """``PUT /connectors/<name>/config``: made anew or changed."""
        return _info(self._ask("PUT", f"/connectors/{quote(name, safe='')}/config", config))

    def connector(self, name: str) -> ConnectorInfo | Refused:
        """``GET /connectors/<name>``."""
        return _info(self._ask("GET", f"/connectors/{quote(name, safe='')}"))

    def config(self, name: str) -> dict[str, str] | Refused:
        """``GET /connectors/<name>/config``."""
        answer = self._ask("GET", f"/connectors/{quote(name, safe='')}/config")
        return answer if isinstance(answer, Refused) else {str(k): str(v) for k, v in answer.items()}

    def status(self, name: str) -> ConnectorStatus | Refused:
        """``GET /connectors/<name>/status``; 404 also for a moment after it was created."""
        answer = self._ask("GET", f"/connectors/{quote(name, safe='')}/status")
        if isinstance(answer, Refused):
            return answer
        tasks = (TaskStatus(int(t["id"]), str(t["state"]), str(t.get("trace") or "")) for t in answer["tasks"])
        connector = answer["connector"]
        return ConnectorStatus(
            name=str(answer["name"]), state=str(connector["state"]), tasks=tuple(sorted(tasks, key=lambda t: t.id)),
            type=str(answer.get("type") or ""), trace=str(connector.get("trace") or ""),
        )  # fmt: skip

    def await_running(self, name: str, within: float | Deadline) -> ConnectorStatus | Refused:
        """The status as soon as all of it runs or any of it failed, else the last one seen when time is up."""

        def decided(status: ConnectorStatus | Refused) -> bool:
            if isinstance(status, Refused):
                return status.status != 404
            return status.running or "FAILED" in {status.state, *(task.state for task in status.tasks)}

        try:
            return eventually(lambda: self.status(name), decided, within=within, describe=f"{name} to run or to fail")
        except WaitExpired:
            return self.status(name)

    def delete(self, name: str) -> Refused | None:
        """``DELETE /connectors/<name>``; None when done."""
        answer = self._ask("DELETE", f"/connectors/{quote(name, safe='')}")
        return answer if isinstance(answer, Refused) else None

    def restart(self, name: str, *, tasks: bool = True) -> Refused | None:
        """``POST /connectors/<name>/restart``, with its tasks unless told otherwise; None when accepted."""
        path = f"/connectors/{quote(name, safe='')}/restart?includeTasks={str(tasks).lower()}"
        answer = self._ask("POST", path)
        return answer if isinstance(answer, Refused) else None

    def validate(self, plugin: str, config: Mapping[str, str]) -> dict[str, list[str]] | Refused:
        """``PUT /connector-plugins/<plugin>/config/validate``: what is wrong, by setting."""
        answer = self._ask("PUT", f"/connector-plugins/{quote(plugin, safe='')}/config/validate", dict(config))
        if isinstance(answer, Refused):
            return answer
        values = (entry["value"] for entry in answer["configs"])
        return {str(value["name"]): [str(e) for e in value["errors"]] for value in values if value["errors"]}

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        last: list[Refused] = []

        def once() -> Any:
            answer = self._once(method, path, body)
            if isinstance(answer, Refused):
                last[:] = [answer]
            return answer

        try:
            return eventually(
                once, lambda a: not _passing(a), within=self._patience_s, describe="the end of a rebalance"
            )
        except WaitExpired:
            return last[0]

    def _once(self, method: str, path: str, body: object) -> Any:
        sent: dict[str, Any] = {}
        if isinstance(body, str | bytes):
            sent = {
                "data": body.encode() if isinstance(body, str) else body,
                "headers": {"Content-Type": "application/json"},
            }
        elif body is not None:
            sent = {"json": body}
        try:
            answer = self._session.request(method, self.url + path, timeout=(5, self._request_s), **sent)
        except requests.RequestException as error:
            raise LabFault(f"{method} {path}: {error}", service="connect") from error
        return _read(answer)


def _read(answer: requests.Response) -> Any:
    try:
        content = answer.json() if answer.content else None
    except ValueError:
        content = None
    if answer.ok:
        return content
    message = content.get("message") if isinstance(content, Mapping) else None
    return Refused(answer.status_code, str(message or answer.text.strip()))


def _passing(answer: Any) -> bool:
    """Whether it was asked during a rebalance. Kafka's worker says so with 409 where it was asked to change something,
    with 500 where it was asked for something (3.8.0: RebalanceNeededException has no status of its own)."""
    if not isinstance(answer, Refused):
        return False
    said = answer.message.lower()
    if answer.status == _UNEXPECTED:
        return _REBALANCE_DUE in said
    return answer.status == _CONFLICT and any(word in said for word in _PASSING)


def _info(answer: Any) -> ConnectorInfo | Refused:
    if isinstance(answer, Refused):
        return answer
    config = {str(key): str(value) for key, value in answer["config"].items()}
    return ConnectorInfo(str(answer["name"]), config, len(answer["tasks"]), str(answer.get("type") or ""))
