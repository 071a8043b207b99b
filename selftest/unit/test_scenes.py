"""Who is started once more while a group forms, and who is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures import scenes


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
