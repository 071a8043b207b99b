"""Which broker is believed about a group, while its coordinator moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition

from topicmark.model import LabFault
from topicmark.observe import cluster
from topicmark.observe.cluster import ClusterView

LOADING, NONE_YET, NOT_ME, REFUSED = 14, 15, 16, 30
MOVING = (LOADING, NONE_YET, NOT_ME)
Said = Mapping[int, int | tuple[str, ...]]
"""By broker: an error, or the members of the group."""


@dataclass
class Admin:
    """Three brokers. Each question to all of them takes the next of ``answers``; the last one stays."""

    answers: list[Said]
    asked_for_coordinators: list[list[str]] = field(default_factory=list)
    assignment: bytes = b""

    @property
    def _manager(self) -> Any:
        return SimpleNamespace(run=lambda ask, *told: ask(*told), send=self._send)

    def _find_coordinator_ids(self, ids: list[str]) -> None:
        self.asked_for_coordinators.append(ids)

    def describe_cluster(self) -> dict[str, Any]:
        return {"brokers": [{"broker_id": broker} for broker in range(3)]}

    def _describe_groups_request(self, ids: list[str]) -> list[str]:
        return ids

    def _list_group_offsets_requests(self, groups: Mapping[str, None]) -> list[tuple[None, str]]:
        return [(None, group) for group in groups]

    def _send(self, ids: list[str] | str, broker: int) -> Any:
        if isinstance(ids, str):
            return broker
        said = self.answers[0][broker]
        if broker == 2 and len(self.answers) > 1:
            self.answers.pop(0)
        error, members = (said, ()) if isinstance(said, int) else (0, said)
        told = [
            SimpleNamespace(member_id=one, group_instance_id=None, member_assignment=self.assignment)
            for one in members
        ]  # fmt: skip
        state = "Stable" if members else "Dead"
        groups = [
            SimpleNamespace(group_id=one, group_state=state, protocol_type="consumer", error_code=error, members=told)
            for one in ids
        ]
        return SimpleNamespace(groups=groups)

    def list_groups(self) -> list[dict[str, str]]:
        return [{"group_id": one, "protocol_type": "consumer"} for one in ("g", "h")]

    def _list_group_offsets_process_response(self, broker: int, group_id: str) -> dict[str, dict[TopicPartition, Any]]:
        return {group_id: {TopicPartition("t", 0): SimpleNamespace(offset=10 + broker)}}


def view(*answers: Said) -> tuple[ClusterView, Admin]:
    made, admin = ClusterView("nowhere:9092"), Admin(list(answers))
    made._admin = admin
    return made, admin


@pytest.mark.parametrize("error", MOVING)
def test_a_group_whose_coordinator_moves_is_asked_for_again(error: int) -> None:
    asked, _ = view({0: NOT_ME, 1: error, 2: NOT_ME}, {0: NOT_ME, 1: NOT_ME, 2: ("one",)})

    assert [member.id for member in asked.group("g").members] == ["one"]


def test_groups_of_one_coordinator_come_in_one_answer() -> None:
    asked, _ = view({0: NOT_ME, 1: ("one", "two"), 2: NOT_ME})

    told = asked.groups_with_members()

    assert [(group.id, [member.id for member in group.members]) for group in told] == [
        ("g", ["one", "two"]), ("h", ["one", "two"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written", [b"", b"\x00\x63", b"\x00\x01\x7f\xff\xff\xff\x00\x01a", b"\x00\x01\x00\x00\x00\x01\x00\x01\xb5"]
)
def test_what_a_groups_leader_wrote_may_be_anything(written: bytes) -> None:
    asked, admin = view({0: NOT_ME, 1: ("one",), 2: NOT_ME})
    admin.assignment = written

    (member,) = asked.group("g").members
    assert (member.id, member.partitions, member.idle) == ("one", {}, True)


def test_of_two_coordinators_none_is_believed() -> None:
    split: Said = {0: ("one",), 1: NOT_ME, 2: ("two",)}
    asked, _ = view(split, split, {0: NOT_ME, 1: NOT_ME, 2: ("one", "two")})

    assert [member.id for member in asked.group("g").members] == ["one", "two"]


def test_two_coordinators_that_stay_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_COORDINATOR_S", 0.1)

    with pytest.raises(LabFault, match="brokers 0 and 2 both coordinate g"):
        view({0: ("one",), 1: NOT_ME, 2: ("two",)})[0].group("g")


def test_coordinators_are_asked_for_and_waited_for_until_each_answers() -> None:
    asked, admin = view(*({0: error, 1: NOT_ME, 2: NOT_ME} for error in MOVING), {0: (), 1: NOT_ME, 2: NOT_ME})

    asked.await_coordinators()

    (groups,) = admin.asked_for_coordinators
    assert len(groups) == 40


@pytest.mark.parametrize("others", [NOT_ME, REFUSED])
def test_another_error_is_an_answer_also_if_all_give_it(others: int) -> None:
    asked, _ = view({0: others, 1: REFUSED, 2: others})
    assert asked.group("g").state == "Dead"


def test_committed_offsets_are_those_that_the_coordinator_of_now_has() -> None:
    asked, _ = view({0: ("one",), 1: NOT_ME, 2: NOT_ME}, {0: NOT_ME, 1: ("one",), 2: NOT_ME})

    assert asked.committed("g", "t") == {0: 10}
    assert asked.committed("g", "t") == {0: 11}
    assert asked.committed("g", "another") == {}
