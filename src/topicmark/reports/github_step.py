"""A step of GitHub Actions: while a run goes on nothing it prints is a command, afterwards its results are told."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topicmark.model import RunResult
from topicmark.reports import github_summary, github_workflow


def is_here() -> bool:
    """Whether this is a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def without_commands() -> Iterator[None]:
    """No line that is printed in the block is taken for a workflow command, if this is a step."""
    if not is_here():
        yield
        return
    token = secrets.token_hex(16)
    _say(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        _say(f"::{token}::\n")


def tell(run: RunResult) -> None:
    """Add the run to the job's summary, give its result to later steps, print its annotations and notices last."""
    _append("GITHUB_STEP_SUMMARY", github_summary.to_summary(run).decode("utf-8"))
    _append("GITHUB_OUTPUT", f"result={github_workflow.to_output(run)}\n")
    _say(github_workflow.to_commands(run))


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
