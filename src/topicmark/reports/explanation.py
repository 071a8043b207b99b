"""What a student is told of one task, and of a run as a whole, as plain text: the same words on every platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.text import clipped, one_line, visible
from topicmark.reports.words import score_text, why_not_judged

_LONGEST_TEXTS = (8000, 3000, 1000, 300, 100, 30)
_LONGEST_TITLE = 200
_MOST_FAULTS = 5


def title(task: TaskResult) -> str:
    """``ex5.4 Consumers with one group id share the records``, on one line."""
    return f"{task.id} {one_line(clipped(task.title, _LONGEST_TITLE))}"


def explanation(task: TaskResult, longest: int) -> str:
    """Points, what was expected and seen, the hint and the command to look; each text at most ``longest`` characters.

    Not yet made ``visible``.
    """
    lines = [f"{task.points} of {task.max_points} points"]
    parts = {"Expected": task.expected, "Seen": task.observed, "Hint": task.hint, "Look": task.look}
    lines += [f"{label}: {clipped(text, longest)}" for label, text in parts.items() if text]
    return "\n".join(lines)


def told(task: TaskResult, longest: int) -> str:
    """All that a platform shows of a task whatever its outcome, remarks included, as ``visible`` text."""
    if task.outcome is Outcome.PASSED:
        lines = [f"{task.points} of {task.max_points} points" + (" (bonus)" if task.bonus else "")]
    elif task.outcome is Outcome.FAILED:
        lines = [explanation(task, longest)]
    else:
        lines = [f"{verdict_words(task)}: {clipped(why_not_judged(task), longest)}"]
    lines += [f"Remark: {clipped(remark, longest)}" for remark in task.remarks]
    return visible("\n".join(lines))


def verdict_words(task: TaskResult) -> str:
    """``passed``, ``failed``, ``blocked``; ``NOT GRADED, infrastructure`` and the like where no points were given."""
    words = {
        Outcome.INFRA: "NOT GRADED, infrastructure",
        Outcome.NOT_RUN: "Not run",
        Outcome.REVIEW: "Not graded automatically",
        Outcome.BLOCKED: f"{task.points} of {task.max_points} points, blocked",
    }
    return words.get(task.outcome, str(task.outcome))


def state(run: RunResult, longest: int = 1000) -> str:
    """The score, or why there is none yet or none at all, and the remarks on the run; ``visible`` text."""
    lines = [*reasons_ungraded(run, longest), score_text(run)]
    lines += [f"Remark: {clipped(remark, longest)}" for remark in run.remarks]
    return visible("\n".join(lines))


def reasons_ungraded(run: RunResult, longest: int = 1000) -> list[str]:
    """Why the score is not that of a whole run, one reason an item, ``visible``; empty if it is."""
    if run.could_be_graded:
        return []
    spoilt = [task.id for task in run.tasks if task.outcome is Outcome.INFRA]
    if not spoilt:
        return ["NOT FINISHED: what follows is what was graded so far."]
    reasons = [f"NOT GRADED, infrastructure: {', '.join(spoilt)}. This costs no points; run it again."]
    faults = run.faults[:_MOST_FAULTS]
    return reasons + [visible(f"{fault.service}: {clipped(fault.reason, longest)}") for fault in faults]


def fitted(make: Callable[[int], bytes], max_bytes: int, levels: Sequence[int] = _LONGEST_TEXTS) -> bytes:
    """What ``make`` makes of the greatest length of single texts (characters) at which all is within ``max_bytes``;
    of the least, if none is."""
    data = b""
    for longest in levels:
        data = make(longest)
        if len(data) <= max_bytes:
            break
    return data
