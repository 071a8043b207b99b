"""How long a group is waited for while it forms, who is started once more meanwhile, and who is not."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures import audience, scenes
from fixtures.audience import Audience
from topicmark.observe.cluster import GroupFacts, Member


@dataclass
class Stage:
    """An audience whose programs break off if their label is one of ``breaking``."""

    breaking: Collection[str] = ()
    started: list[tuple[str, str]] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def seat(self, group: str, label: str) -> Any:
        self.started.append((group, label))
        running = SimpleNamespace(kill=lambda: self.killed.append(label))
        return SimpleNamespace(label=label, broke_off=label in self.breaking, running=running)

    def await_members(self, group: str, members: int, seats: Any) -> Any:
        assert len(seats) == members
        return SimpleNamespace(id=group)


def together(stage: Stage, *, honoured: bool = True) -> tuple[list[str], str]:
    solo = SimpleNamespace(member=object(), honoured=honoured)
    if not honoured:
        stage.groups_with_members = lambda: [SimpleNamespace(id="its own")]  # type: ignore[attr-defined]
    seats, facts = scenes._together(stage, solo, "pair", 2)  # type: ignore[arg-type]
    return [seat.label for seat in seats], facts.id  # type: ignore[attr-defined]


def test_who_breaks_off_while_the_group_forms_is_started_again_with_all_of_the_group() -> None:
    stage = Stage(breaking=["pair-2"])

    assert together(stage)[0] == ["pair-again-1", "pair-again-2"]
    assert stage.killed == ["pair-1", "pair-2"]
    first, _, second, _ = (group for group, _ in stage.started)
    assert first != second, "what is left of the first group is not waited for"


def test_who_breaks_off_again_has_broken_off() -> None:
    stage = Stage(breaking=["pair-1", "pair-again-1"])

    assert together(stage)[0] == ["pair-again-1", "pair-again-2"]
    assert len(stage.started) == 4


@pytest.mark.parametrize(("breaking", "honoured"), [([], True), (["pair-1"], False)])
def test_nobody_is_started_again_for_nothing_nor_in_a_group_that_others_share(
    breaking: list[str], honoured: bool
) -> None:
    stage = Stage(breaking=breaking)

    assert together(stage, honoured=honoured)[0] == ["pair-1", "pair-2"]
    assert stage.killed == []


@pytest.mark.parametrize(("come", "seen"), [([0.0, 0.3, 0.6, 0.9], 4), ([0.0, 0.3, 600.0], 2)])
def test_a_group_is_waited_for_as_long_as_something_changes(
    come: list[float], seen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members come after so many seconds; nothing may change for 0.6 s."""
    monkeypatch.setattr(audience, "_JOIN_S", 0.6)
    began = time.monotonic()

    def observed(group: str) -> GroupFacts:
        there = [number for number, at in enumerate(come) if time.monotonic() - began >= at]
        owners = {number: {"INGESTION": (number,) if number < 3 else ()} for number in there}
        return GroupFacts(group, "Stable", "consumer", tuple(Member(str(one), owners[one]) for one in there))

    stage = SimpleNamespace(observed=observed, partitions=3)
    facts = Audience.await_members(stage, "g", 4, [])  # type: ignore[arg-type]

    assert len(facts.members) == seen
