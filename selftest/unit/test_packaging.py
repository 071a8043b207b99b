"""What a package holds: entry scripts where the platform looks for them, the project, and nothing of this machine."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize("code", [0, 1, 2, 3])
@pytest.mark.parametrize("infra", ["fail", "write"])
def test_gradescope_is_told_nothing_where_nothing_could_be_graded(code: int, infra: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    _stand_in(packaging.write("gradescope", ROOT, [f"--gradescope-infra={infra}"], tmp_path / "a.zip"), source, code)
    done = subprocess.run(["bash", source / "run_autograder"], env={**os.environ, "ROOT": str(tmp_path)})
    assert done.returncode == (0 if code < 2 else code)
    assert (tmp_path / "results" / "results.json").exists() == (code < 2 or infra == "write")


@pytest.mark.parametrize(("code", "told"), [(0, "partial"), (1, "partial"), (3, "partial")])
def test_prairielearn_gets_what_the_grader_wrote(code: int, told: str, tmp_path: Path) -> None:
    assert _prairielearn(tmp_path, code) == {"gradable": False, "format_errors": [told]}


def test_prairielearn_is_told_why_there_is_nothing(tmp_path: Path) -> None:
    assert _prairielearn(tmp_path, 2, writes=False) == {"gradable": False, "format_errors": ['no "tasks" \\ here']}


def _prairielearn(folder: Path, code: int, *, writes: bool = True) -> dict[str, Any]:
    made = packaging.write("prairielearn", ROOT, [], folder / "made")
    _stand_in(None, made, code, writes=writes)
    env = {**os.environ, "ROOT": str(folder / "grade"), "TMPDIR": str(folder)}
    assert subprocess.run(["bash", made / "run.sh"], env=env).returncode == 0
    loaded: dict[str, Any] = json.loads((folder / "grade" / "results" / "results.json").read_text())
    return loaded


def _stand_in(archive: Path | None, source: Path, code: int, *, writes: bool = True) -> None:
    """A grader in the package that writes something where it is told to, complains, and ends with ``code``."""
    if archive is not None:
        with zipfile.ZipFile(archive) as made:
            made.extractall(source)
    grader = source / "topicmark" / "topicmark"
    write = """echo '{"gradable": false, "format_errors": ["partial"]}' >"$place";""" if writes else ""
    grader.write_text(
        '#!/bin/sh\nfor one in "$@"; do case $one in gradescope=*|prairielearn=*) place=${one#*=} ;; esac; done\n'
        f"{write} echo 'no \"tasks\" \\ here' >&2; exit {code}\n"
    )
    grader.chmod(0o755)
