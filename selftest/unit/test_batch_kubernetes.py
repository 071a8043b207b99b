"""``topicmark batch --kubernetes``: Kubernetes takes the Job; done as its fields say, everybody gets a verdict."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from selftest.batches import Class
from selftest.unit.test_batch_running import course, table
from topicmark.batch import command, indexed_job
from topicmark.batch.store import Store
from topicmark.model import UsageError
from topicmark.syllabus import Syllabus

__all__ = ["course"]
KUBERNETES = ("1.29", "1.31", "1.33", "1.35", "1.37")
"""In 1.28 what happens to an index by an exit code was still to be switched on."""


def written(course: Class, *options: str) -> list[dict[str, Any]]:
    """The policy, the Job and the Job of the tables for what was handed in."""
    file = course.folder.parent / "job.yaml"
    assert course.batch("--kubernetes", "--image", "example.org/topicmark:1", f"--out={file}", *options) == 0
    return list(yaml.safe_load_all(file.read_text()))


def container(job: dict[str, Any]) -> dict[str, Any]:
    (one,) = job["spec"]["template"]["spec"]["containers"]
    return dict(one)


def as_in_a_pod(course: Class, job: dict[str, Any], index: int = 0) -> int:
    """The exit code of a pod: its volumes are the folders of the class."""
    folders = {indexed_job.HANDED_IN: str(course.folder), indexed_job.RESULTS: str(course.out)}
    given = []
    for argument in container(job)["args"][1:]:
        for mounted, folder in folders.items():
            argument = argument.replace(mounted, folder)
        given.append(argument.replace(f"$({indexed_job.INDEX})", str(index)))
    return course.batch(*given[1:])


def after(job: dict[str, Any], code: int) -> str:
    """What Kubernetes does about an index whose pod has ended with this code."""
    if code == 0:
        return "Complete"
    for rule in job["spec"]["podFailurePolicy"]["rules"]:
        told = rule.get("onExitCodes")
        if told and told["containerName"] == container(job)["name"] and code in told["values"]:
            return str(rule["action"])
    return "Count"


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_takes_it(version: str, course: Class) -> None:
    course.hand_in("anna", "4")
    for document in written(course, "-k", "ex4 or ex5", "--workers", "3"):
        assert kubernetes_validate.validate(document, version, strict=True) == version


def test_pods_have_what_they_need_and_no_more(course: Class) -> None:
    for name in ("anna", "bo"):
        course.hand_in(name, "4")
    policy, graded, tables = written(course)
    assert (graded["spec"]["completionMode"], graded["spec"]["completions"]) == ("Indexed", 2)
    assert graded["spec"]["parallelism"] == 2
    assert tables["spec"]["suspend"] is True
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(policy["spec"])
    for job in (graded, tables):
        pod = job["spec"]["template"]
        assert policy["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["restartPolicy"] == "Never"
        assert container(job)["image"] == "example.org/topicmark:1"
        assert container(job)["resources"]["limits"]["memory"] == "2Gi"
        assert {"--untrusted", "--contained"} <= set(container(job)["args"])
        mounts = {one["mountPath"]: one["name"] for one in container(job)["volumeMounts"]}
        volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
        assert set(mounts.values()) == set(volumes)
        claims = {path: volumes[mounts[path]]["persistentVolumeClaim"]["claimName"] for path in indexed_job.CLAIMS}
        assert claims == indexed_job.CLAIMS
    assert graded["spec"]["template"]["spec"]["activeDeadlineSeconds"] > 3600
    assert graded["spec"]["podFailurePolicy"]["rules"][0]["action"] == "Ignore"  # an evicted pod is nobody's fault


def test_points_that_are_lost_are_no_failure_and_only_faults_are_tried_again(course: Class) -> None:
    course.hand_in("anna", "4")
    course.hand_in("bo", "1", mark="copied")
    course.hand_in("cy", "1", mark="copied")
    course.hand_in("di", "infra then 2")
    course.hand_in("ed", "refuse")
    course.hand_in("fi", "crash then crash then 3")
    _, job, tables = written(course)

    became = {}
    for index, name in enumerate(("anna", "bo", "cy", "di", "ed", "fi")):
        tried = [after(job, as_in_a_pod(course, job, index))]
        while tried[-1] == "Count" and len(tried) <= job["spec"]["backoffLimitPerIndex"]:
            tried.append(after(job, as_in_a_pod(course, job, index)))
        became[name] = tried
    assert became == {
        "anna": ["Complete"], "bo": ["Complete"], "cy": ["Complete"], "di": ["Count", "Complete"],
        "ed": ["FailIndex"], "fi": ["Count", "Count"],
    }  # fmt: skip
    assert not (course.out / "class.csv").exists()

    assert as_in_a_pod(course, tables) == 3  # ed cannot be read
    rows = {row["submission"]: (row["state"], row["ex1.1"]) for row in table(course.out / "class.csv")}
    assert rows == {
        "anna": ("graded", "4"), "bo": ("graded", "1"), "cy": ("graded", "1"), "di": ("graded", "2"),
        "ed": ("refused", ""), "fi": ("graded", "3"),
    }  # fmt: skip
    assert course.noted() == ["anna", "bo", "cy", "di", "di", "ed", "fi", "fi", "ed", "fi"]
    assert as_in_a_pod(course, job, 1) == 0  # a pod that comes again finds its hand-in graded
    assert len(course.noted()) == 10


def test_a_class_that_has_changed_since_is_told(course: Class) -> None:
    course.hand_in("anna", "4")
    _, job, _ = written(course)
    course.hand_in("bo", "4")
    with pytest.raises(UsageError, match="there are 2 hand-ins here"):
        as_in_a_pod(course, job)
    for nth in ("2/2", "x", "1", "-1/2"):
        with pytest.raises(UsageError, match="is no I/N"):
            course.batch(f"--nth={nth}")
    assert course.noted() == []


def test_pods_share_the_results_and_a_whole_batch_does_not(course: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topicmark.batch.store._ENDING_S", 0.2)
    for name in ("anna", "bo"):
        course.hand_in(name, "4")
    with Store(course.out, "", Syllabus()).locked(shared=True):
        assert course.batch("--nth=0/2") == 0
        with pytest.raises(UsageError, match="another batch is at work here"):
            course.batch()
    with Store(course.out, "", Syllabus()).locked(), pytest.raises(UsageError, match="another batch is at work here"):
        course.batch("--nth=1/2")
    assert course.noted() == ["anna"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--kubernetes"], "--image"),
        (["--image", "x"], "--kubernetes"),
        (["--kubernetes", "--image", "x", "--scheduler", "tcp://h:1"], "Choose one"),
        (["--kubernetes", "--image", "x", "--backend", "docker"], "embedded"),
    ],
)
def test_what_does_not_go_together_is_refused(options: list[str], told: str, course: Class) -> None:
    course.hand_in("anna", "4")
    with pytest.raises(UsageError, match=told):
        course.batch(*options)


def test_without_a_file_it_is_printed(course: Class, capsys: pytest.CaptureFixture[str]) -> None:
    course.hand_in("anna", "4")
    parser = argparse.ArgumentParser()
    command.declare_batch(parser)
    given = parser.parse_args([str(course.folder), "--kubernetes", "--image", "example.org/topicmark:1"])
    assert command.run(given, Path()) == 0
    assert [one["kind"] for one in yaml.safe_load_all(capsys.readouterr().out)] == ["NetworkPolicy", "Job", "Job"]
