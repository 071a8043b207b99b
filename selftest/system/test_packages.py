"""Each package's entry script on a clean machine, as its platform starts it: one exercise of the reference."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import docker
import jsonschema
import pytest
import yaml

from selftest.cases import CORPUS, ROOT, read
from selftest.platforms import SCHEMAS
from selftest.platforms.clean_root import CleanRoot, stand_in_for_venv
from topicmark.provision.cache import cache_dir

pytestmark = pytest.mark.docker
REFERENCE = ROOT / "submissions" / "reference"
WITHIN_S = 400
ENV = {"TOPICMARK_CACHE": str(cache_dir())}
"""Where the platform's set-up would have put everything; here it is bound in, at its place, as archives know it."""


def package(platform: str, target: Path, *options: str) -> Path:
    """What a teacher gets, unpacked, after a set-up."""
    command = [sys.executable, "-m", "topicmark", "package", platform, "--to", str(target), *options]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    if target.suffix == ".zip":
        folder = target.with_suffix("")
        with zipfile.ZipFile(target) as made:
            made.extractall(folder)
            for info in made.infolist():
                (folder / info.filename).chmod(info.external_attr >> 16)
        target = folder
    stand_in_for_venv(target / "topicmark")
    return target


def results(path: Path, schema: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text())).validate(document)
    return document


def test_gradescope(docker_engine: docker.DockerClient, tmp_path: Path) -> None:
    root = tmp_path / "autograder"
    source = package("gradescope", tmp_path / "made.zip", "-k", "ex5")
    shutil.copytree(source, root / "source")
    shutil.copytree(REFERENCE, root / "submission")
    shutil.copy(source / "run_autograder", root)

    clean = CleanRoot(docker_engine, {root: "/autograder"})
    ended = clean.run(["/autograder/run_autograder"], within_s=WITHIN_S, env=ENV)

    assert ended.code == 0, ended.output
    document = results(root / "results" / "results.json", "gradescope")
    assert document["score"] == 20, ended.output
    assert [test["status"] for test in document["tests"]] == ["passed"] * 6
    assert document["extra_data"] == {"max_score": 20, "finished": True, "graded": True}


def test_prairielearn(docker_engine: docker.DockerClient, tmp_path: Path) -> None:
    made = package("prairielearn", tmp_path / "made", "-k", "ex5")
    grade = tmp_path / "grade"
    shutil.copytree(REFERENCE, grade / "student")

    clean = CleanRoot(docker_engine, {made: "/topicmark", grade: "/grade"}, memory_bytes=2 << 30, tasks=1024)
    ended = clean.run(["/topicmark/run.sh"], within_s=WITHIN_S, env=ENV)

    assert ended.code == 0, ended.output
    document = results(grade / "results" / "results.json", "prairielearn")
    assert (document["gradable"], document.get("score")) == (True, 1.0), ended.output
    assert sum(test["points"] for test in document["tests"]) == 20


def test_what_prairielearn_cannot_have_graded_costs_no_attempt(
    docker_engine: docker.DockerClient, tmp_path: Path
) -> None:
    made = package("prairielearn", tmp_path / "made", "-k", "nothing_of_that_name")
    grade = tmp_path / "grade"
    (grade / "student").mkdir(parents=True)

    clean = CleanRoot(docker_engine, {made: "/topicmark", grade: "/grade"})
    ended = clean.run(["/topicmark/run.sh"], within_s=WITHIN_S, env=ENV)

    assert ended.code == 0, ended.output
    document = results(grade / "results" / "results.json", "prairielearn")
    assert document["gradable"] is False
    assert "no task matches" in document["format_errors"][0]


def test_classroom50(docker_engine: docker.DockerClient, tmp_path: Path) -> None:
    made = package("classroom50", tmp_path / "made", "-k", "ex1.1")
    checkout = tmp_path / "checkout"
    shutil.copytree(REFERENCE, checkout)
    told = {
        "CLASSROOM": "big-data", "ASSIGNMENT": "lecture-03", "OWNER": "anna", "ASSIGNMENT_TYPE": "individual",
        "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d", "COMMIT_URL": "https://host/c", "RUNNER_TEMP": "/tmp",
        "RELEASE_URL": "https://host/r",
    }  # fmt: skip

    folders = {made: "/bundle", checkout: "/checkout"}
    argv = ["sh", "-c", "cd /checkout && exec python3 /bundle/autograder.py"]
    refused = CleanRoot(docker_engine, folders).run(argv, within_s=WITHIN_S, env={**ENV, **told})
    assert refused.code == 2, refused.output
    assert "cannot be held safely" in refused.output
    assert not (checkout / "result.json").exists()

    # this platform's runner is a virtual machine, which has namespaces
    ended = CleanRoot(docker_engine, folders, is_machine=True).run(argv, within_s=WITHIN_S, env={**ENV, **told})
    assert ended.code == 0, ended.output
    document = results(checkout / "result.json", "classroom50")
    assert (document["score"], document["max-score"], document["owner"]) == (3, 3, "anna")


def test_the_action(docker_engine: docker.DockerClient, tmp_path: Path) -> None:
    project = package("classroom50", tmp_path / "made") / "topicmark"
    step = next(one for one in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"] if "env" in one)
    work = tmp_path / "work"
    work.mkdir()
    read(CORPUS / "mutants" / "ex4-topic-min-isr-4").lay_out(work / "handed in")
    (work / "step.sh").write_text(step["run"])
    told = {
        "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_ACTION_PATH": "/action", "GITHUB_OUTPUT": "/github/output",
        "GITHUB_STEP_SUMMARY": "/github/summary.md", "SUBMISSION": "handed in", "SELECT": "ex1.1 or ex4.1",
        "OUT": "out folder", "STRICT": "false",
    }  # fmt: skip

    clean = CleanRoot(docker_engine, {project: "/action", work: "/github"}, is_machine=True)
    argv = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", "cd /github && . ./step.sh"]
    ended = clean.run(argv, within_s=WITHIN_S, env={**ENV, **told})

    assert ended.code == 0, ended.output
    run = json.loads((work / "out folder" / "results.json").read_text())
    lines = ended.output.splitlines()
    token = next(line for line in lines if line.startswith("::stop-commands::")).removeprefix("::stop-commands::")
    after = lines[lines.index(f"::{token}::") + 1 :]
    assert [line.split(" ")[0] for line in after] == ["::error", "::notice", "::notice"], ended.output
    assert after[1] == f"::notice title=Autograding complete::Points {run['score']}/{run['max_score']}"
    assert (run["score"], run["max_score"]) == (5, 8)
    assert "ex4.1" in (work / "summary.md").read_text().replace("\\", "")
    encoded = (work / "output").read_text().strip().removeprefix("result=")
    assert sum(test["score"] for test in json.loads(base64.b64decode(encoded))["tests"]) == run["score"]
