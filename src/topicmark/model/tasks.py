"""A task: the smallest thing that earns points."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ID = re.compile(r"^(ex\d+)\.\d+$")


@dataclass(frozen=True, slots=True)
class Task:
    """What a test in ``tests/`` is worth and what a student is told when it fails.

    ``id`` is ``ex5.4``; ``points`` an integer > 0; ``hint`` one question or sentence that points at the usual
    cause; ``look`` one shell command by which the student sees the same thing on a cluster of their own;
    ``needs`` the task without which this one cannot be judged; ``bonus`` points do not count in the maximum.
    ``judged`` says in a paragraph what is done and looked at, for students before they try.
    """

    id: str
    points: int
    title: str
    hint: str
    look: str
    needs: str | None = None
    bonus: bool = False
    judged: str = ""

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            raise ValueError(f"task id {self.id!r} is not of the form ex5.4")
        if self.points <= 0:
            raise ValueError(f"task {self.id}: points must be a positive integer, not {self.points}")

    @property
    def exercise(self) -> str:
        """``ex5`` of ``ex5.4``."""
        return self.id.split(".", 1)[0]
