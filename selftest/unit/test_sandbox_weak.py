"""The weak level: no namespaces, but programs run, are limited and are ended."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from topicmark.sandbox import Command, Endpoint, Level, Limits, Program, Sandbox
from topicmark.waiting import eventually


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    limits = Limits(wall_s=30, processes=30, memory_bytes=200 * 2**20)
    with Sandbox(level=Level.WEAK, endpoints=[], folder=tmp_path / "out", limits=limits) as box:
        yield box


def shell(sandbox: Sandbox, tree: Path, source: str) -> Program:
    return sandbox.start(Command(["sh", "-c", source], files={"given": "text"}), tree, "program")


def await_output(program: Program, text: str) -> None:
    eventually(program.output, lambda seen: text in seen, within=10, describe=text)


def sleeping(seconds: str) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE and process.info["cmdline"] == ["sleep", seconds]
    ]


def test_it_says_what_does_not_work(sandbox: Sandbox) -> None:
    assert any("could see this machine" in remark for remark in sandbox.remarks)


def test_programs_run_in_a_copy_with_a_clean_environment(sandbox: Sandbox, tree: Path) -> None:
    (tree / "own").write_text("mine")
    program = shell(sandbox, tree, "cat own given; env | sort; touch new; test -t 0 && echo terminal; id -u; exit 4")
    ended = program.wait(10)
    assert ended.code == 4
    text = program.output()
    assert text.startswith("minetext")
    assert "terminal" in text
    assert "TOPICMARK" not in text
    assert not (tree / "new").exists()
    if os.geteuid() == 0:
        assert int(text.split()[-1]) >= 61184


def test_everything_dies_on_stop(sandbox: Sandbox, tree: Path) -> None:
    program = shell(sandbox, tree, "(setsid sleep 4712.1 &) ; sleep 4712.1 & trap '' INT TERM; echo up; sleep 4712.1")
    await_output(program, "up")
    eventually(lambda: len(sleeping("4712.1")), lambda count: count == 3, within=5, describe="three sleepers")
    ended = program.stop(grace_s=0.2)
    assert (ended.signal, ended.needed) == (signal.SIGKILL, "SIGKILL")
    assert sleeping("4712.1") == []


def test_background_children_die_with_the_program(sandbox: Sandbox, tree: Path) -> None:
    assert shell(sandbox, tree, "sleep 4712.2 & setsid sleep 4712.2 & exit 0").wait(5).code == 0
    assert sleeping("4712.2") == []


def test_limits_hold(sandbox: Sandbox, tree: Path) -> None:
    ended = shell(sandbox, tree, "for n in $(seq 40); do sleep 20 & done; sleep 20").wait(10)
    assert ended.reason.startswith("killed: process limit")


def test_localhost_is_offered(tree: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.88.3.1", 0)) as server, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def greet() -> None:
            plug, _ = server.accept()
            with plug:
                plug.sendall(b"the lab\n")

        threading.Thread(target=greet, daemon=True).start()
        endpoint = Endpoint("kafka", ["kafka"], port, [server.getsockname()[:2]], on_localhost=True)
        source = f"import socket; print(socket.create_connection(('localhost', {port})).recv(99))"
        with (
            tempfile.TemporaryDirectory() as folder,
            Sandbox(level=Level.WEAK, endpoints=[endpoint], folder=Path(folder)) as box,
        ):
            program = box.start(Command(["python3", "-c", source]), tree, "program")
            program.wait(10)
            assert "the lab" in program.output()
