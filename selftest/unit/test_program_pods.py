"""A program's pod: what it may, what is carried into it, and whose doing its end is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from topicmark.backends import programs
from topicmark.model import LabFault
from topicmark.sandbox import Command, Limits, Mount
from topicmark.sandbox.baggage import Baggage, starts_others
from topicmark.sandbox.pod_link import judged
from topicmark.sandbox.pod_spec import pod, pod_name


def document(**more: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"labels": {"topicmark.run": "lab-1"}, "architecture": "amd64", "hosts": {}, **more}
    return pod(pod_name("consumer (1)"), "python:3.12.7-slim-bookworm", Limits(), **settings)


@pytest.mark.parametrize("version", ["1.27", "1.31", "1.34"])
def test_it_is_valid(version: str) -> None:
    made = document(hosts={"10.96.0.7": ["kafka.other", "my-kafka"]})

    assert kubernetes_validate.validate(made, version, strict=True) == version


def test_it_may_nothing_that_a_program_does_not_need() -> None:
    made = document()

    spec, (container,) = made["spec"], made["spec"]["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["restartPolicy"] == "Never"
    assert spec["activeDeadlineSeconds"] == 900
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] >= 10_000
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["limits"]) == {"cpu", "memory", "ephemeral-storage"}
    assert all(set(volume) == {"name", "emptyDir"} for volume in spec["volumes"])
    assert container["stdinOnce"] is True
    assert made["metadata"]["labels"] == {"topicmark.run": "lab-1"}


def test_its_command_has_room_in_an_argument_list() -> None:
    (container,) = document()["spec"]["containers"]

    assert max(len(word) for word in container["command"]) < 100_000


@pytest.mark.parametrize("label", ["consumer", "Producer (1)", "a" * 99, "--", "ü.py"])
def test_its_name_is_one_that_the_api_server_takes(label: str) -> None:
    name = pod_name(label)

    assert len(name) <= 63
    assert name.startswith("topicmark-")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert "--" not in name


# What is carried in


@pytest.mark.parametrize(
    ("argv", "text", "others"),
    [
        (["python3", "program.py"], "print(1)", False),
        (["/opt/python/bin/python3.11", "-m", "program"], "print(1)", False),
        (["python3", "program.py"], "import subprocess", True),
        (["python3", "program.py"], "from os import system", True),
        (["python3", "program.py"], "os.execvp('sh', ['sh'])", True),
        (["python3", "program.py"], "with ThreadPoolExecutor() as pool:", False),
        (["python3", "-c", "import os; os.popen('x')"], "print(1)", True),
        (["bash", "program.sh"], "print(1)", True),
        (["java", "Producer"], "print(1)", True),
    ],
)
def test_tools_are_carried_where_a_program_may_start_them(
    argv: list[str], text: str, others: bool, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(text)

    assert starts_others(Command(argv), tmp_path) is others


def test_nothing_is_carried_to_where_a_pod_has_no_room(tmp_path: Path) -> None:
    with pytest.raises(LabFault, match="/usr/share/thing cannot be shown in a pod"):
        Baggage([Mount(tmp_path, Path("/usr/share/thing"))], tmp_path / "baggage")


def test_a_python_without_an_image_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.sys, "version_info", type("Version", (), {"major": 3, "minor": 9})())

    with pytest.raises(LabFault, match=r"no image for programs of Python 3\.9") as fault:
        programs.image()

    assert "3.12" in fault.value.remedy


# How it ended


def terminated(**ended: Any) -> dict[str, Any]:
    return {"containerStatuses": [{"state": {"terminated": ended}}]}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({"phase": "Running"}, ""),
        ({"reason": "Evicted", "message": "The node was low on resource: memory."}, "lost: the cluster took"),
        ({"reason": "Evicted", "message": 'Usage of EmptyDir volume "home" exceeds the limit "1Gi".'}, "killed: disk"),
        (
            {"reason": "Evicted", "message": "The node was low on resource: ephemeral-storage."},
            "lost: the cluster took",
        ),
        ({"reason": "DeadlineExceeded"}, "killed: wall time"),
        ({"reason": "NodeShutdown"}, "lost: the cluster took"),
        (
            {"conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}]},
            "lost: the cluster takes its pod down: PreemptionByScheduler",
        ),
        (terminated(exitCode=137, reason="OOMKilled"), "killed: memory limit"),
        (terminated(exitCode=1, reason="Error"), "lost: its container ended with code 1"),
    ],
)
def test_whose_doing_the_end_of_a_pod_is(status: dict[str, Any], told: str) -> None:
    found = judged({"metadata": {}, "status": status}, status)

    assert found.startswith(told)
    assert bool(found) == bool(told)
