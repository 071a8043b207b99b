"""What a package holds: entry scripts where the platform looks for them, the project, and nothing of this machine."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from selftest.cases import ROOT
from topicmark import cli, packaging
from topicmark.model import UsageError

SCRIPTS = sorted((ROOT / "src" / "topicmark" / "packaging").glob("*/*"))


def test_gradescope_finds_its_scripts_at_the_root_of_the_archive(tmp_path: Path) -> None:
    target = packaging.write("gradescope", ROOT, ["-k=ex4 or ex5"], tmp_path / "made.zip")
    with zipfile.ZipFile(target) as made:
        modes = {info.filename: info.external_attr >> 16 for info in made.infolist()}
        assert made.read(packaging.OPTIONS_FILE) == b"-k=ex4 or ex5\n"
    assert modes["setup.sh"] == modes["run_autograder"] == modes["topicmark/topicmark"] == 0o100755
    assert {"topicmark/requirements.txt", "topicmark/src/topicmark/cli.py", "topicmark/pytest.ini"} <= modes.keys()
    assert not [name for name in modes if re.search(r"__pycache__|\.venv|selftest|\.git/|submissions/", name)]
    assert target.stat().st_size < 10 * 2**20, "classroom50 fetches no more than that"


def test_the_same_project_makes_the_same_archive(tmp_path: Path) -> None:
    first, second = (packaging.write("gradescope", ROOT, [], tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None


@pytest.mark.parametrize("platform", ["prairielearn", "classroom50"])
def test_others_get_a_folder(platform: str, tmp_path: Path) -> None:
    target = packaging.write(platform, ROOT, [], tmp_path / "made")
    assert (target / "topicmark" / "topicmark").stat().st_mode & 0o111
    with pytest.raises(UsageError, match="exists already"):
        packaging.write(platform, ROOT, [], target)
    with pytest.raises(UsageError, match="no line breaks"):
        packaging.write(platform, ROOT, ["-k=a\n--out=b"], tmp_path / "other")


def test_the_command_hands_its_options_on(tmp_path: Path) -> None:
    target = tmp_path / "made.zip"
    assert cli.main(["package", "gradescope", "-k", "ex5", "--to", str(target)]) == 0
    with zipfile.ZipFile(target) as made:
        assert made.read(packaging.OPTIONS_FILE) == b"-k=ex5\n--gradescope-infra=fail\n"


@pytest.mark.parametrize("script", [one for one in SCRIPTS if one.read_text().startswith("#!/bin/bash")], ids=str)
def test_scripts_are_shell(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_action_hands_inputs_over_as_data() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    for step in action["runs"]["steps"]:
        assert "${{ inputs" not in step.get("run", ""), "an input would be taken for a part of the script"
    sample = (ROOT / "docs" / "platforms.md").read_text().split("```yaml\n")[1].split("```")[0]
    steps = yaml.safe_load(sample)["jobs"]["grade"]["steps"]
    ours = next(step for step in steps if step["uses"].startswith("OWNER/topicmark@"))
    assert ours["with"].keys() <= action["inputs"].keys()
    assert re.fullmatch("[a-zA-Z0-9]+", ours["id"]), "Classroom's reporter takes no other ids"
