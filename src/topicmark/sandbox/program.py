"""The one way to run a program that cannot be trusted."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from topicmark.model import LabFault
from topicmark.sandbox import bubblewrap, contained, launch, seccomp, weak
from topicmark.sandbox.baggage import starts_others
from topicmark.sandbox.bubblewrap import Holding, Layout
from topicmark.sandbox.cargo import pack
from topicmark.sandbox.level import detect, holding
from topicmark.sandbox.limits import watch
from topicmark.sandbox.link import Link, NetworkUse, gateway
from topicmark.sandbox.network import plan
from topicmark.sandbox.output import Output
from topicmark.sandbox.pump import pump
from topicmark.sandbox.running import Exit, Program
from topicmark.sandbox.spec import Command, Endpoint, Level, Limits, Mount
from topicmark.sandbox.state import State

if TYPE_CHECKING:
    from topicmark.sandbox.container import Box
    from topicmark.sandbox.pod import PodBox, Pods

__all__ = ["Exit", "Program", "Sandbox"]

_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
_NICE = 5
_TASKS_PER_PROCESS = 4
_numbers = itertools.count(os.getpid() * 7)


class Sandbox:
    """Runs programs with one view of one lab. Thread safe; several programs at once do not see one another.

    ``endpoints`` is all of the lab that programs reach, ``mounts`` all they see of the host besides ``/usr`` and the
    like, ``path`` goes in front of the system's PATH, ``folder`` gets one ``<label>.log`` for each program. ``marker``
    is in the environment of every process on the host's side (``TOPICMARK_LAB``). ``python`` is the inside path of
    the Python that starts programs; by default the system's, else the grader's base installation, shown read-only.

    At the pod level ``pods`` is where they are made. They see no endpoints but what the cluster has, of the host
    what lies below ``/opt`` in ``mounts``, and ``tools`` if they may start other programs than Python.
    """

    def __init__(
        self,
        *,
        level: Level,
        endpoints: Sequence[Endpoint],
        mounts: Sequence[Mount] = (),
        path: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        folder: Path,
        marker: str = "sandbox",
        python: str | None = None,
        pods: Pods | None = None,
        tools: Sequence[Mount] = (),
    ) -> None:
        """Raises ``ValueError`` if endpoints cannot be told apart, ``LabFault`` if the level does not work here."""
        self.level = level
        self.limits = limits or Limits()
        self.folder = folder
        self._network = plan(endpoints)
        self._mounts = list(mounts)
        self._path = list(path)
        self._env = dict(env or {})
        self._marker = marker
        self._pods = pods
        self._tools = list(tools)
        self._python = python or ("" if level is Level.POD else self._find_python())
        self._programs: list[Program] = []
        self._lock = threading.Lock()
        self._closed = False
        self._weak_id: int | None = None
        self._links: set[Link] = set()
        self._remarks: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._files = State()
        except OSError as error:
            raise LabFault(f"no temporary folder can be made: {error}", service="sandbox") from error
        self._state = self._files.path
        try:
            self._prepare()
        except BaseException:
            self._files.remove()
            raise

    @property
    def remarks(self) -> Sequence[str]:
        """What a report must say about how programs were held; empty at full strength."""
        return tuple(self._remarks)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, command: Command, tree: Path, label: str, *, limits: Limits | None = None) -> Program:
        """Start a program in a fresh copy of ``tree``; its output goes to ``<folder>/<label>.log``.

        ``limits`` replaces the sandbox's for this run. A program that cannot be started ends with code 127 or 126 and
        says why in its output. Raises ``SubmissionError`` (paths out of the submission, too large) and ``LabFault``
        (anything of ours). Returns when the program has been let go.
        """
        limits = limits or self.limits
        number = next(_numbers)
        if self._pod_box is not None:
            return self._start_in_pod(self._pod_box, command, tree, label, limits, number)
        link = gateway(self._marker)
        with self._lock:
            self._links.add(link)
        log = self._log(label)
        what = launch.Launch(
            label=label,
            limits=limits,
            errors=self._state / f"{number}.err",
            marker=self._marker,
        )
        if not self._is_weak:
            uid = self._uid(number)
            order = self._order(command, limits, bubblewrap.TREE, uid if self._held.as_root else None)
            argv = [self._python]
            connect, release, use = self._connector(link)
        else:
            uid = self._weak_uid
            home = self._weak_home(number)
            order = self._order(command, limits, str(home / "lab"), None)
            argv = [self._shown(self._python)]
            connect, release, use = lambda _listeners, _dns, _fds: None, NetworkUse, NetworkUse
        cargo = pack(order, tree, command, max_bytes=limits.scratch_bytes)
        try:
            if self._box is not None:
                parts, give_up = self._box.start(what, number, cargo, connect)
                release = _both(give_up, release)
            else:
                if self.level is Level.NAMESPACES:
                    layout = Layout(self._state / "etc", self._etc_mounts, self._mounts, limits.scratch_bytes)
                    argv = bubblewrap.wrap(self._bwrap, self._held, layout) + argv
                    uid = None if self._held.as_root else uid
                parts = launch.start(what, argv, cargo=cargo, uid=uid, connect=connect)
        finally:
            os.close(cargo)
        parts.on_end, parts.network = release, use
        return self._let_go(label, parts, Output(log, limits.output_bytes), limits)

    def _start_in_pod(
        self, box: PodBox, command: Command, tree: Path, label: str, limits: Limits, number: int
    ) -> Program:
        log = self._log(label)
        order = {**self._order(command, limits, bubblewrap.TREE, None), **box.order()}
        tools = starts_others(command, tree)
        cargo = pack(order, tree, command, max_bytes=limits.scratch_bytes)
        try:
            parts = box.start(label, limits, self._state / f"{number}.err", cargo, tools=tools)
        finally:
            os.close(cargo)
        return self._let_go(label, parts, Output(log, limits.output_bytes), limits)

    def check(self) -> None:
        """Raises ``LabFault``, once, if the gateway died: programs lost the lab through no fault of theirs."""
        with self._lock:
            dead = {link for link in self._links if not link.alive}
            self._links -= dead
        if dead:
            raise LabFault("the gateway of the sandboxes died", service="sandbox", remedy="run it again")

    def close(self) -> None:
        """Kill what still runs and remove what was made. Output files stay. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            programs = list(self._programs)
        for program in programs:
            if program.running:
                pump().add(program)  # Ctrl+C may have come between its start and that
                program.kill()
        if self._weak_id is not None and self._link is not None:
            with contextlib.suppress(LabFault):
                self._link.remove(self._weak_id)
        if self._names is not None:
            self._names.remove()
        for box in (self._box, self._pod_box):
            if box is not None:
                box.close()
        self._files.remove()

    # ---- how it is done ---------------------------------------------------------------------------------------

    @property
    def _is_weak(self) -> bool:
        """Whether programs have no namespaces of their own."""
        return self.level in (Level.WEAK, Level.CONTAINED)

    def _shown(self, path: str) -> str:
        """Where a program finds what its environment has at an inside path."""
        return weak.on_host(path, self._mounts) if self.level is Level.WEAK else path

    def _prepare(self) -> None:
        self._rules: bytes | None = None
        self._link: Link | None = None
        self._weak_uid: int | None = None
        self._names: contained.Names | None = None
        self._box: Box | None = None
        self._pod_box: PodBox | None = None
        if sys.platform != "linux":
            raise LabFault("programs can be run on Linux only", service="sandbox", remedy="on Windows use WSL2")
        if self._pods is not None:
            from topicmark.sandbox.pod import PodBox

            self._pod_box = PodBox(self._pods, self._mounts, self._tools, self._state)
            return
        self._link = gateway(self._marker)
        if self._is_weak:
            self._prepare_weak(self._link)
            return
        if self.level is Level.CONTAINER:
            held = Holding(as_root=True)  # of the container
        else:
            found, bwrap = holding(), bubblewrap.executable()
            if found is None or bwrap is None:
                raise LabFault(detect()[1], service="sandbox")
            held, self._bwrap = found, bwrap
        self._held = held
        self._uids = held.host_uids(next(_numbers))
        self._rules = seccomp.compile_filter()
        if self._rules is None:
            self._remarks.append("This machine's system calls are not known here, so none is filtered in the sandbox.")
        self._etc_mounts = bubblewrap.build_etc(
            self._state / "etc", self._network, self._uids if held.as_root else [bubblewrap.UID]
        )
        if self.level is Level.CONTAINER:
            from topicmark.sandbox.container import Box  # Docker's client takes a while to import

            mounts = [*self._etc_mounts, *self._mounts]
            self._box = Box(self._marker, self._python, self._state / "etc", mounts, self._state)

    def _prepare_weak(self, link: Link) -> None:
        if os.geteuid() == 0:
            self._weak_uid = 61184 + os.getpid() % 4096
        if self.level is Level.CONTAINED:
            self._remarks += contained.REMARKS
            contained.show(self._mounts)
            offered = contained.offer(self._network)
            self._names, order, sockets, remarks = offered.names, offered.order, offered.sockets, offered.remarks
        else:
            self._remarks += weak.REMARKS
            indices, sockets, remarks = weak.offer_on_localhost(self._network)
            order = self._network.order(indices, dns=False)
        self._remarks += remarks
        try:
            self._weak_id = link.add(order, [one.fileno() for one in sockets])
        finally:
            for one in sockets:
                one.close()

    def _find_python(self) -> str:
        for name in ("/usr/bin/python3", "/usr/local/bin/python3"):
            if Path(name).exists():
                return name
        base = Path(sys.base_prefix)
        if not any(base.is_relative_to(mount.source) for mount in self._mounts):
            self._mounts.append(Mount(base, base))
        return str(base / "bin" / "python3")

    def _uid(self, number: int) -> int | None:
        """The user id of a program on the host; None for the grader's own."""
        return self._uids[number % len(self._uids)] if self._uids else None

    def _order(self, command: Command, limits: Limits, tree: str, uid: int | None) -> dict[str, Any]:
        """What ``inside.py`` is told."""
        is_weak = self._is_weak
        path = [*self._path, *_SYSTEM_PATH]
        home = str(Path(tree).parent)
        env = {
            "HOME": home,
            "USER": "student",
            "LOGNAME": "student",
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm-256color",
            "TMPDIR": home if is_weak else bubblewrap.SCRATCH[1],
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8:backslashreplace",
            "PATH": ":".join(map(self._shown, path)),
            **self._env,
            **command.env,
        }
        return {
            "argv": list(command.argv),
            "env": env,
            "tree": tree,
            "uid": uid,
            "weak": is_weak,
            "nice": _NICE,
            "filter": self._rules.hex() if self._rules else "",
            "until_last": command.until_last,
            "listeners": [] if is_weak else [list(one) for one in self._network.listeners],
            "dns": not is_weak,
            "scratch": [] if is_weak else list(bubblewrap.SCRATCH),
            "rlimits": {
                "RLIMIT_DATA": 2 * limits.memory_bytes,
                "RLIMIT_NOFILE": limits.open_files,
                "RLIMIT_NPROC": _task_limit(limits, counts_whole_user=is_weak),
                "RLIMIT_CORE": 0,
                "RLIMIT_FSIZE": limits.scratch_bytes,
            },
        }

    def _connector(self, link: Link) -> tuple[launch.Connect, launch.Release, launch.Release]:
        """How a new sandbox is connected to the lab, disconnected, and asked what it used."""
        known: list[int] = []

        def connect(listeners: Sequence[int], dns: bool, fds: Sequence[int]) -> None:
            known.append(link.add(self._network.order(listeners, dns=dns), fds))

        return connect, lambda: link.remove(known[0]), lambda: link.use(known[0])

    def _let_go(self, label: str, parts: launch.Parts, output: Output, limits: Limits) -> Program:
        program = Program(label, parts, output, limits)
        with self._lock:
            closed = self._closed
            self._programs = [one for one in self._programs if one.running]
            self._programs.append(program)
        pump().add(program)
        watch()
        if closed:
            program.kill()
            raise LabFault("the sandbox was closed", service="sandbox")
        with contextlib.suppress(OSError):  # it ended meanwhile, which the pump will notice
            parts.control.send(b"go")
        return program

    def _weak_home(self, number: int) -> Path:
        home = self._state / f"home-{number}"
        home.mkdir(mode=0o700)
        if self._weak_uid is not None:
            os.chown(home, self._weak_uid, self._weak_uid)
        return home

    def _log(self, label: str) -> Path:
        """A new file for a label; a second run of the same label gets ``<label>-2.log``."""
        name = re.sub(r"[^\w.-]+", "-", label).strip(".-") or "program"
        with self._lock:
            for number in itertools.count(1):
                path = self.folder / (f"{name}.log" if number == 1 else f"{name}-{number}.log")
                if not path.exists():
                    path.touch()
                    return path
        raise AssertionError("counting does not end")


def _both(first: Callable[[], None], then: launch.Release) -> launch.Release:
    def release() -> NetworkUse:
        first()
        return then()

    return release


def _task_limit(limits: Limits, *, counts_whole_user: bool) -> int:
    """The limit on threads. Before Linux 5.14 and without namespaces it counts everything of the host's user."""
    release = tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])
    others = 0
    if counts_whole_user or release < (5, 14):
        with contextlib.suppress(OSError, ValueError, IndexError):
            others = int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])
    return others + limits.processes * _TASKS_PER_PROCESS
