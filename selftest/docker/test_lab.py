"""What is particular to a lab in containers: its labels, its network, its engine. Against stand-in images.

What holds for every backend is in ``selftest/contract/backends`` and ``selftest/system/test_equal_verdicts.py``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from selftest.backends.way import topicmark
from selftest.cases import ROOT, grade
from topicmark.backends.docker import DockerLab, prepare, started
from topicmark.backends.needs import Needs
from topicmark.containers import engine
from topicmark.model import LabFault
from topicmark.services.subnet import state_dir
from topicmark.waiting import eventually

pytestmark = pytest.mark.docker

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


def test_what_the_values_say_reaches_the_brokers(lab: DockerLab) -> None:
    assert lab.topic_defaults() == (2, 1)


def test_the_courses_names_lead_to_the_labs_own_network(lab: DockerLab, docker_engine: docker.DockerClient) -> None:
    other = started(Needs(), {})
    try:
        broker = docker_engine.containers.get(f"{other.folder.marker}-kafka-controller-0")
        found = broker.exec_run(["getent", "ahosts", "kafka"]).output.decode()
        known = docker_engine.networks.get(other.folder.marker).attrs["IPAM"]["Config"][0]["Subnet"]
        assert {line.split(".")[1] for line in found.splitlines()} == {known.split(".")[1]}, (found, known)
    finally:
        other.take_down()
    assert nothing_of(docker_engine, other.folder.marker)


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

    told = topicmark("down", "--all")

    assert nothing_of(docker_engine, marker), told
    assert "1 taken down, 1 in use" in told
    assert engine.states(lab.folder.marker)
    assert not (state_dir() / "labs" / marker).exists()


def test_a_broker_that_was_killed_is_told_with_the_signal(lab: DockerLab, docker_engine: docker.DockerClient) -> None:
    """The last on this lab: it is of no use afterwards."""
    began = time.monotonic()
    docker_engine.containers.get(f"{lab.folder.marker}-kafka-controller-2").kill()

    faults = eventually(lambda: lab.faults(began), bool, within=20, describe="a fault")

    assert "broker 2 was killed by signal 9" in faults[0].reason
    assert "kafka-controller-2" in faults[0].log


def test_a_report_says_what_ran_it(docker_engine: docker.DockerClient, tmp_path: Path) -> None:
    graded = grade(ROOT / "submissions" / "reference", tmp_path / "out", "--backend", "docker", "-k", "ex4.3")

    assert graded.code == 0, graded.told()
    assert graded.results["sandbox"] == "container"
    assert graded.results["versions"]["kafka"] == "apache/kafka:3.8.0"


def test_an_engine_that_is_not_there_is_told() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        engine.client.cache_clear()
        with pytest.raises(LabFault, match="Docker's engine cannot be reached"):
            engine.version()
    engine.client.cache_clear()
