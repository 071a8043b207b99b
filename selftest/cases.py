"""The corpus: hand-ins with the verdict that each must get, and how one is graded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "selftest" / "submissions"
ATTACKS = (
    "forging", "judge", "reading", "escaping", "outliving", "exhausting", "network", "lab", "content",
)  # fmt: skip
_KEYS = {"title", "exercises", "points", "base", "remove", "attack", "told", "refused", "not_run"}
_WITHIN_S = 300


BONUS = frozenset({"ex8.1", "ex8.2"})
"""Tasks that cost nothing: a run that loses only these ends with 0."""


@dataclass(frozen=True)
class Case:
    """One hand-in. ``points`` names every task that does not get its full points, with those that are left."""

    folder: Path
    title: str
    exercises: tuple[str, ...]
    points: dict[str, int]
    base: str | None
    remove: tuple[str, ...]
    attack: str = ""
    """What a hostile one attacks: one of ``ATTACKS``."""
    told: tuple[str, ...] = ()
    """Words that the report says of what was stopped."""
    refused: str = ""
    """Why it is not graded at all: words of the message."""
    not_run: tuple[str, ...] = ()
    """Tasks that ask for what only the real parts have: neither earned nor lost."""

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    def lay_out(self, target: Path) -> Path:
        """The hand-in as a student would have it, in ``target``."""
        if self.base is not None:
            shutil.copytree(ROOT / "submissions" / self.base, target)
            for path in self.remove:
                (target / path).unlink()
        shutil.copytree(self.folder / "submission", target, symlinks=True, dirs_exist_ok=True)
        return target


def read(folder: Path) -> Case:
    """The case in ``folder``. Raises ``ValueError`` for an ``expect.toml`` that says something unknown."""
    told = tomllib.loads((folder / "expect.toml").read_text())
    if unknown := told.keys() - _KEYS:
        raise ValueError(f"{folder / 'expect.toml'}: unknown keys {sorted(unknown)}")
    return Case(
        folder=folder,
        title=told["title"],
        exercises=tuple(told["exercises"]),
        points=dict(told.get("points", {})),
        base=told.get("base"),
        remove=tuple(told.get("remove", ())),
        attack=told.get("attack", ""),
        told=tuple(told.get("told", ())),
        refused=told.get("refused", ""),
        not_run=tuple(told.get("not_run", ())),
    )


def cases(kind: str) -> list[Case]:
    """All cases of a kind: ``variants``, ``mutants`` or ``hostile``."""
    return [read(path.parent) for path in sorted((CORPUS / kind).glob("*/expect.toml"))]


@dataclass(frozen=True)
class Graded:
    """What a run left behind."""

    code: int
    results: dict[str, Any]
    output: str

    @property
    def points(self) -> dict[str, int]:
        """Points of the tasks that did not get all of theirs."""
        return {task["id"]: task["points"] for task in self.results["tasks"] if task["points"] < task["max_points"]}

    @property
    def outcomes(self) -> dict[str, str]:
        return {task["id"]: task["outcome"] for task in self.results["tasks"]}

    def told(self) -> str:
        """What a person needs in order to see why."""
        lines = [
            f"{task['id']} {task['outcome']} {task['points']}/{task['max_points']}: expected {task['expected']}; "
            f"seen {task['observed']}"
            for task in self.results["tasks"]
            if task["outcome"] != "passed"
        ]
        faults = [f"fault {fault['service']}: {fault['reason']}" for fault in self.results["faults"]]
        return "\n".join([*lines, *faults]) or self.output


def grade(
    submission: Path, out: Path, *options: str, env: dict[str, str] | None = None, within_s: float = _WITHIN_S
) -> Graded:
    """Run ``topicmark grade`` as a user does, in a process of its own. ``TimeoutExpired`` if it takes too long."""
    command = [sys.executable, "-m", "topicmark", "grade", str(submission), "--out", str(out), *options]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=within_s
    )
    file = out / "results.json"
    results = json.loads(file.read_text()) if file.exists() else {"tasks": [], "faults": []}
    return Graded(done.returncode, results, done.stdout + done.stderr)
