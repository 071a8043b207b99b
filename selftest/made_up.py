"""Made-up runs: every outcome, every combination of points, and texts as a hostile submission would have them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from topicmark.model import Fault, Outcome, RunResult, TaskResult

HOSTILE = (
    "::error::owned\n::notice title=Autograding complete::Points 100/100\n##[error]x ]]></failure>\n"
    "</pre><script>alert(1)</script><img src=x onerror=alert(1)> </summary></details>\n\n# Heading\n\n"
    "| a | b |\n|---|---|\n[link](javascript:alert(1)) ![i](http://x/y.png) `code` ```\n```\n~~~\n<!-- --> @all #1\n"
    "\x1b[31mred\x1b]0;t\x07 \u202egnp.exe\u2066 \x00\x0b\x9b\ud800\ufffe é 界 =cmd|' /C x'!A0 100%25 %0A::error::y\r\n"
)
_TEXTS = ("", "six records", HOSTILE, "=1+1", "A" * 9000, "界" * 2000, "\n" * 50)


def a_task(name: str, outcome: Outcome, points: int, most: int, **more: Any) -> TaskResult:
    """A result whose title is ``A title`` unless told otherwise."""
    fields: dict[str, Any] = {"title": "A title", **more}
    return TaskResult(id=name, exercise=name.split(".")[0], outcome=outcome, points=points, max_points=most, **fields)


def a_run(*tasks: TaskResult, **more: Any) -> RunResult:
    """A finished run on the embedded lab."""
    fields: dict[str, Any] = {"submission": "anna", "backend": "embedded", "finished": True, **more}
    return RunResult(tasks=tasks, **fields)


def runs(number: int, seed: int = 4711) -> Iterator[RunResult]:
    """``number`` runs, the same ones for the same seed."""
    chance = random.Random(seed)
    for _ in range(number):
        outcomes = chance.choice([list(Outcome), [one for one in Outcome if one is not Outcome.INFRA]])
        tasks = [_task(chance, index, chance.choice(outcomes)) for index in range(chance.randrange(34))]
        spoilt = any(task.outcome is Outcome.INFRA for task in tasks)
        yield a_run(
            *tasks,
            submission=chance.choice(("anna", HOSTILE, "=cmd")),
            sandbox=chance.choice(("namespaces", HOSTILE)),
            versions={"kafka": "3.8.0", HOSTILE: HOSTILE},
            remarks=chance.choice(((), (HOSTILE,))),
            faults=(Fault("hdfs", HOSTILE, HOSTILE, HOSTILE),) if spoilt or chance.random() < 0.1 else (),
            started_at=chance.choice(("2026-10-01T08:00:00+00:00", "")),
            duration_s=chance.uniform(0, 4000),
            finished=chance.random() < 0.8,
        )


def _task(chance: random.Random, index: int, outcome: Outcome) -> TaskResult:
    most = chance.randint(1, 8)
    points = {Outcome.PASSED: most, Outcome.FAILED: chance.randrange(most)}.get(outcome, 0)
    texts = {name: chance.choice(_TEXTS) for name in ("expected", "observed", "hint", "look")}
    return a_task(
        f"ex{index // 5 + 1}.{index % 5 + 1}",
        outcome,
        points,
        most,
        title=chance.choice(("A title", HOSTILE)),
        remarks=chance.choice(((), ("fine",), (HOSTILE, "A" * 5000))),
        duration_s=chance.uniform(0, 100),
        bonus=chance.random() < 0.15,
        **texts,
    )
