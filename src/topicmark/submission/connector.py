"""Exercise 7's sink connector: a JSON body, a script, or the ``curl`` calls of a Windows script. As data."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from topicmark.sandbox.spec import Command
from topicmark.submission import jsontext, scripts, windows
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import missing, named, one_of
from topicmark.submission.jsontext import JsonProblem
from topicmark.submission.launch import launch
from topicmark.submission.manifest import Manifest, ProgramEntry
from topicmark.submission.sources import Sources, by_pattern, parent
from topicmark.submission.words import listed

LOOKED_FOR = "hdfs-sink.json, a script with a curl line to /connectors, or the only *.json with connector.class"
DEFAULT_NAME = "hdfs-sink"
MAX_JSON_FILES = 200
_WINDOWS = (".bat", ".cmd", ".ps1")
_BODY = frozenset({"name", "config"})
_ANSWER = frozenset({"tasks", "type"})
_CALLS = r"(?<![\w-])(?:curl(?:\.exe)?|invoke-restmethod|invoke-webrequest|irm|iwr|wget|http)(?![\w-])"
_WRITES = (
    r"(?<!\S)(?:-X\s*['\"]?(?:POST|PUT)|--request[ =]['\"]?(?:POST|PUT)|-d|--data[a-z-]*|--json"
    r"|-method\s+['\"]?(?:post|put))"
)


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """The configuration of a connector as a JSON file gives it; every value a text, as Connect's REST makes it."""

    file: str
    name: str
    config: Mapping[str, str]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorScript:
    """A script or program that talks to Connect and ends. ``dialect`` is ``sh``, ``bash`` or ``program``."""

    argv: Sequence[str]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    dialect: str = "bash"
    file: str = ""

    def command(self) -> Command:
        """What the sandbox is to run."""
        return Command(tuple(self.argv), self.workdir, dict(self.env))


@dataclass(frozen=True, slots=True)
class CurlCalls:
    """The ``curl`` lines of a Windows script as argv lists, in order; ``curl`` itself is the first word of each."""

    file: str
    calls: tuple[tuple[str, ...], ...]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    dialect: str = "cmd"
    remarks: tuple[str, ...] = ()

    def commands(self) -> tuple[Command, ...]:
        """What the sandbox is to run, one after the other."""
        return tuple(Command(call, self.workdir, dict(self.env)) for call in self.calls)


Connector = ConnectorConfig | ConnectorScript | CurlCalls


def find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Connector | Problem | Missing:
    """The submission's sink connector."""
    found = _find(sources, manifest, remarks)
    if isinstance(found, ConnectorConfig | CurlCalls):
        remarks += [f"{found.file}: {remark}" for remark in found.remarks]
    return found


def _find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Connector | Problem | Missing:
    entry = manifest.connector_command if manifest is not None else None
    if manifest is not None and entry is not None:
        workdir = entry.workdir if entry.workdir is not None else manifest.base
        if entry.workdir not in (None, ".") and not any(file.startswith(f"{workdir}/") for file in sources.files):
            what = f"the folder {listed([workdir])} is not in the submission."
            return Problem(f"{manifest.path}:{entry.line}", what, "Correct workdir.")
        if entry.argv is not None:
            return _command(sources, manifest, entry, workdir)
        if manifest.connector is not None:
            chosen = named(sources, manifest, manifest.connector)
            return chosen if isinstance(chosen, Problem) else load(sources, chosen, entry)
    found = _by_name(sources, remarks)
    return found if isinstance(found, Problem | Missing) else load(sources, found, entry)


def _by_name(sources: Sources, remarks: list[str]) -> str | Problem | Missing:
    paths = by_pattern(sources.visible, r"hdfs-sink\.json")
    if paths:
        return one_of(sources, paths, "hdfs-sink.json", remarks, table="connector")
    every = [path for path in by_pattern(sources.visible, r".*\.(?:sh|bat|cmd|ps1)") if _calls_connect(sources, path)]
    writing = [path for path in every if talks_to_connect(sources.text(path) or "", writes=True)]
    unix = [path for path in writing if path.lower().endswith(".sh")]
    if len(unix) == 1 < len(writing):
        others = [path for path in writing if path not in unix]
        remarks.append(f"several scripts for the sink connector; {listed(unix)} is run, not {listed(others)}.")
        return unix[0]
    if writing:
        return one_of(sources, writing, "the sink connector", remarks, table="connector", shallowest=False)
    bodies = [
        path for path in by_pattern(sources.visible, r".*\.json")[:MAX_JSON_FILES] if holds_connector(sources, path)
    ]
    if bodies:
        return one_of(sources, bodies, "the sink connector", remarks, table="connector", shallowest=False)
    if every:
        return one_of(sources, every, "the sink connector", remarks, table="connector")
    return missing(sources, LOOKED_FOR, r"connector\.class", "copy yours into a *.sh or hdfs-sink.json.")


def _command(sources: Sources, manifest: Manifest, entry: ProgramEntry, workdir: str) -> ConnectorScript | Problem:
    argv = entry.argv or ()
    script = next((part for part in argv[:3] if part.endswith((".py", ".sh"))), None)
    path = posixpath.normpath(posixpath.join(workdir, script)) if script else None
    if path is not None and path not in sources.files and not _is_absolute(script):
        what = f"{listed([path])} is not in the submission."
        return Problem(f"{manifest.path}:{entry.line}", what, "Paths in command are relative to workdir.")
    dialect = PurePosixPath(argv[0]).name if PurePosixPath(argv[0]).name in scripts.SHELLS else "program"
    return ConnectorScript(argv, workdir, dict(entry.env), dialect, path or "")


def _is_absolute(script: str | None) -> bool:
    """Whether a word of a command line is the path of something outside the submission."""
    return script is not None and script.startswith("/")


def load(sources: Sources, path: str, entry: ProgramEntry | None = None) -> Connector | Problem:
    """The connector in a file: JSON by its ending, otherwise a script. ``entry`` may add workdir and environment."""
    env = dict(entry.env) if entry is not None else {}
    given = entry.workdir if entry is not None else None
    ending = PurePosixPath(path).suffix.lower()
    text = sources.text(path)
    if text is None:
        return Problem(path, "cannot be read, or is far too long.")
    if ending in _WINDOWS:
        return _windows(text, path, given, env)
    if ending == ".py":
        start = launch(sources, path)
        return ConnectorScript(start.argv, start.workdir, {**start.env, **env}, "program", path)
    if ending in (".sh", "") or text.startswith("#!"):
        argv, home = scripts.start(sources, path)
        workdir = home if given is None else given
        argv = (argv[0], posixpath.relpath(path, workdir))
        return ConnectorScript(argv, workdir, env, argv[0], path)
    return parse(text, path)


def _windows(text: str, path: str, workdir: str | None, env: Mapping[str, str]) -> CurlCalls | Problem:
    read = windows.powershell if path.lower().endswith(".ps1") else windows.cmd
    remarks: list[str] = []
    try:
        calls = tuple(read(text, remarks))
    except windows.WindowsProblem as wrong:
        return Problem(f"{path}:{wrong.line}", wrong.what, wrong.remedy)
    if not calls:
        return Problem(path, "has no curl line that could be carried out.", "Hand in the body as hdfs-sink.json.")
    dialect = "powershell" if read is windows.powershell else "cmd"
    folder = workdir if workdir is not None else parent(path) or "."
    return CurlCalls(path, calls, folder, env, dialect, tuple(remarks))


def parse(text: str, file: str) -> ConnectorConfig | Problem:
    """The body of a POST (name and config) or of a PUT (the configuration alone)."""
    try:
        body, twice = jsontext.parse(text)
    except JsonProblem as wrong:
        return Problem(f"{file}:{wrong.line}", wrong.what, wrong.remedy)
    remarks = [f"the key {listed([key])} is given twice; Connect takes the last." for key in dict.fromkeys(twice)]
    if not isinstance(body, dict):
        return Problem(f"{file}:1", "is no JSON object.", 'Write {"name": "hdfs-sink", "config": {…}}.')
    if isinstance(body.get("config"), dict) or ("config" in body and "connector.class" not in body):
        return _posted(body, text, file, remarks)
    checked = _config(body, text, file)
    if isinstance(checked, Problem):
        return checked
    return ConnectorConfig(file, checked.get("name", "").strip() or DEFAULT_NAME, checked, tuple(remarks))


def _posted(body: Mapping[str, Any], text: str, file: str, remarks: list[str]) -> ConnectorConfig | Problem:
    name, config = body.get("name"), body["config"]
    if not isinstance(config, dict):
        return Problem(f"{file}:{_line(text, 'config')}", '"config" must be an object: {…}.', "")
    if not isinstance(name, str) or not name.strip():
        what = 'has a "config" and no "name" beside it, so Connect refuses it.'
        return Problem(f"{file}:1", what, 'Add "name": "hdfs-sink" in front of "config".')
    for key in body:
        if key in _ANSWER:
            remarks.append(f"{listed([key])} belongs to Connect's answer and is left out.")
        elif key not in _BODY:
            line = _line(text, key)
            what = f'has the key {listed([key])} beside "config", and Connect takes only "name" and "config" there.'
            return Problem(f"{file}:{line}", what, 'Move it into "config": {…}.')
    checked = _config(config, text, file)
    return (
        checked if isinstance(checked, Problem) else ConnectorConfig(file, str(name).strip(), checked, tuple(remarks))
    )


def _config(config: Mapping[str, Any], text: str, file: str) -> dict[str, str] | Problem:
    """The settings as Connect's REST reads them: numbers and booleans become texts."""
    found: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, dict | list):
            what = (
                f"{listed([key])} is {'an object' if isinstance(value, dict) else 'a list'}; Connect takes only texts."
            )
            remedy = 'Write several values as one text: "a,b".' if isinstance(value, list) else ""
            return Problem(f"{file}:{_line(text, key)}", what, remedy)
        if value is None:
            return Problem(f"{file}:{_line(text, key)}", f"{listed([key])} is null.", "Give it a value or delete it.")
        found[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _line(text: str, key: str) -> int:
    match = re.search(rf'"{re.escape(key)}"\s*:', text)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def holds_connector(sources: Sources, path: str) -> bool:
    """Whether a JSON file has ``connector.class``, at its top or below ``config``."""
    text = sources.text(path) or ""
    if "connector.class" not in text:
        return False
    try:
        body, _ = jsontext.parse(text)
    except JsonProblem:
        return True
    inner = body.get("config") if isinstance(body, dict) else None
    return any("connector.class" in each for each in (body, inner) if isinstance(each, dict))


def talks_to_connect(text: str, *, writes: bool = False) -> bool:
    """Whether a script has a command that calls ``/connectors``, outside comments; ``writes``: that sends something."""
    lines = scripts.code(text, r"#|::|@?rem\b|@?REM\b")
    if not re.search(_CALLS, lines, re.IGNORECASE) or not re.search(r"/connectors\b", lines):
        return False
    return not writes or re.search(_WRITES, lines, re.IGNORECASE) is not None


def _calls_connect(sources: Sources, path: str) -> bool:
    return talks_to_connect(sources.text(path) or "")


__all__ = [
    "Connector",
    "ConnectorConfig",
    "ConnectorScript",
    "CurlCalls",
    "find",
    "load",
    "parse",
]
