"""Hostile trees: nothing is followed, nothing hangs, what is left out is said."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from topicmark.model import SubmissionError
from topicmark.submission import load, staging
from topicmark.submission.staging import stage
from topicmark.submission.words import decode, read_bytes, shown


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "producer.py").write_text("run()\n")
    return folder


def test_links_pipes_sockets_and_devices_are_left_out(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    (root / "consumer.py").symlink_to(secret)
    (root / "loop").symlink_to(root)
    (root / "up").symlink_to("/")
    os.mkfifo(root / "kafka-values.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "s.sock"))
    staged = stage(root, tmp_path / "out")
    assert staged.files == ("producer.py",)
    assert any("symbolic link" in remark and "consumer.py" in remark for remark in staged.remarks)
    assert any("pipe" in remark and "kafka-values.yaml" in remark for remark in staged.remarks)


def test_what_pytest_and_python_pick_up_is_left_out(root: Path, tmp_path: Path) -> None:
    for name in (
        "Conftest.py",
        "pytest.ini",
        "a.pth",
        "sitecustomize.py",
        "usercustomize.py",
        "sub/conftest.py",
        "tox.ini",
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("raise SystemExit")
    staged = stage(root, tmp_path / "out")
    assert staged.files == ("producer.py", "tox.ini")
    assert not (tmp_path / "out" / "sub").exists()


def test_environments_and_droppings_are_left_out(root: Path, tmp_path: Path) -> None:
    for name in (
        ".venv/a.py",
        "env/pyvenv.cfg",
        "env/b.py",
        ".git/config",
        "__pycache__/a.pyc",
        "__MACOSX/._producer.py",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / "._producer.py").write_text("x")
    (root / "node_modules" / "x").mkdir(parents=True)
    (root / "node_modules" / "x" / "producer.js").write_text("x")
    assert stage(root, tmp_path / "out").files == ("node_modules/x/producer.js", "producer.py")


def test_names_that_no_shell_shows(root: Path, tmp_path: Path) -> None:
    for name in (b"consumer\n.py", b"consumer\xff.py", b"consumer\x1b[31m.py", "consumer\u202e.py".encode()):
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text("x")
    staged = stage(root, tmp_path / "out")
    assert staged.files == ("producer.py",)
    assert all(remark.isprintable() for remark in staged.remarks)


def test_large_files_are_left_out_unread(root: Path, tmp_path: Path) -> None:
    with (root / "big.bin").open("wb") as file:
        file.truncate(1 << 40)
    with (root / "edge.bin").open("wb") as file:
        file.truncate(staging.MAX_FILE_BYTES)
    staged = stage(root, tmp_path / "out")
    assert staged.files == ("edge.bin", "producer.py")
    assert any("16 MiB" in remark for remark in staged.remarks)


def test_the_whole_is_bounded(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_TREE_BYTES", 2500)
    for number in range(5):
        (root / f"z{number}").write_bytes(b"x" * 1000)
    staged = stage(root, tmp_path / "out")
    assert staged.files == ("producer.py", "z0", "z1")
    assert any("in all" in remark for remark in staged.remarks)


def test_very_many_files(root: Path, tmp_path: Path) -> None:
    many = root / "many"
    many.mkdir()
    for number in range(30_000):
        (many / f"{number}").touch()
    for number in range(25_000):
        (many / f"f{number}").mkdir()
    staged = stage(root, tmp_path / "out")
    assert "producer.py" in staged.files
    assert len(staged.files) == staging.MAX_FILES
    assert len(" ".join(staged.remarks)) < 2000


def test_deep_nesting(root: Path, tmp_path: Path) -> None:
    here = Path.cwd()
    try:
        os.chdir(root)
        for _ in range(400):
            Path("d").mkdir()
            os.chdir("d")
        Path("consumer.py").write_text("x")
    finally:
        os.chdir(here)
    staged = stage(root, tmp_path / "out")
    assert staged.files == ("producer.py",)
    assert any("folders deep" in remark for remark in staged.remarks)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_hard_links_to_other_peoples_files(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("secret")
    os.link(other, root / "theirs.txt")
    os.chown(other, 12345, -1)
    os.link(root / "producer.py", root / "copy.py")
    assert stage(root, tmp_path / "out").files == ("copy.py", "producer.py")


def test_line_ends_of_scripts(root: Path, tmp_path: Path) -> None:
    (root / "a.SH").write_bytes(b"\xef\xbb\xbfecho a\r\n")
    (root / "b").write_bytes(b"#!/usr/bin/env python\r\nx\r\n")
    (root / "c.txt").write_bytes(b"c\r\n")
    (root / "d.sh").write_bytes("echo ø\r\n".encode("utf-16"))
    (root / "a.SH").chmod(0o4755)
    stage(root, tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "a.SH").read_bytes() == b"echo a\n"
    assert (out / "b").read_bytes() == b"#!/usr/bin/env python\nx\n"
    assert (out / "c.txt").read_bytes() == b"c\r\n"
    assert (out / "d.sh").read_bytes() == "echo ø\n".encode()
    assert (out / "a.SH").stat().st_mode & 0o7777 == 0o755
    assert (out / "c.txt").stat().st_mode & 0o111 == 0


def test_staging_inside_the_submission(root: Path) -> None:
    inside = root / "topicmark-out" / "staging"
    assert stage(root, inside).files == ("producer.py",)


def test_staging_must_be_empty(root: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    with pytest.raises(FileExistsError):
        stage(root, tmp_path / "out")


@pytest.mark.parametrize("make", ["missing", "file", "empty", "only links"])
def test_no_submission(tmp_path: Path, make: str) -> None:
    root = tmp_path / "in"
    if make == "file":
        root.write_text("x")
    elif make != "missing":
        root.mkdir()
    if make == "only links":
        (root / "a").symlink_to("/etc/passwd")
    with pytest.raises(SubmissionError) as caught:
        load(root, tmp_path / "out")
    assert caught.value.remedy


def test_reading_never_waits_and_never_follows(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_bytes(tmp_path / "pipe", 10) is None
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic"):
        read_bytes(tmp_path / "link", 10)
    (tmp_path / "eleven").write_bytes(b"x" * 11)
    assert read_bytes(tmp_path / "eleven", 10) is None
    assert read_bytes(tmp_path / "eleven", 11) == b"x" * 11
    assert read_bytes(Path("/dev/zero"), 10) is None


def test_decoding_and_showing() -> None:
    assert decode("æ\r\n".encode("utf-16")) == "æ\n"
    assert decode(b"\xef\xbb\xbfa") == "a"
    assert decode(b"\xe6") == "æ"
    assert shown("a\n\x1b[0m\udcff\u202e") == "a\\n\\x1b[0m\\udcff\\u202e"
    assert len(shown("x" * 1000)) <= 160
