"""The ways into a namespace: port-forwards that stay, names that lead to pods, and nothing that outlives the grader."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import requests

from selftest.cases import ROOT
from selftest.kubernetes.cluster import FakeCluster
from selftest.kubernetes.echo import echo
from selftest.processes import marked
from topicmark.backends.namespace import Namespace
from topicmark.model import LabFault
from topicmark.services.kubectl import Cluster, Place
from topicmark.waiting import eventually

READY_S = 30


@pytest.fixture
def echoing() -> Iterator[str]:
    """Answers in capitals; where it listens."""
    with echo() as address:
        yield address


@pytest.fixture
def namespace(cluster: FakeCluster, tmp_path: Path) -> Iterator[Namespace]:
    made = Namespace(Cluster(Place("default", cluster.kubeconfig)), tmp_path / "forwards", f"t-{uuid.uuid4().hex}")
    made.start()
    with closing(made):
        yield made


def say(port: int, text: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plug:
        plug.sendall(text.encode())
        return plug.recv(4096).decode()


def test_a_port_forward_that_dies_is_opened_again_where_it_was(
    cluster: FakeCluster, namespace: Namespace, echoing: str
) -> None:
    cluster.pod("one", "one", {7: echoing}, image="x")
    port = namespace.forward("pod/one", 7)
    assert say(port, "before") == "BEFORE"
    (forward,) = namespace.forwards()

    for process in psutil.Process(forward.pid).children():
        process.kill()

    eventually(lambda: forward.reopened, bool, within=READY_S, describe="it to be opened again")
    assert namespace.forward("pod/one", 7) == port
    assert say(port, "after") == "AFTER"
    assert namespace.check() is None


def test_a_port_forward_to_nobody_says_why(cluster: FakeCluster, namespace: Namespace) -> None:
    with pytest.raises(LabFault, match="not found"):
        namespace.forward("pod/nobody", 7)


def test_names_of_pods_and_services_lead_there(cluster: FakeCluster, namespace: Namespace, echoing: str) -> None:
    cluster.pod("one-0", "one", {7: echoing}, image="x", subdomain="one-headless", address="10.244.3.4")
    cluster.service("one", "one", {70: 7})
    names = [
        "one-0",
        "one-0.one-headless",
        "one-0.one-headless.default",
        "10.244.3.4",
        "ONE-0.one-headless.default.svc.x.y",
    ]

    ways = {namespace.reach(name, 7) for name in [*names, "one-0.one-headless.default.svc.cluster.local."]}

    assert len(ways) == 1
    assert namespace.reach("one.default.svc.cluster.local", 70) not in ways
    for stranger in ("two-0", "one-0.one-headless.elsewhere.svc.cluster.local", "one.elsewhere", "10.244.3.5"):
        with pytest.raises(LookupError):
            namespace.reach(stranger, 7)


def test_the_proxy_refuses_what_it_does_not_know(namespace: Namespace) -> None:
    answer = requests.get("http://nobody/", proxies={"http": namespace.proxy.url}, timeout=10)

    assert answer.status_code == 502
    assert "neither a pod nor a Service" in answer.text
    assert namespace.proxy.refused[-1][0] == "nobody"


def test_no_port_forward_outlives_a_grader_that_was_killed(cluster: FakeCluster, tmp_path: Path, echoing: str) -> None:
    cluster.pod("one", "one", {7: echoing}, image="x")
    marker = f"t-{uuid.uuid4().hex}"
    code = (
        "import sys; from pathlib import Path; from topicmark.backends.namespace import Namespace;"
        "from topicmark.services.kubectl import Cluster, Place;"
        f"n = Namespace(Cluster(Place('default', Path({str(cluster.kubeconfig)!r}))), Path({str(tmp_path / 'f')!r}),"
        f"{marker!r}); n.start(); print(n.forward('pod/one', 7), flush=True); sys.stdin.read()"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    assert say(int(grader.stdout.readline()), "there") == "THERE"
    assert marked(marker)

    grader.send_signal(signal.SIGKILL)
    grader.communicate()

    eventually(lambda: marked(marker), lambda left: not left, within=READY_S, describe="the port-forwards to end")
