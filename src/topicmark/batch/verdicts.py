"""What became of a hand-in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from topicmark.model import RunResult


class State(StrEnum):
    """How the grading of a hand-in ended."""

    GRADED = "graded"
    REFUSED = "refused"
    """The hand-in cannot be read: nobody but its author can change that."""
    FAULT = "not graded"
    """A fault of ours, twice. Another run may grade it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``run`` is there if anything was graded, whole if ``state`` says graded. ``reason``, one line, says why it was
    not. ``twin_of`` is the hand-in that is the same to the letter and was graded in its place. ``kept``: an earlier
    batch graded it."""

    name: str
    state: State
    run: RunResult | None = None
    reason: str = ""
    twin_of: str = ""
    kept: bool = False
