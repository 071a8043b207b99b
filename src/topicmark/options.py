"""The options of a grading run: one table, from which both ``topicmark grade`` and pytest have theirs."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from topicmark.backends import BACKENDS
from topicmark.backends.attachment import CONSOLE, HDFS, KAFKA, OPTIONS, WEBHDFS, Attachment
from topicmark.backends.held import Held
from topicmark.model import UsageError
from topicmark.reports.files import Places, elsewhere
from topicmark.run import Settings
from topicmark.sandbox.interactive import INSIDE
from topicmark.services.kubectl import Place
from topicmark.syllabus import Syllabus

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_OF_KUBERNETES = ("--kube-context", "--kubeconfig", "--namespace", "--allow-disruption", "--replay")


@dataclass(frozen=True, slots=True)
class Option:
    """``metavar`` is None for a switch. ``is_path``: pytest is told it as an absolute one."""

    flag: str
    help: str
    metavar: str | None = None
    default: Any = None
    choices: Sequence[str] | None = None
    is_path: bool = False

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
        add(self.flag, type=Path if self.is_path else str, default=self.default, help=self.help, **shown)


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
    Option("--out", "where results go (default: topicmark-out)", "DIR", Path("topicmark-out"), is_path=True),
    Option("--also", "write a report where a platform looks for it, too", "FORMAT=FILE"),
    Option(
        "--gradescope-infra", "after a fault of ours, gradescope.json is…", default="write", choices=["write", "fail"]
    ),
    Option("--untrusted", "strongest sandbox or refuse; a fresh lab (default for archives where CI is set)"),
    Option("--fresh", "a lab of its own, even if one is up"),
    Option("--contained", "this is a container for one run only: where it allows no namespaces, its walls do"),
    Option("--allow-weak-sandbox", "run programs without namespaces if need be"),
    Option("--connect-plugins", "Connect plugins in place of the lab's own HDFS sink", "DIR", is_path=True),
    Option("--ksqldb-home", "an unpacked ksqlDB in place of the lab's own", "DIR", is_path=True),
    *_ADDRESSES.values(),
    Option("--kube-context", "kubernetes: the kubeconfig's context (default: the current one)", "NAME"),
    Option("--kubeconfig", "kubernetes: the kubeconfig (default: kubectl's own choice)", "FILE", is_path=True),
    Option("--namespace", "kubernetes: where the lab was deployed (default: default)", "NAME"),
    Option("--allow-writes", "attached, kubernetes: replay the submission there, and remove again what came of it"),
    Option("--allow-disruption", "kubernetes: restart a broker for ex4.2"),
    Option("--replay", "kubernetes: a lab of the run's own, in a new namespace that is deleted afterwards"),
)


def declare(add: Callable[..., Any]) -> None:
    """All options of a run, to a parser."""
    for option in OPTIONS_OF_A_RUN:
        option.declare(add)


def declare_lab(parser: argparse.ArgumentParser) -> None:
    """The options that say which lab, to a parser; the others of a run have their defaults then."""
    wanted = {"--backend", "--connect-plugins", "--ksqldb-home", "--kube-context", "--kubeconfig", "--namespace"}
    wanted |= {option.flag for option in _ADDRESSES.values()}
    for option in OPTIONS_OF_A_RUN:
        if option.flag in wanted:
            option.declare(parser.add_argument)
        else:
            parser.set_defaults(**{option.key: False if option.metavar is None else option.default})


def declare_where(parser: argparse.ArgumentParser, backends: Sequence[str]) -> None:
    """The options that say on which of some backends a lab of the command's own is made, to a parser."""
    own = {"--backend", "--kube-context", "--kubeconfig"}
    for option in (one for one in OPTIONS_OF_A_RUN if one.flag in own):
        (replace(option, choices=backends) if option.choices else option).declare(parser.add_argument)


def cluster_of(parsed: argparse.Namespace) -> Place | None:
    """The cluster that was named by ``declare_where``'s options; None for another backend. Raises ``UsageError``."""
    if parsed.backend == "kubernetes":
        return _place(argparse.Namespace(**vars(parsed), namespace=None))
    if parsed.kubeconfig or parsed.kube_context:
        raise UsageError("--kubeconfig and --kube-context belong to --backend kubernetes")
    return None


def forwarded(parsed: argparse.Namespace) -> Iterator[str]:
    """What was parsed, as arguments for pytest."""
    for option in OPTIONS_OF_A_RUN:
        value = vars(parsed)[option.key]
        if value is True:
            yield option.flag
        elif value not in (None, False):
            yield f"{option.flag}={value.absolute() if option.is_path else value}"


def require_outside() -> None:
    """Raises ``UsageError`` in a lab's own shell: the lab's processes cannot be seen from there, it would seem dead."""
    if lab := os.environ.get(INSIDE):
        raise UsageError(f"this is the shell of {lab}, in the lab's own network. Leave it with `exit`, then try again.")


def settings(parsed: argparse.Namespace, submission: Path, syllabus: Syllabus | None = None) -> Settings:
    """The run that was asked for, in a course with this ``syllabus``. Raises ``UsageError``."""
    require_outside()
    given = {service: value for service, one in _ADDRESSES.items() if (value := vars(parsed)[one.key]) is not None}
    attachment = Attachment.of(given)
    _hold_together(parsed, attachment)
    untrusted = parsed.untrusted or (bool(os.environ.get("CI")) and submission.is_file())
    if parsed.allow_writes and untrusted:
        raise UsageError("--untrusted and --allow-writes: a program can do what it likes to a cluster that it reaches")
    if parsed.replay and parsed.untrusted:
        raise UsageError("--untrusted and --replay: whether a cluster holds its pods' network cannot be told from here")
    return Settings(
        submission=submission,
        backend=parsed.backend,
        out=Places(parsed.out, elsewhere(parsed.also), parsed.gradescope_infra != "fail") if parsed.out else None,
        untrusted=untrusted,
        allow_weak_sandbox=parsed.allow_weak_sandbox,
        contained=parsed.contained,
        fresh=parsed.fresh,
        held=Held.of_environment(),
        connect_plugins=_folder(parsed.connect_plugins, "Connect plugins. Unpack the plugin's zip there."),
        ksqldb_home=_folder(parsed.ksqldb_home, "an unpacked ksqlDB."),
        attachment=attachment,
        place=_place(parsed) if parsed.backend == "kubernetes" else None,
        allow_writes=parsed.allow_writes,
        allow_disruption=parsed.allow_disruption,
        replay=parsed.replay,
        syllabus=syllabus or Syllabus(),
    )


def _place(parsed: argparse.Namespace) -> Place:
    kubeconfig = parsed.kubeconfig
    if kubeconfig is not None and not kubeconfig.is_file():
        raise UsageError(f"--kubeconfig {kubeconfig}: there is no such file")
    namespace = parsed.namespace or "default"
    if not _NAMESPACE.fullmatch(namespace):
        raise UsageError(f"--namespace {namespace}: this is no name of a namespace")
    return Place(namespace, kubeconfig.absolute() if kubeconfig is not None else None, parsed.kube_context or "")


def _hold_together(parsed: argparse.Namespace, attachment: Attachment | None) -> None:
    backend = parsed.backend
    if backend != "kubernetes":
        given = [flag for flag in _OF_KUBERNETES if vars(parsed)[flag.removeprefix("--").replace("-", "_")]]
        if given:
            raise UsageError(f"{', '.join(given)} belongs to --backend kubernetes")
    if parsed.replay and (parsed.namespace or parsed.allow_writes or parsed.allow_disruption):
        raise UsageError("--replay makes a namespace of its own: leave --namespace and --allow-… away")
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
    if parsed.allow_writes and backend != "kubernetes":
        raise UsageError("--allow-writes belongs to --backend attached and --backend kubernetes")


def _folder(folder: Path | None, what: str) -> Path | None:
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder of {what}")
    return folder.absolute() if folder is not None else None
