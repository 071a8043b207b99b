"""What a process of the lab can open that carries out what others hand in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from topicmark.sandbox import landlock

TRY = """
import os, sys
own, other = sys.argv[1:]
def tried(what):
    try:
        what()
        return "done"
    except PermissionError:
        return "refused"
print(*map(tried, [
    lambda: open(own + "/made", "w").close(),
    lambda: os.rename(own + "/made", own + "/moved"),
    lambda: open(own + "/there").read(),
    lambda: open("/dev/null", "w").close(),
    lambda: open(other + "/secret").read(),
    lambda: open(other + "/made", "w").close(),
    lambda: os.mkdir(other + "/folder"),
    lambda: os.unlink(other + "/secret"),
    lambda: os.listdir(other),
    lambda: os.truncate(other + "/secret", 0),
    lambda: os.link(own + "/moved", other + "/linked"),
    lambda: open("/tmp/topicmark-landlock", "w").close(),
]))
"""

needs_landlock = pytest.mark.skipif(landlock.version() < 1, reason="this kernel has no Landlock")


@needs_landlock
def test_it_keeps_to_its_own_files(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        folder.mkdir()
    (own / "there").write_text("x")
    (other / "secret").write_text("x")
    readable = ["/usr", "/lib", "/lib64", "/etc", "/proc", "/dev", sys.base_prefix, sys.prefix]

    done = subprocess.run(
        landlock.held(
            [sys.executable, "-c", TRY, str(own), str(other)], readable=readable, writable=[str(own), "/dev/null"]
        ),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.split() == ["done"] * 4 + ["refused"] * 8, done.stderr
    assert sorted(path.name for path in other.iterdir()) == ["secret"]
    assert (other / "secret").read_text() == "x"


@needs_landlock
def test_what_it_starts_is_held_too(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    shell = ["/bin/sh", "-c", f"cat {tmp_path}/secret || echo refused"]

    done = subprocess.run(
        landlock.held(shell, readable=["/usr", "/bin", "/lib", "/lib64", "/etc"], writable=[]),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout == "refused\n"


def test_where_there_is_none_the_command_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)

    assert landlock.held(["java", "-version"], readable=["/usr"], writable=[]) == ["java", "-version"]
