"""The grader's own tasks, run on the programs of a course, each run in a process of its own as for a hand-in."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from topicmark.course.plan import Course
from topicmark.course.replay.hints import Hints, hints, judged_by
from topicmark.course.replay.verdicts import Replayed, Verdict
from topicmark.model import Outcome, SubmissionError, TaskResult
from topicmark.reports import results_json
from topicmark.services.kubectl import Place
from topicmark.submission import load

_WITHIN_S = 900.0
_VERDICTS = {Outcome.PASSED: Verdict.DONE, Outcome.FAILED: Verdict.FAILED}


def graded(course: Course, say: Callable[[str], None], place: Place | None = None) -> list[Replayed]:
    """What the tasks say of each folder of hints, at the first line of the program or file that a task is about; on the
    embedded lab, or on the cluster of ``place``."""
    return [one for each in hints(course) for one in _graded(course, each, say, _backend(place))]


def _backend(place: Place | None) -> list[str]:
    if place is None:
        return []
    kubeconfig = [f"--kubeconfig={place.kubeconfig}"] if place.kubeconfig else []
    context = [f"--kube-context={place.context}"] if place.context else []
    return ["--backend=kubernetes", "--replay", *kubeconfig, *context]


def _graded(course: Course, given: Hints, say: Callable[[str], None], backend: Sequence[str]) -> Iterator[Replayed]:
    with tempfile.TemporaryDirectory(prefix="topicmark-hints-") as scratch:
        folder, out = Path(scratch) / "hints", Path(scratch) / "out"
        for name, path in given.files.items():
            source, target = course.repository.root / path, folder / name
            if source.is_symlink() or not source.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        try:
            files = judged_by(load(folder, Path(scratch) / "tree"))
        except SubmissionError as error:
            say(f"{given.folder}: {error}")
            return
        if not files:
            return
        say(f"grading {', '.join(sorted(set(files.values())))} ({len(files)} tasks)")
        for result in _results(folder, [*backend, "-k", " or ".join(files)], out, say):
            if result.id in files:
                yield _said(result, given.files.get(files[result.id], files[result.id]))


def _results(folder: Path, options: Sequence[str], out: Path, say: Callable[[str], None]) -> tuple[TaskResult, ...]:
    argv = [sys.executable, "-m", "topicmark", "grade", str(folder), *options, "--out", str(out), "-q"]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        say(f"grading took longer than {_WITHIN_S:.0f} s and was given up")
        return ()
    try:
        return tuple(results_json.from_json((out / results_json.FILE_NAME).read_bytes()).tasks)
    except (OSError, results_json.ResultsError):
        say(f"could not be graded: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")
        return ()


def _said(result: TaskResult, path: str) -> Replayed:
    verdict = _VERDICTS.get(result.outcome, Verdict.LEFT)
    why = f"expected: {result.expected}; observed: {result.observed}" if verdict is Verdict.FAILED else ""
    if verdict is Verdict.LEFT:
        why = f"{result.outcome}: {result.observed}".rstrip(": ")
    return Replayed(path, 1, f"{result.id} {result.title}", verdict, why, rule="replay-hint")
