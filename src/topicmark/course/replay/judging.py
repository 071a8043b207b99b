"""What an ending says of a step: whether the course is at fault, or what the lab and the replay cannot give."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from topicmark.course.replay.actions import Action, Doing
from topicmark.course.replay.verdicts import Ending, Replayed, Verdict

NO_CLUSTER = 125
"""The exit code of the replay's ``kubectl`` for what needs a cluster."""
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_ALREADY = re.compile(r"already exists|TopicExistsException|File exists|\b409\b", re.IGNORECASE)
_MODULE = re.compile(r"(?:ModuleNotFoundError: No module named|ImportError:) '?([\w.]+)")
_NO_PLUGIN = re.compile(r"Failed to find any class that matches|Class \S+ could not be found")
_UNREACHED = re.compile(r"Broker may not be available|NoBrokersAvailable|No resolvable bootstrap urls")
_ABSENT = re.compile(
    r"not exist|not found|no such|unknown ?_?topic|could not find|cannot find|can't open|missing|no active|\b404\b",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"\b(?:creat|mak|made|add|produc|deploy|instal|download|cop(?:y|ied)|sav|writ|generat|upload|put|set ?up|ensure)\w*"
    r"|\b(?:start|click|run)\w*",
    re.IGNORECASE,
)


def judged(action: Action, ending: Ending, earlier: Sequence[Replayed], lines: Sequence[str]) -> tuple[Verdict, str]:
    """The verdict and its reason. ``earlier`` is what was replayed before, ``lines`` those of the step's text."""
    if ending.lost:
        return Verdict.LEFT, ending.lost
    if ending.code is None:
        if _UNREACHED.search(ending.output):
            return Verdict.FAILED, "it runs on and reaches no broker"
        return Verdict.RUNNING, "left running in the background"
    error = refused(ending.output) if ending.code == 0 and action.doing is Doing.COMMAND else ""
    if ending.code == 0 and not error:
        return Verdict.DONE, ""
    excuse = _excuse(action, ending)
    if excuse is not None:
        return excuse
    needed = _needs(action, ending, earlier, lines)
    if needed:
        return Verdict.LEFT, needed
    if action.may_fail:
        return Verdict.DONE, "it fails, as the text says"
    how = "ksqlDB refuses it" if action.doing is Doing.STATEMENT else error or f"exit code {ending.code}"
    return Verdict.FAILED, how


def refused(output: str) -> str:
    """The error in what a REST interface answered with exit code 0 of curl; empty if there is none."""
    start = output.find("{")
    if start < 0:
        return ""
    try:
        answer, _ = json.JSONDecoder().raw_decode(output[start:])
    except ValueError:
        return ""
    code = answer.get("error_code")
    if code:
        return f"the server answers with error {code}"
    return "HDFS answers with an error" if "RemoteException" in answer else ""


def _excuse(action: Action, ending: Ending) -> tuple[Verdict, str] | None:
    """A failure that is none, or not the course's."""
    if _ALREADY.search(ending.output):
        return Verdict.DONE, "it was there already"
    if action.filters and ending.code == 1:
        return Verdict.DONE, "nothing matches"
    if _NO_PLUGIN.search(ending.output):
        return Verdict.LEFT, "the lab's Connect does not have this connector or converter"
    if ending.code == NO_CLUSTER:
        return Verdict.LEFT, "kubectl itself is not replayed"
    if ending.code in (_NOT_FOUND, _NOT_EXECUTABLE) and "topicmark-" not in ending.output:
        return Verdict.LEFT, "it needs a program that is not on this machine"
    module = _MODULE.search(ending.output)
    if module:
        return Verdict.LEFT, f"it needs the Python package {module[1]}, which is not installed here"
    if action.plain:
        return Verdict.LEFT, f"exit code {ending.code}; what it does depends on the reader's machine"
    return None


def _needs(action: Action, ending: Ending, earlier: Sequence[Replayed], lines: Sequence[str]) -> str:
    """What is missing only because the replay, or a step before, did not make it; empty if the step is at fault."""
    if not _ABSENT.search(ending.output):
        return ""
    said = {name for name in action.names if name in ending.output} or action.names
    for name in sorted(said, key=len, reverse=True):
        for before in earlier:
            if before.verdict in (Verdict.FAILED, Verdict.LEFT) and _speaks_of(before.told, name):
                return f"it needs {name}, which line {before.line} of {before.path} would have made"
        for number, line in enumerate(lines[: action.line - 1], 1):
            if _speaks_of(line, name) and _MAKES.search(line) and not _is_replayed(earlier, action.path, number):
                return f"it needs {name}, of which line {number} speaks: it may be made by hand"
    return ""


def _speaks_of(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def _is_replayed(earlier: Iterable[Replayed], path: str, line: int) -> bool:
    done = (Verdict.DONE, Verdict.RUNNING)
    return any(
        each.path == path and each.verdict in done and each.line <= line <= each.line + each.told.count("\n")
        for each in earlier
    )
