"""One grading run: the submission, the lab it is graded on, and what came out so far."""

from __future__ import annotations

import datetime
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from topicmark.backends import BACKENDS, Lab, ObservedLab, Wish, open_lab, worked_in
from topicmark.backends.attachment import Attachment
from topicmark.backends.embedded import CHOSEN_BY_VALUES
from topicmark.backends.held import Held
from topicmark.backends.names import PORTS, namespaces
from topicmark.backends.needs import Needs, Wanted
from topicmark.model import Fault, LabFault, Outcome, RunResult, Task, TaskResult, UsageError
from topicmark.observe.records import Record
from topicmark.provision import runtimes
from topicmark.reports import atomic, files, page
from topicmark.sandbox import Level, Program, contained, detect
from topicmark.services.employees import Employee, random_employees
from topicmark.services.kubectl import Place
from topicmark.submission import Component, Interaction, Submission, Values, load
from topicmark.syllabus import Syllabus

ROWS = 47
"""Of the table that Sqoop imports: enough for several mappers to have some each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. ``out`` is where reports go; None writes none."""

    submission: Path
    backend: str = "embedded"
    out: files.Places | None = None
    untrusted: bool = False
    allow_weak_sandbox: bool = False
    contained: bool = False
    """Whether this machine is a container that was made for this run and is thrown away after it."""
    fresh: bool = False
    held: Held | None = None
    """Where the labs are of the class that this is a run of; None if each run has its own."""
    connect_plugins: Path | None = None
    ksqldb_home: Path | None = None
    attachment: Attachment | None = None
    """Where services already run, for the backend that grades on them."""
    place: Place | None = None
    """The namespace of the cluster that the lab was deployed in, for the backend that grades on it."""
    allow_writes: bool = False
    allow_disruption: bool = False
    """Whether a broker of a live cluster may be restarted."""
    replay: bool = False
    """Whether to make a namespace of the run's own there."""
    syllabus: Syllabus = field(default_factory=Syllabus)


@dataclass
class Run:
    """Owns the lab and the results. Created once per session, closed at its end."""

    settings: Settings
    tasks: dict[str, Task] = field(default_factory=dict)
    results: dict[str, TaskResult] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    selected: frozenset[str] = frozenset()
    sampled: Sequence[Record] | None = None
    """Records of the student's own producer, as exercise 4 saw them; None if nobody looked yet."""
    programs: list[Program] = field(default_factory=list)
    """Every program that was started in the sandbox."""
    sandbox_remarks: Sequence[str] = ()
    """What the sandbox cannot do on this machine."""
    partitions: int | None = None
    """How many partitions the student's ``INGESTION`` has, once that is known."""
    remarks: list[str] = field(default_factory=list)
    """What is to be said of the run as a whole."""
    say: Callable[[str], None] = lambda text: None  # noqa: ARG005 — told what is going on, for progress

    def __post_init__(self) -> None:
        if self.settings.backend not in BACKENDS:
            raise UsageError(f"there is no backend {self.settings.backend!r}; choose from {', '.join(BACKENDS)}")
        self.level = _level(self.settings)
        self._staging = tempfile.TemporaryDirectory(prefix="topicmark-submission-")
        self.submission: Submission = load(self.settings.submission, Path(self._staging.name) / "tree")
        self._began = time.monotonic()
        self._started_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._lab_start_s = 0.0
        self._lab: Lab | None = None
        self._by_hand: ObservedLab | None = None
        self._needs = Needs()
        self.table: Sequence[Employee] = ()
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="prepare")
        self._lab_ready: Future[Lab] | None = None
        self._runtime_ready: Future[runtimes.Runtime | runtimes.RuntimeFailure] | None = None
        self._lock = threading.Lock()

    # What tests stand on

    def prepare(self, *, lab: bool, services: Collection[str], programs: bool) -> None:
        """Begin to bring up what the selected tests need, all at once. ``services``: components by name, ``hdfs``."""
        self._needs = _needs(self.submission, services, self.settings)
        self.table = self._needs.table
        if lab:
            self._lab_ready = self._workers.submit(self._open_lab)
        if programs and not self.observes:
            self._runtime_ready = self._workers.submit(self._make_runtime)

    @property
    def lab(self) -> Lab:
        """The running lab. Raises ``LabFault`` if it could not be started."""
        with self._lock:
            if self._lab is None:
                pending = self._lab_ready = self._lab_ready or self._workers.submit(self._open_lab)
                try:
                    self._lab = pending.result()
                except Exception:
                    self._lab_ready = None  # the next one who asks has it tried again
                    raise
                self._lab_ready = None  # not before: whoever is interrupted in the wait leaves it to ``close``
            return self._lab

    def observe_by_hand(self, topic: str) -> None:
        """Find the lab in which ``topic`` was worked on by hand, if what was done there is not handed in as a script,
        and a lab of this user's that is up may be looked at."""
        given = self.settings
        if given.backend not in ("embedded", "docker") or given.fresh or given.untrusted:
            return
        if isinstance(self.submission.interaction, Interaction):
            return  # one that holds no command is none
        try:
            self._by_hand = worked_in(self.level, topic)
        except LabFault as fault:
            self.remark(f"What was done by hand was not judged: {fault}")
        if self._by_hand is not None and self._by_hand.by_hand is not None:
            lab = self._by_hand.by_hand
            self.remark(f"Exercise 2 was judged by what was done in your lab {lab.marker}, which was only looked at.")

    @property
    def by_hand(self) -> Lab | None:
        """The lab in which somebody worked by hand, and which is judged instead of a script; None if there is none."""
        return self._by_hand

    @property
    def runtime(self) -> runtimes.Runtime | runtimes.RuntimeFailure:
        """The Python that the submission's programs run on, or why its requirements cannot be installed."""
        with self._lock:
            if self._runtime_ready is None:
                self._runtime_ready = self._workers.submit(self._make_runtime)
        return self._runtime_ready.result()

    def _open_lab(self) -> Lab:
        reuse = not self.settings.fresh and not self.settings.untrusted
        properties = cluster_properties(self.submission.values)
        given = self.settings
        wish = Wish(
            given.backend,
            self.level,
            self._needs,
            properties,
            reuse,
            given.attachment,
            given.allow_writes,
            given.place,
            given.allow_disruption,
            given.replay,
            say=lambda text: self.say(text),
            remark=self.remark,
            held=given.held if reuse else None,
        )
        began = time.monotonic()
        try:
            return open_lab(wish)
        finally:
            self._lab_start_s += time.monotonic() - began

    def remark(self, text: str) -> None:
        """Say something of the run as a whole, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def _make_runtime(self) -> runtimes.Runtime | runtimes.RuntimeFailure:
        text = self.submission.requirements_text()
        if text is None:
            return runtimes.default(self.say)
        if self.settings.untrusted and not runtimes.known(text):
            return runtimes.RuntimeFailure(
                "requirements.txt asks for packages that were not approved, and untrusted submissions install nothing"
            )
        return runtimes.for_requirements(text, self.say)

    def lab_faults(self, since: float) -> list[Fault]:
        """What broke in the lab since the monotonic time ``since``."""
        lab = self._lab.faults(since) if self._lab is not None else []
        lost = [one.exit for one in self.programs if one.exit is not None and one.exit.lost and one.exit.at >= since]
        return [*lab, *(Fault("sandbox", ending.reason, remedy="Run again; see topicmark doctor.") for ending in lost)]

    def overused(self) -> str:
        """What the submission used up of its lab; empty if nothing."""
        return self._lab.overused() if self._lab is not None else ""

    def rebuild_lab(self) -> bool:
        """Another lab, for a second try of an exercise; nothing that still runs somewhere knows its addresses. False if
        it cannot be had; why is among the faults."""
        self.say("building a new lab, for a second try")
        self.sampled, self.partitions = None, None
        if self._lab is None:
            return True  # it comes when it is asked for
        try:
            self._lab.take_down()
            self._lab = None
            _ = self.lab
        except LabFault as error:
            self.faults.append(Fault(error.service, error.reason, error.log, error.remedy))
            return False
        return True

    @property
    def observes(self) -> bool:
        """Whether the run only looks at what runs already, and replays nothing of the submission."""
        return (self.settings.attachment is not None or self.live) and not self.settings.allow_writes

    @property
    def live(self) -> bool:
        """Whether the lab is what somebody deployed on a cluster."""
        return self.settings.place is not None and not self.settings.replay

    # What tests bring back

    def record(self, result: TaskResult, fault: Fault | None) -> None:
        """Keep a result and write all of them to disk. A judged result of a first try outlasts an ``infra`` of a
        second one."""
        if fault is not None and fault not in self.faults:
            self.faults.append(fault)
        before = self.results.get(result.id)
        if result.outcome is Outcome.INFRA and before is not None and before.outcome is not Outcome.INFRA:
            return
        self.results[result.id] = result
        self.write(finished=False)

    def result(self, *, finished: bool) -> RunResult:
        done = [self.results[task_id] for task_id in self.tasks if task_id in self.results]
        return RunResult(
            submission=self.submission.name,
            backend=self.settings.backend,
            sandbox=self.level.value,
            tasks=done,
            faults=tuple(self.faults),
            remarks=(*self.remarks, *self.sandbox_remarks, *self.submission.remarks),
            versions=lab.versions() if (lab := self._lab or self._by_hand) is not None else {},
            started_at=self._started_at,
            duration_s=round(time.monotonic() - self._began, 3),
            finished=finished,
            lab_start_s=round(self._lab_start_s, 3),
        )

    def write(self, *, finished: bool) -> None:
        if self.settings.out is not None:
            files.write(self.result(finished=finished), self.settings.out)

    def finish(self, *, complete: bool) -> None:
        """Write the reports for the last time. ``complete`` is False if the run was broken off."""
        self.write(finished=complete)
        if self.settings.out is not None:
            course = self.settings.syllabus
            shown = page.to_html(self.result(finished=complete), sections=course.sections, language=course.language)
            atomic.write(self.settings.out.folder / page.FILE_NAME, shown)

    @property
    def report(self) -> Path | None:
        """Where the page is when the run is finished; None if no reports are written."""
        return self.settings.out.folder / page.FILE_NAME if self.settings.out is not None else None

    def close(self) -> None:
        """Take everything down that this run started. A warm lab stays up."""
        if self._lab_ready is not None:
            try:
                self._lab = self._lab_ready.result()
            except LabFault:
                self._lab = None
        if self._lab is not None:
            self._lab.close()
        if self._by_hand is not None:
            self._by_hand.close()
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._staging.cleanup()


def cluster_properties(values: object) -> Mapping[str, str]:
    """What of a student's broker properties the lab takes over, because exercise 4 builds on it."""
    if not isinstance(values, Values):
        return {}
    return {name: value for name, value in values.properties.items() if name in CHOSEN_BY_VALUES}


def _needs(submission: Submission, services: Collection[str], settings: Settings) -> Needs:
    """What the lab is asked for; components as the submission's manifests have them, else as the course's."""
    handed_in = {"registry": submission.registry, "connect": submission.connect, "ksqldb": submission.ksqldb}
    return Needs(
        hdfs="hdfs" in services,
        table=random_employees(ROWS) if "table" in services else (),
        components=tuple(wanted(name, handed_in[name]) for name in PORTS if name in services),
        spaces=namespaces(submission.tree, submission.files),
        connect_plugins=settings.connect_plugins,
        ksqldb_home=settings.ksqldb_home,
    )


def wanted(name: str, component: object) -> Wanted:
    """A component as it was handed in, else as the course has it."""
    if not isinstance(component, Component):
        return Wanted.of_the_course(name)
    return Wanted(name, component.env, component.forwards().container_port or PORTS[name])


def _level(settings: Settings) -> Level:
    if settings.backend == "docker":
        return Level.CONTAINER
    if settings.place is not None and (settings.replay or settings.allow_writes):
        return Level.POD
    found, reason = detect()
    if found is Level.NAMESPACES:
        return found
    if settings.contained:
        if problem := contained.why_not():
            raise UsageError(f"--contained: {problem}. {reason}")
        return Level.CONTAINED
    if settings.untrusted or not settings.allow_weak_sandbox:
        raise UsageError(f"programs cannot be held safely here: {reason}")
    return found
