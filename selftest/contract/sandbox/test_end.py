"""How sandboxed programs end, shown with real ones. Needs Linux with namespaces; never skips."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from selftest.contract.sandbox.programs import (
    CONNECT,
    OURS,
    SCRIPT,
    Runs,
    await_output,
    processes_named,
)
from topicmark.model import LabFault
from topicmark.sandbox import Command, Level, Sandbox
from topicmark.sandbox import program as sandbox_program
from topicmark.sandbox.link import gateway
from topicmark.waiting import WaitExpired, eventually


@pytest.mark.parametrize("code", [0, 1, 42, 130, 255])
def test_exit_codes_are_the_programs_own(run: Runs, code: int) -> None:
    ended = run.shell(f"exit {code}").wait(10)
    assert (ended.code, ended.signal, ended.reason) == (code, None, "ended")


def test_a_signal_is_told_from_an_exit_code(run: Runs) -> None:
    ended = run.shell("kill -SEGV $$").wait(10)
    assert (ended.code, ended.signal, str(ended)) == (None, signal.SIGSEGV, "ended by SIGSEGV")


@pytest.mark.usefixtures("holding")
def test_ctrl_c_while_a_program_is_being_started_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes before anybody reads what the program prints, and so before anybody would see its end."""

    def interrupted() -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    (tmp_path / "tree").mkdir()
    before = set(psutil.Process().children(recursive=True))
    sandbox = Sandbox(level=Level.NAMESPACES, endpoints=[], folder=tmp_path / "output", marker="interrupted")
    monkeypatch.setattr(sandbox_program, "pump", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sandbox.start(Command(["sleep", "1000"]), tmp_path / "tree", "producer")
    assert set(psutil.Process().children(recursive=True)) - before, "it waits to be let go"
    sandbox.close()

    assert set(psutil.Process().children(recursive=True)) - before == set()


def test_what_cannot_be_started_says_why(run: Runs, sandbox: Sandbox) -> None:
    (run.tree / "windows.sh").write_bytes(b"#!/bin/sh\r\necho hi\r\n")
    (run.tree / "windows.sh").chmod(0o755)
    (run.tree / "bare").write_text("echo bare runs\n")
    (run.tree / "bare").chmod(0o755)
    (run.tree / "data").write_text("x")
    for argv, code, text in (
        (["no-such-program"], 127, "not found"),
        (["./windows.sh"], 127, "Windows line ends"),
        (["./data"], 126, "permission denied"),
        (["./bare"], 0, "bare runs"),
    ):
        program = sandbox.start(Command(argv), run.tree, "start")
        assert program.wait(10).code == code, program.output()
        assert text in program.output()
    program = sandbox.start(Command(["true"], workdir="nowhere"), run.tree, "start")
    assert program.wait(10).code == 126
    assert "no folder 'nowhere'" in program.output()


def test_sigint_as_the_only_way_out(run: Runs) -> None:
    program = run.python(
        """
        import sys
        try:
            print("working")
            while True:
                pass
        except KeyboardInterrupt:
            print("closing")
            sys.exit(3)
        """
    )
    await_output(program, "working")
    ended = program.stop()
    assert (ended.code, ended.reason, ended.needed) == (3, "stopped", "SIGINT")
    assert program.output() == "working\nclosing\n"
    assert program.stop() == ended


def test_sigint_is_not_inherited_as_ignored(run: Runs) -> None:
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        program = run.python("import time\nprint('up', flush=True)\ntime.sleep(60)")
        await_output(program, "up")
        ended = program.stop()
    finally:
        signal.signal(signal.SIGINT, previous)
    assert (ended.signal, ended.needed) == (signal.SIGINT, "SIGINT")


def test_a_program_that_ignores_signals_dies(run: Runs) -> None:
    program = run.python(
        """
        import signal, time
        for one in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            signal.signal(one, signal.SIG_IGN)
        print("deaf", flush=True)
        while True:
            time.sleep(1)
        """
    )
    await_output(program, "deaf")
    ended = program.stop(grace_s=0.3)
    assert (ended.signal, ended.reason, ended.needed) == (signal.SIGKILL, "stopped", "SIGKILL")


def test_daemons_die_too(run: Runs) -> None:
    program = run.python(
        f"""
        import os, subprocess, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sleep", ["sleep", "{OURS}.1"])
            os._exit(0)
        subprocess.Popen(["setsid", "sleep", "{OURS}.1"])
        print("up", flush=True)
        time.sleep(100)
        """
    )
    await_output(program, "up")
    eventually(lambda: len(processes_named(f"{OURS}.1")), lambda count: count >= 2, within=5, describe="daemons")
    program.stop()
    assert processes_named(f"{OURS}.1") == []


def test_background_children_of_a_script(run: Runs) -> None:
    ended = run.shell(f"sleep {OURS}.2 &\nsleep {OURS}.2 &\nexit 5").wait(5)
    assert ended.code == 5
    assert processes_named(f"{OURS}.2") == []

    program = run.shell("(sleep 1; echo late) &\nexit 5", until_last=True)
    assert program.wait(5).code == 5
    assert program.output() == "late\n"

    program = run.shell(f"sleep {OURS}.3 &\nexit 6", until_last=True)
    eventually(
        lambda: (bool(processes_named(f"sleep {OURS}.3")), processes_named(SCRIPT)),
        lambda seen: seen == (True, []),
        within=5,
        describe="the child alone",
    )
    assert program.running
    ended = program.stop(grace_s=1)
    assert ended.code == 6
    assert processes_named(f"{OURS}.3") == []


def test_wait_runs_out_with_the_last_lines(run: Runs) -> None:
    with run.shell("echo stuck; sleep 100") as program:
        await_output(program, "stuck")
        with pytest.raises(WaitExpired, match="stuck"):
            program.wait(0.2)


def test_a_dead_gateway_is_our_fault(run: Runs) -> None:
    box = run.sandbox
    program = run.shell("sleep 100")
    os.kill(gateway("contract").pid, signal.SIGKILL)
    eventually(lambda: gateway("contract").alive, bool, within=5, describe="a new gateway")
    with pytest.raises(LabFault, match="gateway of the sandboxes died"):
        eventually(box.check, lambda _: False, within=2, describe="the fault")
    assert program.kill().reason == "stopped"
    assert "reached" in run.printed(CONNECT, "kafka:9092")
    box.check()


def test_a_lost_sandbox_is_our_fault(run: Runs) -> None:
    program = run.shell("sleep 100")
    os.kill(program.pid, signal.SIGKILL)
    ended = program.wait(5)
    assert ended.lost
    assert ended.reason.startswith("lost: the sandbox ended unexpectedly")


def test_a_killed_grader_leaves_no_process(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    grader = tmp_path / "grader.py"
    grader.write_text(
        textwrap.dedent(
            f"""
            import threading
            from pathlib import Path
            from topicmark.sandbox import *
            box = Sandbox(level=Level.NAMESPACES, endpoints=[], folder=Path({str(tmp_path)!r}), marker="killed-{OURS}")
            for n in range(3):
                box.start(Command(["sh", "-c", "setsid sleep {OURS}.9 & sleep {OURS}.9"]), Path({str(tree)!r}), "p")
            print("up", flush=True)
            threading.Event().wait()
            """
        )
    )
    with subprocess.Popen([sys.executable, str(grader)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        eventually(lambda: len(processes_named(f"{OURS}.9")), lambda count: count >= 6, within=5, describe="programs")
        assert len(_marked(f"killed-{OURS}")) >= 4
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: processes_named(f"{OURS}.9"), lambda left: not left, within=5, describe="no program to be left")
    eventually(lambda: _marked(f"killed-{OURS}"), lambda left: not left, within=5, describe="no process to be left")


def _marked(marker: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("TOPICMARK_LAB") == marker:
                found.append(process.pid)
    return found
