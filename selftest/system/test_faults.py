"""The lab is broken on purpose while the reference is graded: no point may be lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from selftest.running import RunningGrade
from topicmark.backends.embedded import QUOTA_BYTES
from topicmark.provision.control import ask

pytestmark = pytest.mark.divided

REFERENCE = "submissions/reference"


def stop(folder: Path, node: str) -> None:
    """Stop a node of the JVM in ``folder``. The run may notice, and take its lab down, before the answer comes."""
    with contextlib.suppress(ConnectionError):
        assert ask(folder, "control", f"stop {node}", within_s=30) == "ok"


def kill_all_brokers(run: RunningGrade) -> None:
    run.brokers().kill()


def stop_one_broker(run: RunningGrade) -> None:
    stop(run.lab_folder(), "1")


def fill_the_quota(run: RunningGrade) -> None:
    ballast = run.lab_folder() / "data" / "0" / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, QUOTA_BYTES + 2**20)


def kill_hdfs(run: RunningGrade) -> None:
    run.jvm("topicmark.hdfs.HdfsNodes").kill()


def stop_the_namenode(run: RunningGrade) -> None:
    stop(Path(run.jvm("topicmark.hdfs.HdfsNodes").cwd()), "namenode")


def stop_a_datanode(run: RunningGrade) -> None:
    stop(Path(run.jvm("topicmark.hdfs.HdfsNodes").cwd()), "datanode-1")


def kill_connect(run: RunningGrade) -> None:
    run.jvm("topicmark.connect.LabWorker").kill()


def kill_the_registry(run: RunningGrade) -> None:
    run.jvm("topicmark.registry.RegistryFront").kill()


def kill_the_database(run: RunningGrade) -> None:
    run.jvm("unix_socket_directories=").kill()


def kill_ksqldb(run: RunningGrade) -> None:
    run.jvm("topicmark.ksqldb").kill()


@pytest.mark.parametrize("fault", [kill_all_brokers, stop_one_broker, fill_the_quota], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("exercise", "moment"), [("ex4", "ex4.2"), ("ex5", "ex5.1"), ("ex5", "ex5.2")])
def test_a_broken_lab_costs_no_point(
    fault: Callable[[RunningGrade], None], exercise: str, moment: str, tmp_path: Path
) -> None:
    costs_no_point(fault, exercise, f"  {moment} ", tmp_path)


@pytest.mark.parametrize("fault", [kill_all_brokers, kill_hdfs, stop_the_namenode, stop_a_datanode, kill_connect])
@pytest.mark.parametrize("moment", ["connector hdfs-sink", "the worker is back"])
def test_a_broken_lab_costs_no_point_of_the_sink(
    fault: Callable[[RunningGrade], None], moment: str, tmp_path: Path
) -> None:
    costs_no_point(fault, "ex7", moment, tmp_path)


@pytest.mark.parametrize("fault", [kill_all_brokers, stop_one_broker, kill_ksqldb])
@pytest.mark.parametrize("moment", ["statements", "records for the streams"])
def test_a_broken_lab_costs_no_point_of_the_streams(
    fault: Callable[[RunningGrade], None], moment: str, tmp_path: Path
) -> None:
    costs_no_point(fault, "ex6", moment, tmp_path)


@pytest.mark.parametrize(
    ("fault", "moment"),
    [
        (kill_all_brokers, "ex3.1"),
        (kill_the_registry, "ex3.1"),
        (kill_connect, "ex3.1"),
        (kill_connect, "ex3.2"),
        (kill_ksqldb, "ex3.2"),
        (kill_all_brokers, "ex3.4"),
    ],
)
def test_a_broken_lab_costs_no_point_of_the_services(
    fault: Callable[[RunningGrade], None], moment: str, tmp_path: Path
) -> None:
    costs_no_point(fault, "ex3", f"  {moment} ", tmp_path)


@pytest.mark.parametrize(
    ("fault", "moment"),
    [
        (kill_all_brokers, "Flume agent"),
        (kill_the_database, "sqoop import"),
        (kill_hdfs, "sqoop import"),
    ],
)
def test_a_broken_lab_costs_no_point_of_flume_and_sqoop(
    fault: Callable[[RunningGrade], None], moment: str, tmp_path: Path
) -> None:
    costs_no_point(fault, "ex8", moment, tmp_path)


TASKS = {"ex3": 4, "ex4": 5, "ex5": 6, "ex6": 4, "ex7": 4, "ex8": 2}


def costs_no_point(fault: Callable[[RunningGrade], None], exercise: str, moment: str, tmp_path: Path) -> None:
    """The reference is graded, and the lab broken when the output says ``moment``."""
    with RunningGrade(tmp_path, REFERENCE, "--fresh", "-k", exercise) as run:
        run.await_output(moment)

        fault(run)

        code = run.wait()
        results = run.results()
        outcomes = {task["id"]: task["outcome"] for task in results["tasks"]}
        assert set(outcomes.values()) <= {"passed", "infra"}, run.output
        assert len(outcomes) == TASKS[exercise]
        assert code == (3 if "infra" in outcomes.values() else 0), run.output
        bonus = sum(task["points"] for task in results["tasks"] if task["bonus"])
        assert results["score"] == results["max_score"] + bonus
