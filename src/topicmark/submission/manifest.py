"""``submission.toml``: read, checked key by key, every complaint with its line."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from topicmark.model import SubmissionError
from topicmark.submission import tomltext
from topicmark.submission.placeholders import holds, mistaken
from topicmark.submission.words import did_you_mean, listed

NAME = "submission.toml"
SCHEMA = "topicmark/submission/1"

_TABLES: Mapping[str, tuple[str, ...]] = {
    "values": ("file",),
    "topics": ("file", "command"),
    "producer": ("command", "workdir", "env", "files"),
    "consumer": ("command", "command_without_group", "workdir", "env", "files"),
    "registry": ("file",),
    "connect": ("file",),
    "ksqldb": ("file",),
    "redpanda": ("file",),
    "interaction": ("file", "command", "workdir", "env"),
    "console": ("file",),
    "ksql": ("files",),
    "connector": ("file", "command", "workdir", "env"),
    "flume": ("file",),
    "sqoop": ("file", "command", "workdir", "env"),
    "answers": ("file",),
    "python": ("requirements",),
    "lab": ("aliases",),
}
_MAX_PRODUCERS = 24
_MAX_ALIASES = 20
_MAX_WORDS = 200
_MAX_KSQL_FILES = 50
_HOST = re.compile(r"(?!.*\.\.)(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SPARED = frozenset({"localhost", "ip6-localhost", "localhost.localdomain"})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that is named: its path relative to the submission, and the line."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class ProgramEntry:
    """A program that is described. Templates as written; ``None`` where nothing is said. ``files`` by ``workdir``."""

    line: int
    argv: tuple[str, ...] | None = None
    bare: tuple[str, ...] | None = None
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text in which a placeholder may stand."""
        return (*(self.argv or ()), *self.env.values(), *self.files.values())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``submission.toml`` says; everything optional. ``path`` is where it lies, ``base`` its folder."""

    path: str = NAME
    base: str = "."
    values: FileEntry | None = None
    topics: FileEntry | None = None
    topics_command: ProgramEntry | None = None
    producers: tuple[ProgramEntry, ...] = ()
    consumer: ProgramEntry | None = None
    registry: FileEntry | None = None
    connect: FileEntry | None = None
    ksqldb: FileEntry | None = None
    redpanda: FileEntry | None = None
    interaction: FileEntry | None = None
    interaction_command: ProgramEntry | None = None
    """Also with ``interaction``: the workdir and env of a script that is named by ``file``."""
    console: FileEntry | None = None
    ksql: tuple[FileEntry, ...] = ()
    connector: FileEntry | None = None
    connector_command: ProgramEntry | None = None
    """Also with ``connector``: the workdir and env of a script that is named by ``file``."""
    flume: FileEntry | None = None
    sqoop: FileEntry | None = None
    sqoop_command: ProgramEntry | None = None
    """Also with ``sqoop``: the workdir and env of a script that is named by ``file``."""
    answers: FileEntry | None = None
    requirements: FileEntry | None = None
    aliases: tuple[str, ...] = ()


def parse(text: str, path: str) -> Manifest:
    """Read ``submission.toml`` at ``path`` in the submission. Raises ``SubmissionError`` with the line."""
    try:
        document = tomltext.parse(text)
    except tomltext.TomlError as error:
        raise SubmissionError(f"{path}:{error.line}", error.what, "See docs/hand-in.md for its form.") from None
    return _Check(document, path).manifest()


class _Check:
    """One file being checked."""

    def __init__(self, document: tomltext.Document, path: str) -> None:
        self.document = document
        self.path = path
        self.base = path.rpartition("/")[0] or "."

    def wrong(self, at: tomltext.Path, problem: str, remedy: str = "") -> SubmissionError:
        return SubmissionError(f"{self.path}:{self.document.line(*at)}", problem, remedy)

    def manifest(self) -> Manifest:
        data = self.document.data
        self._known((), data, (*_TABLES, "schema"))
        if data.get("schema", SCHEMA) != SCHEMA:
            shown = listed([str(data["schema"])])
            raise self.wrong(
                ("schema",), f"schema is {shown!r}, which this version does not read.", f'Write "{SCHEMA}".'
            )
        tables = {name: self._table((name,), data[name]) for name in _TABLES if name in data and name != "producer"}
        for name in ("topics", "interaction", "connector", "sqoop"):
            if "file" in tables.get(name, {}) and "command" in tables[name]:
                raise self.wrong((name, "command"), f"{name} has both file and command.", "Keep one of them.")
        topics, connector, steps = tables.get("topics", {}), tables.get("connector"), tables.get("interaction")
        return Manifest(
            path=self.path,
            base=self.base,
            values=self._file(("values", "file"), tables),
            topics=self._file(("topics", "file"), tables),
            topics_command=self._program(("topics",), topics, None) if "command" in topics else None,
            producers=self._producers(data.get("producer")),
            consumer=self._program(("consumer",), tables["consumer"], "group") if "consumer" in tables else None,
            registry=self._file(("registry", "file"), tables),
            connect=self._file(("connect", "file"), tables),
            ksqldb=self._file(("ksqldb", "file"), tables),
            redpanda=self._file(("redpanda", "file"), tables),
            interaction=self._file(("interaction", "file"), tables),
            interaction_command=self._program(("interaction",), steps, None) if steps is not None else None,
            console=self._file(("console", "file"), tables),
            ksql=self._files(("ksql", "files"), tables),
            connector=self._file(("connector", "file"), tables),
            connector_command=self._program(("connector",), connector, None) if connector is not None else None,
            flume=self._file(("flume", "file"), tables),
            sqoop=self._file(("sqoop", "file"), tables),
            sqoop_command=self._program(("sqoop",), tables["sqoop"], None) if "sqoop" in tables else None,
            answers=self._file(("answers", "file"), tables),
            requirements=self._file(("python", "requirements"), tables),
            aliases=self._aliases(tables.get("lab", {})),
        )

    def _known(self, at: tomltext.Path, table: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                inside = f" in [{at[0]}]" if at else ""
                others = f"Known here: {', '.join(known)}."
                hint = did_you_mean(key, known)
                raise self.wrong((*at, key), f"unknown key {listed([key])!r}{inside}.", hint or others)

    def _table(self, at: tomltext.Path, value: Any) -> Mapping[str, Any]:
        name = str(at[0])
        if isinstance(value, list):
            raise self.wrong(at, f"{name} can be given once only.", f"Write [{name}] in single brackets.")
        if not isinstance(value, dict):
            raise self.wrong(at, f"{name} must be a table.", f"Write [{name}] on a line of its own, its keys below.")
        self._known(at, value, _TABLES[name])
        return value

    def _producers(self, value: Any) -> tuple[ProgramEntry, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            return (self._program(("producer",), self._table(("producer",), value), "sensor"),)
        if len(value) > _MAX_PRODUCERS:
            raise self.wrong(
                ("producer",), f"more than {_MAX_PRODUCERS} producers.", "Let one program run several sensors."
            )
        return tuple(
            self._program(("producer", place), self._table(("producer", place), entry), "sensor")
            for place, entry in enumerate(value)
        )

    def _file(self, at: tuple[str, str], tables: Mapping[str, Mapping[str, Any]]) -> FileEntry | None:
        table, key = at
        if key not in tables.get(table, {}):
            return None
        value = tables[table][key]
        if not isinstance(value, str) or not value:
            raise self.wrong(at, f"{table}.{key} must be the path of a file, in quotes.")
        return FileEntry(self._inside(at, value, self.base), self.document.line(*at))

    def _files(self, at: tuple[str, str], tables: Mapping[str, Mapping[str, Any]]) -> tuple[FileEntry, ...]:
        table, key = at
        value = tables.get(table, {}).get(key, [])
        paths = [value] if isinstance(value, str) else value
        if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
            raise self.wrong(at, f"{table}.{key} must be a list of paths.", f'Write {key} = ["one.sql", "two.sql"].')
        if (key in tables.get(table, {}) and not paths) or len(paths) > _MAX_KSQL_FILES:
            raise self.wrong(at, f"{table}.{key} must name 1 to {_MAX_KSQL_FILES} files.")
        return tuple(FileEntry(self._inside(at, path, self.base), self.document.line(*at)) for path in paths)

    def _inside(self, at: tomltext.Path, value: str, folder: str) -> str:
        """A path as seen from ``folder``, relative to the submission, from which it must not lead out."""
        path = posixpath.normpath(posixpath.join(folder, value.replace("\\", "/")))
        if path.startswith(("/", "../")) or path == ".." or re.match(r"[A-Za-z]:/", path) or "\0" in path:
            raise self.wrong(at, f"{listed([value])!r} leads out of the submission.", f"Paths are relative to {NAME}.")
        return path

    def _program(self, at: tomltext.Path, table: Mapping[str, Any], placeholder: str | None) -> ProgramEntry:
        workdir: str | None = None
        if "workdir" in table:
            if not isinstance(table["workdir"], str):
                raise self.wrong((*at, "workdir"), "workdir must be a folder, in quotes.")
            workdir = self._inside((*at, "workdir"), table["workdir"] or ".", self.base)
        files = self._texts((*at, "files"), table.get("files", {}))
        for name in files:
            target = self._inside((*at, "files", name), name, workdir or self.base)
            if not name.strip() or name.endswith("/") or target == ".":
                raise self.wrong((*at, "files", name), f"{listed([name])!r} is no name of a file.")
        env = self._texts((*at, "env"), table.get("env", {}))
        for name in env:
            if not _ENV.fullmatch(name):
                raise self.wrong((*at, "env", name), f"{listed([name])!r} is no name of an environment variable.")
        entry = ProgramEntry(
            line=self.document.line(*at),
            argv=self._words((*at, "command"), table["command"]) if "command" in table else None,
            bare=self._words((*at, "command_without_group"), table["command_without_group"])
            if "command_without_group" in table
            else None,
            workdir=workdir,
            env=env,
            files=files,
        )
        if placeholder is not None:
            self._placeholders(at, entry, placeholder)
        return entry

    def _placeholders(self, at: tomltext.Path, entry: ProgramEntry, allowed: str) -> None:
        places: list[tuple[tomltext.Path, str]] = [((*at, "command"), part) for part in entry.argv or ()]
        places += [((*at, "env", name), text) for name, text in entry.env.items()]
        places += [((*at, "files", name), text) for name, text in entry.files.items()]
        places += [((*at, "command_without_group"), part) for part in entry.bare or ()]
        for where, text in places:
            found = mistaken(text, allowed)
            if found:
                raise self.wrong(where, *found)
        for part in entry.bare or ():
            if holds(allowed, part):
                where = (*at, "command_without_group")
                raise self.wrong(where, f"command_without_group has {{{allowed}}} in it.", "It runs with no group id.")

    def _texts(self, at: tomltext.Path, value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.wrong(at, f"{at[-1]} must be a table of texts.", f'Write {at[-1]} = {{ NAME = "text" }}.')
        found: dict[str, str] = {}
        for key, text in value.items():
            if isinstance(text, dict | list) or (isinstance(text, str) and "\0" in text):
                raise self.wrong((*at, key), f"{listed([key])} must be a text.", "Quote the key if it has dots.")
            found[key] = str(text).lower() if isinstance(text, bool) else str(text)
        return found

    def _words(self, at: tomltext.Path, value: Any) -> tuple[str, ...]:
        words: list[str]
        if isinstance(value, str):
            try:
                words = shlex.split(value)
            except ValueError as error:
                raise self.wrong(at, f"the command cannot be split into words: {error}.", "Close its quotes.") from None
        elif isinstance(value, list) and all(
            isinstance(word, str | int) and not isinstance(word, bool) for word in value
        ):
            words = [str(word) for word in value]
        else:
            raise self.wrong(at, f"{at[-1]} must be a text or a list of texts.", 'Write ["python", "app.py"].')
        if not words or not words[0] or len(words) > _MAX_WORDS or any("\0" in word for word in words):
            raise self.wrong(at, f"{at[-1]} is empty or cannot be run.", 'Write ["python", "app.py"].')
        return tuple(words)

    def _aliases(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        value = table.get("aliases", [])
        if not isinstance(value, list) or len(value) > _MAX_ALIASES:
            raise self.wrong(("lab", "aliases"), f"aliases must be a list of at most {_MAX_ALIASES} host names.")
        for name in value:
            if not isinstance(name, str) or not _HOST.fullmatch(name) or re.fullmatch(r"[\d.]+", name):
                remedy = "Give the name alone, without port."
                raise self.wrong(("lab", "aliases"), f"{listed([str(name)])!r} is no host name.", remedy)
            if name.lower() in _SPARED:
                raise self.wrong(("lab", "aliases"), f"{name} is the program's own machine and cannot be an alias.")
        return tuple(dict.fromkeys(name.lower() for name in value))
