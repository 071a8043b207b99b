"""The files of a run: all formats beside each other in one folder, each whole at any moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from topicmark.model import RunResult, UsageError
from topicmark.reports import (
    atomic,
    classroom50,
    ctrf,
    github_summary,
    github_workflow,
    gradescope,
    junit,
    lms_csv,
    prairielearn,
    results_json,
)
from topicmark.reports.classroom50 import HandIn

PLATFORMS: Mapping[str, tuple[str, Callable[[RunResult], bytes | None]]] = {
    "gradescope": (gradescope.FILE_NAME, gradescope.to_gradescope),
    "prairielearn": (prairielearn.FILE_NAME, prairielearn.to_prairielearn),
    "classroom50": (classroom50.FILE_NAME, lambda run: _to_classroom50(run)),
    "junit": ("junit.xml", junit.to_junit),
    "ctrf": (ctrf.FILE_NAME, ctrf.to_ctrf),
    "csv": (lms_csv.FILE_NAME, lms_csv.to_csv),
    "github": (github_summary.FILE_NAME, github_summary.to_summary),
    "github-classroom": (github_workflow.FILE_NAME, github_workflow.to_classroom),
}
"""By the name that a user has for it: its file, and how it is made. None is made where the platform has no word for
the state of the run."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of a run go: all into ``folder``, and those of ``also`` (name in ``PLATFORMS`` to file) where a
    platform looks for them. ``spoilt_gradescope`` is False if a run that broke on our side is to leave none for
    Gradescope, which then says that the autograder failed, and keeps the grade that was there."""

    folder: Path
    also: Mapping[str, Path] = field(default_factory=dict)
    spoilt_gradescope: bool = True


def write(run: RunResult, places: Places) -> None:
    """Write every format. What cannot be said in one leaves no file of an earlier moment either. Raises ``OSError``."""
    results_json.write(run, places.folder)
    spoilt = run.finished and not run.could_be_graded
    for name, (file_name, make) in PLATFORMS.items():
        data = None if name == "gradescope" and spoilt and not places.spoilt_gradescope else make(run)
        for path in [places.folder / file_name, *([places.also[name]] if name in places.also else [])]:
            if data is None:
                path.unlink(missing_ok=True)
            else:
                atomic.write(path, data, durable=False)


def elsewhere(told: str | None) -> dict[str, Path]:
    """``gradescope=/autograder/results/results.json``: a format's name and the file, absolute from here on.

    Raises ``UsageError``.
    """
    if told is None:
        return {}
    name, equals, path = told.partition("=")
    if name not in PLATFORMS or not equals or not path:
        raise UsageError(f"--also {told}: say FORMAT=FILE; formats are {', '.join(PLATFORMS)}")
    return {name: Path(path).absolute()}


def _to_classroom50(run: RunResult) -> bytes | None:
    hand_in = HandIn.told_by(os.environ)
    return classroom50.to_classroom50(run, hand_in) if hand_in is not None else None
