"""The flight recorder beside real brokers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer, TopicPartition

from selftest.running_lab import RunningLab, running_lab
from topicmark.observe.cluster import ClusterView
from topicmark.recorder import tape
from topicmark.recorder.tape import Recording
from topicmark.services.jvm import after_boot_s
from topicmark.services.recorder import Recorder
from topicmark.waiting import eventually, holds_for

MANY = 10_000
TOPIC = "test-redpanda"


@pytest.fixture(scope="module")
def theirs() -> Iterator[RunningLab]:
    with running_lab() as running:
        yield running


@pytest.fixture(scope="module")
def cluster(theirs: RunningLab) -> Iterator[ClusterView]:
    view = ClusterView(theirs.lab.bootstrap)
    yield view
    view.close()


@pytest.fixture(scope="module")
def recorder(theirs: RunningLab, cluster: ClusterView, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    folder = tmp_path_factory.mktemp("recorder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOPICMARK_STATE", str(folder / "state"))
        recorder = _beside(theirs, cluster, folder)
        recorder.start()
        assert recorder.await_ready()
        yield recorder
        recorder.stop()


def _beside(theirs: RunningLab, cluster: ClusterView, folder: Path) -> Recorder:
    process = theirs.lab.kafka._process
    assert process is not None
    return Recorder.of_brokers(
        theirs.lab.bootstrap,
        cluster.cluster_id(),
        folder,
        marker=theirs.lab.folder.marker,
        owner=(process.process.pid, process.started_at),
    )


@pytest.fixture(scope="module")
def send(theirs: RunningLab) -> Callable[..., None]:
    def send(key: bytes, value: bytes, *, times: int = 1) -> None:
        producer = KafkaProducer(bootstrap_servers=theirs.lab.bootstrap.split(","), linger_ms=20)
        for _ in range(times):
            producer.send(TOPIC, key=key, value=value)
        producer.flush()
        producer.close()

    return send


def _await(recorder: Recorder, until: Callable[[Recording], bool], within: float = 20.0) -> Recording:
    return eventually(lambda: tape.read(recorder.tape, TOPIC), until, within=within, describe="it on the tape")


def test_a_life_of_a_topic(
    recorder: Recorder, theirs: RunningLab, cluster: ClusterView, send: Callable[..., None]
) -> None:
    cluster.create_topic(TOPIC, 2, 3, {})
    send(b"1", b"deleted")
    _await(recorder, lambda seen: len(seen.records) == 1)
    cluster.admin.delete_records({TopicPartition(TOPIC, number): -1 for number in range(2)})
    send(b"1", b"kept")
    _await(recorder, lambda seen: len(seen.records) == 2)

    cluster.delete_topic(TOPIC)
    eventually(lambda: TOPIC in cluster.topics(), lambda there: not there, within=20, describe="its end")
    stays_away, _ = holds_for(cluster.topics, lambda names: TOPIC not in names, seconds=3.0)
    assert stays_away, "the recorder made the topic anew"
    eventually(
        lambda: [line["what"] for line in tape.lines(recorder.tape)],
        lambda whats: "gone" in whats,
        within=10,
        describe="gone",
    )
    cluster.create_topic(TOPIC, 1, 3, {})
    send(b"2", b"again")

    seen = _await(recorder, lambda seen: len(seen.records) == 3)
    assert sorted(one.value or b"" for one in seen.records) == [b"again", b"deleted", b"kept"]
    assert (seen.lives, seen.missed) == (2, 0)
    assert theirs.lab.auto_created() == set()
    assert "topicmark-recorder" not in {
        member.id for group in cluster.groups_with_members() for member in group.members
    }
    assert cluster.all_groups() == frozenset()


def test_a_broker_that_is_restarted_and_many_records(
    recorder: Recorder, theirs: RunningLab, cluster: ClusterView, send: Callable[..., None]
) -> None:
    if TOPIC not in cluster.topics():
        cluster.create_topic(TOPIC, 3, 3, {})
    before = len(tape.read(recorder.tape, TOPIC).records)
    theirs.lab.kafka.stop_node(1)
    send(b"1", b"while one is down")
    theirs.lab.kafka.start_node(1)

    send(b"1", b"x" * 100, times=MANY)

    seen = _await(recorder, lambda seen: len(seen.records) >= before + 1 + MANY, within=60)
    assert len(seen.records) == before + 1 + MANY
    assert seen.missed == 0
    assert recorder.died() is None


def test_one_recorder_for_a_cluster(
    recorder: Recorder, theirs: RunningLab, cluster: ClusterView, tmp_path: Path
) -> None:
    second = _beside(theirs, cluster, tmp_path)
    second.start()
    assert second.await_ready() is False
    eventually(lambda: second._process and second._process.exit_reason(), bool, within=10, describe="its end")
    assert recorder.died() is None


def test_it_ends_with_its_owner_and_when_told(cluster: ClusterView, tmp_path: Path, theirs: RunningLab) -> None:
    import subprocess

    import psutil

    owner = subprocess.Popen(["sleep", "600"])
    started_at = after_boot_s(psutil.Process(owner.pid))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOPICMARK_STATE", str(tmp_path / "state"))
        recorder = Recorder.of_brokers(
            theirs.lab.bootstrap, cluster.cluster_id(), tmp_path, marker="test", owner=(owner.pid, started_at)
        )
        recorder.start()
        assert recorder.await_ready()
    owner.kill()
    owner.wait()
    assert eventually(recorder.died, bool, within=10, describe="its end") == "the flight recorder ended with code 0"
