"""How long a group is waited for while it forms, who is started once more meanwhile, and who is not."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures import scenes
from fixtures.audience import Audience
from topicmark.observe.cluster import GroupFacts, Member


@dataclass
class Stage:
    """An audience whose programs break off if their label is one of ``breaking``."""

    breaking: Collection[str] = ()
    started: list[tuple[str, str]] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    awaited: list[int] = field(default_factory=list)
    first_sight_s: float = 1.0

    def seat(self, group: str, label: str) -> Any:
        self.started.append((group, label))
        running = SimpleNamespace(kill=lambda: self.killed.append(label))
        broke_off = label in self.breaking
        return SimpleNamespace(label=label, group=group, broke_off=broke_off, ended=broke_off, running=running)

    def await_members(self, group: str, members: int, seats: Any) -> Any:
        assert len(seats) == members
        self.awaited.append(members)
        return SimpleNamespace(id=group)


def solo(*, honoured: bool = True) -> Any:
    return SimpleNamespace(member=object(), honoured=honoured, shows=True)


def together(stage: Stage, *, honoured: bool = True) -> tuple[list[str], str]:
    if not honoured:
        stage.groups_with_members = lambda: [SimpleNamespace(id="its own")]  # type: ignore[attr-defined]
    seats, facts = scenes._together(stage, solo(honoured=honoured), "pair", 2)  # type: ignore[arg-type]
    return [seat.label for seat in seats], facts.id  # type: ignore[attr-defined]


def test_who_breaks_off_while_the_group_forms_is_started_again_with_all_of_the_group() -> None:
    stage = Stage(breaking=["pair-2"])

    assert together(stage)[0] == ["pair-again-1", "pair-again-2"]
    assert stage.killed == ["pair-1", "pair-2"]
    first, _, second, _ = (group for group, _ in stage.started)
    assert first != second, "what is left of the first group is not waited for"
    assert stage.awaited == [2, 1, 2], "the second time, one after the other"


def test_who_breaks_off_again_has_broken_off() -> None:
    stage = Stage(breaking=["pair-1", "pair-again-1"])

    assert together(stage)[0] == ["pair-again-1"], "nobody else is started for a group that has lost one"
    assert len(stage.started) == 3


@pytest.mark.parametrize(("breaking", "honoured"), [([], True), (["pair-1"], False)])
def test_nobody_is_started_again_for_nothing_nor_in_a_group_that_others_share(
    breaking: list[str], honoured: bool
) -> None:
    stage = Stage(breaking=breaking)

    assert together(stage, honoured=honoured)[0] == ["pair-1", "pair-2"]
    assert stage.killed == []


def test_a_stranger_that_breaks_off_is_started_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "_await_live", lambda *_: None)
    monkeypatch.setattr(scenes, "_feed", lambda *_, **__: (None, True))
    monkeypatch.setattr(scenes, "_leave", lambda seats: [seat.label for seat in seats])
    stage = Stage(breaking=["stranger-2"])
    stage.partitions, stage.chronicle = 3, lambda _: []  # type: ignore[attr-defined]
    curtain = SimpleNamespace(ready=lambda: None)
    strangers = scenes.play_strangers(stage, curtain, solo())  # type: ignore[arg-type]

    assert strangers.ended == ["stranger-1", "stranger2-again-1"]
    assert [group.id for group in strangers.groups] == [stage.started[0][0], stage.started[2][0]]


@pytest.mark.parametrize(
    ("took", "starts"), [(0, 2), (1, 1)], ids=["before it took anything", "after it took something"]
)
def test_a_restarted_program_that_breaks_off_is_started_again_if_it_has_taken_nothing(
    took: int, starts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that is started again breaks off; the brokers have then seen it commit ``took`` records more."""
    committed, evicted = {0: 5}, list[str]()
    begun: list[Any] = []

    def started_again(*_: Any) -> Any:
        begun.append(None)
        committed[0] += took
        seat = SimpleNamespace(
            broke_off=len(begun) == 1, seen=set, told=str, running=SimpleNamespace(kill=lambda: None)
        )
        return seat, None, {}

    monkeypatch.setattr(scenes, "_started_again", started_again)
    monkeypatch.setattr(scenes, "_await_lag_zero", lambda *_: {0: 0})
    cluster = SimpleNamespace(evict=evicted.append, committed=lambda *_: dict(committed))
    stage = SimpleNamespace(
        cluster=cluster, feed_now=lambda _: [], partitions=1, feeder=SimpleNamespace(fed={}), first_sight_s=1.0
    )
    curtain, stopped = SimpleNamespace(ready=lambda: None), SimpleNamespace(running=SimpleNamespace(stop=lambda: None))
    alone = SimpleNamespace(group_seen="g", shows=False)
    scenes.play_restart(stage, curtain, alone, stopped)  # type: ignore[arg-type]

    assert len(begun) == starts
    assert evicted == ["g"] * starts, "what is left of the one before is put out of the group"


@pytest.mark.parametrize(("come", "seen"), [([0.0, 0.3, 0.6, 0.9], 4), ([0.0, 0.3, 600.0], 2)])
def test_a_group_is_waited_for_as_long_as_something_changes(come: list[float], seen: int) -> None:
    """Members come after so many seconds; nothing may change for 0.6 s."""
    began = time.monotonic()

    def observed(group: str) -> GroupFacts:
        there = [number for number, at in enumerate(come) if time.monotonic() - began >= at]
        owners = {number: {"INGESTION": (number,) if number < 3 else ()} for number in there}
        return GroupFacts(group, "Stable", "consumer", tuple(Member(str(one), owners[one]) for one in there))

    stage = SimpleNamespace(observed=observed, partitions=3, first_sight_s=0.6)
    facts = Audience.await_members(stage, "g", 4, [])  # type: ignore[arg-type]

    assert len(facts.members) == seen


@pytest.mark.parametrize(("took_s", "allowed_s"), [(0.5, 30.0), (5.0, 45.0), (28.0, 90.0)])
def test_many_at_once_may_take_as_many_times_as_long(took_s: float, allowed_s: float) -> None:
    stage = SimpleNamespace(first_sight_s=30.0)
    Audience.allow_for_crowds(stage, took_s)  # type: ignore[arg-type]

    assert stage.first_sight_s == allowed_s
