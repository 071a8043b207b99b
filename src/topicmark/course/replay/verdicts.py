"""What came of the steps of a course, as data, and as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from topicmark.course.findings import Finding, found

PROOF = "It was run on the embedded lab."


class Verdict(StrEnum):
    """What is said of one step."""

    DONE = "done"
    FAILED = "failed"
    """A fault of the course."""
    RUNNING = "still running"
    """It ran until the end of the replay, as a consumer does."""
    LEFT = "not replayed"
    """It was not tried, or it failed for want of what the lab or the replay lacks. No fault of the course."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a step did. ``code`` is its exit code, None while it runs. ``output`` is the end of what it printed, safe to
    show. ``lost`` says why the replay itself lost it (not the course's doing); empty if it did not."""

    code: int | None
    output: str = ""
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One step and what came of it: ``path`` and ``line`` of the text, ``told`` what was done, ``why`` the reason."""

    path: str
    line: int
    told: str
    verdict: Verdict
    why: str = ""
    output: str = ""


def findings(replayed: Iterable[Replayed]) -> Iterator[Finding]:
    """The failed steps as findings."""
    for each in replayed:
        if each.verdict is Verdict.FAILED:
            last = f": {_last(each.output)}" if each.output.strip() else ""
            what = f"“{clipped(each.told)}” fails on the lab: {each.why}{last}"
            remedy = "Run it in a lab by hand (./topicmark up, ./topicmark shell), and mend the text or what it names."
            yield found("replay-failed", each.path, each.line, what, remedy, proof=PROOF)


def clipped(text: str, longest: int = 100) -> str:
    """A command in one line."""
    line = " ".join(text.replace("\\\n", " ").split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _last(output: str, lines: int = 3) -> str:
    """The last lines that say something: of a Java trace the lines of the stack are left out."""
    said = [line.strip() for line in output.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    return " | ".join(clipped(line, 160) for line in said[-lines:])
