"""A command's words by the rules of its tool: subcommand, options with values, arguments, and what is refused."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from topicmark.course import tables
from topicmark.course.reading.shell import Call, Word

_ALIASES = {"pip3": "pip", "apt-get": "apt", "hadoop": "hdfs", "oc": "kubectl"}
_OC = frozenset(
    {
        *("apply", "attach", "cp", "create", "delete", "describe", "edit", "exec", "expose", "get", "logs"),
        *("port-forward", "replace", "run", "scale", "wait"),
    }
)
"""The subcommands in which OpenShift's ``oc`` is kubectl; it has many of its own."""
_IS_OPTION = re.compile(r"--?[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Given:
    """An option as it is given; ``value`` is ``None`` if it has none."""

    name: str
    value: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a tool says no to.

    ``kind`` is ``unknown``, ``removed``, ``deprecated``, ``valueless``, ``subcommand`` or ``missing``.
    """

    kind: str
    word: str
    line: int
    instead: str = ""


@dataclass(slots=True)
class Usage:
    """A call understood. ``rest`` is what follows ``--``."""

    tool: str
    version: str
    subcommand: str = ""
    given: list[Given] = field(default_factory=list)
    arguments: list[Word] = field(default_factory=list)
    rest: tuple[Word, ...] = ()
    refusals: list[Refusal] = field(default_factory=list)

    def value(self, *names: str) -> str:
        """The last value given to one of these options; empty if none."""
        return next((each.value for each in reversed(self.given) if each.name in names and each.value), "")

    def values(self, *names: str) -> list[Given]:
        """Every one of these options that has a value."""
        return [each for each in self.given if each.name in names and each.value]

    def has(self, *names: str) -> bool:
        """Whether one of these options is given."""
        return any(each.name in names for each in self.given)


def tool_of(name: str) -> str:
    """The key of the table for a program: ``kafka-topics`` for ``kafka-topics.sh``, empty if there is none."""
    bare = re.sub(r"\.(?:sh|bat|exe)$", "", name)
    bare = _ALIASES.get(bare, bare)
    return bare if bare in tables.load("options") else ""


def understand(call: Call) -> Usage | None:
    """The usage of a call; ``None`` for a program that has no table."""
    tool = tool_of(call.name)
    if not tool or (call.name == "oc" and not _OC.intersection(call.argv)):
        return None
    table: Mapping[str, Any] = tables.load("options")[tool]
    usage = Usage(tool, table["version"])
    words = list(call.words[1:])
    if table["style"] == "hadoop":
        _hadoop(usage, table, words, call.name)
    else:
        _Line(usage, table, words).read()
    if call.name == "oc":
        usage.refusals.clear()  # its options are kubectl's and more
    return usage


@functools.cache
def _known(listed: str) -> Mapping[str, str]:
    """Option names and what they take: ``""``, ``=`` or ``?``."""
    return {word.rstrip("=?"): word[len(word.rstrip("=?")) :] for word in listed.split()}


class _Line:
    """One command line being read."""

    def __init__(self, usage: Usage, table: Mapping[str, Any], words: Sequence[Word]) -> None:
        self._usage = usage
        self._table = table
        self._words = list(words)
        self._style = str(table["style"])
        self._options = dict(_known(table.get("options", "")))
        self._removed: dict[str, str] = dict(table.get("removed", {}))
        self._deprecated: dict[str, str] = dict(table.get("deprecated", {}))
        self._checked = "commands" not in table and "subcommands" not in table

    def read(self) -> None:
        words, usage = self._words, self._usage
        while words:
            word = words.pop(0)
            if word.text == "--":
                usage.rest = tuple(words)
                break
            if word.text.startswith("-") and len(word.text) > 1:
                self._option(word)
            elif not usage.subcommand and ("commands" in self._table or "subcommands" in self._table):
                self._choose(word)
            else:
                usage.arguments.append(word)
        unnamed = (
            usage.subcommand == "install"
            and len(usage.arguments) == 1
            and not usage.has("-g", "--generate-name", "--name-template")
        )
        if usage.tool == "helm" and unnamed and not usage.refusals:
            usage.refusals.append(Refusal("missing", "a name before the chart", usage.arguments[0].line))
        needs = self._table.get("needs", [])
        if needs and usage.given and not usage.has("--help", "--version", *needs):
            line = usage.given[0].line
            if not any(each.kind == "removed" for each in usage.refusals):
                usage.refusals.append(Refusal("missing", needs[0], line))

    def _choose(self, word: Word) -> None:
        usage, table = self._usage, self._table
        name = table.get("aliases", {}).get(word.text, word.text)
        usage.subcommand = name
        if "subcommands" in table:
            self._checked = True
            if name not in table["subcommands"].split():
                self._refuse("subcommand", word, _nearest(name, table["subcommands"].split()))
            return
        spec = table["commands"].get(name)
        if spec is not None:
            self._options |= _known(spec["options"])
            self._removed |= spec.get("removed", {})
            self._deprecated |= spec.get("deprecated", {})
            self._checked = True
        elif name in table.get("removed_commands", {}):
            self._refuse("removed", word, table["removed_commands"][name])
        elif name not in table.get("uncommon", "").split() and re.fullmatch(r"[a-z-]+", name):
            self._refuse("subcommand", word, _nearest(name, [*table["commands"], *table.get("uncommon", "").split()]))

    def _refuse(self, kind: str, word: Word, instead: str = "") -> None:
        self._usage.refusals.append(Refusal(kind, word.text, word.line, instead))

    def _option(self, word: Word) -> None:
        name, equals, value = word.text.partition("=")
        long_style = name.startswith("--") or self._style in ("joptsimple", "sqoop")
        if self._style == "joptsimple" and name not in self._options and f"-{name}" in self._options:
            name = f"-{name}"  # joptsimple takes -property for --property
        if name in self._options:
            self._known(word, name, value if equals else None)
        elif name in self._removed:
            self._refuse("removed", Word(name, word.line), self._removed[name])
            if not equals and self._words and not self._words[0].text.startswith("-") and name not in _SWITCHES:
                self._words.pop(0)
        elif not long_style and self._cluster(word):
            pass
        elif self._style == "gnu" and name.startswith("--") and self._shortened(name):
            self._known(word, self._shortened(name), value if equals else None)
        elif not self._checked or not _IS_OPTION.match(name):
            self._usage.given.append(Given(name, value if equals else None, word.line))
        else:
            self._refuse("unknown", Word(name, word.line), _nearest(name, list(self._options)))

    def _known(self, word: Word, name: str, value: str | None) -> None:
        takes = self._options[name]
        if name in self._deprecated:
            self._refuse("deprecated", Word(name, word.line), self._deprecated[name])
        if takes == "=" and value is None:
            if self._words and not (self._words[0].text.startswith("--") and self._words[0].text[2:] in self._long()):
                value = self._words.pop(0).text
            else:
                self._refuse("valueless", Word(name, word.line))
        elif takes == "?" and value is None and self._style == "joptsimple":
            if self._words and not self._words[0].text.startswith("-"):
                value = self._words.pop(0).text
        elif takes == "?" and value is None and name == "--dry-run" and self._usage.tool == "kubectl":
            self._refuse("removed", Word(name, word.line), "--dry-run=client")
        self._usage.given.append(Given(name, value, word.line))

    def _long(self) -> frozenset[str]:
        return frozenset(name[2:] for name in self._options if name.startswith("--"))

    def _shortened(self, name: str) -> str:
        full = [each for each in self._options if each.startswith(name)]
        return full[0] if len(full) == 1 else ""

    def _cluster(self, word: Word) -> bool:
        """Short options in one word: ``-it``, ``-XPOST``, ``-n=default``."""
        letters, at = word.text[1:], 0
        while at < len(letters):
            name = f"-{letters[at]}"
            if name not in self._options:
                return False
            if self._options[name] == "=":
                rest = letters[at + 1 :]
                self._known(word, name, rest.removeprefix("=") if rest else None)
                return True
            self._usage.given.append(Given(name, None, word.line))
            at += 1
        return True


_SWITCHES = frozenset({"--new-consumer", "--purge", "--force", "--export", "--show-all", "-a", "--recreate-pods"})


def _hadoop(usage: Usage, table: Mapping[str, Any], words: list[Word], name: str) -> None:
    """``hdfs dfs -fs URL -ls /``: generic options, then a command with a dash, then its own."""
    if not words:
        return
    first = words.pop(0)
    usage.subcommand = first.text
    if name == "hadoop":
        if first.text == "dfs":
            usage.refusals.append(Refusal("deprecated", "hadoop dfs", first.line, "hdfs dfs"))
        if first.text not in ("fs", "dfs"):
            return
    elif first.text not in table["subcommands"].split():
        if re.fullmatch(r"-?[A-Za-z]+", first.text):
            usage.refusals.append(Refusal("subcommand", first.text, first.line, _dashed(first.text, table)))
        return
    if first.text not in ("dfs", "fs"):
        return
    generic = _known(table["generic"])
    while words and words[0].text in generic:
        option = words.pop(0)
        usage.given.append(Given(option.text, words.pop(0).text if words else None, option.line))
    if not words:
        return
    command = words.pop(0)
    removed = table["removed"].get(command.text)
    if removed:
        usage.refusals.append(Refusal("deprecated", command.text, command.line, removed))
    elif command.text not in table["commands"]:
        if re.fullmatch(r"-?[A-Za-z]+", command.text):
            commands = list(table["commands"])
            instead = f"-{command.text}" if f"-{command.text}" in commands else _nearest(command.text, commands)
            usage.refusals.append(Refusal("unknown", command.text, command.line, instead))
    else:
        known = _known(table["commands"][command.text])
        while words and words[0].text.startswith("-") and len(words[0].text) > 1:
            option = words.pop(0)
            if option.text not in known and not all(f"-{letter}" in known for letter in option.text[1:]):
                usage.refusals.append(Refusal("unknown", f"{command.text} {option.text}", option.line))
            elif known.get(option.text) == "=" and words:
                words.pop(0)
    usage.given.append(Given(command.text, None, command.line))
    usage.arguments += words


def _dashed(word: str, table: Mapping[str, Any]) -> str:
    command = word if word.startswith("-") else f"-{word}"
    return f"dfs {command}" if command in table["commands"] else ""


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.7)
    return near[0] if near else ""
