"""The clock of a machine that is made up: it jumps for those who look, and nobody else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from selftest import elsewhere

SECONDS_SEEN = """
import subprocess, sys, threading, time
print(int(time.time()), subprocess.check_output(["date", "+%s"], text=True).strip(), int(time.monotonic()), flush=True)
sys.stdin.readline()
began = time.monotonic()
time.sleep(0.2)
condition = threading.Condition()
with condition:
    condition.wait(0.2)
print(int(time.time()), subprocess.check_output(["date", "+%s"], text=True).strip(), int(time.monotonic()), flush=True)
sys.exit(time.monotonic() - began < 0.4)
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize("jump_s", [3600, -3600])
def test_the_wall_clock_jumps_while_a_process_looks_and_the_monotonic_one_does_not(jump_s: int, tmp_path: Path) -> None:
    machine = elsewhere.with_own_clock(tmp_path / "clock")
    with subprocess.Popen(
        [sys.executable, "-c", SECONDS_SEEN],
        env={**os.environ, **machine.env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        wall, of_a_child, _ = map(int, process.stdout.readline().split())
        assert (wall, of_a_child) == (pytest.approx(time.time(), abs=60), pytest.approx(time.time(), abs=60))

        elsewhere.set_clock(tmp_path / "clock", jump_s)
        process.stdin.write("\n")
        process.stdin.close()

        wall, of_a_child, monotonic = map(int, process.stdout.readline().split())
        there = pytest.approx(time.time() + jump_s, abs=60)
        assert (wall, of_a_child) == (there, there)
        assert monotonic == pytest.approx(time.monotonic(), abs=60)
        assert process.wait(60) == 0
