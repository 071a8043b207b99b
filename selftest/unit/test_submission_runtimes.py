"""Environments for student programs: what requirements are taken, and that an environment works where it is shown."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from importlib import resources
from pathlib import Path

import pytest

from topicmark.provision import runtimes
from topicmark.provision.runtimes import Runtime, RuntimeFailure, for_requirements
from topicmark.sandbox.spec import Mount


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOPICMARK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def quiet(_: str) -> None:
    pass


@pytest.mark.parametrize(
    "line",
    [
        "--index-url http://x/simple",
        "-e .",
        "-r other.txt",
        "-r /etc/passwd",
        "--find-links=.",
        "--no-binary :all:",
        "git+https://github.com/x/y",
        "kafka-python @ https://x/y.whl",
        "./kafka.whl",
        "/tmp/x.whl",
        "x.whl/../y",
        "https://x/y.whl",
        "name; python_version > '3' @ http://x",
        "kafka-python --global-option=x",
        "a\\\nb -e .",
        "a" + ">1 " * 5000 + "@",
        "a" + " " * 20_000 + "@",
        "\uff4b\uff41fka",
    ],
)
def test_only_names_and_versions_are_taken(line: str) -> None:
    failure = for_requirements(f"# first\n{line}\n", quiet)
    assert isinstance(failure, RuntimeFailure)
    assert failure.reason.startswith("requirements.txt:2:")
    assert not failure.ours


@pytest.mark.parametrize(
    "line",
    [
        "kafka-python",
        "kafka-python==2.0.2",
        "confluent-kafka[avro,json]>=2.0,<3  # a remark",
        "kafka_python-ng ~= 2.2",
        'pywin32==306; sys_platform == "win32"',
        "requests (>=2.0)",
        "a==1.0 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11",
        "\ufeffkafka-python==2.*",
    ],
)
def test_ordinary_lines_are_taken(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def install(prefix: Path, text: str, *_: object) -> None:
        asked.append(text)

    monkeypatch.setattr(runtimes, "_install", install)
    made = for_requirements(line + "\n", quiet)
    assert isinstance(made, Runtime), made
    assert "#" not in asked[0]
    assert "--" not in asked[0]


def test_what_is_installed_already_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "_install", lambda *_: None)
    assert not runtimes.known("my-own-package  # mine\n")
    for_requirements("my-own-package\n", quiet)
    assert runtimes.known("my-own-package  # mine\n")
    assert not runtimes.known("-e .")


def test_too_much() -> None:
    assert isinstance(for_requirements("a\n" * 300, quiet), RuntimeFailure)
    assert isinstance(for_requirements("a" * 100_000, quiet), RuntimeFailure)


def test_an_environment_without_packages_works_and_is_kept(cache: Path) -> None:
    said: list[str] = []
    made = for_requirements("# nothing\n", said.append)
    assert isinstance(made, Runtime)
    assert made.prefix == cache / "runtimes" / made.key
    assert (made.prefix / "bin" / "python").readlink().is_relative_to(made.base_prefix)
    seen = subprocess.run(
        [made.python, "-c", "import sys; print(sys.prefix, sys.base_prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout.split() == [str(made.prefix), str(made.base_prefix)]
    assert for_requirements("\n", said.append) == made
    assert len(said) == 1
    assert "no Kafka client" in made.remarks[0]
    assert [path.name for path in (cache / "runtimes").iterdir()] == [made.key]


def test_mounts() -> None:
    outside = Runtime(Path("/c/k/bin/python"), Path("/c/k"), Path("/home/u/py"), "k")
    assert outside.mounts() == (Mount(Path("/c/k"), Path("/opt/python")), Mount(Path("/home/u/py"), Path("/home/u/py")))
    assert outside.path() == ("/opt/python/bin",)
    assert Runtime(Path("/c/k/bin/python"), Path("/c/k"), Path("/usr/local"), "k").mounts() == outside.mounts()[:1]


def test_two_runs_at_once_make_it_once() -> None:
    said: list[str] = []
    made: list[object] = []
    threads = [threading.Thread(target=lambda: made.append(for_requirements("", said.append))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(said) == 1
    assert made == [made[0]] * 4


def test_a_slow_installer_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 100 & sleep 100\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    failure = for_requirements("kafka-python\n", quiet, timeout_s=0.3)
    assert isinstance(failure, RuntimeFailure)
    assert failure.ours


def test_a_refused_installation_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> None:
    pip = tmp_path / "pip"
    pip.write_text("#!/bin/sh\necho 'ERROR: No matching distribution found for nope==9'; exit 1\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    failure = for_requirements("nope==9\n", quiet)
    assert isinstance(failure, RuntimeFailure)
    assert "no wheel of nope==9" in failure.reason
    assert not failure.ours
    assert list((cache / "runtimes").iterdir()) == []


def test_what_a_wheel_overwrites_is_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    def install(prefix: Path, *_: object) -> None:
        (prefix / "bin" / "python").unlink()
        (prefix / "bin" / "python").write_text("#!/bin/sh\nevil\n")
        (prefix / "pyvenv.cfg").write_text("home = /evil\n")
        (prefix / "bin" / "tool").write_bytes(f"#!{prefix}/bin/python\n".encode() + b"\xff")
        (prefix / "bin" / "long").write_text(f"#!/bin/sh\n'''exec' '{prefix}/bin/python' \"$0\" \"$@\"\n' '''\n")

    monkeypatch.setattr(runtimes, "_install", install)
    made = for_requirements("x\n", quiet)
    assert isinstance(made, Runtime)
    assert made.python.is_symlink()
    assert "evil" not in (made.prefix / "pyvenv.cfg").read_text()
    assert (made.prefix / "bin" / "tool").read_bytes() == b"#!/opt/python/bin/python\n\xff"
    assert "'/opt/python/bin/python'" in (made.prefix / "bin" / "long").read_text()


def test_two_packages_that_overwrite_one_another_get_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    def install(prefix: Path, *_: object) -> None:
        site = next((prefix / "lib").iterdir()) / "site-packages"
        for name in ("kafka_python", "kafka_python_ng"):
            (site / f"{name}-1.dist-info").mkdir()
            (site / f"{name}-1.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")

    monkeypatch.setattr(runtimes, "_install", install)
    made = for_requirements("kafka-python\nkafka-python-ng\n", quiet)
    assert isinstance(made, Runtime)
    assert "whichever comes last wins" in made.remarks[0]


def test_the_default_packages_are_pinned_with_hashes_and_name_no_address() -> None:
    text = resources.files("topicmark.provision").joinpath("runtime-default.txt").read_text()
    assert "://" not in text
    pins = dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", text))
    assert pins["kafka-python"].startswith("2.")
    assert {"confluent-kafka", "aiokafka", "six", "python-dotenv", "pyyaml", "click", "requests", "lz4"} <= set(pins)
    assert text.count("--hash=sha256:") >= len(pins)
