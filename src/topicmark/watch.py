"""``grade --watch``: the submission is graded anew each time that something in it is saved."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from topicmark.model import UsageError

_TOGETHER_MS = 400
"""Editors write several files for one save, and write some twice."""


def regrade(command: Sequence[str], submission: Path, out: Path, *, until: threading.Event | None = None) -> int:
    """Run ``command``, and again after each change in ``submission``, a folder; what changes below ``out`` does not
    count. What is saved while it runs is graded when it ends. Goes on until Ctrl+C, or ``until`` is set after a change;
    returns the exit code of the last run."""
    from watchfiles import Change, DefaultFilter, watch  # only needed here

    if not submission.is_dir():
        raise UsageError(f"{submission}: --watch looks at a folder, not at an archive")
    results = out.resolve()
    usual = DefaultFilter()

    def counts(change: Change, path: str) -> bool:
        return usual(change, path) and not Path(path).is_relative_to(results)

    code = 0
    with contextlib.suppress(KeyboardInterrupt):
        changes = watch(
            submission.resolve(),
            watch_filter=counts,
            debounce=_TOGETHER_MS,
            stop_event=until,
            yield_on_timeout=True,
            rust_timeout=100,
        )
        next(changes)  # it watches from here on
        code = _run(command)
        for changed in changes:
            if changed:
                code = _run(command)
    return code


def _run(command: Sequence[str]) -> int:
    """Its exit code. On Ctrl+C the run, which hears it too, is given the time to take its lab down."""
    process = subprocess.Popen(list(command))
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
