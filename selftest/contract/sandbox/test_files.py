"""What a sandboxed program can see and write, shown with real ones. Needs Linux with namespaces; never skips."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftest.contract.sandbox.programs import (
    Runs,
)
from topicmark.model import SubmissionError
from topicmark.sandbox import Command, Mount, Sandbox
from topicmark.sandbox import program as sandbox_program


def test_only_the_scratch_can_be_written(run: Runs) -> None:
    seen = run.printed(
        """
        import os
        for folder in "/", "/usr", "/etc", "/usr/bin", "/var", "/run", "/dev", "/proc/sys/kernel", "/home":
            try:
                open(folder + "/x", "w").close()
                print("WROTE", folder)
            except OSError:
                pass
        for folder in ".", "/home/student", "/tmp", "/dev/shm", "/var/tmp":
            open(folder + "/x", "w").close()
        print("done")
        """
    )
    assert seen == "done\n"


def test_scratch_size_and_file_count_hold(run: Runs) -> None:
    seen = run.printed(
        """
        import os
        for place in ".", "/tmp", "/dev/shm":
            written = 0
            try:
                for number in range(30):
                    with open(f"{place}/{number}", "wb", buffering=0) as file:
                        for _ in range(10):
                            written += file.write(bytes(1 << 20))
            except OSError as error:
                print(written >> 20, error.strerror)
        """
    )
    amounts = [int(line.split()[0]) for line in seen.splitlines()]
    assert len(amounts) == 3, seen
    assert amounts[0] <= 32, seen
    assert max(amounts[1:]) <= 64, seen

    program = run.python("import itertools\nfor n in itertools.count(): open(f'/tmp/{n}', 'w').close()")
    ended = program.wait(40)
    assert ended.reason.startswith("killed: file limit"), (ended, program.tail())


def test_nothing_of_the_host_is_seen(run: Runs, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    places = ["/root", "/work", str(tmp_path), str(Path(__file__)), str(Path.home()), "/etc/shadow"]
    places += [str(Path(sandbox_program.__file__).parent)] + ([sys.prefix] if sys.prefix != sys.base_prefix else [])
    seen = run.printed(
        f"""
        import os
        for place in {places!r} + ["/etc/ssl/private", "/var/log", "/run/docker.sock", "/opt", "/srv", "/mnt", "/sys"]:
            if os.path.exists(place):
                print("SEEN", place)
        print("pids", sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
        print("fds", sorted(os.listdir("/proc/self/fd")))
        for name in "environ", "mem", "root", "cwd", "exe", "fd", "maps":
            try:
                path = "/proc/1/" + name
                os.listdir(path) if name in ("root", "cwd") else open(path, "rb").read(1)
                print("OPENED", path)
            except OSError:
                pass
        print("markers", [name for name in os.environ if "TOPICMARK" in name])
        print("commands", [open(f"/proc/{{pid}}/cmdline").read().count("topicmark") for pid in (1, 2)])
        """
    )
    assert "SEEN" not in seen, seen
    assert "OPENED" not in seen, seen
    assert "pids [1, 2]" in seen, seen
    assert "fds ['0', '1', '2', '3']" in seen, seen
    assert "markers []" in seen, seen
    assert "commands [0, 0]" in seen, seen


@pytest.fixture
def public_path() -> Iterator[Path]:
    """A folder that every user may enter, as a runtime's is."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_mounts_are_shown_read_only(sandbox: Sandbox, tmp_path: Path, public_path: Path) -> None:
    runtime, tree = public_path / "runtime", tmp_path / "tree"
    (runtime / "bin").mkdir(parents=True)
    (tree / "sub").mkdir(parents=True)
    tool = runtime / "bin" / "tool"
    tool.write_text("#!/bin/sh\necho tool runs in $PWD with $COLOUR and $(cat conf/own.ini)\ntouch /root/.tools/x\n")
    tool.chmod(0o755)
    mount = Mount(runtime, Path("/root/.tools/v1"))
    with Sandbox(
        level=sandbox.level,
        endpoints=[],
        mounts=[mount],
        path=["/root/.tools/v1/bin"],
        env={"COLOUR": "red"},
        folder=tmp_path / "out",
    ) as box:
        program = box.start(Command(["tool"], workdir="sub", files={"conf/own.ini": "own"}), tree, "a b/c")
        ended = program.wait(10)
    assert program.output().startswith("tool runs in /home/student/lab/sub with red and own\n")
    assert ended.code == 1
    assert program.log == tmp_path / "out" / "a-b-c.log"


def test_files_must_stay_inside(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="leads out"):
        sandbox.start(Command(["true"], files={"../../x": ""}), tmp_path, "x")
    with pytest.raises(SubmissionError, match="leads out"):
        sandbox.start(Command(["true"], workdir="/etc"), tmp_path, "x")


def test_privileges_are_gone(run: Runs) -> None:
    seen = run.printed(
        """
        import ctypes, os
        status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
        print("capabilities", [status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")])
        print("filters", status["Seccomp"].strip(), "new", status["NoNewPrivs"].strip())
        print("root", os.getuid() == 0, os.getgroups())
        libc = ctypes.CDLL(None, use_errno=True)
        for name, call in (("user namespace", lambda: libc.unshare(0x10000000)), ("mount", lambda: libc.mount(
                b"none", b"/tmp", b"tmpfs", 0, None)), ("memfd", lambda: libc.memfd_create(b"x", 0)),
                ("limits of 1", lambda: libc.prlimit(1, 9, bytes(16), None))):
            print(name, call())
        print(__import__("pwd").getpwuid(os.getuid()).pw_name, os.uname().nodename)
        """
    )
    assert "capabilities ['0000000000000000', '0000000000000000', '0000000000000000', '0000000000000000']" in seen
    assert "filters 2 new 1" in seen
    assert "root False" in seen
    assert "user namespace -1\nmount -1\nmemfd -1\nlimits of 1 -1\n" in seen, seen
    assert "student student-pc" in seen
