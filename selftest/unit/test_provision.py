"""The cache, the pinned jars and their checks; no network, no Java."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from topicmark.model import LabFault
from topicmark.provision import doctor, jarset, lock, maven, toolchain
from topicmark.provision.cache import cache_dir, locked
from topicmark.provision.jarset import Jar, JarSet

CONTENT = b"not really a jar"
JAR = Jar("org.example", "thing", "1.0", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jarset, "sets", lambda: {"one": JarSet("one", ("org.example:thing:1.0",), (), (JAR,))})
    monkeypatch.setattr(maven, "_ATTEMPTS", 2)
    return tmp_path / "cache"


@pytest.fixture
def transfers(monkeypatch):
    """Stands in for the network: what each transfer brings, and how many there were."""

    class Transfers:
        content: bytes | Exception = CONTENT
        count = 0

        def __call__(self, jar: Jar, folder: Path, count) -> Path:
            self.count += 1
            if isinstance(self.content, Exception):
                raise self.content
            file = folder / jar.filename
            file.write_bytes(self.content)
            count(len(self.content))
            return file

    stand_in = Transfers()
    monkeypatch.setattr(maven, "_transfer", stand_in)
    return stand_in


def test_the_environment_names_the_cache(cache):
    assert cache_dir() == cache
    assert cache.is_dir()


def test_a_lock_excludes_and_tells_who_waits():
    told: list[str] = []
    order: list[str] = []
    waits = threading.Event()

    def second():
        with locked("x", lambda name: (told.append(name), waits.set())):
            order.append("second")

    with locked("x"):
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(5)
        order.append("first")
    other.join(5)
    assert (told, order) == (["x"], ["first", "second"])


def test_a_lock_that_is_free_says_nothing():
    told: list[str] = []
    with locked("x", told.append), locked("y", told.append):
        pass
    assert told == []


def test_fetch_downloads_once(transfers):
    maven.fetch(["one"])
    maven.fetch(["one"])
    assert transfers.count == 1
    assert [jar.read_bytes() for jar in maven.jars("one")] == [CONTENT]


def test_wrong_content_is_refused_and_named(transfers):
    transfers.content = b"something else!!"
    with pytest.raises(LabFault) as caught:
        maven.fetch(["one"])
    message = str(caught.value)
    assert "org.example:thing:1.0" in message
    assert JAR.sha256 in message
    assert hashlib.sha256(b"something else!!").hexdigest() in message
    assert caught.value.remedy
    assert not maven.jars("one")[0].exists()
    assert transfers.count == 1


@pytest.mark.parametrize("trouble", [b"not real", RuntimeError("not found"), maven.requests.ConnectionError("down")])
def test_a_broken_transfer_is_tried_again_then_told(transfers, trouble, monkeypatch):
    monkeypatch.setattr(maven.tenacity, "wait_exponential_jitter", lambda **_: maven.tenacity.wait_none())
    transfers.content = trouble
    with pytest.raises(LabFault, match=r"cannot download org\.example:thing:1\.0") as caught:
        maven.fetch(["one"])
    assert transfers.count == 2
    assert caught.value.remedy


def test_a_cached_jar_that_changed_is_fetched_anew(transfers):
    maven.fetch(["one"])
    place = maven.jars("one")[0]
    place.write_bytes(b"x" * len(CONTENT))
    maven.fetch(["one"])
    assert place.read_bytes() == CONTENT
    assert transfers.count == 2


def test_rehash_sees_through_a_kept_time_stamp(transfers):
    maven.fetch(["one"])
    place = maven.jars("one")[0]
    before = place.stat()
    place.write_bytes(b"x" * len(CONTENT))
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert maven.unverified([JAR]) == []
    assert maven.unverified([JAR], rehash=True) == [JAR]


def test_two_fetches_at_once_download_once(transfers):
    runs = [threading.Thread(target=maven.fetch, args=(["one"],)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(10)
    assert transfers.count == 1


def test_the_lock_file_is_what_its_own_writer_writes():
    known = jarset.read()
    assert lock.render(list(known.values())) == jarset.LOCK_FILE.read_text()


def test_every_jar_is_pinned_once_per_set():
    for one in jarset.read().values():
        assert one.jars, one.name
        assert len({(jar.group, jar.artifact, jar.classifier) for jar in one.jars}) == len(one.jars)
        assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in one.jars)


def test_doctor_gives_a_remedy_for_what_is_missing(monkeypatch):
    monkeypatch.setattr(toolchain, "sets", lambda: ["one"])
    monkeypatch.setattr(toolchain, "complete", lambda _: False)
    checks = {check.name: check for check in doctor.report()}
    assert checks["python"].ok
    assert not checks["jars"].ok
    assert all(bool(check.remedy) != check.ok for check in checks.values())
