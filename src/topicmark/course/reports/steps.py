"""The steps of a replay, as an instructor reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from topicmark.course.replay.verdicts import Replayed, Verdict, clipped, telling
from topicmark.course.reports.screen import safe

_MARKS = {
    Verdict.DONE: ("✓", "green"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.RUNNING: ("…", "cyan"),
    Verdict.LEFT: ("-", "dim"),
}


def show(steps: Sequence[Replayed], console: Console) -> None:
    """Print every step with its verdict; of those that failed the end of their output."""
    for path, group in groupby(steps, key=lambda each: each.path):
        console.print(Text(f"{path}, carried out", style="bold"))
        for step in group:
            mark, style = _MARKS[step.verdict]
            why = f"  {step.why}" if step.why else ""
            console.print(
                Text.assemble("  ", (mark, style), f" {step.line} ", safe(clipped(step.told)), (safe(why), "dim"))
            )
            if step.verdict is Verdict.FAILED:
                for line in telling(step.output)[-8:]:
                    console.print(Text.assemble("      ", (safe(line), "dim")))
        console.print()
    counted = Counter(step.verdict for step in steps)
    console.print(
        Text(
            ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict if counted[verdict]) or "no steps",
            style="bold",
        )
    )
