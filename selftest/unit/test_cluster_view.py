"""What kafka-python tells of groups, while their coordinators move."""

from __future__ import annotations

from typing import Any

import pytest

from topicmark.observe.cluster import ClusterView

DEAD = {"error": None, "group_state": "Dead", "protocol_type": "", "members": []}
MOVING = (
    "[Error 14] CoordinatorLoadInProgressError: ",
    "[Error 15] CoordinatorNotAvailableError: ",
    "[Error 16] NotCoordinatorError: ",
)


class Admin:
    """Answers in turn."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def describe_groups(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        answer = self.answers.pop(0)
        return {one: dict(answer if one == ids[-1] else DEAD) for one in ids}


def view(*answers: dict[str, Any]) -> tuple[ClusterView, Admin]:
    made, admin = ClusterView("nowhere:9092"), Admin(*answers)
    made._admin = admin
    return made, admin


@pytest.mark.parametrize("error", MOVING)
def test_a_group_whose_coordinator_moves_is_asked_for_again(error: str) -> None:
    asked, admin = view({**DEAD, "error": error, "group_state": ""}, DEAD)

    assert asked.group("g").state == "Dead"
    assert admin.answers == []


def test_coordinators_are_waited_for_until_each_answers() -> None:
    asked, admin = view(*({**DEAD, "error": error} for error in MOVING), DEAD)

    asked.await_coordinators()

    assert admin.answers == []


def test_another_error_is_an_answer() -> None:
    asked, _ = view({**DEAD, "error": "[Error 69] GroupIdNotFoundError: "})
    assert asked.group("g").state == "Dead"
