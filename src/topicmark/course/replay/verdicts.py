"""What came of the steps of a course, as data, and as findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from topicmark.course.findings import Finding, found

_NOISE = re.compile(r"\s+at \S+\(|\s*\.\.\. \d+ more|log4j:WARN|SLF4J|\s*% Total|\s*Dload |[\d\s:.kMG-]*$")


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
    rule: str = "replay-failed"
    """The rule that it breaks if it failed: a step of a text, or a task that a program of the course's loses."""


def findings(replayed: Iterable[Replayed]) -> Iterator[Finding]:
    """The failed steps as findings."""
    for each in replayed:
        if each.verdict is not Verdict.FAILED:
            continue
        if each.rule == "replay-hint":
            what = f"{each.told}: {each.why}"
            remedy = f"Mend it, and look at {each.told.partition(' ')[0]} with ./topicmark grade."
        else:
            last = f": {said[-1]}" if (said := telling(each.output)) else ""
            what = f"“{clipped(each.told)}” fails on the lab: {each.why}{last}"
            remedy = "Try it in a lab by hand (./topicmark up, ./topicmark shell), and mend the text or what it names."
        yield found(each.rule, each.path, each.line, what, remedy)


def clipped(text: str, longest: int = 100) -> str:
    """A command in one line."""
    line = " ".join(text.replace("\\\n", " ").split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def telling(output: str) -> list[str]:
    """The lines of an output that say something: no stack of Java, no remarks of its logger, no progress of curl."""
    return [clipped(line, 200) for line in output.splitlines() if line.strip() and not _NOISE.match(line)]
