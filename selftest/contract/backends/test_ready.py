"""A lab that was opened can be used: at once, as often as it is told to start, and under the course's names only."""

from __future__ import annotations

import contextlib
import textwrap
import time
import uuid
from pathlib import Path

import pytest

from selftest.backends import Ground, Way
from topicmark.backends.base import Ability, Lab
from topicmark.model import Unable
from topicmark.observe.cluster import ClusterView
from topicmark.observe.feed import Feeder
from topicmark.observe.forms import COURSE_SAMPLES, learn
from topicmark.observe.membership import membership
from topicmark.observe.tap import Tap
from topicmark.sandbox import Command
from topicmark.waiting import eventually

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BROKERS = {0, 1, 2}
AT_ONCE_S = 10.0
RECORDS = 12
ASK = """
    import socket, sys
    for told in sys.argv[1:]:
        host, port = told.rsplit(":", 1)
        try:
            with socket.create_connection((host, int(port)), 5):
                print(told, "answers")
        except OSError as error:
            print(told, "fails")
    """
KNOWN = (
    "kafka:9092",
    "kafka.default.svc.cluster.local:9092",
    "kafka-controller-0.kafka-controller-headless.default.svc.cluster.local:9092",
    "kafka-controller-2.kafka-controller-headless:9092",
    "somebodys-broker:9092",
)
UNKNOWN = ("kafka-controller-3.kafka-controller-headless:9092", "kafka:9094", "nowhere.example:9092")


def answers(lab: Lab, folder: Path, *asked: str) -> dict[str, bool]:
    """Which of these addresses a program in the lab's sandbox can connect to."""
    folder.mkdir(exist_ok=True)
    (folder / "ask.py").write_text(textwrap.dedent(ASK))
    with contextlib.closing(lab.sandbox((), (), ["somebodys-broker"])) as sandbox:
        running = sandbox.start(Command(["python3", "ask.py", *asked]), folder, "ask")
        running.wait(60)
        lines = [line.split(" ") for line in running.output().splitlines()]
    assert [told for told, _ in lines] == list(asked), running.output()
    return {told: said == "answers" for told, said in lines}


def test_three_brokers_three_voters_and_a_leader(lab: Lab) -> None:
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        for broker in BROKERS:
            seen = membership(view.admin, broker)
            assert (seen.brokers, seen.voters) == (BROKERS, BROKERS)
            assert seen.leader in BROKERS


def test_every_group_has_a_coordinator_that_answers_at_once(lab: Lab) -> None:
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        view.brokers()  # so that the client knows them
        began = time.monotonic()
        states = {view.group(f"group-{number}-{uuid.uuid4().hex}").state for number in range(10)}
        assert states == {"Dead"}, "no such group, says its coordinator"
        assert time.monotonic() - began < AT_ONCE_S


def test_a_record_goes_through_every_partition(lab: Lab) -> None:
    topic = f"T_{uuid.uuid4().hex[:8]}"
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        view.create_topic(topic, 3, 3, {})
        with (
            Tap(lab.bootstrap, topic, range(3), from_start=True) as tap,
            contextlib.closing(Feeder(lab.bootstrap, topic, 3)) as feeder,
        ):
            sent = feeder.feed(learn(COURSE_SAMPLES, "the course's records"), RECORDS)
            eventually(lambda: tap.count, lambda n: n == RECORDS, within=20, describe="the records")
        assert {one.partition for one in sent} == {0, 1, 2}
        assert sum(view.end_offsets(topic, range(3)).values()) == RECORDS
        view.delete_topic(topic)
        eventually(view.topics, lambda topics: topic not in topics, within=20, describe="its end")


def test_to_start_it_again_changes_nothing(lab: Lab, ground: Ground) -> None:
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        before, cluster_id, address = ground.left(), view.cluster_id(), lab.bootstrap

        lab.start()

        assert (view.cluster_id(), lab.bootstrap) == (cluster_id, address)
        ground.await_only(before)
        assert lab.faults(0.0) == []


def test_programs_reach_the_brokers_by_the_courses_names_and_nothing_else(
    lab: Lab, ground: Ground, tmp_path: Path
) -> None:
    told = answers(lab, tmp_path, *KNOWN, *UNKNOWN)

    assert [name for name, said in told.items() if said] == list(KNOWN)


def test_what_it_cannot_do_is_told_beforehand_and_raised(lab: Lab, way: Way) -> None:
    asked = {
        Ability.WRITE: lambda: lab.sandbox((), (), ()).close(),
        Ability.TELL_AUTO_CREATED: lambda: lab.auto_created() and None,
        Ability.STOP_BROKER: lambda: lab.broker_down(1).__enter__(),
        Ability.KILL_COMPONENT: lambda: lab.component_killed("connect").__enter__(),
    }
    told = {ability: reason for ability in Ability if (reason := lab.unable(ability)) is not None}

    assert told.keys() == way.cannot
    assert all(reason.remedy for reason in told.values())
    for ability in told.keys() & asked.keys():
        with pytest.raises(Unable) as raised:
            asked[ability]()
        assert raised.value.remedy


def test_a_broker_is_stopped_and_comes_back(lab: Lab, way: Way) -> None:
    if Ability.STOP_BROKER in way.cannot:
        pytest.skip(str(lab.unable(Ability.STOP_BROKER)))
    began = time.monotonic()
    with contextlib.closing(ClusterView(lab.bootstrap)) as view:
        with lab.broker_down(1):
            assert set(view.brokers()) == BROKERS - {1}
            assert lab.faults(began) == []
        assert set(view.brokers()) == BROKERS

    assert lab.faults(began) == []
