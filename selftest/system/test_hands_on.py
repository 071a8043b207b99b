"""Work by hand: a lab that stays up, a shell in it, what is done there, and how it is judged."""

from __future__ import annotations

import json
import os
import pty
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaProducer, TopicPartition

from selftest.by_hand import REFERENCE, RIGHT, STEPS, TOPIC, Home
from selftest.consoles import console
from selftest.processes import marked
from selftest.running import RunningGrade
from selftest.running_lab import running_lab
from topicmark.observe.cluster import ClusterView
from topicmark.recorder import tape
from topicmark.waiting import eventually


@contextmanager
def _a_cluster(bootstrap: str) -> Iterator[ClusterView]:
    view = ClusterView(bootstrap)
    try:
        yield view
    finally:
        view.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    home.run("down", "--all")


def _produce(bootstrap: str, topic: str, *records: tuple[bytes, bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","))
    for number, (key, value) in enumerate(records):
        producer.send(topic, key=key, value=value, partition=number)
    producer.flush()
    producer.close()


def _clear(view: ClusterView, *partitions: int) -> None:
    view.admin.delete_records({TopicPartition(TOPIC, number): -1 for number in partitions})


def _make_anew(view: ClusterView) -> None:
    view.delete_topic(TOPIC)
    eventually(lambda: TOPIC in view.topics(), lambda there: not there, within=30, describe="its end")
    view.create_topic(TOPIC, 1, 3, {})


def test_from_up_to_down(home: Home) -> None:
    """One lab, from wrong to right. Every step adds to what was done by hand before."""
    up = home.run("up")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "./topicmark shell" in up.stdout
    (lab,) = home.labs()
    bootstrap = json.loads((lab / "lab.json").read_text())["bootstrap"]
    assert bootstrap in up.stdout
    assert " free " in home.run("status").stdout

    graded = home.grade("ex2")
    assert graded.points == {"ex2.2": 0, "ex2.3": 0, "ex2.4": 0}, graded.told()
    assert graded.results["tasks"][1]["expected"].startswith("a script with the steps"), graded.told()
    assert home.labs() == [lab], "nobody had touched it: the run took it"

    with RunningGrade(home.folder, str(REFERENCE), "-k", "ex5", env=home.env) as run:
        run.await_output("  ex5.1 ")
        assert " in use " in home.run("status").stdout
        run.signal(signal.SIGKILL)
        run.wait(30)
    again = home.run("up")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "the lab that was up is new again" in again.stdout
    assert home.labs() == [lab], "what a killed run leaves is made as new"

    with _a_cluster(bootstrap) as view:
        assert view.topics() == [name for name in view.topics() if name.startswith("_") or "ksql" in name]
        view.create_topic("testredpanda", 1, 3, {})
        graded = home.grade("ex2")
        assert graded.points == {"ex2.2": 0, "ex2.3": 0, "ex2.4": 0}, graded.told()
        assert "testredpanda" in graded.results["tasks"][1]["observed"]
        assert any(lab.name in remark for remark in graded.results["remarks"]), graded.results["remarks"]

        view.create_topic(TOPIC, 2, 3, {})
        _produce(bootstrap, TOPIC, (b"2", RIGHT), (b"1", b"it works"))
        _clear(view, 0)
        graded = home.grade("ex2")
        assert graded.points == {"ex2.3": 0, "ex2.4": 0}, graded.told()
        assert "1 in partition 1" in graded.told()
        assert "key 2" in graded.told()

        _make_anew(view)
        graded = home.grade("ex2")
        assert graded.points == {"ex2.3": 0, "ex2.4": 0}, graded.told()
        assert "deleted and made again" in graded.told()

        view.delete_topic(TOPIC)
        eventually(lambda: TOPIC in view.topics(), lambda there: not there, within=30, describe="its end")
    done = home.run("shell", "sh", "-ec", STEPS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (home.folder / "delete.json").is_file()
    graded = home.grade("ex2")
    assert graded.code == 0, graded.told()
    assert graded.results["score"] == 8

    status = home.run("status").stdout
    assert " yours " in status
    assert f"topic {TOPIC}" in status
    other = home.grade("ex4.1")
    assert other.code == 0, other.told()
    assert any("was left alone" in remark for remark in other.results["remarks"]), other.results["remarks"]
    assert "is left as it is" in home.run("up").stdout
    with _a_cluster(bootstrap) as view:
        assert {TOPIC, "testredpanda"} <= set(view.topics())
    replayed = home.grade("ex2", submission=REFERENCE)
    assert replayed.code == 0, replayed.told()
    assert not any("judged by what was done in your lab" in remark for remark in replayed.results["remarks"])

    assert _typed_in_a_shell(home) == 7
    assert "1 taken down" in home.run("down").stdout
    assert not lab.exists()
    eventually(lambda: marked(lab.name), lambda left: not left, within=10, describe="no process of the lab")
    assert list((home.folder / "state" / "recordings").glob("*.jsonl")) == []


def _typed_in_a_shell(home: Home) -> int:
    """Whether a shell has the terminal: job control, Ctrl+C, its size. Its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(home.folder)
        os.environ.update(home.env)
        os.environ["SHELL"] = "/bin/bash"
        os.execv(sys.executable, [sys.executable, "-m", "topicmark", "shell"])
    said = bytearray()

    def heard(text: bytes) -> bool:
        said.extend(os.read(terminal, 4096))
        return text in said

    def until(text: bytes) -> None:
        eventually(lambda: heard(text), bool, within=60, describe=f"{text!r}")

    try:
        until(b"leads out of it")
        os.write(terminal, b"stty size; echo in $((40+2))\n")
        until(b"in 42")
        os.write(terminal, b"(echo asleep $((50+4)); exec sleep 1000)\n")
        until(b"asleep 54")  # the terminal is the job's by now: before, Ctrl+C would be the shell's
        os.write(terminal, b"\x03")
        os.write(terminal, b"curl -s http://kafka-schema-registry:8081/; echo the $((80+1))\n")
        until(b"the 81")
        assert b"{}the 81" in said, bytes(said)
        assert b"no job control" not in said, bytes(said)
        os.write(terminal, f"{sys.executable} -m topicmark down; echo code $?\n".encode())
        until(b"code 2")
        assert b"Leave it with `exit`" in said, bytes(said)
        os.write(terminal, b"exit 7\n")
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(terminal)


def test_a_cluster_that_others_run_is_recorded_and_then_judged(home: Home) -> None:
    with running_lab() as theirs, _a_cluster(theirs.lab.bootstrap) as view:
        at = [f"--kafka={theirs.lab.bootstrap}", "--backend=attached"]
        hosts = {number: host for number, (host, _) in view.addresses().items()}
        view.create_topic("test", 1, 3, {})
        unrecorded = home.grade("ex2", *at)
        assert unrecorded.outcomes["ex2.3"] == "not_run", unrecorded.told()
        assert "topicmark up --backend attached" in unrecorded.told()

        up = home.run("up", *at)
        assert up.returncode == 0, up.stdout + up.stderr
        assert "Nothing else was started" in up.stdout
        assert "was recorded already" in home.run("up", *at).stdout
        assert "Recorded: cluster" in home.run("status").stdout

        view.create_topic(TOPIC, 1, 2, {})
        _produce(theirs.lab.bootstrap, TOPIC, (b"1", RIGHT))
        path = home.folder / "state" / "recordings" / f"{view.cluster_id()}.jsonl"
        eventually(lambda: len(tape.read(path, TOPIC).records), bool, within=20, describe="the record on the tape")
        _clear(view, 0)
        with console(hosts, ["test", TOPIC]) as url:
            graded = home.grade("ex2", *at, f"--console-url={url}")
            assert graded.code == 0, graded.told()
            assert graded.results["score"] == 8
            (home.handed_in / "redpanda.yaml").unlink()
            assert home.grade("ex2.1", *at, f"--console-url={url}").code == 0
        with console({9: "elsewhere"}, []) as url:
            wrong = home.grade("ex2.1", *at, f"--console-url={url}")
            assert wrong.points == {"ex2.1": 0}
            assert "9 at elsewhere" in wrong.told()
        with console(hosts, [], kafka_ok=False) as url:
            assert "answers 503" in home.grade("ex2.1", *at, f"--console-url={url}").told()
        silent = home.grade("ex2.1", *at, "--console-url=http://127.0.0.1:1")
        assert silent.outcomes == {"ex2.1": "infra"}
        assert "--console-url http://127.0.0.1:1" in silent.told()

        assert "1 recorded no more" in home.run("down").stdout
        assert path.is_file()
