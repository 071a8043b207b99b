"""The life of a lab in containers: it starts, is stopped, breaks, is left behind. Against stand-in images."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from selftest.cases import ROOT
from topicmark.backends.docker import DockerLab, prepare, started
from topicmark.backends.needs import Needs
from topicmark.containers import engine
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.sandbox import Command
from topicmark.services.subnet import state_dir
from topicmark.waiting import eventually

ASK = """
    import socket, sys
    for name in sys.argv[1:]:
        try:
            with socket.create_connection((name, 9092), 5):
                print(name, "answers")
        except OSError as error:
            print(name, "fails", type(error).__name__)
    """
ORPHAN = """
    import sys
    from pathlib import Path
    from topicmark.backends.docker import started
    from topicmark.backends.needs import Needs
    from topicmark.sandbox import Command
    lab = started(Needs(), {})
    box = lab.sandbox((), (), ())
    box.start(Command(["sleep", "1000"]), Path(sys.argv[1]), "sleep")
    print(lab.folder.marker, flush=True)
    sys.stdin.read()
    """


@pytest.fixture(scope="module")
def lab(docker_engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerLab]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOPICMARK_STATE", str(tmp_path_factory.mktemp("state")))
        prepare(Needs(), print)
        lab = started(Needs(), {"num.partitions": "2"})
        try:
            yield lab
        finally:
            lab.take_down()
        assert nothing_of(docker_engine, lab.folder.marker)


def nothing_of(client: docker.DockerClient, marker: str) -> bool:
    by_label = {"label": f"{engine.LABEL}={marker}"}
    return not client.containers.list(all=True, filters=by_label) and not client.networks.list(filters=by_label)


def running_roles(marker: str) -> set[str]:
    return {state.role for state in engine.states(marker) if state.running}


def test_programs_find_the_brokers_under_the_courses_names(lab: DockerLab, tmp_path: Path) -> None:
    (tmp_path / "ask.py").write_text(textwrap.dedent(ASK))
    names = [
        "kafka", "kafka.default.svc.cluster.local", "kafka.someones-namespace", "bitnami.example",
        "kafka-controller-2.kafka-controller-headless.default.svc.cluster.local", "kafka-controller-3",
    ]  # fmt: skip
    with contextlib.closing(lab.sandbox((), (), ["bitnami.example"])) as box:
        asked = box.start(Command(["python3", "ask.py", *names]), tmp_path, "ask")
        asked.wait(60)
    told = dict(line.split(" ", 1) for line in asked.output().splitlines())

    assert [name for name, said in told.items() if said == "answers"] == names[:5], told
    assert told["kafka-controller-3"].startswith("fails")


def test_a_broker_is_stopped_and_comes_back(lab: DockerLab) -> None:
    began = time.monotonic()
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        cluster_id = view.cluster_id()
        with lab.broker_down(1):
            assert set(view.brokers()) == {0, 2}
            assert lab.faults(began) == []
        assert set(view.brokers()) == {0, 1, 2}
        assert view.cluster_id() == cluster_id

    assert lab.faults(began) == []
    assert lab.topic_defaults() == (2, 1)


def test_two_labs_at_once_know_nothing_of_one_another(lab: DockerLab, docker_engine: docker.DockerClient) -> None:
    other = started(Needs(), {})
    try:
        with (
            contextlib.closing(ClusterView(lab.bootstrap)) as ours,
            contextlib.closing(ClusterView(other.bootstrap)) as theirs,
        ):
            assert ours.cluster_id() != theirs.cluster_id()
            theirs.create_topic("only-there", 1, 3, {})
            assert "only-there" not in ours.topics()
        broker = docker_engine.containers.get(f"{other.folder.marker}-kafka-controller-0")
        found = broker.exec_run(["getent", "ahosts", "kafka"]).output.decode()
        known = docker_engine.networks.get(other.folder.marker).attrs["IPAM"]["Config"][0]["Subnet"]
        assert {line.split(".")[1] for line in found.splitlines()} == {known.split(".")[1]}, (found, known)
    finally:
        other.take_down()

    assert nothing_of(docker_engine, other.folder.marker)
    assert lab.faults(time.monotonic()) == []


def test_what_a_killed_grader_leaves_is_found_by_its_label(
    lab: DockerLab, docker_engine: docker.DockerClient, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ORPHAN), str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        marker = owner.stdout.readline().strip()
        assert "program" in running_roles(marker)
        owner.send_signal(signal.SIGKILL)
    eventually(lambda: running_roles(marker), lambda roles: "program" not in roles, within=20, describe="its end")
    assert not nothing_of(docker_engine, marker)

    command = [sys.executable, "-m", "topicmark", "down", "--all"]
    told = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=True)

    assert nothing_of(docker_engine, marker), told.stdout
    assert "1 taken down, 1 in use" in told.stdout
    assert engine.states(lab.folder.marker)
    assert not (state_dir() / "labs" / marker).exists()


def test_a_broker_that_dies_is_the_labs_fault_with_its_log(lab: DockerLab, docker_engine: docker.DockerClient) -> None:
    """The last: the lab is of no use after it."""
    began = time.monotonic()
    docker_engine.containers.get(f"{lab.folder.marker}-kafka-controller-2").kill()

    faults = eventually(lambda: lab.faults(began), bool, within=20, describe="a fault")

    assert faults[0].service == "kafka"
    assert "broker 2 was killed by signal 9" in faults[0].reason
    assert "kafka-controller-2" in faults[0].log


def test_an_engine_that_is_not_there_is_told() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        engine.client.cache_clear()
        with pytest.raises(LabFault, match="Docker's engine cannot be reached"):
            engine.version()
    engine.client.cache_clear()
