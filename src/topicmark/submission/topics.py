"""How a submission makes its topics: a table in ``topics.toml``, a shell script, or a program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from topicmark.submission import scripts, tomltext
from topicmark.submission.artefacts import Missing, Problem, TopicCommand
from topicmark.submission.choosing import missing, one_of
from topicmark.submission.launch import launch
from topicmark.submission.sources import Sources, by_pattern, is_test
from topicmark.submission.words import did_you_mean, listed

LOOKED_FOR = "topics.toml, a *.sh with a line `kafka-topics.sh … --create`, or a program *topic*.py"
MAX_PARTITIONS = 1000
MAX_TOPICS = 50
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
_OTHERS = re.compile(r"kafka-console-(?:producer|consumer)|kafka-delete-records|test-redpanda|/connectors\b|\bksql\b")
_COPY = "copy yours into a *.sh."
_EXAMPLE = "Write it as in docs/hand-in.md: [topics.INGESTION], then partitions = …, replication_factor = …"


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """One topic as it is to be made; ``config`` as ``kafka-configs.sh`` takes it, every value a text."""

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicTable:
    """The topics of a ``topics.toml``, by name. ``name`` is the file's path in the submission."""

    topics: Mapping[str, TopicPlan]
    name: str = "topics.toml"
    remarks: tuple[str, ...] = ()


class _Wrong(Exception):
    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.problem = (line, what, remedy)


def parse(text: str, name: str) -> TopicTable | Problem:
    """Read a topic table. ``name`` is the file's name, for messages; a ``Problem`` carries the line."""
    try:
        document = tomltext.parse(text)
        remarks: list[str] = []
        return TopicTable(_topics(document, remarks), name, tuple(remarks))
    except tomltext.TomlError as error:
        return Problem(f"{name}:{error.line}", error.what, "Dotted keys and texts need quotes.")
    except _Wrong as wrong:
        line, what, remedy = wrong.problem
        return Problem(f"{name}:{line}", what, remedy)


def _topics(document: tomltext.Document, remarks: list[str]) -> dict[str, TopicPlan]:
    for key in document.data:
        if key != "topics":
            hint = did_you_mean(key, ["topics"])
            remarks.append(f"line {document.line(key)}: {listed([key])} is not read. {hint}".rstrip())
    table = document.data.get("topics")
    if not isinstance(table, dict) or not table:
        raise _Wrong(document.line("topics"), "describes no topic.", _EXAMPLE)
    if len(table) > MAX_TOPICS:
        raise _Wrong(
            document.line("topics"), f"describes more than {MAX_TOPICS} topics.", "Keep those of the exercise."
        )
    plans: dict[str, TopicPlan] = {}
    for topic, settings in table.items():
        line = document.line("topics", topic)
        if not _NAME.fullmatch(topic):
            remedy = "Kafka takes letters, digits, dots, dashes and underscores."
            raise _Wrong(line, f"{listed([topic])!r} is no topic name.", remedy)
        if not isinstance(settings, dict):
            raise _Wrong(line, f"topics.{topic} must be a table.", _EXAMPLE)
        plans[topic] = _plan(document, topic, settings, remarks)
    return plans


def _plan(document: tomltext.Document, topic: str, settings: Mapping[str, Any], remarks: list[str]) -> TopicPlan:
    known = ("partitions", "replication_factor", "config")
    for key in settings:
        if key in known:
            continue
        line = document.line("topics", topic, key)
        below = f"Settings of the topic belong below [topics.{topic}.config]."
        hint = below if "." in key or isinstance(settings[key], dict) else did_you_mean(key, known) or below
        remarks.append(f"line {line}: {listed([key])} is not read. {hint}".rstrip())
    config = settings.get("config", {})
    if not isinstance(config, dict):
        line = document.line("topics", topic, "config")
        raise _Wrong(line, f"topics.{topic}.config must be a table.", 'Write "retention.ms" = … below its header.')
    return TopicPlan(
        _number(document, topic, settings, "partitions", MAX_PARTITIONS),
        _number(document, topic, settings, "replication_factor", 32767),
        dict(_flat(document, topic, config, ())),
    )


def _number(document: tomltext.Document, topic: str, settings: Mapping[str, Any], key: str, highest: int) -> int:
    line = document.line("topics", topic, key)
    if key not in settings:
        near = [other for other in settings if did_you_mean(other, [key])]
        remedy = f"Is {listed(near)} meant to be {key}?" if near else f"Add the line {key} = <a whole number>."
        raise _Wrong(line, f"topics.{topic} does not say {key}.", remedy)
    value = settings[key]
    if isinstance(value, bool) or not isinstance(value, int):
        shown = listed([str(value)])
        raise _Wrong(line, f"{key} must be a whole number, not {shown!r}.", "Write it without quotes and units.")
    if not 1 <= value <= highest:
        raise _Wrong(line, f"{key} must be between 1 and {highest}, not {listed([str(value)])}.", "")
    return value


def _flat(
    document: tomltext.Document, topic: str, table: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """The settings as texts. ``retention.ms`` without quotes is a table in a table for TOML: put together again."""
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, dict):
            yield from _flat(document, topic, value, path)
        elif isinstance(value, bool):
            yield ".".join(path), str(value).lower()
        elif isinstance(value, int | float | str):
            yield ".".join(path), str(value)
        else:
            line = document.line("topics", topic, "config", *path)
            raise _Wrong(line, f"{'.'.join(path)} must be a number or a text.", "")


def find(sources: Sources, remarks: list[str]) -> TopicTable | TopicCommand | Problem | Missing:
    """The submission's way to make topics, by convention."""
    tables = by_pattern(sources.visible, r"topics\.toml")
    if tables:
        chosen = one_of(sources, tables, "topics.toml", remarks, table="topics")
        return chosen if isinstance(chosen, Problem) else load_table(sources, chosen)
    found = [
        path
        for path in by_pattern(sources.visible, r".*\.sh")
        if _creates_topics(path, sources.text(path) or "") and not _is_of_exercise_8(path, sources.text(path) or "")
    ]
    if found:
        found.sort(key=lambda path: ("INGESTION" not in (sources.text(path) or ""), "topic" not in path.lower()))
        if len(found) > 1:
            remarks.append(f"several scripts make topics; {listed(found[:1])} is run, not {listed(found[1:])}.")
        return script(sources, found[0])
    programs = [
        path
        for path in by_pattern(sources.visible, r".*topic.*\.py")
        if path not in sources.imported
        and not is_test(path)
        and not re.search("producer|consumer", PurePosixPath(path).name.lower())
    ]
    if not programs:
        return missing(sources, LOOKED_FOR, r"kafka-topics(?s:.){1,300}?--create\b", _COPY)
    programs.sort(key=lambda path: (not _makes_topics(sources, path), not sources.module(path).is_runnable))
    if len(programs) > 1:
        remarks.append(f"several programs *topic*.py; {listed(programs[:1])} is run, not {listed(programs[1:])}.")
    return program(sources, programs[0])


def _is_of_exercise_8(path: str, text: str) -> bool:
    """Whether a script makes the topic of a Flume agent, and no other."""
    return "INGESTION" not in text and re.search(r"exercise0?8|flume|sqoop", path.lower() + text) is not None


def load_table(sources: Sources, path: str) -> TopicTable | Problem:
    """The table in a file of the submission."""
    text = sources.text(path)
    if text is None:
        return Problem(path, "cannot be read, or is far too long.")
    return parse(text, path)


def script(sources: Sources, path: str) -> TopicCommand:
    """A shell script as a command."""
    argv, workdir = scripts.start(sources, path)
    return TopicCommand(argv, workdir, kind="script")


def program(sources: Sources, path: str) -> TopicCommand:
    """A Python program that makes topics, as a command."""
    start = launch(sources, path)
    return TopicCommand(start.argv, start.workdir, start.env, kind="program")


def _makes_topics(sources: Sources, path: str) -> bool:
    return any(re.search("create_topics|NewTopic|kafka-topics", module.text) for module in sources.follow(path))


def _creates_topics(path: str, text: str) -> bool:
    """Whether a script has a ``kafka-topics`` command with ``--create`` outside comments.

    A script of another exercise (test-redpanda, console lines, ksqlDB, the sink connector) makes topics only if it
    makes INGESTION.
    """
    code = scripts.code(text)
    if "kafka-topics" not in code or not re.search(r"--create\b", code):
        return False
    if not _OTHERS.search(code) and not re.fullmatch(r"exercise0?[2367]\.sh", PurePosixPath(path).name.lower()):
        return True
    made = [line for line in code.splitlines() if re.search(r"--create\b", line)]
    return any("INGESTION" in line or ("$" in line and "INGESTION" in code) for line in made)
