"""``topicmark up``, ``shell``, ``status`` and ``down``: a lab for work by hand."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from topicmark.backends import EmbeddedLab, recordings, warm
from topicmark.backends.by_hand import HandsOnLab, lab_needs, labs
from topicmark.backends.hands import Whose
from topicmark.model import LabFault, UsageError
from topicmark.options import settings
from topicmark.run import Settings
from topicmark.sandbox import Level, detect, interactive

SHOWN = {"registry": "Schema Registry", "connect": "Kafka Connect", "ksqldb": "ksqlDB"}
_HERE = "./topicmark"


def up(arguments: argparse.Namespace) -> int:
    """Start a lab that stays up, or make the one that is up ready for work by hand; on what others run, record only."""
    given = settings(arguments, Path())
    ways: Mapping[str, Callable[[Settings, Console], None]] = {
        "embedded": _up_embedded,
        "docker": _up_docker,
        "attached": _up_elsewhere,
        "kubernetes": _up_elsewhere,
    }
    ways[given.backend](given, Console(highlight=False, soft_wrap=True))
    return 0


def _up_embedded(given: Settings, out: Console) -> None:
    found = _yours("embedded")
    if found is not None:
        out.print(f"Your lab is up already: {found.marker} ({found.done}). It is left as it is.")
        _show(found, out)
        return
    began = time.monotonic()

    def say(text: str) -> None:
        out.print(f"{time.monotonic() - began:5.1f} s  {text}")

    needs = lab_needs(given.connect_plugins, given.ksqldb_home)
    taken = warm.take(level=Level.NAMESPACES, needs=needs, properties={}, for_people=True)
    lab = taken or EmbeddedLab.new(level=Level.NAMESPACES, needs=needs, kept=True)
    with _taken_down_on_failure(lab):
        if taken is None:
            lab.start()
        say("Kafka: three brokers" if taken is None else "Kafka: the lab that was up is new again")
        _ = lab.webhdfs_url
        say("HDFS: a namenode and three datanodes")
        for name, shown in SHOWN.items():
            booted = lab.component(name)
            if booted.refusal:
                raise LabFault(booted.refusal, service=name)
            say(shown)
        warm.keep(lab)
    out.print(f"Your lab is up: {lab.folder.marker}. It stays up until you type: {_HERE} down\n")
    _show(HandsOnLab.of(lab.folder), out)


@contextmanager
def _taken_down_on_failure(lab: EmbeddedLab) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        lab.take_down()
        raise LabFault(f"the brokers do not answer: {error!r}", service="kafka") from error
    except BaseException:
        lab.take_down()
        raise


def _up_docker(given: Settings, out: Console) -> None:
    from topicmark.backends import docker  # takes a while to import

    found = next((lab for lab in labs("docker") if lab.whose is not Whose.DEAD), None)
    if found is None:
        needs = lab_needs(given.connect_plugins, None)
        docker.prepare(needs, out.print, stays=True)
        out.print("starting the containers")
        lab = docker.started(needs, {})
        try:
            lab.await_all()
            lab.leave()
        except BaseException:
            lab.take_down()
            raise
        found = HandsOnLab.of(lab.folder)
    out.print(f"Your lab is up: {found.marker}, in containers. It stays up until you type: {_HERE} down\n")
    _show(found, out)


def _up_elsewhere(given: Settings, out: Console) -> None:
    if given.attachment is not None and not given.attachment.kafka:
        raise UsageError("what is recorded is what passes through Kafka: give --kafka HOST:PORT[,…]")
    recording = recordings.begin(given.attachment, given.place)
    how = "is recorded" if recording.is_new else "was recorded already"
    out.print(f"The cluster {recording.cluster} {how} from now on until you type: {_HERE} down")
    out.print("Nothing else was started: it is others' lab. Kept are the records of test, test-redpanda and INGESTION:")
    out.print(f"  {recording.tape}")
    out.print(f"Do exercise 2 there, then grade it by: {_HERE} grade mine -k ex2 --backend {given.backend} …")


def _yours(backend: str) -> HandsOnLab | None:
    """A lab that somebody worked in."""
    return next((lab for lab in labs(backend) if lab.whose is Whose.YOURS), None)


def _show(lab: HandsOnLab, out: Console) -> None:
    """What to type, and what to open."""
    for what, where in _lines(lab):
        out.print(f"{what:<14}{where}")


def _lines(lab: HandsOnLab) -> Iterator[tuple[str, str]]:
    yield "Type", f"{_HERE} shell          [dim]# a shell in the lab, in this folder; there:[/dim]"
    yield "", "kafka-topics.sh --bootstrap-server kafka:9092 --list"
    yield "", "curl http://kafka-connect:8083/connectors"
    yield "Open, or curl", f"{lab.webhdfs_url}   [dim]HDFS[/dim]"
    for name, url in lab.urls.items():
        yield "", f"{url}   [dim]{SHOWN[name]}[/dim]"
    if lab.console_url:
        yield "", f"{lab.console_url}   [dim]Redpanda Console[/dim]"
    yield "Own tools", f"brokers {lab.bootstrap}"
    yield "Exercise 2", f"do it in the shell, then: {_HERE} grade mine -k ex2"
    yield "", "[dim]What you do in the lab is yours: no run of the grader touches it.[/dim]"


def shell(arguments: argparse.Namespace) -> int:
    """A shell, or one command, among the lab's host names, in the current folder."""
    level, why_not = detect()
    if level is not Level.NAMESPACES:
        raise LabFault(f"a shell in the lab needs namespaces: {why_not}", service="sandbox")
    usable = [lab for lab in labs() if lab.whose in (Whose.YOURS, Whose.FREE)]
    usable.sort(key=lambda lab: (lab.whose is Whose.YOURS, lab.since), reverse=True)
    if not usable:
        raise UsageError(f"no lab is up. Start one with: {_HERE} up")
    lab = usable[0]
    if not lab.is_whole:
        raise UsageError(f"the lab that is up was used by a run of the grader. Make it whole again with: {_HERE} up")
    if not arguments.command:
        words = f"In the lab {lab.marker}: kafka:9092, kafka-connect:8083, … answer here; `exit` leads out of it.\n"
        sys.stderr.write(words)
    with lab.visit():
        return interactive.run(
            arguments.command or [os.environ.get("SHELL") or "/bin/sh"],
            lab.endpoints(),
            lab.tools(),
            marker=lab.marker,
        )


def status(_: argparse.Namespace) -> int:
    """Which labs are up, whose they are, and what is recorded."""
    out = Console(highlight=False, soft_wrap=True)
    kept, recorded = list(warm.kept()), list(recordings.running())
    if not kept and not recorded:
        out.print(f"No lab is up. Start one with: {_HERE} up")
    if kept:
        table = Table("lab", "backend", "state", "up for", "memory", "brokers", box=None)
        for lab in kept:
            minutes = f"{(time.time() - lab.since) / 60:.0f} min"
            memory = f"{lab.memory_bytes / 2**20:.0f} MB" if lab.memory_bytes else ""
            table.add_row(lab.marker, lab.backend, lab.whose, minutes, memory, lab.bootstrap.replace(",", " "))
        out.print(table)
        for lab in kept:
            if lab.done:
                out.print(f"Yours is {lab.marker}: {lab.done}")
    for one in recorded:
        out.print(f"Recorded: cluster {one.cluster} at {one.place}, in {one.tape}")
    return 0


def down(arguments: argparse.Namespace) -> int:
    """Take down the labs that no run uses, and stop recording."""
    taken, busy = warm.down(everything=arguments.all)
    stopped = recordings.end_all()
    also = f", {stopped} recorded no more" if stopped else ""
    still = f", {busy} in use and left" if busy else ""
    Console(highlight=False).print(f"{taken} taken down{also}{still}.")
    return 0
