"""What is too much for a sandboxed program, shown with real ones. Needs Linux with namespaces; never skips."""

from __future__ import annotations

import threading
import time

import pytest

from selftest.contract.sandbox.programs import (
    MIB,
    SCRIPT,
    Runs,
    await_output,
    processes_named,
)
from topicmark.sandbox import Command, Limits, Program
from topicmark.waiting import holds_for


def test_a_fork_bomb_is_ended(run: Runs) -> None:
    program = run.python(
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """
    )
    ended = program.wait(30)
    assert ended.reason == "killed: process limit, it had more than 40 processes at once"


def test_a_fork_bomb_of_a_shell_ends_one_way_or_the_other(run: Runs) -> None:
    """The shell itself may be the first that cannot fork, and gives up before anybody looks."""
    program = run.shell("bomb() { bomb | bomb & }; bomb; sleep 60")
    ended = program.wait(30)
    assert ended.reason.startswith("killed: process limit") or "Cannot fork" in program.output(), ended
    assert processes_named(SCRIPT) == []


@pytest.mark.parametrize(
    "how",
    [
        "hog = []\nwhile True: hog.append(b'x' * (1 << 20))",
        "import mmap\nm = mmap.mmap(-1, 1 << 29)\nm.write(b'x' * (1 << 29))",
    ],
    ids=["private", "shared"],
)
def test_a_memory_hog_is_ended(run: Runs, how: str) -> None:
    program = run.python(f"{how}\nimport time\ntime.sleep(20)", limits=Limits(memory_bytes=300 * MIB))
    ended = program.wait(20)
    assert ended.reason.startswith("killed: memory limit") or "MemoryError" in program.output(), (ended, program.tail())


def test_forked_children_share_their_memory(run: Runs) -> None:
    program = run.python(
        """
        import os, time
        big = b"x" * (80 << 20)
        for _ in range(4):
            if os.fork() == 0:
                time.sleep(60)
        print("up", flush=True)
        time.sleep(60)
        """
    )
    await_output(program, "up")
    held, _ = holds_for(lambda: program.running, bool, seconds=1)
    assert held, program.exit
    usage = program.usage()
    assert usage is not None
    assert usage.processes == 5
    program.kill()


def test_wall_time_ends(run: Runs) -> None:
    ended = run.python("while True: pass", limits=Limits(wall_s=1)).wait(5)
    assert ended.reason == "killed: wall time, it ran longer than 1 s"


def test_ten_at_once(run: Runs) -> None:
    (run.tree / "many.py").write_text("import socket\nprint(socket.create_connection(('kafka', 9092)).recv(99))")
    programs: list[Program] = []

    def start(number: int) -> None:
        programs.append(run.sandbox.start(Command(["python3", "many.py"]), run.tree, f"many-{number}"))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(10)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [program.wait(20).code for program in programs] == [0] * 10
    print(f"ten sandboxes: {time.monotonic() - began:.2f} s")  # noqa: T201
    assert all("broker-" in program.output() for program in programs)


def test_a_short_lived_thread_may_start_a_program(run: Runs) -> None:
    started: list[Program] = []
    thread = threading.Thread(target=lambda: started.append(run.shell("sleep 100")))
    thread.start()
    thread.join()
    held, _ = holds_for(lambda: started[0].running, bool, seconds=1)
    assert held, started[0].exit
    started[0].kill()
