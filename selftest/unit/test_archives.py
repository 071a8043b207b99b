"""Archives of jars: taken whole and once, and nothing but jars below their own folder."""

from __future__ import annotations

import io
import tarfile

import pytest

from topicmark.model import LabFault
from topicmark.provision.archives import main_jar, unpack
from topicmark.provision.jarset import Jar

JAR = Jar("org.example", "app", "1.0", "a" * 64, 1, "all", "tar.gz", "app-runner.jar")


def plain(name: str, content: bytes = b"jar") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, content


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICMARK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def pack(cache, *members: tuple[tarfile.TarInfo, bytes]) -> None:
    place = JAR.place(cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(place, "w:gz") as packed:
        for info, content in members:
            packed.addfile(info, io.BytesIO(content))


def test_jars_are_unpacked_once_and_stay(cache):
    pack(cache, plain("app-runner.jar", b"main"), plain("lib/one.jar"), plain("README.txt"))
    assert main_jar(JAR.place(cache)) == "app-runner.jar"
    unpack([JAR])
    folder = JAR.unpacked(cache)
    assert sorted(str(file.relative_to(folder)) for file in folder.rglob("*.*")) == ["app-runner.jar", "lib/one.jar"]
    assert JAR.on_classpath(cache).read_bytes() == b"main"
    before = JAR.on_classpath(cache).stat()
    JAR.place(cache).unlink()
    unpack([JAR])
    assert JAR.on_classpath(cache).stat().st_ino == before.st_ino
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize(
    "member",
    [
        plain("../out.jar"), plain("/out.jar"), plain("lib/../../out.jar"),
        link("lib", "/"), link("lib/out.jar", "../../../out.jar"), link("out.jar", "app-runner.jar", tarfile.LNKTYPE),
    ],
    ids=["up", "absolute", "up-inside", "folder-link", "file-link", "hard-link"],
)  # fmt: skip
def test_what_leads_out_of_the_folder_is_refused_whole(cache, member):
    pack(cache, plain("app-runner.jar"), member)
    with pytest.raises(LabFault, match="not a plain file below"):
        unpack([JAR])
    assert not JAR.unpacked(cache).exists()
    assert not list(cache.rglob("out.jar"))


def test_a_broken_archive_leaves_nothing(cache):
    pack(cache, plain("app-runner.jar", b"x" * 100_000))
    place = JAR.place(cache)
    place.write_bytes(place.read_bytes()[:60])
    with pytest.raises(LabFault, match=r"cannot unpack app-1\.0-all\.tar\.gz"):
        unpack([JAR])
    assert not JAR.unpacked(cache).exists()


def test_an_archive_with_two_main_jars_is_no_root(cache):
    pack(cache, plain("a.jar"), plain("b.jar"))
    with pytest.raises(ValueError, match="main jar"):
        main_jar(JAR.place(cache))
