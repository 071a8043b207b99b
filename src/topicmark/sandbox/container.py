"""The container level: a program in a container of its own, held as by bubblewrap, but by Docker's engine.

Its root is empty but for this machine's ``/usr`` and the like, read-only: a program finds the same Python, Java and
tools as in namespaces. It has no network but its loopback: the way to the lab is the gateway's, whose listeners
``inside.py`` opens and hands out. So it reaches the lab's endpoints and nothing else, neither the host behind a bridge
nor other programs. ``inside.py`` and the grader talk over a unix socket in a folder that the container is shown, so the
engine must be on this machine.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import shutil
import socket
import tarfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker.types import Mount as Bind

from topicmark.containers import engine
from topicmark.model import LabFault
from topicmark.sandbox import bubblewrap, launch
from topicmark.sandbox.launch import Connect, Launch, Parts
from topicmark.sandbox.network import HOSTNAME
from topicmark.sandbox.running import Usage
from topicmark.sandbox.spec import Limits, Mount

_IMAGE = "topicmark/program-root"
_SHOWN_AT = "/run/topicmark"
_JOINS_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.5
_MIB = 2**20
_SMALL_SCRATCH_BYTES = 64 * _MIB
_TASKS_PER_PROCESS = 4
_CAPABILITIES = ("SETUID", "SETGID", "KILL", "NET_BIND_SERVICE")
_LAYOUT = "2"
"""Part of the image's tag: to be raised when what is in it changes."""
_ROOT = {
    **dict.fromkeys(("usr", "etc", "proc", "dev", "sys", "run", "home", "var"), 0o755),
    "tmp": 0o1777,
    bubblewrap.HOME.lstrip("/"): 0o777,
}
_REMEDY = "Programs are held by an engine on this machine, which sees its folders: is DOCKER_HOST another one?"


@dataclass
class Box:
    """How the programs of one sandbox are put into containers. ``state`` is the grader's own folder for it."""

    marker: str
    python: str
    etc: Path
    mounts: Sequence[Mount]
    state: Path
    _removing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="removal"))

    def start(self, what: Launch, number: int, cargo: int, connect: Connect) -> tuple[Parts, Callable[[], None]]:
        """Start ``inside.py`` in a container, up to where it waits for ``go``; and what gives the container up.

        Raises ``LabFault`` with what the engine or ``inside.py`` said.
        """
        folder = self.state / f"{number}.run"
        folder.mkdir(mode=0o755)
        shutil.copyfile(Path(__file__).with_name("inside.py"), folder / "inside.py")
        with contextlib.ExitStack() as undo:
            identity = self._create(what, folder)
            undo.callback(engine.remove_container, identity)
            control = self._joined(what, folder, identity, cargo)
            undo.callback(control.close)
            parts = launch.adopt(what, control, None, connect)
            undo.pop_all()
        parts.census = _ByControl(parts.census, control)

        def give_up() -> None:
            with contextlib.suppress(RuntimeError):  # closed: whoever closes removes all
                self._removing.submit(_gone, identity, folder)

        return parts, give_up

    def close(self) -> None:
        """Returns when every container is removed."""
        self._removing.shutdown(wait=True)

    def _create(self, what: Launch, folder: Path) -> str:
        image = _root_image()
        with engine.told(f"{what.label} could not be put into a container"):
            made = engine.client().containers.create(
                image,
                entrypoint=[self.python],
                command=["-I", "-S", "-E", f"{_SHOWN_AT}/inside.py", f"{_SHOWN_AT}/control"],
                labels={engine.LABEL: self.marker, engine.ROLE: "program"},
                hostname=HOSTNAME,
                working_dir="/",
                environment={"PATH": os.defpath, "LANG": "C.UTF-8"},
                mounts=self._binds(folder),
                tmpfs=self._tmpfs(what.limits),
                **_held(what.limits),
            )
        return str(made.id)

    def _joined(self, what: Launch, folder: Path, identity: str, cargo: int) -> socket.socket:
        """Start the container; the connection that ``inside.py`` makes, with the cargo sent over it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(folder / "control"))
            listener.listen(1)
            knocks = select.poll()
            knocks.register(listener, select.POLLIN)
            with engine.told(f"{what.label} could not be put into a container"):
                engine.client().api.start(identity)
            for _ in range(int(_JOINS_WITHIN_S / _LOOK_EVERY_S)):
                if knocks.poll(_LOOK_EVERY_S * 1000):
                    break
                if not any(one.running for one in engine.states(self.marker) if one.identity == identity):
                    break
            else:
                raise LabFault(f"{what.label}: its container does not answer", service="sandbox", remedy=_REMEDY)
            listener.setblocking(False)
            try:
                control, _ = listener.accept()
            except BlockingIOError:
                with engine.told("a container's output cannot be read"):
                    said = engine.client().api.logs(identity, tail=20).decode(errors="replace").strip()
                reason = f"{what.label}: its container ended at once: {said or 'it said nothing'}"
                raise LabFault(reason, service="sandbox", remedy=_REMEDY) from None
        (folder / "control").unlink()  # nobody else may knock
        control.setblocking(True)
        control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        socket.send_fds(control, [b"cargo"], [cargo])
        return control

    def _binds(self, folder: Path) -> list[Bind]:
        shown = [Mount(Path("/usr"), Path("/usr")), *_folders(), Mount(self.etc, Path("/etc")), *self.mounts]
        # named one by one, or the engine would put its own there
        shown += [Mount(self.etc / name, Path("/etc") / name) for name in ("hosts", "hostname", "resolv.conf")]
        shown.append(Mount(folder, Path(_SHOWN_AT)))
        return [Bind(str(one.target), str(one.source), type="bind", read_only=True) for one in shown]

    def _tmpfs(self, limits: Limits) -> Mapping[str, str]:
        home, tmp, _ = bubblewrap.SCRATCH
        hidden = bubblewrap.hidden([Mount(Path("/usr"), Path("/usr")), *self.mounts])
        return {
            home: f"rw,exec,nosuid,nodev,mode=0777,size={limits.scratch_bytes}",
            tmp: f"rw,exec,nosuid,nodev,mode=1777,size={_SMALL_SCRATCH_BYTES}",
            **dict.fromkeys(hidden, "ro,noexec,size=4k"),
        }


class _ByControl:
    """A census whose ``kill`` also works for a grader that is not root: process 1 ends when the grader hangs up."""

    def __init__(self, census: launch.AnyCensus, control: socket.socket) -> None:
        self._census = census
        self._control = control

    def usage(self, limits: Limits) -> Usage | None:
        return self._census.usage(limits)

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._census.kill()

    def close(self) -> None:
        self._census.close()


def _held(limits: Limits) -> dict[str, Any]:
    """What the engine limits. The watcher ends a program at its limits, with words; these are the walls behind."""
    memory = limits.memory_bytes + limits.scratch_bytes + 2 * _SMALL_SCRATCH_BYTES + 128 * _MIB
    return {
        "network_mode": "none",
        "read_only": True,
        "user": "0:0",
        "cap_drop": ["ALL"],
        "cap_add": list(_CAPABILITIES),
        "security_opt": ["no-new-privileges"],
        "ipc_mode": "private",
        "shm_size": _SMALL_SCRATCH_BYTES,
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": (limits.processes + 2) * _TASKS_PER_PROCESS,
    }


def _folders() -> list[Mount]:
    """``/bin`` and the like, where they are folders of their own and not links into ``/usr``."""
    return [Mount(path, path) for path in map(Path, bubblewrap.SYSTEM) if path.is_dir() and not path.is_symlink()]


def _root_image() -> str:
    """The image of the empty root; made at first use."""
    links = {path.name: str(path.readlink()) for path in map(Path, bubblewrap.SYSTEM) if path.is_symlink()}
    name = f"{_IMAGE}:{'-'.join([_LAYOUT, *sorted(links)])}"
    if engine.missing([name]):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as archive:
            for folder, mode in _ROOT.items():  # the modes of the scratch folders: the engine keeps what it finds
                info = tarfile.TarInfo(folder)
                info.type, info.mode = tarfile.DIRTYPE, mode
                archive.addfile(info)
            for link, target in {**links, "var/tmp": bubblewrap.SCRATCH[1]}.items():
                info = tarfile.TarInfo(link)
                info.type, info.linkname = tarfile.SYMTYPE, target
                archive.addfile(info)
        with engine.told("the image of an empty root cannot be made"):
            engine.client().api.import_image_from_data(content.getvalue(), repository=_IMAGE, tag=name.split(":")[1])
    return name


def _gone(identity: str, folder: Path) -> None:
    with contextlib.suppress(LabFault):  # it is found by its label, sooner or later
        engine.remove_container(identity)
    shutil.rmtree(folder, ignore_errors=True)
