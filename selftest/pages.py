"""Runs whose evidence makes every picture, for the tests of the page."""

from __future__ import annotations

from typing import Any

from topicmark.model import Fault, Outcome, RunResult, TaskResult

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&amp;{{7*7}}{% raw %}</pre></style>]]>"
    "\x1b[31mred\x1b]0;t\x07\u202eevil\u2066\x00\u200b\ud800 $x_{1}$ javascript:alert(3) \u05d0\u05d1"
)


def a_task(name: str, outcome: Outcome = Outcome.PASSED, points: int = 4, most: int = 4, **more: Any) -> TaskResult:
    fields: dict[str, Any] = {"title": f"The title of {name}", "duration_s": 1.25, **more}
    return TaskResult(id=name, exercise=name.split(".")[0], outcome=outcome, points=points, max_points=most, **fields)


def a_run(*tasks: TaskResult, **more: Any) -> RunResult:
    fields: dict[str, Any] = {"submission": "team-07", "backend": "embedded", "finished": True, **more}
    return RunResult(tasks=tasks, **fields)


ARRIVALS = [{"s": n / 4, "partition": n % 3, "sensor": str(n % 6 + 1)} for n in range(24)]
OUTAGE = {
    "broker": 1, "refused": {"2": "NotEnoughReplicas"}, "stalled": [], "brokers": [0, 1, 2], "partitions": [0, 1, 2],
    "down_s": 2.0, "up_again_s": 4.0, "in_sync_s": 5.5, "arrivals": ARRIVALS,
}  # fmt: skip
TIMELINE = [
    {"group": "g-1", "changes": [
        {"s": 0.0, "state": "Empty", "members": {}},
        {"s": 1.0, "state": "Stable", "members": {"member 1": [0, 1]}},
        {"s": 2.0, "state": "PreparingRebalance", "members": {"member 1": [], "member 2": []}},
        {"s": 4.0, "state": "Stable", "members": {"member 1": [0], "member 2": [1], "member 3": []}},
        {"s": 6.0, "state": "Stable", "members": {"member 1": [0, 1], "member 3": []}},
    ]},
]  # fmt: skip
LAG = {
    "group": "g-1", "fed_while_down": 6, "lost": 1, "repeated": 2,
    "lag_over_time": [
        {"s": 0.0, "phase": "running", "lag": {"0": None, "1": 7}},
        {"s": 1.0, "phase": "running", "lag": {"0": 3, "1": 1}},
        {"s": 2.0, "phase": "stopped", "lag": {"0": 0, "1": 0}},
        {"s": 3.0, "phase": "started again", "lag": {"0": 3, "1": 3}},
    ],
}  # fmt: skip
STREAMS = {"rows": {"SENSOR_ID_1": {"1": 12}, "SENSOR_ID_2": {"1": 12, "2": 12}, "SENSOR_ID_3": {}}, "running": []}
FILES = {
    "records_in_topic": {"0": 12, "1": 9}, "committed": {"connect-a": {"0": 12, "1": 6}},
    "ranges": {"0": [[0, 2], [6, 8], [8, 11]], "1": [[0, 2], [3, 5]]},
}  # fmt: skip
PLACES = {"sensor_partitions": {"1": {"0": 4, "2": 3}, "2": {"1": 6}}}

EVERY_PICTURE = a_run(
    a_task("ex4.2", evidence={"outage": OUTAGE}),
    a_task("ex4.3", evidence={"records": {"arrivals": ARRIVALS}}),
    a_task("ex4.4", Outcome.FAILED, 0, expected="one", observed="two", hint="Why?", look="ls", evidence={"x": PLACES}),
    a_task("ex5.4", evidence={"groups": {"timeline": TIMELINE}}),
    a_task("ex5.5", Outcome.FAILED, 0, observed="repeated", evidence={"restart": LAG}),
    a_task("ex6.1", evidence={"streams": STREAMS}),
    a_task("ex6.2", Outcome.FAILED, 2, 8, expected="all", observed="most", evidence={"streams": STREAMS}),
    a_task("ex7.2", Outcome.FAILED, 0, expected="once", observed="twice", evidence={"records": FILES}),
    started_at="2026-11-01T10:00:00+00:00",
    duration_s=61.0,
)  # fmt: skip
FULL_MARKS = a_run(a_task("ex5.1"), a_task("ex10.1"), a_task("ex6.1", remarks=("One partition only.",)))
NOTHING = a_run()
ZERO = a_run(a_task("ex5.1", Outcome.FAILED, 0, expected="a", observed="b"), a_task("ex5.2", Outcome.BLOCKED, 0))
INFRA = a_run(
    a_task("ex5.1"),
    a_task("ex7.1", Outcome.INFRA, 0, observed="the datanode died"),
    a_task("ex8.1", Outcome.NOT_RUN, 0, bonus=True, observed="no Flume agent handed in"),
    a_task("ex5.7", Outcome.REVIEW, 0, 2),
    faults=(Fault("hdfs", "datanode ended", "\n".join(f"line {n}" for n in range(50)), "Give it more memory."),),
)
BROKEN_OFF = a_run(a_task("ex5.1"), finished=False)
LONG = a_run(a_task("ex5.1", Outcome.FAILED, 0, observed="x" * 10**6, evidence={"solo": {"output": "line\n" * 10**6}}))
HOSTILE_RUN = a_run(
    *[
        a_task(
            f"ex5.{number}", outcome, 0, title=HOSTILE, expected=HOSTILE, observed=HOSTILE, hint=HOSTILE, look=HOSTILE,
            remarks=(HOSTILE,), evidence={HOSTILE: HOSTILE, "solo": {"output": HOSTILE}},
        )
        for number, outcome in enumerate(Outcome)
        if outcome is not Outcome.PASSED
    ],
    a_task("ex4.3", evidence={"a": {"arrivals": [{"s": 1, "partition": 0, "sensor": HOSTILE}] * 3}}),
    a_task("ex4.4", evidence={"a": {"sensor_partitions": {HOSTILE: {"0": 3}}}}),
    a_task("ex5.9", evidence={"g": {"timeline": [{**TIMELINE[0], "group": HOSTILE}]}}),
    a_task("ex6.2", evidence={"streams": {"rows": {HOSTILE: {HOSTILE: 3}}}}),
    submission=HOSTILE, backend=HOSTILE, sandbox=HOSTILE, remarks=(HOSTILE,), versions={HOSTILE: HOSTILE},
    faults=(Fault(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
)  # fmt: skip
RUNS = {
    "pictures": EVERY_PICTURE, "full": FULL_MARKS, "nothing": NOTHING, "zero": ZERO, "infra": INFRA,
    "broken-off": BROKEN_OFF, "long": LONG, "hostile": HOSTILE_RUN,
}  # fmt: skip
