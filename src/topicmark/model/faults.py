"""Why a run or a task could not be judged. What a student did wrong is never one of these."""

from __future__ import annotations


class LabFault(Exception):
    """Something of ours broke: a service died, a wait of ours ran out, the disk is full. Outcome ``infra``."""

    def __init__(self, reason: str, *, service: str = "grader", log: str = "", remedy: str = "") -> None:
        super().__init__(f"{service}: {reason}")
        self.reason = reason
        self.service = service
        self.log = log
        self.remedy = remedy


class Unable(Exception):
    """Nothing is broken, but this lab cannot do what a task needs, or must not. Outcome ``not_run``.

    ``why`` is a clause about the lab; ``remedy`` is the option or backend with which it can be done.
    """

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(f"{why}. {remedy}" if remedy else why)
        self.why = why
        self.remedy = remedy


class UsageError(Exception):
    """The command line or the set-up is wrong. Exit code 2; the message says what to do."""


class SubmissionError(UsageError):
    """The submission cannot be read. ``where`` is ``file`` or ``file:line``; the message ends with the remedy."""

    def __init__(self, where: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{where}: {problem}" + (f" {remedy}" if remedy else ""))
        self.where = where
        self.problem = problem
        self.remedy = remedy
