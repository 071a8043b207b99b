"""A ``kubectl`` for tests: asks the fake API server what kubectl would ask, and its port-forward leads where the pod's
annotation says. Runs alone; standard library only.

Its kubeconfig is one that the real kubectl reads too, in JSON. What it prints of errors is in the real one's words.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEADS_TO = "topicmark.selftest/"
"""Annotation ``topicmark.selftest/9092: 127.64.1.1:9092`` of a pod: where that port of it really is."""
ATTACH = "topicmark.selftest.attach"
"""Annotation of a pod: the socket at which its container's input and output are."""
_CORE = (
    *("pods", "pod", "services", "service", "svc", "configmaps", "resourcequotas", "limitranges"),
    *("persistentvolumeclaims", "secrets"),
)
_APPS = ("deployments", "statefulsets")
GROUPS = {
    **dict.fromkeys((*_CORE, "namespaces", "namespace"), "/api/v1"),
    **dict.fromkeys(_APPS, "/apis/apps/v1"),
    "networkpolicies": "/apis/networking.k8s.io/v1",
}
PLURALS = {"pod": "pods", "service": "services", "svc": "services", "namespace": "namespaces"}
OF_NO_NAMESPACE = ("namespaces", "namespace")
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_DEFAULT = Path(sys.argv[0]).resolve().parent / "config.json"


class Failed(Exception):
    """What kubectl would print before it ends with code 1."""


class Call:
    """One command line, taken apart."""

    def __init__(self, argv: list[str]) -> None:
        self.flags: dict[str, str] = {}
        self.words: list[str] = []
        waiting: str | None = None
        for one in argv:
            if waiting is not None:
                self.flags[waiting], waiting = one, None
            elif one in ("-o", "-f", "-k", "-n", "-l", "--kubeconfig", "--context"):
                waiting = one
            elif one.startswith("-") and one != "-":
                name, _, value = one.partition("=")
                self.flags[name] = value
            else:
                self.words.append(one)
        config = self.flags.get("--kubeconfig", _DEFAULT)
        try:
            self.config = json.loads(Path(config).read_text())
        except OSError as error:
            raise Failed(f"error: stat {config}: {error}") from error
        context = self.flags.get("--context")
        if context not in (None, *(one["name"] for one in self.config["contexts"])):
            raise Failed(f'error: context "{context}" does not exist')
        self.server = self.config["clusters"][0]["cluster"]["server"]
        self.namespace = self.flags.get("--namespace", "default")

    def ask(self, method: str, path: str, body: Any = None, doing: str = "") -> Any:
        """``doing``: as kubectl begins what it says about a file's objects."""
        request = urllib.request.Request(
            self.server + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
                text = answer.read().decode()
                return json.loads(text) if answer.headers.get_content_type() == "application/json" else text
        except urllib.error.HTTPError as error:
            said = json.load(error)
            if error.code == 401:
                raise Failed("error: You must be logged in to the server (Unauthorized)") from error
            raise Failed(f"Error from server ({said['reason']}): {doing}{said['message']}") from error
        except OSError as error:
            place = urllib.parse.urlsplit(self.server).netloc
            raise Failed(
                f"The connection to the server {place} was refused - did you specify the right host or port?"
            ) from error

    def path(self, kind: str, name: str | None = None) -> str:
        plural = PLURALS.get(kind, kind)
        if kind not in GROUPS:
            raise Failed(f'error: the server doesn\'t have a resource type "{kind}"')
        where = "" if kind in OF_NO_NAMESPACE else f"/namespaces/{self.namespace}"
        return f"{GROUPS[kind]}{where}/{plural}" + (f"/{name}" if name else "")

    def may(self, verb: str, resource: str, below: str = "") -> bool:
        wanted = {"verb": verb, "resource": resource, "subresource": below, "namespace": self.namespace}
        review = {"kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": wanted}}
        return bool(self.ask("POST", REVIEWS, review)["status"]["allowed"])


def main() -> int:
    try:
        call = Call(sys.argv[1:])
        return VERBS[call.words[0]](call)
    except Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1


def get(call: Call) -> int:
    kind, name = call.words[1], call.words[2] if len(call.words) > 2 else None
    json.dump(call.ask("GET", call.path(kind, name)), sys.stdout)
    return 0


def can_i(call: Call) -> int:
    allowed = call.may(call.words[2], call.words[3], call.flags.get("--subresource", ""))
    sys.stdout.write("yes\n" if allowed else "no\n")
    return int(not allowed)


def version(call: Call) -> int:
    json.dump({"serverVersion": call.ask("GET", "/version")}, sys.stdout)
    return 0


def logs(call: Call) -> int:
    sys.stdout.write(call.ask("GET", call.path("pods", call.words[1]) + "/log"))
    return 0


def create(call: Call) -> int:
    for item in _documents(sys.stdin.read()):
        call.namespace = item["metadata"].get("namespace", call.namespace)
        call.ask("POST", call.path(_plural(item)), item, 'error when creating "STDIN": ')
    return 0


def apply(call: Call) -> int:
    for item in _documents(sys.stdin.read()):
        call.namespace = item["metadata"].get("namespace", call.namespace)
        plural, name = _plural(item), item["metadata"]["name"]
        try:
            call.ask("GET", call.path(plural, name))
        except Failed as failed:
            if "(NotFound)" not in str(failed):
                raise
            call.ask("POST", call.path(plural), item, 'error when creating "STDIN": ')
        else:
            call.ask("PATCH", call.path(plural, name), item, "error when applying patch: ")
    return 0


def delete(call: Call) -> int:
    kind, named = call.words[1], call.words[2:]
    if "-l" in call.flags:
        found = call.ask("GET", f"{call.path(kind)}?labelSelector={urllib.parse.quote(call.flags['-l'])}")["items"]
        named = [one["metadata"]["name"] for one in found]
    for name in named:
        try:
            call.ask("DELETE", call.path(kind, name))
        except Failed as failed:
            if "(NotFound)" not in str(failed) or "--ignore-not-found" not in call.flags:
                raise
    return 0


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """One JSON value after another."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        item, at = decoder.raw_decode(text, at)
        yield item
        at += len(text[at:]) - len(text[at:].lstrip())


def attach(call: Call) -> int:
    pod = call.ask("GET", call.path("pod", call.words[1]))
    if not call.may("create", "pods", "attach"):
        raise Failed("error: unable to upgrade connection: pods is forbidden: create pods/attach")
    if pod["status"]["phase"] != "Running":
        raise Failed(f"error: cannot attach a container in a completed pod; current phase is {pod['status']['phase']}")
    if "--stdin" not in call.flags:
        raise Failed("error: this one is attached to with an input only")
    plug = socket.socket(socket.AF_UNIX)
    place = Path(pod["metadata"]["annotations"][ATTACH])
    folder = os.open(place.parent, os.O_PATH)
    plug.connect(f"/proc/self/fd/{folder}/{place.name}")
    threading.Thread(target=_hand_in, args=(plug,), daemon=True).start()
    while data := plug.recv(1 << 16):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return 0


def _hand_in(plug: socket.socket) -> None:
    try:
        while data := os.read(0, 1 << 16):
            plug.sendall(data)
        plug.shutdown(socket.SHUT_WR)
    except OSError:
        return  # it has ended


def port_forward(call: Call) -> int:
    target, ports = call.words[1], call.words[2]
    local, _, remote = ports.partition(":")
    address = call.flags["--address"]
    pod = _pod_of(call, target)
    port = _port_of(call, target, pod, int(remote))
    if not call.may("create", "pods", "portforward"):  # told late: the tunnel is what is refused
        raise Failed("error: error upgrading connection: pods is forbidden: create pods/portforward")
    leads_to = (pod["metadata"].get("annotations") or {}).get(f"{LEADS_TO}{port}")
    asyncio.run(_forward(address, int(local or 0), port, leads_to))
    return 0


async def _forward(address: str, local: int, port: int, leads_to: str | None) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            host, _, number = (leads_to or "127.0.0.1:1").partition(":")
            far_reader, far_writer = await asyncio.open_connection(host, int(number))
        except OSError as error:
            # as kubectl does when nobody listens in the pod: told, and the whole forward is lost
            sys.stderr.write(f"error forwarding port {port} to pod: {error}\nerror: lost connection to pod\n")
            sys.stderr.flush()
            os._exit(1)
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    try:
        server = await asyncio.start_server(serve, address, local)
    except OSError as error:
        raise Failed(f"Unable to listen on port {local}: {error}\nerror: unable to listen") from error
    number = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"Forwarding from {address}:{number} -> {port}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(65536):
            sink.write(chunk)
            await sink.drain()
        sink.write_eof()
    except OSError:
        sink.close()


def _pod_of(call: Call, target: str) -> dict[str, Any]:
    kind, _, name = target.partition("/")
    item = call.ask("GET", call.path(kind, name))
    if kind == "pod":
        return dict(item)
    selector = item["spec"]["selector"].items()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for pod in call.ask("GET", call.path("pods"))["items"]:
            running = pod["status"]["phase"] == "Running"
            if running and selector <= pod["metadata"]["labels"].items():
                return dict(pod)
    raise Failed("error: timed out waiting for the condition")


def _port_of(call: Call, target: str, pod: dict[str, Any], port: int) -> int:
    kind, _, name = target.partition("/")
    if kind == "pod":
        return port
    spec = call.ask("GET", call.path(kind, name))["spec"]
    if spec.get("clusterIP") == "None":
        return port
    found = next((one for one in spec["ports"] if one["port"] == port), None)
    if found is None:
        raise Failed(f"error: Service {name} does not have a service port {port}")
    wanted = found.get("targetPort", port)
    named = {p["name"]: p["containerPort"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}
    return int(named.get(wanted, wanted))


def _plural(item: dict[str, Any]) -> str:
    kind = str(item["kind"]).lower()
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


VERBS = {
    "get": get,
    "auth": can_i,
    "version": version,
    "logs": logs,
    "attach": attach,
    "create": create,
    "apply": apply,
    "delete": delete,
    "port-forward": port_forward,
}

if __name__ == "__main__":
    sys.exit(main())
