"""The lab's pulse: what is broken is seen, and so is a machine on which nothing gets on."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from topicmark.backends import pulse
from topicmark.backends.pulse import Pulse
from topicmark.model import Fault, LabFault
from topicmark.waiting import eventually


@contextmanager
def beating(one: Pulse) -> Iterator[Pulse]:
    one.start()
    try:
        yield one
    finally:
        assert one.stop()


def test_what_a_check_says_is_kept_by_when_it_was_asked() -> None:
    told = [Fault("kafka", "broker 1 is stopped"), None]
    began = time.monotonic()
    one = Pulse(lambda: told.pop(0) if told else None)

    assert [fault.reason for fault in one.faults(began)] == ["broker 1 is stopped"]
    assert one.faults(time.monotonic()) == []


def test_a_check_that_fails_is_a_fault() -> None:
    def check() -> Fault | None:
        raise LabFault("no answer", service="hdfs", log="the end")

    (fault,) = Pulse(check).faults(time.monotonic() - 1)

    assert (fault.service, fault.reason, fault.log) == ("hdfs", "no answer", "the end")


def test_a_beat_that_comes_late_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_LATE_S", -1.0)  # every beat is late
    began = time.monotonic()

    with beating(Pulse(lambda: None)) as one:
        faults = eventually(lambda: one.faults(began), bool, within=20, describe="a beat")

    assert faults[0].service == "machine"
    assert "nothing went on for" in faults[0].reason


def test_beats_in_time_are_none() -> None:
    beats: list[float] = []
    with beating(Pulse(lambda: beats.append(time.monotonic()))) as one:
        began = time.monotonic()
        eventually(lambda: len(beats), lambda seen: seen >= 3, within=60, describe="three beats")
        late = [after - before for before, after in itertools.pairwise(beats)]
        faults = one.faults(began)

    assert len(faults) == sum(one > pulse.EVERY_S + pulse._LATE_S for one in late)


def test_a_full_disk_is_said_before_what_it_does_to_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Pulse(lambda: Fault("kafka", "node 0 failed"), tmp_path)
    began = time.monotonic()
    assert [fault.service for fault in one.faults(began)] == ["kafka"]

    monkeypatch.setattr(pulse, "_LEAST_FREE_BYTES", 2**80)

    (_, full) = one.faults(began)
    assert (full.service, full.reason) == ("machine", f"its disk is full: {tmp_path}")


def test_a_folder_that_is_gone_is_no_full_disk(tmp_path: Path) -> None:
    assert Pulse(lambda: None, tmp_path / "gone").faults(0) == []


@pytest.mark.parametrize(("jump_s", "told"), [(3600, "+3600 s"), (-3600, "-3600 s"), (30, "+30 s")])
def test_a_clock_that_jumps_is_a_fault_for_as_long_as_the_lab_is_used(
    jump_s: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_time = time.time
    one = Pulse(lambda: None)

    monkeypatch.setattr(pulse.time, "time", lambda: true_time() + jump_s)

    for _ in range(2):
        (fault,) = one.faults(time.monotonic() + 100)
        assert (fault.service, fault.reason) == ("machine", f"its clock jumped by {told}")
    assert Pulse(lambda: None).faults(0) == []


@pytest.mark.parametrize("slewed_s", [2, -2])
def test_a_clock_that_is_put_right_is_none(slewed_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    true_time = time.time
    one = Pulse(lambda: None)
    monkeypatch.setattr(pulse.time, "time", lambda: true_time() + slewed_s)
    assert one.faults(0) == []
