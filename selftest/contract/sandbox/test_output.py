"""What a sandboxed program prints and is typed, shown with real ones. Needs Linux with namespaces; never skips."""

from __future__ import annotations

import pytest

from selftest.contract.sandbox.programs import (
    MIB,
    Runs,
    await_output,
)
from topicmark.waiting import eventually, holds_for


def test_output_is_a_raw_wide_terminal(run: Runs) -> None:
    with run.python(
        """
        import os, sys
        print(all(os.isatty(fd) for fd in range(3)), os.get_terminal_size(), os.ttyname(1))
        sys.stderr.write("to stderr\\n")
        print("é" * 3000 + "\\tend\\r\\n", end="")
        """
    ) as program:
        program.wait(10)
    text = program.output()
    assert "True os.terminal_size(columns=4096, lines=50) /dev/pts/0\n" in text
    assert "to stderr\n" in text
    assert text.endswith("é" * 3000 + "\tend\r\n")


@pytest.mark.parametrize(
    ("source", "env"),
    [
        ('awk \'BEGIN { print "early"; system("sleep 5") }\'', {}),
        ("unset PYTHONUNBUFFERED\npython3 -c 'import time; print(\"early\"); time.sleep(5)'", {}),
    ],
    ids=["awk", "python"],
)
def test_output_arrives_while_it_runs(run: Runs, source: str, env: dict[str, str]) -> None:
    with run.shell(source, env=env) as program:
        await_output(program, "early", within=3)
        assert program.running
        arrived = program.arrived_at(0)
        assert arrived is not None
        assert 0 <= arrived - program.started_at < 3
        program.kill()


def test_output_since_keeps_characters_whole(run: Runs) -> None:
    with run.python(
        """
        import os, time
        os.write(1, b"a\\xc3"); time.sleep(0.5); os.write(1, b"\\xa9b\\xff")
        """
    ) as program:
        eventually(lambda: program.log.stat().st_size, lambda size: size == 2, within=5, describe="two bytes")
        first, position = program.output_since(0)
        program.wait(5)
        second, position = program.output_since(position)
    assert (first, second, position) == ("a", "éb\ufffd", 5)


def test_a_flood_is_capped_and_the_program_goes_on(run: Runs) -> None:
    with run.shell("head -c 60000000 /dev/zero | tr '\\0' x\necho finished > done\ntest -s done && exit 7") as program:
        ended = program.wait(40)
    assert ended.code == 7
    assert program.log.stat().st_size == MIB
    assert program.dropped_bytes == 60_000_000 - MIB


def test_reading_stdin_blocks(run: Runs) -> None:
    with run.python("print('asking'); print('got', repr(input()))") as program:
        await_output(program, "asking")
        held, _ = holds_for(lambda: program.running, bool, seconds=1)
        assert held
        assert "got" not in program.output()
