"""What simple cheats earn: fifteen of them, on an exercise of two assertions, by four graders.

    PYTHONPATH=.:src .venv/bin/python bench/hostile.py

The exercise: ``solution.py`` has ``add(a, b)``, and prints the sum of its two arguments. No cheat (``cheats/``) adds.
The peers are used as they commonly are, with the submission's files and the tests in one folder (the tests are
copied last, so that none is replaced by a file of the same name):

- exit code: ``pytest`` ends with 0;
- JUnit: a script reads the report of ``pytest --junitxml``, as CI does: none failed and none broke; or with more care:
  and there are two, and none was skipped;
- gradescope-utils: ``run_tests.py`` as its documentation has it; the score of ``results.json`` is 2.

Ours: the same two assertions as tasks, with numbers of the run's own making, on what the program prints in the sandbox
(``exercise/ours``). The right solution must earn full marks everywhere and the wrong one nowhere, else the figures
would mean nothing, and the bench ends with 1. The peers run the cheats unprotected: they harm nothing but their folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CHEATS, PEERS, OURS = HERE / "cheats", HERE / "exercise" / "peers", HERE / "exercise" / "ours"
CONTROLS = {"right": True, "wrong": False}
GRADESCOPE = "gradescope-utils==0.5.0"
ENDS_WITHIN_S = 120
NOT_PASSED = ("failure", "error", "skipped")
"""What a test case of a JUnit report holds if it did not pass; it failed by the first two."""
PYTEST = Path(sys.executable).with_name("pytest")


def by_exit_code(submission: Path, folder: Path) -> bool:
    """Whether pytest is content."""
    source = _together(submission, PEERS / "pytest", folder)
    return _run([str(PYTEST)], source, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}) == 0


def by_junit(submission: Path, folder: Path) -> bool:
    """Whether pytest's report tells of nothing that failed."""
    cases = _reported(submission, folder)
    return cases is not None and not any(case.find(kind) is not None for case in cases for kind in NOT_PASSED[:2])


def by_junit_with_care(submission: Path, folder: Path) -> bool:
    """Whether pytest's report holds two tests, and nothing but that they passed."""
    cases = _reported(submission, folder) or []
    return len(cases) == 2 and all(
        case.find(kind) is None for case in cases for kind in ("failure", "error", "skipped")
    )


def _reported(submission: Path, folder: Path) -> list[ET.Element] | None:
    """The test cases of the report; None if there is none."""
    source = _together(submission, PEERS / "pytest", folder)
    _run([str(PYTEST), "--junitxml=junit.xml"], source, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    try:
        return ET.parse(source / "junit.xml").getroot().findall(".//testcase")
    except (OSError, ET.ParseError):
        return None


def by_gradescope(packages: Path) -> Callable[[Path, Path], bool]:
    """With gradescope-utils from the folder ``packages``: whether both points are given."""

    def grade(submission: Path, folder: Path) -> bool:
        source = _together(submission, PEERS / "gradescope", folder)
        (folder / "results").mkdir()
        _run([sys.executable, "run_tests.py"], source, {"PYTHONPATH": str(packages)})
        try:
            return float(json.loads((folder / "results" / "results.json").read_text())["score"]) == 2
        except (OSError, ValueError, KeyError):
            return False

    return grade


def by_ours(submission: Path, folder: Path) -> bool:
    """Whether Topicmark gives full marks: by its results and by its exit code, which must agree."""
    handed_in = shutil.copytree(submission, folder / "submission")
    out = folder / "out"
    command = [str(PYTEST), "-c", str(OURS / "pytest.ini"), str(OURS), "--submission", str(handed_in), "--untrusted"]
    code = _run([*command, "--out", str(out)], folder, {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})
    if not (out / "results.json").exists():
        sys.exit(f"{submission.name}: Topicmark ended with {code} and without results")
    results = json.loads((out / "results.json").read_text())
    full = bool(results["score"] == results["max_score"] == 2)
    if results["faults"] or code != (0 if full else 1):
        sys.exit(f"{submission.name}: exit code {code}, {results['score']} points, faults: {results['faults']}")
    return full


def _together(submission: Path, tests: Path, folder: Path) -> Path:
    """The submission, and the tests over it, in one folder."""
    source = shutil.copytree(submission, folder / "source")
    return shutil.copytree(tests, source, dirs_exist_ok=True)


def _run(command: list[str], folder: Path, env: Mapping[str, str]) -> int:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=ENDS_WITHIN_S,
    )
    return done.returncode


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="topicmark-bench-") as temporary:
        packages = Path(temporary) / "packages"
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages)]
        subprocess.run([*install, GRADESCOPE], check=True)
        graders: dict[str, Callable[[Path, Path], bool]] = {
            "pytest's exit code": by_exit_code,
            "JUnit": by_junit,
            "JUnit, with care": by_junit_with_care,
            "gradescope-utils": by_gradescope(packages),
            "Topicmark": by_ours,
        }
        earned: dict[str, list[bool]] = {}
        print(f"| | {' | '.join(graders)} |\n|---|{'---|' * len(graders)}")
        for submission in sorted(CHEATS.iterdir(), key=lambda path: (path.name not in CONTROLS, path.name)):
            earned[submission.name] = []
            for number, grade in enumerate(graders.values()):
                folder = Path(temporary) / f"{submission.name}-{number}"
                folder.mkdir()
                earned[submission.name].append(grade(submission, folder))
            print(f"| {submission.name} | {' | '.join('full' if one else '' for one in earned[submission.name])} |")
    for name, rightly in CONTROLS.items():
        if earned.pop(name) != [rightly] * len(graders):
            sys.exit(f"the {name} solution did not get what it deserves: the figures would mean nothing")
    counts = [str(sum(column)) for column in zip(*earned.values(), strict=True)]
    print(f"| full marks, of {len(earned)} cheats | {' | '.join(counts)} |")


if __name__ == "__main__":
    main()
