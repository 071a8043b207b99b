"""``topicmark batch``: what is to be graded, what was before, the rest; then what a teacher reads."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from topicmark import syllabus
from topicmark.backends import EmbeddedLab
from topicmark.backends.held import holding
from topicmark.batch import capacity, class_page, hand_ins, indexed_job, tables
from topicmark.batch.cluster import Cluster, connected
from topicmark.batch.hand_ins import HandIn
from topicmark.batch.pool import Pool
from topicmark.batch.progress import ClassProgress
from topicmark.batch.remote import Rules
from topicmark.batch.store import Store
from topicmark.batch.turns import Turns, Workers
from topicmark.batch.verdicts import State, Verdict
from topicmark.model import UsageError
from topicmark.options import OPTIONS_OF_A_RUN, declare, forwarded
from topicmark.reports import atomic
from topicmark.reports.text import one_line
from topicmark.reports.words import score_text
from topicmark.submission.words import listed

ALL_GRADED, UNREADABLE, SOME_NOT = 0, 2, 3
_OUT = Path("topicmark-class")
_GRADE = ("-m", "topicmark", "grade")
"""For a Python: that of here, or of a worker."""


def declare_batch(parser: argparse.ArgumentParser) -> None:
    """Its arguments: those of a run, and its own."""
    parser.add_argument(
        "places", nargs="+", type=Path, metavar="DIR|ARCHIVE", help="a folder that holds a hand-in each, or archives"
    )
    parser.add_argument("-k", dest="select", metavar="EXPR", help="only these exercises or tasks, as for grade")
    parser.add_argument("--workers", type=int, metavar="N", help="how many side by side; default: what memory allows")
    parser.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="on the workers of this Dask scheduler")
    parser.add_argument("--nth", metavar="I/N", help="only the Ith (from 0) of the N that there are, without tables")
    parser.add_argument("--kubernetes", action="store_true", help="write a Job (to --out FILE or here), grade nothing")
    parser.add_argument("--image", help="kubernetes: of Topicmark, as docs/class.md says how to make it")
    declare(parser.add_argument)
    parser.set_defaults(out=_OUT)


def require_possible(arguments: argparse.Namespace) -> None:
    """Raises ``UsageError`` for options that make no sense for a class."""
    if arguments.backend not in capacity.LAB_BYTES:
        raise UsageError(
            f"--backend {arguments.backend}: hand-ins would be graded side by side on one lab. For a class use "
            f"{' or '.join(f'--backend {name}' for name in capacity.LAB_BYTES)}."
        )
    if arguments.also:
        raise UsageError("--also: each hand-in would replace the file of the one before. All formats are in --out.")
    if arguments.workers is not None and arguments.workers < 1:
        raise UsageError(f"--workers {arguments.workers}: there must be one at least")
    if arguments.workers is not None and arguments.scheduler:
        raise UsageError("--workers and --scheduler: a scheduler's workers are all used. Leave --workers away.")
    if sum((bool(arguments.scheduler), arguments.kubernetes, arguments.nth is not None)) > 1:
        raise UsageError("--scheduler, --kubernetes and --nth are three ways to grade a class. Choose one.")
    if bool(arguments.image) != arguments.kubernetes:
        raise UsageError("--kubernetes and --image belong together: the Job's pods run that image.")
    if arguments.kubernetes and (len(arguments.places) > 1 or not arguments.places[0].is_dir()):
        raise UsageError("--kubernetes: give the one folder that is on the volume of hand-ins.")
    if arguments.kubernetes and arguments.backend != "embedded":
        raise UsageError(f"--kubernetes --backend {arguments.backend}: a pod's lab is the embedded one.")


def run(arguments: argparse.Namespace, root: Path, *, grade: Sequence[str] = _GRADE) -> int:
    """Grade all; returns the exit code. ``grade`` are the arguments of a Python that grades one. Raises ``UsageError``,
    and ``LabFault`` if a scheduler is lost."""
    require_possible(arguments)
    if arguments.kubernetes:
        return _write_job(arguments)
    out: Path = arguments.out.absolute()
    options, rules = [*_options(arguments), "--quiet"], Rules.of(root)
    named, left_out = hand_ins.found(arguments.places, out)
    store = Store(out, _way(options, rules), syllabus.load(root / syllabus.FILE_NAME))
    command = [*grade, *options]
    if arguments.nth is not None:
        return _grade_one(_nth(named, arguments.nth), store, [sys.executable, *command])

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with store.locked() as lock, _workers(arguments, store, command, rules, lock, console) as workers:
        with console.status(f"reading {len(named)} hand-ins") if console.is_terminal else console:
            known = list(hand_ins.read(named))
        count = min(len(workers.present()), len(known))
        console.print(f"topicmark: {len(known)} hand-ins, {count} at a time, into {out}")
        try:
            with ClassProgress(len(known), count) as progress:
                turns = Turns(store, workers, progress.started)
                verdicts = sorted(_graded(known, store, turns, progress.ended), key=lambda verdict: verdict.name)
        except KeyboardInterrupt:
            console.print("topicmark: broken off. The same command goes on where this ended.")
            raise
        atomic.write(out / "class.csv", tables.class_csv(verdicts))
        atomic.write(out / "review.csv", tables.review_csv(known))
        atomic.write(out / class_page.FILE_NAME, class_page.to_html(verdicts, left_out))
    _conclude(verdicts, out)
    return ALL_GRADED if all(one.state is State.GRADED for one in verdicts) else SOME_NOT


@contextlib.contextmanager
def _workers(
    arguments: argparse.Namespace, store: Store, command: Sequence[str], rules: Rules, lock: int, console: Console
) -> Iterator[Workers]:
    if not arguments.scheduler:
        count = arguments.workers or capacity.workers(arguments.backend)
        with holding() if _trusts(arguments) else contextlib.nullcontext() as held:
            yield Pool(store, [sys.executable, *command], count, lock, held)
        return
    with connected(arguments.scheduler) as client:
        cluster = Cluster(store, client, command, rules, _paths(arguments), console.print)
        cluster.require_workers()
        yield cluster


def _write_job(arguments: argparse.Namespace) -> int:
    """As untrusted ones, and in the container as it is: pods may make no namespaces."""
    named, _ = hand_ins.found(arguments.places, arguments.out.absolute())
    arguments.untrusted = arguments.contained = True
    text = indexed_job.to_yaml(
        len(named), arguments.image, _options(arguments), arguments.workers or indexed_job.PARALLEL
    )
    if arguments.out == _OUT:
        sys.stdout.write(text)
    else:
        atomic.write(arguments.out, text.encode())
    return ALL_GRADED


def _nth(named: Mapping[str, Path], nth: str) -> dict[str, Path]:
    """Only that one. All who grade a part of a class must have found the same class."""
    index, _, count = nth.partition("/")
    if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        raise UsageError(f"--nth {nth}: this is no I/N with I from 0 to N-1")
    if int(count) != len(named):
        raise UsageError(f"--nth {nth}: there are {len(named)} hand-ins here. Start again, for {len(named)}.")
    return dict([list(named.items())[int(index)]])


def _grade_one(named: Mapping[str, Path], store: Store, command: Sequence[str]) -> int:
    """Tried once: whoever asks for one hand-in tries it again, and elsewhere. Losing points is no failure."""
    (hand_in,) = hand_ins.read(named)
    with store.locked(shared=True) as lock:
        turns = Turns(store, Pool(store, command, 1, lock), most_tries=1)
        (verdict,) = _graded([hand_in], store, turns, lambda verdict: None)  # noqa: ARG005
    told = score_text(verdict.run) if verdict.state is State.GRADED and verdict.run else verdict.reason
    Console(highlight=False, markup=False, soft_wrap=True).print(one_line(f"{verdict.name}: {verdict.state}: {told}"))
    return {State.GRADED: ALL_GRADED, State.REFUSED: UNREADABLE, State.FAULT: SOME_NOT}[verdict.state]


def _graded(known: Sequence[HandIn], store: Store, turns: Turns, tell: Callable[[Verdict], None]) -> Iterator[Verdict]:
    """Everybody's verdict: of an earlier batch, of a run of now, or of the hand-in that is the same."""
    twins = _twins(known)
    todo: list[HandIn] = []
    for group in twins:
        first, run = next(((one, run) for one in group if (run := store.kept(one)) is not None), (group[0], None))
        group.remove(first)
        group.insert(0, first)
        if run is None:
            todo.append(first)
        else:
            store.complete(first.name, run)
            yield from _told(Verdict(first.name, State.GRADED, run, kept=True), group, store, tell)
    groups = {group[0].name: group for group in twins}
    for verdict in turns.grade(todo):
        yield from _told(verdict, groups[verdict.name], store, tell)


def _twins(known: Sequence[HandIn]) -> list[list[HandIn]]:
    """Hand-ins that are the same, together; one that cannot be read is like no other."""
    groups: dict[str, list[HandIn]] = {}
    for one in known:
        groups.setdefault(one.digest or f"name {one.name}", []).append(one)
    return list(groups.values())


def _told(
    verdict: Verdict, group: Sequence[HandIn], store: Store, tell: Callable[[Verdict], None]
) -> Iterator[Verdict]:
    tell(verdict)
    yield verdict
    for twin in group[1:]:
        whole = verdict.state is State.GRADED and verdict.run is not None
        run = store.give(verdict.run, twin) if whole and verdict.run is not None else verdict.run
        other = Verdict(twin.name, verdict.state, run, verdict.reason, twin_of=verdict.name, kept=verdict.kept)
        tell(other)
        yield other


def _options(arguments: argparse.Namespace) -> list[str]:
    """For each run, besides what it grades and where results go."""
    own = argparse.Namespace(**{option.key: vars(arguments)[option.key] for option in OPTIONS_OF_A_RUN})
    own.out = None
    own.untrusted = arguments.untrusted or bool(os.environ.get("CI"))
    return [*forwarded(own), *([f"-k={arguments.select}"] if arguments.select else [])]


def _trusts(arguments: argparse.Namespace) -> bool:
    """Whether a hand-in may be graded on a lab that another one had, made as new."""
    untrusted = arguments.untrusted or os.environ.get("CI")
    return arguments.backend == EmbeddedLab.name and not arguments.fresh and not untrusted


def _paths(arguments: argparse.Namespace) -> list[str]:
    """What the options of each run name on the disk, besides results."""
    values = [vars(arguments)[option.key] for option in OPTIONS_OF_A_RUN if option.is_path and option.key != "out"]
    return [str(value.absolute()) for value in values if value is not None]


def _way(options: Sequence[str], rules: Rules) -> str:
    """A digest of what decides about a verdict besides the hand-in."""
    return hashlib.sha256(repr([rules.version, rules.digest, *options]).encode()).hexdigest()


def _conclude(verdicts: Sequence[Verdict], out: Path) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    by_state = {state: [one.name for one in verdicts if one.state is state] for state in State}
    kept = sum(one.kept for one in verdicts)
    before = f", {kept} of them before" if kept else ""
    console.print(f"{len(by_state[State.GRADED])} of {len(verdicts)} graded{before}.")
    if names := by_state[State.REFUSED]:
        console.print(f"Cannot be read: {listed(names)}")
    if names := by_state[State.FAULT]:
        console.print(f"Not graded through a fault of the grader; the same command tries again: {listed(names)}")
    if names := [f"{one.name} = {one.twin_of}" for one in verdicts if one.twin_of]:
        console.print(f"The same to the letter, for a human to look at: {listed(names)}")
    console.print(one_line(f"Look at {out / class_page.FILE_NAME}; also class.csv and review.csv there"))
