"""The steps of a course, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from topicmark.course.plan import Course
from topicmark.course.replay.actions import Action, Doing
from topicmark.course.replay.judging import judged
from topicmark.course.replay.verdicts import Ending, Replayed, Verdict
from topicmark.waiting import WaitExpired, eventually

SOON_S = 90.0
"""For what ends by itself, on a slow machine."""
LONG_S = 20.0
"""What still runs then is taken for a program that runs until it is stopped."""
_CATCHES_UP_S = 20.0
"""For what a step before set off to show itself: a reader is slower than this."""
_PAUSE_S = 1.0


class Stage(Protocol):
    """A lab in which steps are carried out. Each method raises ``LabFault`` if the lab itself breaks."""

    def run(self, number: int, text: str, folder: str | None, within_s: float) -> Ending:
        """A shell command. One that still runs at its end goes on, and is known by ``number``."""
        ...

    def type(self, statement: str) -> Ending:
        """A statement at ksqlDB's prompt; code 0 or 1."""
        ...

    def component(self, name: str) -> str:
        """Why a component does not run with the settings of the course; empty if it does."""
        ...

    def connectors(self) -> Mapping[str, str]:
        """Of the connectors that were made: why one does not run, by name; empty if it does."""
        ...

    def ended_since(self) -> Mapping[int, Ending]:
        """Of the commands that went on: those that ended by themselves, by number."""
        ...


def carry_out(
    course: Course, todo: Sequence[Action], stage: Stage, say: Callable[[Replayed], None] = lambda _: None
) -> list[Replayed]:
    """Every action in order, and what came of it. ``say`` hears of each at once."""
    lines = {document.path: document.lines for document in course.documents}
    replayed: list[Replayed] = []
    for number, action in enumerate(todo):
        one = _carried_out(number, action, stage, replayed, lines[action.path])
        replayed.append(one)
        say(one)
    for number, ending in stage.ended_since().items():
        action, before = todo[number], replayed[:number]
        verdict, why = judged(action, ending, before, lines[action.path])
        if verdict is Verdict.FAILED:
            why = f"{why}, after a while"
        replayed[number] = replace(replayed[number], verdict=verdict, why=why, output=ending.output)
    for place, name, reason in _dead_connectors(todo, replayed, stage):
        why = f"Connect takes it, and then the connector {name} does not work"
        replayed[place] = replace(replayed[place], verdict=Verdict.FAILED, why=why, output=reason)
    return replayed


def _dead_connectors(
    todo: Sequence[Action], replayed: Sequence[Replayed], stage: Stage
) -> Iterator[tuple[int, str, str]]:
    """The steps that made a connector that does not run: their place, its name, and why."""
    made = [place for place, each in enumerate(replayed) if each.verdict is Verdict.DONE and todo[place].connects]
    for name, reason in stage.connectors().items() if made else ():
        makers = [place for place in made if name in todo[place].text] or made[-1:]
        if reason:
            yield makers[0], name, reason


def _carried_out(
    number: int, action: Action, stage: Stage, earlier: Sequence[Replayed], lines: Sequence[str]
) -> Replayed:
    def one(verdict: Verdict, why: str, output: str = "") -> Replayed:
        return Replayed(action.path, action.line, action.told or action.text, verdict, why, output)

    if action.doing is Doing.LEFT:
        return one(Verdict.LEFT, action.why)
    if action.doing is Doing.COMPONENT:
        refusal = stage.component(action.text)
        return one(
            Verdict.FAILED if refusal else Verdict.DONE, refusal or f"the lab's {action.text}, with these settings"
        )

    def attempt() -> tuple[Verdict, str, str]:
        if action.doing is Doing.STATEMENT:
            ending = stage.type(action.text)
        else:
            ending = stage.run(number, action.text, action.folder, SOON_S if action.soon else LONG_S)
        return (*judged(action, ending, earlier, lines), ending.output)

    if not action.looks:
        return one(*attempt())
    try:
        seen = eventually(
            attempt,
            lambda got: got[0] is not Verdict.FAILED,
            within=_CATCHES_UP_S,
            describe="the step",
            pause_s=_PAUSE_S,
        )
    except WaitExpired:
        seen = attempt()
    return one(*seen)
