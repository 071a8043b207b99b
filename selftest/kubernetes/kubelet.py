"""What a node would do for the pods of programs: run their container, here as a process of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selftest.kubernetes import kubectl
from selftest.kubernetes.api import PODS, FakeApi
from topicmark.sandbox import bubblewrap

_LOOKS_EVERY_S = 0.2
_PROGRAM = ("app.kubernetes.io/component", "program")
_PYTHON = Path(sys.base_prefix).resolve()
_HIDDEN = ("/opt", "/home", "/tmp")
_IN_ANY_DOMAIN = ("", ".{0}", ".{0}.svc", ".{0}.svc.cluster.local")

Status = dict[str, Any]


@dataclass
class _Container:
    """One that waits for whoever attaches, or runs."""

    name: str
    namespace: str
    folder: Path
    listener: socket.socket
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def end(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()


class Kubelet:
    """Looks after every program's pod that the API server has. Use as a context.

    What a node would run in a container of an image with Python runs in one of bubblewrap with this machine's.
    """

    def __init__(self, api: FakeApi, folder: Path) -> None:
        self._api = api
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="kubelet", daemon=True)
        self._running: dict[tuple[str, str], _Container] = {}
        self._met: dict[tuple[str, str], dict[str, Any]] = {}
        """Every pod as it was seen last: one that restarts while a hosts file is written comes back where it was."""
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None
        self.held_up: Status | None = None
        """The status of every new pod, if it is not to run."""
        self.seen: list[dict[str, Any]] = []
        """The documents of all pods that were run."""

    def __enter__(self) -> Kubelet:
        self._folder.mkdir(parents=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        for container in self._running.values():
            container.end()
        for thread in self._threads:
            thread.join(30)
        if self._error is not None:
            raise self._error

    def end(self, name: str, status: Status) -> None:
        """Take a pod of the namespace ``default`` down, as the cluster does: with that status."""
        container = self._running["default", name]
        item = self._api.get("v1/pods", "default", name)
        assert item is not None
        container.end()
        self._put("default", item, status)

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """Containers' first processes that have not ended."""
        found = [one.process for one in self._running.values() if one.process is not None]
        return [process for process in found if process.poll() is None]

    def _work(self) -> None:
        try:
            while not self._stop.wait(_LOOKS_EVERY_S):
                self._look()
        except Exception as error:  # noqa: BLE001 — for whoever waits
            self._error = error

    def _look(self) -> None:
        there = {(space, name): item for space, name, item in self._pods()}
        self._met |= there
        for key, item in there.items():
            labels = item["metadata"].get("labels") or {}
            if key not in self._running and labels.get(_PROGRAM[0]) == _PROGRAM[1] and "status" not in item:
                self._take(key[0], item)
        for key in [key for key in self._running if key not in there]:
            self._running.pop(key).end()

    def _pods(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for (resource, space, name), one in list(self._api.emulator.objects.items()):
            if resource == PODS and space is not None and not one.deleted:
                yield space, name, dict(one.raw)

    def _take(self, space: str, item: dict[str, Any]) -> None:
        name = item["metadata"]["name"]
        if self.held_up is not None:
            self._put(space, item, self.held_up)
            return
        folder = self._folder / name
        folder.mkdir()
        (folder / "hosts").write_text(self._hosts(space, item))
        listener = socket.socket(socket.AF_UNIX)
        with _short(folder) as short:
            listener.bind(f"{short}/attach")
        listener.listen(1)
        container = _Container(name, space, folder, listener, self._command(item, folder))
        self._running[space, name] = container
        self.seen.append(item)
        item["metadata"].setdefault("annotations", {})[kubectl.ATTACH] = str(folder / "attach")
        self._put(space, item, {"phase": "Running", "podIP": "10.244.0.99", "containerStatuses": [_state("running")]})
        thread = threading.Thread(target=self._run, args=(container, item), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, container: _Container, item: dict[str, Any]) -> None:
        """In a thread that lives as long as the container, with whose end it would be killed."""
        with container.listener:
            try:
                plug, _ = container.listener.accept()
            except OSError:
                return  # deleted before anybody attached
            with plug, (container.folder / "log").open("wb") as log:
                container.process = subprocess.Popen(
                    container.command, stdin=plug.fileno(), stdout=plug.fileno(), stderr=log
                )
        if container.over.is_set():
            container.end()
        code = container.process.wait()
        ended = {"exitCode": code if code >= 0 else 128 - code, "reason": "Completed" if code == 0 else "Error"}
        if not container.over.is_set():
            phase = "Succeeded" if code == 0 else "Failed"
            self._put(container.namespace, item, {"phase": phase, "containerStatuses": [_state("terminated", ended)]})

    def _put(self, space: str, item: Mapping[str, Any], status: Status) -> None:
        if self._api.get("v1/pods", space, item["metadata"]["name"]) is not None:
            self._api.put("v1/pods", space, {**item, "status": status})

    def _command(self, item: Mapping[str, Any], folder: Path) -> list[str]:
        (container,) = item["spec"]["containers"]
        assert container["image"].startswith("python:")
        bwrap = bubblewrap.executable()
        assert bwrap is not None
        argv = [str(bwrap), "--unshare-pid", "--as-pid-1", "--die-with-parent", "--new-session", "--ro-bind", "/", "/"]
        argv += ["--dev", "/dev", "--proc", "/proc", "--ro-bind", str(folder / "hosts"), "/etc/hosts"]
        argv += [word for place in _HIDDEN for word in ("--tmpfs", place)]
        mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
        argv += [word for place in mounts if place not in _HIDDEN for word in ("--tmpfs", place)]
        if any(_PYTHON.is_relative_to(place) for place in _HIDDEN):
            argv += ["--ro-bind", str(_PYTHON), str(_PYTHON)]
        argv += ["--cap-drop", "ALL", "--clearenv", "--setenv", "PATH", f"{_PYTHON}/bin:{os.defpath}"]
        return [*argv, "--remount-ro", "/", "--chdir", "/", "--", *container["command"]]

    # Names

    def _hosts(self, space: str, item: Mapping[str, Any]) -> str:
        """What the cluster's DNS and the pod's aliases say, with the addresses at which an embedded lab is."""
        where: dict[str, list[str]] = {}
        lines = ["127.0.0.1 localhost"]
        for (found, name), pod in self._met.items():
            address = _really_at(pod)
            if found == space and address:
                where.setdefault(pod.get("status", {}).get("podIP", ""), []).append(address)
                spec = pod["spec"]
                if spec.get("subdomain"):
                    lines += _spoken(f"{spec.get('hostname', name)}.{spec['subdomain']}", space, [address])
        for service in self._services(space):
            selected = service["spec"].get("selector", {}).items()
            pods = [pod for (found, _), pod in self._met.items() if found == space]
            behind = [pod for pod in pods if selected <= (pod["metadata"].get("labels") or {}).items()]
            addresses = [address for pod in behind if (address := _really_at(pod))]
            where[service["spec"].get("clusterIP", "None")] = addresses
            lines += _spoken(service["metadata"]["name"], space, addresses)
        for alias in item["spec"].get("hostAliases", ()):
            lines += [f"{address} {' '.join(alias['hostnames'])}" for address in where[alias["ip"]]]
        return "\n".join(lines) + "\n"

    def _services(self, space: str) -> Iterator[dict[str, Any]]:
        for name in self._api.names("v1/services", space):
            item = self._api.get("v1/services", space, name)
            if item is not None:
                yield item


def _really_at(pod: Mapping[str, Any]) -> str:
    notes = pod["metadata"].get("annotations") or {}
    targets = [target for name, target in notes.items() if name.startswith(kubectl.LEADS_TO) and ":" in target]
    return targets[0].partition(":")[0] if targets else ""


def _spoken(name: str, space: str, addresses: list[str]) -> list[str]:
    names = " ".join(name + domain.format(space) for domain in _IN_ANY_DOMAIN)
    return [f"{address} {names}" for address in addresses]


def _state(kind: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
    started = {"startedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    return {"name": "program", "image": "python", "restartCount": 0, "state": {kind: dict(content or started)}}


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A short name for a folder: a socket's path has at most 107 bytes."""
    fd = os.open(folder, os.O_PATH)
    try:
        yield f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)
