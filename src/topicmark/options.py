"""The options of a grading run: one table, from which both ``topicmark grade`` and pytest have theirs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topicmark.backends import BACKENDS
from topicmark.backends.attachment import CONSOLE, HDFS, KAFKA, OPTIONS, WEBHDFS, Attachment
from topicmark.model import UsageError
from topicmark.run import Settings


@dataclass(frozen=True, slots=True)
class Option:
    """``metavar`` is None for a switch. ``is_folder``: a path, which pytest is told as an absolute one."""

    flag: str
    help: str
    metavar: str | None = None
    default: Any = None
    choices: Sequence[str] | None = None
    is_folder: bool = False

    @property
    def key(self) -> str:
        """Its attribute once it was parsed."""
        return self.flag.removeprefix("--").replace("-", "_")

    def declare(self, add: Callable[..., Any]) -> None:
        """To a parser's ``add_argument`` or to pytest's ``addoption``."""
        if self.metavar is None and self.choices is None:
            add(self.flag, action="store_true", help=self.help)
            return
        shown = {"choices": self.choices} if self.choices is not None else {"metavar": self.metavar}
        add(self.flag, type=Path if self.is_folder else str, default=self.default, help=self.help, **shown)


_ADDRESSES = {
    KAFKA: Option(OPTIONS[KAFKA], "attached: the brokers (PLAINTEXT)", "HOST:PORT[,…]"),
    "connect": Option(OPTIONS["connect"], "attached: Kafka Connect", "URL"),
    "ksqldb": Option(OPTIONS["ksqldb"], "attached: ksqlDB", "URL"),
    "registry": Option(OPTIONS["registry"], "attached: the schema registry", "URL"),
    HDFS: Option(OPTIONS[HDFS], "attached: the namenode, for programs", "hdfs://HOST:PORT"),
    WEBHDFS: Option(OPTIONS[WEBHDFS], "attached: the namenode, for the grader", "URL"),
    CONSOLE: Option(OPTIONS[CONSOLE], "attached: the console", "URL"),
}
OPTIONS_OF_A_RUN: Sequence[Option] = (
    Option("--backend", "what runs the lab (default: embedded)", default="embedded", choices=list(BACKENDS)),
    Option("--out", "where results go (default: topicmark-out)", "DIR", Path("topicmark-out"), is_folder=True),
    Option("--untrusted", "strongest sandbox or refuse; a fresh lab"),
    Option("--fresh", "a lab of its own, even if one is up"),
    Option("--allow-weak-sandbox", "run programs without namespaces if need be"),
    Option("--connect-plugins", "Connect plugins in place of the lab's own HDFS sink", "DIR", is_folder=True),
    Option("--ksqldb-home", "an unpacked ksqlDB in place of the lab's own", "DIR", is_folder=True),
    *_ADDRESSES.values(),
    Option("--allow-writes", "attached: replay the submission there, and remove again what came of it"),
)


def declare(add: Callable[..., Any]) -> None:
    """All options of a run, to a parser."""
    for option in OPTIONS_OF_A_RUN:
        option.declare(add)


def forwarded(parsed: argparse.Namespace) -> Iterator[str]:
    """What was parsed, as arguments for pytest."""
    for option in OPTIONS_OF_A_RUN:
        value = vars(parsed)[option.key]
        if value is True:
            yield option.flag
        elif value not in (None, False):
            yield f"{option.flag}={value.absolute() if option.is_folder else value}"


def settings(parsed: argparse.Namespace, submission: Path) -> Settings:
    """The run that was asked for. Raises ``UsageError``."""
    given = {service: value for service, one in _ADDRESSES.items() if (value := vars(parsed)[one.key]) is not None}
    attachment = Attachment.of(given)
    _hold_together(parsed.backend, attachment, bool(parsed.allow_writes))
    if parsed.allow_writes and parsed.untrusted:
        raise UsageError("--untrusted and --allow-writes: a program can do what it likes to a cluster that it reaches")
    return Settings(
        submission=submission,
        backend=parsed.backend,
        out=parsed.out,
        untrusted=parsed.untrusted,
        allow_weak_sandbox=parsed.allow_weak_sandbox,
        fresh=parsed.fresh,
        connect_plugins=_folder(parsed.connect_plugins, "Connect plugins. Unpack the plugin's zip there."),
        ksqldb_home=_folder(parsed.ksqldb_home, "an unpacked ksqlDB."),
        attachment=attachment,
        allow_writes=parsed.allow_writes,
    )


def _hold_together(backend: str, attachment: Attachment | None, allow_writes: bool) -> None:
    if backend == "attached":
        if attachment is None:
            raise UsageError(f"--backend attached needs an address: {', '.join(OPTIONS.values())}")
        return
    if attachment is not None:
        told = ", ".join(attachment.told(service) for service in ([KAFKA] if attachment.kafka else attachment.urls))
        raise UsageError(
            f"{told}: only --backend attached grades on what already runs. A lab of --backend {backend} has a Kafka "
            "cluster of its own, which nothing that runs elsewhere reads."
        )
    if allow_writes:
        raise UsageError("--allow-writes belongs to --backend attached")


def _folder(folder: Path | None, what: str) -> Path | None:
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder of {what}")
    return folder.absolute() if folder is not None else None
