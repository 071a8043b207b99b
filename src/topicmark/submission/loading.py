"""A submission folder, read: staged, its artefacts found and understood. Nothing of it is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from topicmark.model import SubmissionError
from topicmark.submission import answers as answers_module
from topicmark.submission import (
    connector,
    console,
    flume,
    interaction,
    kubernetes,
    programs,
    scripts,
    sqoop,
    statements,
    topics,
    values,
)
from topicmark.submission import manifest as manifest_module
from topicmark.submission.answers import Answers
from topicmark.submission.artefacts import Consumer, Missing, Problem, Program, TopicCommand
from topicmark.submission.choosing import named, one_of
from topicmark.submission.connector import Connector
from topicmark.submission.console import Console
from topicmark.submission.flume import FlumeAgent
from topicmark.submission.interaction import Interaction
from topicmark.submission.kubernetes import Component
from topicmark.submission.manifest import Manifest
from topicmark.submission.sources import Sources, by_pattern
from topicmark.submission.sqoop import TableImport
from topicmark.submission.staging import stage
from topicmark.submission.statements import Statements
from topicmark.submission.topics import TopicTable
from topicmark.submission.unpacking import name_of, unpacked
from topicmark.submission.values import Values
from topicmark.submission.words import decode, listed, read_bytes

MAX_REQUIREMENTS_BYTES = 64 * 1024
_MAX_REMARKS = 50
_OTHER_VALUES = re.compile(r"(?:registry|connect|ksql|redpanda|console|hdfs)[^/]*$")


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission ready to be graded. ``tree`` is the copy that programs see; paths are relative to it.

    A broken artefact is a ``Problem``, one that is not there ``Missing``; neither concerns the others. ``remarks`` cost
    no points.
    """

    name: str
    root: Path
    tree: Path
    files: tuple[str, ...]
    values: Values | Problem | Missing
    topics: TopicTable | TopicCommand | Problem | Missing
    producers: tuple[Program, ...]
    producer_problem: Problem | Missing | None
    consumer: Consumer | None
    consumer_problem: Problem | Missing | None
    registry: Component | Problem | Missing
    connect: Component | Problem | Missing
    ksqldb: Component | Problem | Missing
    redpanda: Component | Problem | Missing
    interaction: Interaction | Problem | Missing
    console: Console | Problem | Missing
    statements: Statements | Problem | Missing
    connector: Connector | Problem | Missing
    flume: FlumeAgent | Problem | Missing
    sqoop: TableImport | Problem | Missing
    answers: Answers | Problem
    requirements: str | None
    aliases: tuple[str, ...]
    remarks: tuple[str, ...]

    def requirements_text(self) -> str | None:
        """The content of the requirements file, decoded; ``None`` if there is none, or none that can be read."""
        if self.requirements is None:
            return None
        try:
            data = read_bytes(self.tree / self.requirements, MAX_REQUIREMENTS_BYTES)
        except OSError:
            return None
        return None if data is None else decode(data)


def load(root: Path, staging: Path) -> Submission:
    """Copy the submission ``root``, a folder or an archive, to ``staging`` (missing or empty) and find its artefacts.

    Raises ``SubmissionError`` if it is missing, unreadable or empty, or ``submission.toml`` is not valid.
    """
    with unpacked(root) as (folder, left_out):
        staged = stage(folder, staging)
    remarks = [*left_out, *staged.remarks]
    sources = Sources(staged)
    manifest = _manifest(sources, remarks)
    producers, producer_problem = programs.find_producers(sources, manifest, remarks)
    consumer, consumer_problem = programs.find_consumer(sources, manifest, remarks)
    found_values = _values(sources, manifest, remarks)
    found_topics = _topics(sources, manifest, remarks)
    for artefact in (found_values, found_topics):
        if isinstance(artefact, Values | TopicTable):
            remarks += [f"{artefact.name}: {remark}" for remark in artefact.remarks]
    return Submission(
        name=name_of(root),
        root=root,
        tree=staging,
        files=staged.files,
        values=found_values,
        topics=found_topics,
        producers=producers,
        producer_problem=producer_problem,
        consumer=consumer,
        consumer_problem=consumer_problem,
        registry=kubernetes.find(sources, manifest, "registry", remarks),
        connect=kubernetes.find(sources, manifest, "connect", remarks),
        ksqldb=kubernetes.find(sources, manifest, "ksqldb", remarks),
        redpanda=kubernetes.find(sources, manifest, "redpanda", remarks),
        interaction=interaction.find(sources, manifest, remarks),
        console=console.find(sources, manifest, remarks),
        statements=statements.find(sources, manifest, remarks),
        connector=connector.find(sources, manifest, remarks),
        flume=flume.find(sources, manifest, remarks),
        sqoop=sqoop.find(sources, manifest, remarks),
        answers=_answers(sources, manifest, remarks),
        requirements=_requirements(sources, manifest, remarks),
        aliases=manifest.aliases if manifest is not None else (),
        remarks=tuple(dict.fromkeys(remarks))[:_MAX_REMARKS],
    )


def _manifest(sources: Sources, remarks: list[str]) -> Manifest | None:
    """``submission.toml`` at the top, or the only one of the tree (a folder that was zipped with its own name)."""
    paths = by_pattern(sources.visible, r"submission\.toml")
    if not paths:
        return None
    if "/" in paths[0] and len(paths) > 1:
        remarks.append(f"several files submission.toml below the top, none is read: {listed(paths)}.")
        return None
    text = sources.text(paths[0])
    if text is None:
        raise SubmissionError(paths[0], "cannot be read, or is far too long.")
    return manifest_module.parse(text, paths[0])


def _values(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Values | Problem | Missing:
    chosen: str | Problem
    if manifest is not None and manifest.values is not None:
        chosen = named(sources, manifest, manifest.values)
    else:
        exact = by_pattern(sources.visible, r"kafka-values\.ya?ml")
        others = by_pattern(sources.visible, r".*values.*\.ya?ml")
        others = [path for path in others if not _OTHER_VALUES.search(path.lower())] or others
        if not exact and not others:
            return Missing("kafka-values.yaml, or the only *values*.yaml")
        chosen = one_of(sources, exact or others, "the Helm values", remarks, table="values", shallowest=bool(exact))
    if isinstance(chosen, Problem):
        return chosen
    text = sources.text(chosen)
    return values.parse(text, chosen) if text is not None else Problem(chosen, "cannot be read, or is far too long.")


def _topics(
    sources: Sources, manifest: Manifest | None, remarks: list[str]
) -> TopicTable | TopicCommand | Problem | Missing:
    if manifest is None or (manifest.topics is None and manifest.topics_command is None):
        return topics.find(sources, remarks)
    if manifest.topics is not None:
        chosen = named(sources, manifest, manifest.topics)
        if isinstance(chosen, Problem):
            return chosen
        if chosen.lower().endswith(".sh"):
            return topics.script(sources, chosen)
        if chosen.lower().endswith(".py"):
            return topics.program(sources, chosen)
        return topics.load_table(sources, chosen)
    assert manifest.topics_command is not None
    argv = manifest.topics_command.argv or ()
    return TopicCommand(argv, manifest.base, kind="script" if scripts.is_script(argv) else "program")


def _answers(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Answers | Problem:
    if manifest is None or manifest.answers is None:
        return answers_module.find(sources, remarks)
    chosen = named(sources, manifest, manifest.answers)
    return chosen if isinstance(chosen, Problem) else answers_module.find(sources, remarks, chosen)


def _requirements(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> str | None:
    if manifest is not None and manifest.requirements is not None:
        chosen = named(sources, manifest, manifest.requirements)
        if isinstance(chosen, Problem):
            remarks.append(str(chosen))
            return None
        return chosen
    found = by_pattern(sources.visible, r"requirements\.txt")
    if len(found) > 1:
        remarks.append(f"several requirements.txt; {listed(found[:1])} is taken, not {listed(found[1:])}.")
    return found[0] if found else None
