"""What an instructor reads on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from topicmark.course.findings import Finding, Severity

_MARKS = {Severity.BLOCKS: ("✗", "bold red"), Severity.MISLEADS: ("▲", "yellow"), Severity.COSMETIC: ("·", "dim")}


def show(findings: Sequence[Finding], console: Console, *, root: str, accepted: int, verbose: bool = False) -> None:
    """Print the findings by file, those that block first in the summary; ``accepted`` is how many a baseline hides."""
    for path, group in groupby(findings, key=lambda each: each.path):
        console.print(Text(path, style="bold"))
        for finding in group:
            console.print(_lines(finding, verbose=verbose, wraps=console.is_terminal))
        console.print()
    console.print(summary(findings, root, accepted))


def _lines(finding: Finding, *, verbose: bool, wraps: bool) -> RenderableType:
    mark, style = _MARKS[finding.severity]
    head = Text.assemble(
        (f"{mark} ", style), (f"{finding.line}", "bold"), " ", safe(finding.what), (f"  {finding.rule.id}", "dim")
    )
    below = [Text.assemble(("fix   ", "dim"), safe(finding.remedy), (" [--fix]" if finding.edits else "", "dim"))]
    if verbose or finding.severity is Severity.BLOCKS:
        below.insert(0, Text.assemble(("why   ", "dim"), finding.why))
    if verbose:
        below.append(Text.assemble(("proof ", "dim"), finding.proof))
    if wraps:
        return Padding(Group(head, *(Padding(each, (0, 0, 0, 4)) for each in below)), (0, 0, 0, 2))
    return Text("\n").join([Text.assemble("  ", head), *(Text.assemble("      ", each) for each in below)])


def safe(text: str) -> str:
    """A text from a repository without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def summary(findings: Sequence[Finding], root: str, accepted: int) -> Text:
    """How many of each severity, in one line."""
    counted = Counter(finding.severity for finding in findings)
    parts = [f"{counted[severity]} {word}" for severity, word in _words(counted)]
    text = ", ".join(parts) if parts else "nothing found"
    fixable = sum(1 for finding in findings if finding.edits)
    if fixable:
        text += f"; --fix repairs {fixable}"
    if accepted:
        text += f"; {accepted} accepted by the baseline"
    return Text(f"{root}: {text}", style="bold")


def _words(counted: Counter[Severity]) -> Iterator[tuple[Severity, str]]:
    for severity, one, many in (
        (Severity.BLOCKS, "that blocks", "that block"),
        (Severity.MISLEADS, "that misleads", "that mislead"),
        (Severity.COSMETIC, "cosmetic", "cosmetic"),
    ):
        if counted[severity]:
            yield severity, one if counted[severity] == 1 else many
