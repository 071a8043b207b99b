"""All that is asked of a Kubernetes API server, as calls of ``kubectl`` with ``-o json``. Nothing else talks to it.

Built on the provider of pytest-kubernetes for clusters that exist already. Its own ``kubectl`` joins the arguments to a
line for the shell; here they stay a list, and what goes wrong is told as a fault with its remedy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_kubernetes.kubectl import Kubectl
from pytest_kubernetes.providers.external import ExternalManagerBase

from topicmark.model import LabFault

SERVICE = "kubernetes"
REQUEST_S = 15
_CALL_S = 30
_LOG_LINES = 20
_LOGGED = re.compile(r"[EWI]\d{4} \d\d:\d\d:\d\d")
"""How a line begins that kubectl logs: with level, date and time, the process's number next."""
_UNREACHABLE = re.compile(
    r"unable to connect to the server|connection refused|was refused|no such host|i/o timeout|dial tcp|"
    r"context deadline exceeded|TLS handshake timeout|client rate limiter|server is currently unable|"
    r"etcdserver|Service ?Unavailable|timed out",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"\(Forbidden\)|forbidden:", re.IGNORECASE)
_UNKNOWN_USER = re.compile(
    r"\(?Unauthorized\)?|must be logged in|provide credentials|getting credentials|exec plugin", re.IGNORECASE
)
_NO_SUCH_CONTEXT = re.compile(r"context .* does not exist|no context exists", re.IGNORECASE)
_NOT_FOUND = re.compile(r"\(NotFound\)|not found$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace of a cluster. Without ``kubeconfig`` and ``context`` it is kubectl's own choice, as for the user."""

    namespace: str = "default"
    kubeconfig: Path | None = None
    context: str = ""

    def told(self) -> str:
        return f"namespace {self.namespace}" + (f" of {self.context}" if self.context else "")


class NotFound(Exception):
    """The API server has no such object."""


class _ArgumentList(Kubectl):  # type: ignore[misc]  # it carries no type information
    """pytest-kubernetes' call of kubectl, without a shell in between and with a bound on the time it takes."""

    def __init__(self, kubeconfig: Path | None, context: str | None) -> None:
        self._kubeconfig, self._context, self._prefix = kubeconfig, context, None

    def _get_kubeconfig_args(self) -> list[str]:
        given = ["--kubeconfig", str(self._kubeconfig)] if self._kubeconfig else []
        return given + (["--context", str(self._context)] if self._context else [])

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The whole command. Raises ``LabFault`` if there is no kubectl."""
        found = shutil.which("kubectl")
        if found is None:
            raise LabFault(
                "kubectl is not on the PATH", service=SERVICE, remedy="Install kubectl; the course needs it too."
            )
        return [found, *self._get_kubeconfig_args(), *arguments]

    def _exec(
        self, arguments: list[str], timeout: float = _CALL_S, given: str | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        command = self.command(arguments)
        try:
            ended = subprocess.run(command, capture_output=True, timeout=timeout, check=False, input=_bytes(given))
        except subprocess.TimeoutExpired:
            raise _fault(arguments, f"timed out after {timeout:.0f} s") from None
        except OSError as error:
            raise LabFault(f"kubectl cannot be run: {error}", service=SERVICE) from error
        if ended.returncode:
            raise _failure(arguments, ended.stderr.decode(errors="replace").strip())
        return ended


class Cluster(ExternalManagerBase):  # type: ignore[misc]  # nor does this
    """A cluster that exists already, and one namespace of it. Each call is bounded in time and raises ``LabFault`` if
    the API server cannot be reached or does not allow it. Safe for use by several threads."""

    def __init__(self, place: Place) -> None:
        super().__init__(kubeconfig=place.kubeconfig)
        self.place = place
        self.context = place.context or None
        self._calls = _ArgumentList(self.kubeconfig, self.context)

    def kubectl(self, args: list[str], as_dict: bool = True, timeout: int = _CALL_S) -> Any:
        """What pytest-kubernetes offers: the answer as a dict, or as text."""
        return self._calls([*args], as_dict, timeout)

    def command(self, *arguments: str) -> list[str]:
        """An argument list of kubectl in this namespace, for a process of its own."""
        return self._calls.command([f"--namespace={self.place.namespace}", *arguments])

    # Reading

    def items(self, kind: str) -> list[dict[str, Any]]:
        """Every object of a kind (``pods``, ``services``, …) in the namespace."""
        found = self._ask("get", kind)
        return list(found["items"])

    def item(self, kind: str, name: str, *, anywhere: bool = False) -> dict[str, Any] | None:
        """One object; None if there is none. ``anywhere``: of the whole cluster, as a namespace is."""
        try:
            found = self._ask("get", kind, name, namespaced=not anywhere)
        except NotFound:
            return None
        return dict(found)

    def may(self, verb: str, kind: str) -> bool:
        """Whether the user may do that in the namespace. ``kind``: ``pods``, or ``pods/portforward`` of its parts."""
        whole, _, part = kind.partition("/")  # kubectl would take a slash for a pod of that name
        below = [f"--subresource={part}"] if part else []
        command = self.command("auth", "can-i", verb, whole, *below, f"--request-timeout={REQUEST_S}s")
        try:
            ended = subprocess.run(command, capture_output=True, timeout=_CALL_S, check=False, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _fault(["auth", "can-i", verb, kind], str(error)) from error
        said = ended.stdout.decode(errors="replace").strip()
        if said.startswith(("yes", "no")):  # "no" comes with exit code 1
            return said.startswith("yes")
        raise _failure(["auth", "can-i", verb, kind], ended.stderr.decode(errors="replace").strip())

    def server_version(self) -> str:
        """``v1.31.2``."""
        found = self.kubectl(["version", f"--request-timeout={REQUEST_S}s"])
        return str(found["serverVersion"]["gitVersion"])

    def last_words(self, pod: str, *, before: bool = False) -> str:
        """The last lines of a pod's log; with ``before``, of its container that ended last. Empty if there are none."""
        arguments = ["logs", pod, "--all-containers", f"--tail={_LOG_LINES}", *(["--previous"] if before else [])]
        arguments += [f"--namespace={self.place.namespace}", f"--request-timeout={REQUEST_S}s"]
        try:
            return str(self.kubectl(arguments, as_dict=False))
        except (NotFound, LabFault):
            return ""  # a container that never ran has none

    # Writing

    def create(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Create objects that are not there yet. Raises ``LabFault`` if one is."""
        self._send("create", documents)

    def apply_all(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Create or change objects."""
        self._send("apply", documents)

    def delete(self, kind: str, name: str, *, within_s: float = 120.0, anywhere: bool = False) -> None:
        """Delete one object and wait until it is gone; nothing happens if there is none."""
        where = [] if anywhere else [f"--namespace={self.place.namespace}"]
        wait = f"--timeout={within_s:.0f}s"
        self._calls._exec(["delete", kind, name, *where, "--ignore-not-found", wait], timeout=within_s + _CALL_S)

    def delete_now(self, kind: str, name: str) -> None:
        """Delete one object with next to no grace, and do not wait; nothing happens if there is none."""
        where = f"--namespace={self.place.namespace}"
        self._calls._exec(["delete", kind, name, where, "--ignore-not-found", "--grace-period=1", "--wait=false"])

    def _send(self, verb: str, documents: Sequence[Mapping[str, Any]]) -> None:
        # one after another: for a List kubectl would not leave it to the server to check the fields, but fetch the
        # description of everything the server knows, a few megabytes
        text = "\n".join(map(json.dumps, documents))
        call = [verb, f"--namespace={self.place.namespace}", f"--request-timeout={REQUEST_S}s", "-f", "-"]
        try:
            self._calls._exec(call, timeout=4 * _CALL_S, given=text)
        except NotFound as error:  # the namespace, or a kind that this cluster does not know
            raise _fault(call, str(error)) from error

    def _ask(self, *arguments: str, namespaced: bool = True) -> Mapping[str, Any]:
        where = [f"--namespace={self.place.namespace}"] if namespaced else []
        try:
            return dict(self.kubectl([*arguments, *where, f"--request-timeout={REQUEST_S}s"]))
        except ValueError as error:
            raise _fault(arguments, f"no JSON: {error}") from error


def _bytes(given: str | None) -> bytes:
    return (given or "").encode()  # an empty input rather than the user's terminal


def _failure(arguments: Sequence[str], said: str) -> Exception:
    """What kubectl said, as an exception. Most telling first: a message may match several."""
    if _NO_SUCH_CONTEXT.search(said):
        return LabFault(said, service=SERVICE, remedy="kubectl config get-contexts lists those that exist.")
    if _FORBIDDEN.search(said):
        return LabFault(
            f"{_told(arguments)} is not allowed: {said}",
            service=SERVICE,
            remedy="The role that is needed is in docs/rbac.yaml.",
        )
    if _UNKNOWN_USER.search(said):
        return LabFault(
            f"the API server does not know the user: {said}",
            service=SERVICE,
            remedy="Log in again; does kubectl get pods work?",
        )
    if _NOT_FOUND.search(said):
        return NotFound(said)
    return _fault(arguments, said)


def _fault(arguments: Sequence[str], said: str) -> LabFault:
    plain = "\n".join(line for line in said.splitlines() if not _LOGGED.match(line)) or said
    if _UNREACHABLE.search(said):
        reason = f"the API server does not answer {_told(arguments)}: {plain}"
        return LabFault(reason, service=SERVICE, remedy="Is the cluster up? Does kubectl get pods work?")
    return LabFault(f"{_told(arguments)} failed: {plain}", service=SERVICE)


def _told(arguments: Sequence[str]) -> str:
    shown = [one for one in arguments if not one.startswith("--")]
    return "kubectl " + " ".join(shown)


def environment() -> dict[str, str]:
    """For a kubectl that runs on: the user's own, since logging in may be up to programs of his."""
    return dict(os.environ)
