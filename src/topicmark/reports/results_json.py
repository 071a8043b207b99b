"""``results.json``: the one file that all other reports can be made from, and the only one that is read back."""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from topicmark.model import SCHEMA, Fault, Outcome, RunResult, TaskResult
from topicmark.reports import atomic
from topicmark.reports.text import clipped, one_line

FILE_NAME = "results.json"
_DEEPEST_EVIDENCE = 40
_LONGEST_PROBLEM = 300


class ResultsError(ValueError):
    """A run that cannot be written, or a file that is no ``results.json``. The message names the place."""


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``results.json``."""
    text = importlib.resources.files(__package__).joinpath("results.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def to_json(run: RunResult) -> bytes:
    """The run as UTF-8 JSON, pure ASCII, so that nothing in it acts on the terminal it is shown on.

    In evidence, tuples become lists, numeric keys text, NaN and infinities text; lone surrogates become U+FFFD.
    Raises ``ResultsError`` if the run breaks an invariant or evidence holds what JSON has no form for.
    """
    document = _document(run)
    _check(document)
    return (json.dumps(document, ensure_ascii=True, allow_nan=False, indent=2) + "\n").encode("ascii")


def from_json(data: bytes) -> RunResult:
    """The run that ``to_json`` wrote. Raises ``ResultsError`` with the place and the problem."""
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ResultsError(f"{FILE_NAME} is not JSON: {error}") from None
    except RecursionError:
        raise ResultsError(f"{FILE_NAME} is nested too deeply") from None
    _check(document)
    fields = {key: value for key, value in document.items() if key not in ("schema", "score", "max_score")}
    return RunResult(
        **{
            **fields,
            "tasks": tuple(_task(task) for task in document["tasks"]),
            "faults": tuple(Fault(**fault) for fault in document["faults"]),
            "remarks": tuple(document["remarks"]),
            "duration_s": float(document["duration_s"]),
            "lab_start_s": float(document.get("lab_start_s", 0.0)),
        }
    )


def write(run: RunResult, folder: Path) -> Path:
    """Write ``results.json`` into ``folder`` in one step; returns its path. Raises ``ResultsError``, ``OSError``."""
    path = folder / FILE_NAME
    atomic.write(path, to_json(run))
    return path


def _document(run: RunResult) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "submission": _text(run.submission),
        "backend": _text(run.backend),
        "sandbox": _text(run.sandbox),
        "score": run.score,
        "max_score": run.max_score,
        "finished": run.finished,
        "started_at": run.started_at,
        "duration_s": run.duration_s,
        "lab_start_s": run.lab_start_s,
        "tasks": [_task_document(task) for task in run.tasks],
        "faults": [
            {
                "service": _text(fault.service),
                "reason": _text(fault.reason),
                "log": _text(fault.log),
                "remedy": _text(fault.remedy),
            }
            for fault in run.faults
        ],
        "remarks": [_text(remark) for remark in run.remarks],
        "versions": {_text(part): _text(version) for part, version in run.versions.items()},
    }


def _task_document(task: TaskResult) -> dict[str, Any]:
    return {
        "id": task.id,
        "exercise": task.exercise,
        "title": _text(task.title),
        "outcome": str(task.outcome),
        "points": task.points,
        "max_points": task.max_points,
        "expected": _text(task.expected),
        "observed": _text(task.observed),
        "hint": _text(task.hint),
        "look": _text(task.look),
        "remarks": [_text(remark) for remark in task.remarks],
        "evidence": _plain(task.evidence, f"{task.id}: evidence", 0),
        "duration_s": task.duration_s,
        "bonus": task.bonus,
    }


def _task(document: Mapping[str, Any]) -> TaskResult:
    return TaskResult(
        **{
            **document,
            "outcome": Outcome(document["outcome"]),
            "remarks": tuple(document["remarks"]),
            "duration_s": float(document["duration_s"]),
        }
    )


def _text(text: str) -> str:
    """``text`` without lone surrogates: other readers of JSON refuse them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _plain(value: object, where: str, depth: int) -> Any:
    """``value`` as JSON has it. What depends on a student's data is converted, what depends on our code is refused."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, Mapping | Sequence) or isinstance(value, bytes | bytearray | memoryview):
        raise ResultsError(f"{where} is of type {type(value).__name__}, for which JSON has no form")
    if depth >= _DEEPEST_EVIDENCE:
        return "… (nested too deeply)"
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(each, f"{where}.{key}", depth + 1) for key, each in value.items()}
    return [_plain(each, f"{where}[{index}]", depth + 1) for index, each in enumerate(value)]


def _key(key: object, where: str) -> str:
    if isinstance(key, str | int) and not isinstance(key, bool):
        return _text(str(key))
    raise ResultsError(f"{where} has the key {key!r}; keys are text or integers")


def _check(document: object) -> None:
    """Schema first, then what a schema cannot say. Raises ``ResultsError``."""
    found = document.get("schema") if isinstance(document, dict) else None
    if isinstance(found, str) and found != SCHEMA:
        raise ResultsError(f"{FILE_NAME} has the schema {one_line(found)[:80]!r}; this version reads {SCHEMA!r}")
    error = jsonschema.exceptions.best_match(_validator().iter_errors(document))
    if error is not None:
        where = error.json_path.removeprefix("$").removeprefix(".") or "the document"
        raise ResultsError(f"{FILE_NAME}: {where}: {clipped(one_line(error.message), _LONGEST_PROBLEM)}")
    assert isinstance(document, dict)
    for problem in _broken_invariants(document):
        raise ResultsError(f"{FILE_NAME}: {problem}")


def _broken_invariants(document: Mapping[str, Any]) -> list[str]:
    tasks: list[dict[str, Any]] = document["tasks"]
    problems = [problem for task in tasks for problem in _broken_task_invariants(task)]
    ids = [task["id"] for task in tasks]
    problems += [f"{name} occurs {ids.count(name)} times" for name in sorted(set(ids)) if ids.count(name) > 1]
    for name in ("duration_s", "lab_start_s"):
        if not math.isfinite(document.get(name, 0.0)):
            problems.append(f"{name} is not finite")
    score = sum(task["points"] for task in tasks)
    if document["score"] != score:
        problems.append(f"score is {document['score']}, but the tasks have {score} points")
    max_score = sum(task["max_points"] for task in tasks if Outcome(task["outcome"]).counts and not task["bonus"])
    if document["max_score"] != max_score:
        problems.append(f"max_score is {document['max_score']}, but the judged tasks are worth {max_score} points")
    return problems


def _broken_task_invariants(task: Mapping[str, Any]) -> list[str]:
    name, outcome, points, most = task["id"], Outcome(task["outcome"]), task["points"], task["max_points"]
    problems = []
    if name.split(".", 1)[0] != task["exercise"]:
        problems.append(f"{name} says that it belongs to {task['exercise']}")
    if points > most:
        problems.append(f"{name} has {points} of {most} points")
    if (outcome is Outcome.PASSED) != (points == most):
        problems.append(f"{name} is {outcome} with {points} of {most} points")
    if points and outcome not in (Outcome.PASSED, Outcome.FAILED):
        problems.append(f"{name} is {outcome}, which earns no points, but has {points}")
    if not math.isfinite(task["duration_s"]):
        problems.append(f"{name}: duration_s is not finite")
    return problems


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ResultsError(f"{FILE_NAME}: the key {one_line(twice)[:80]!r} occurs twice in one object")
    return document


def _refuse_constant(name: str) -> object:
    raise ResultsError(f"{FILE_NAME} is not JSON: {name}")
