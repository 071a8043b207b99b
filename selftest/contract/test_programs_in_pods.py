"""Programs in pods: what goes in and comes out, how they end, whose fault it is, and that none outlives the grader."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from selftest.kubernetes.cluster import IMAGES, FakeCluster
from selftest.kubernetes.echo import echo
from topicmark.backends.programs import IN_A_BROKERS_POD, ProgramPods, clear_ended
from topicmark.model import LabFault
from topicmark.observe.pods import namespace_facts
from topicmark.sandbox import Command, Level, Limits, Mount, Sandbox, pod
from topicmark.services.kubectl import Cluster, Place
from topicmark.waiting import eventually

END_S = 30
SOON_S = 20
EVICTED = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
FILLED_ITS_DISK = {
    "phase": "Failed",
    "reason": "Evicted",
    "message": "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.",
}
KILLED_FOR_MEMORY = {
    "phase": "Failed",
    "containerStatuses": [{"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}],
}
HOMELESS = {
    "phase": "Pending",
    "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes: Insufficient cpu"}
    ],
}
UNPULLED = {
    "phase": "Pending",
    "containerStatuses": [
        {"name": "program", "image": "python:3", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}
    ],
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


Make = Callable[..., Sandbox]


@pytest.fixture
def made(cluster: FakeCluster, tmp_path: Path) -> Iterator[Make]:
    """Make a sandbox of pods; closed after the test."""
    with ExitStack() as stack:

        def one(*, in_a_pod: bool = False, aliases: tuple[str, ...] = (), **more: Any) -> Sandbox:
            pods = ProgramPods(
                Cluster(Place("default", cluster.kubeconfig)),
                "lab-1",
                ("default", "other"),
                aliases,
                IN_A_BROKERS_POD if in_a_pod else (),
            )
            sandbox = Sandbox(level=Level.POD, endpoints=(), folder=tmp_path / "out", pods=pods, **more)
            stack.callback(sandbox.close)
            return sandbox

        yield one


def script(tree: Path, text: str) -> Command:
    (tree / "program.py").write_text(textwrap.dedent(text))
    return Command(["python3", "program.py", "ü"])


def pods_of(cluster: FakeCluster) -> list[str]:
    return [name for name in cluster.api.names("v1/pods", "default") if name.startswith("topicmark-")]


# What goes in and comes out


def test_a_program_finds_its_files_and_what_it_prints_is_kept(made: Make, tree: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    (packages / "bin").mkdir(parents=True)
    (packages / "bin" / "python").symlink_to("/nowhere/python")
    (packages / "hello").write_text("from afar\n")
    (tree / "data").mkdir()
    (tree / "data" / "beside.txt").write_text("beside\n")
    sandbox = made(mounts=[Mount(packages, Path("/opt/python"))], env={"GREETING": "hello"})
    command = script(
        tree,
        """
        import os, sys
        print(os.environ["GREETING"], sys.argv[1], open("data/beside.txt").read().strip(), os.getcwd())
        print(open("/opt/python/hello").read().strip(), os.path.exists("/opt/python/bin/python"))
        print("x" * 300_000)
        print("to stderr", file=sys.stderr)
        sys.exit(3)
        """,
    )

    running = sandbox.start(command, tree, "reader")
    ended = running.wait(END_S)

    said = running.output()
    assert (ended.code, ended.reason) == (3, "ended"), said[-2000:]
    assert "hello ü beside /home/student/lab\nfrom afar True\n" in said
    assert "x" * 300_000 in said
    assert said.endswith("to stderr\n")


def test_what_is_typed_arrives_and_what_it_uses_is_seen(made: Make, tree: Path) -> None:
    running = made().start(script(tree, "while True: print('heard', input(), flush=True)"), tree, "typist")

    running.type("one\ntwo\n")

    eventually(running.output, lambda said: "heard two" in said, within=END_S, describe="what was typed")
    used = eventually(running.usage, lambda seen: seen is not None, within=END_S, describe="what it uses")
    assert used is not None
    assert used.processes == 1
    assert used.memory_bytes > 1_000_000
    assert used.files >= 2


def test_a_program_that_cannot_be_started_says_so_itself(made: Make, tree: Path) -> None:
    running = made().start(Command(["./missing.sh"]), tree, "missing")

    ended = running.wait(END_S)

    assert ended.code == 127
    assert "./missing.sh: not found" in running.output()


def test_a_run_may_last_until_its_last_process(made: Make, tree: Path) -> None:
    command = Command(["sh", "-c", "(sleep 1; echo later) & echo first; exit 4"], until_last=True)

    running = made().start(command, tree, "starter")

    assert running.wait(END_S).code == 4
    assert running.output() == "first\nlater\n"


# Names


def test_names_of_the_cluster_of_other_namespaces_and_aliases_lead_to_the_lab(
    cluster: FakeCluster, made: Make, tree: Path
) -> None:
    with echo() as address:
        port = int(address.partition(":")[2])
        cluster.pod(
            "kafka-controller-0", "kafka", {port: address}, image=IMAGES["kafka"], subdomain="kafka-controller-headless"
        )
        cluster.service("kafka", "kafka", {9092: port})
        cluster.service("kafka-controller-headless", "kafka", {9092: port}, headless=True)
        command = script(
            tree,
            f"""
            import socket
            for name in ("kafka", "kafka.default.svc.cluster.local", "kafka.other", "my-kafka",
                         "kafka-controller-0.kafka-controller-headless.other.svc.cluster.local"):
                with socket.create_connection((name, {port}), 5) as plug:
                    plug.sendall(name.encode())
                    print(plug.recv(99).decode())
            """,
        )

        running = made(aliases=("my-kafka",)).start(command, tree, "caller")
        running.wait(END_S)

    said = running.output()
    assert said.splitlines() == [
        "KAFKA",
        "KAFKA.DEFAULT.SVC.CLUSTER.LOCAL",
        "KAFKA.OTHER",
        "MY-KAFKA",
        "KAFKA-CONTROLLER-0.KAFKA-CONTROLLER-HEADLESS.OTHER.SVC.CLUSTER.LOCAL",
    ]


# How it ends


def test_it_is_stopped_as_at_a_terminal(made: Make, tree: Path) -> None:
    command = script(
        tree,
        """
        import signal, sys, time
        def end(*_):
            print("committed", flush=True)
            sys.exit(5)
        signal.signal(signal.SIGINT, end)
        print("ready", flush=True)
        while True: time.sleep(1)
        """,
    )
    running = made().start(command, tree, "polite")
    eventually(running.output, lambda said: "ready" in said, within=END_S, describe="it to be ready")

    ended = running.stop()

    assert (ended.code, ended.reason, ended.needed) == (5, "stopped", "SIGINT")
    assert running.output() == "ready\ncommitted\n"


def test_it_is_killed_with_all_that_it_started_and_its_pod_goes(cluster: FakeCluster, made: Make, tree: Path) -> None:
    sandbox = made()
    running = sandbox.start(Command(["sh", "-c", "trap '' INT TERM; sleep 99 & echo on; sleep 99"]), tree, "stubborn")
    eventually(running.output, lambda said: "on" in said, within=END_S, describe="it to be on")

    ended = running.kill()

    assert (ended.signal, ended.reason, ended.needed) == (signal.SIGKILL, "stopped", "SIGKILL")
    eventually(lambda: pods_of(cluster), lambda left: not left, within=SOON_S, describe="the pod to go")
    eventually(cluster.kubelet.processes, lambda left: not left, within=SOON_S, describe="its processes to end")


def test_a_limit_is_told_in_words(made: Make, tree: Path) -> None:
    sandbox = made(limits=Limits(memory_bytes=60 * 2**20))
    running = sandbox.start(script(tree, "kept = b'x' * (90 * 2**20); print('on'); input()"), tree, "greedy")

    ended = running.wait(END_S)

    assert ended.reason.startswith("killed: memory limit, it used"), str(ended)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (EVICTED, "lost: the cluster took its pod down: Evicted The node was low on resource: memory."),
        (KILLED_FOR_MEMORY, "killed: memory limit, the kernel ended it at its container's"),
        (FILLED_ITS_DISK, "killed: disk limit, Pod ephemeral local storage usage exceeds"),
    ],
    ids=["evicted", "memory", "disk"],
)
def test_a_pod_that_goes_away_around_its_program_says_whose_doing_it_is(
    status: dict[str, Any], told: str, cluster: FakeCluster, made: Make, tree: Path
) -> None:
    running = made().start(script(tree, "print('on', flush=True); input()"), tree, "victim")
    eventually(running.output, lambda said: "on" in said, within=END_S, describe="it to be on")
    (name,) = pods_of(cluster)

    cluster.kubelet.end(name, status)
    ended = running.wait(END_S)

    assert ended.reason.startswith(told), str(ended)
    assert ended.lost == told.startswith("lost")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (EVICTED, "Evicted: The node was low on resource"),
        (HOMELESS, "no node takes it: 0/3 nodes: Insufficient cpu"),
        (UNPULLED, r"cannot be pulled \(ImagePullBackOff"),
    ],
    ids=["evicted", "homeless", "unpulled"],
)
def test_a_pod_that_never_runs_is_nobodys_lost_point(
    status: dict[str, Any],
    told: str,
    cluster: FakeCluster,
    made: Make,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pod, "HOPELESS_S", 1.0)
    cluster.kubelet.held_up = status

    with pytest.raises(LabFault, match=told) as fault:
        made().start(Command(["python3", "-V"]), tree, "unborn")

    assert fault.value.service == "pods"
    assert pods_of(cluster) == []


# What it may, and what is left


def test_process_1_is_out_of_the_programs_reach(made: Make, tree: Path) -> None:
    command = script(
        tree,
        """
        import os, signal
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(1, number)
        try:
            open("/proc/1/fd/1", "wb").write(b"X\\0\\0\\0\\1" + b"0")
        except OSError as error:
            print("no:", error.strerror)
        """,
    )

    running = made().start(command, tree, "forger")

    assert running.wait(END_S).code == 0
    assert running.output() == "no: Permission denied\n"


GRADER = """
import sys, time
from pathlib import Path
from topicmark.backends.programs import ProgramPods
from topicmark.sandbox import Command, Level, Sandbox
from topicmark.services.kubectl import Cluster, Place

pods = ProgramPods(Cluster(Place("default", Path(sys.argv[1]))), "lab-2", (), ())
sandbox = Sandbox(level=Level.POD, endpoints=(), folder=Path(sys.argv[2]), marker="lab-2", pods=pods)
running = sandbox.start(Command(["sh", "-c", "echo on; sleep 99"]), Path(sys.argv[3]), "orphan")
while "on" not in running.output():
    time.sleep(0.1)
print("on", flush=True)
time.sleep(99)
"""


def test_a_grader_that_is_killed_leaves_a_pod_that_has_ended_and_the_next_one_removes_it(
    cluster: FakeCluster, tree: Path, tmp_path: Path
) -> None:
    (tmp_path / "grader.py").write_text(GRADER)
    argv = [sys.executable, str(tmp_path / "grader.py"), str(cluster.kubeconfig), str(tmp_path / "out"), str(tree)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == b"on\n"
        (name,) = pods_of(cluster)
        (process,) = cluster.kubelet.processes()

        grader.kill()

    process.wait(SOON_S)
    ended = eventually(
        lambda: cluster.api.get("v1/pods", "default", name),
        lambda item: item is not None and item["status"]["phase"] == "Succeeded",
        within=SOON_S,
        describe="the pod to have ended",
    )
    eventually(lambda: marked("lab-2"), lambda left: not left, within=SOON_S, describe="its links to end")
    assert ended is not None

    there = Cluster(Place("default", cluster.kubeconfig))
    clear_ended(there, namespace_facts("default", there.items("pods"), []))

    assert pods_of(cluster) == []


def marked(marker: str) -> list[str]:
    """Command lines of processes that belong to a lab."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TOPICMARK_LAB") == marker:
                found.append(json.dumps(process.cmdline()))
        except psutil.Error:
            continue
    return found
