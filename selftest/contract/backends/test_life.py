"""The life of labs: one after another, two at once, killed, and left behind. Nothing is left of any."""

from __future__ import annotations

import contextlib
import signal
import time
import uuid
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError
from kafka.structs import OffsetAndMetadata

from selftest.backends import Ground, Way, embedded, ways
from selftest.backends.way import topicmark
from selftest.cases import ROOT
from selftest.contract.backends.test_ready import answers
from selftest.running import RunningGrade
from selftest.topics import await_known
from topicmark.backends.base import Lab
from topicmark.observe.cluster import ClusterView
from topicmark.observe.contact import parted
from topicmark.waiting import eventually

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

REFERENCE = str(ROOT / "submissions" / "reference")
GONE_S = 30.0


@pytest.fixture(scope="module", params=ways(embedded.KEPT))
def way(request: pytest.FixtureRequest) -> Way:
    """A lab that stays up has a life of its own: see ``test_lifecycle``."""
    made: Way = request.param
    return made


def leave_something(lab: Lab, name: str) -> None:
    """A topic, and a group of that name that has been there."""
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        view.create_topic(name, 2, 3, {})
        await_known(lab.bootstrap, name)
        view.admin.alter_group_offsets(name, {TopicPartition(name, 0): OffsetAndMetadata(0, "", -1)})


def there(lab: Lab) -> set[str]:
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        return set(view.topics()) | set(view.all_groups())


def test_a_run_sees_nothing_of_the_one_before_and_leaves_nothing(ground: Ground) -> None:
    before, name = ground.at_rest(), f"T_{uuid.uuid4().hex[:8]}"

    with ground.lab() as first:
        leave_something(first, name)
        assert name in there(first)
    ground.await_only(before)
    with ground.lab() as second:
        assert name not in there(second)
        assert second.before.topics == frozenset()
    ground.await_only(before)


def test_two_labs_at_once_know_nothing_of_one_another(ground: Ground, tmp_path: Path) -> None:
    name = f"T_{uuid.uuid4().hex[:8]}"
    with ground.lab() as one, ground.another() as beside, beside.lab() as other:
        leave_something(other, name)

        assert name not in there(one)
        assert name in there(other)
        servers = [parted(lab.bootstrap)[0].split(",") for lab in (one, other)]
        theirs = [server for server in servers[1] if server not in servers[0]]
        assert not any(answers(one, tmp_path / "ask", *theirs).values()) if theirs else servers[0] == servers[1]
        began = time.monotonic()
        assert one.faults(began) + other.faults(began) == []


def test_a_broker_that_dies_is_the_labs_fault(ground: Ground, way: Way) -> None:
    with ground.lab() as lab:
        began = time.monotonic()
        with ground.broker_killed(1):
            faults = eventually(lambda: lab.faults(began), bool, within=GONE_S, describe="a fault")

    assert faults[0].service == "kafka"
    assert "1" in faults[0].reason
    assert faults[0].remedy
    assert bool(faults[0].log) is way.logs, faults[0]
    ground.restore()


def test_a_broker_that_first_breaks_a_connection_is_named_too(
    ground: Ground, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of the two is seen first, the broken connection or that a broker is missing, is chance."""

    def broken(_: ClusterView) -> list[int]:
        raise KafkaConnectionError("socket disconnected")

    with ground.lab() as lab:
        began = time.monotonic()
        with ground.broker_killed(1):
            monkeypatch.setattr(ClusterView, "brokers", broken)
            faults = eventually(lambda: lab.faults(began), bool, within=GONE_S, describe="a fault")
            monkeypatch.undo()

    assert faults[0].service == "kafka"
    assert "1" in faults[0].reason
    assert bool(faults[0].log) is way.logs, faults[0]
    ground.restore()


def test_a_run_that_is_killed_is_cleared_away(ground: Ground, way: Way, tmp_path: Path) -> None:
    before = ground.at_rest()
    with RunningGrade(tmp_path, REFERENCE, *ground.options, "-k", "ex4.1 or ex5") as run:
        run.await_output("✓ ex4.1 ")
        assert ground.left() - before
        assert "in use" in topicmark("down", "--all"), "what is in use is left alone"
        run.signal(signal.SIGKILL)
        run.wait(30)
    try:
        ground.sweep()

        def beyond() -> set[str]:
            return {one for one in ground.left() ^ before if one.split()[0] not in way.outlives_a_kill}

        eventually(beyond, lambda left: not left, within=GONE_S, describe="what is to go", pause_s=0.25)
    finally:
        ground.restore()


def test_a_run_that_is_told_to_end_leaves_nothing(ground: Ground, tmp_path: Path) -> None:
    before = ground.at_rest()
    with RunningGrade(tmp_path, REFERENCE, *ground.options, "-k", "ex4.1 or ex5") as run:
        run.await_output("✓ ex4.1 ")

        run.signal(signal.SIGINT)

        assert run.wait(120) == 130, run.output
    ground.await_only(before)
