"""Archives: what a student packs is read however it was packed; what an attacker packs stays in the folder."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from topicmark.model import SubmissionError
from topicmark.submission import load, unpacking
from topicmark.submission.unpacking import name_of, unpacked

FILES = {"producer.py": b"print(1)\n", "deep/er/values.yaml": b"a: 1\n"}
Pack = Callable[[Path, Mapping[str, bytes]], Path]


def pack_zip(folder: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "hand-in.zip"
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def pack_tar(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / "hand-in.tar"
    with tarfile.open(path, "w") as packed:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return path


def compressed(suffix: str, compress: Callable[[bytes], bytes]) -> Pack:
    def pack(folder: Path, files: Mapping[str, bytes]) -> Path:
        path = folder / f"hand-in{suffix}"
        path.write_bytes(compress(pack_tar(folder, files).read_bytes()))
        return path

    return pack


PACKS: Mapping[str, Pack] = {
    "zip": pack_zip,
    "zip stored": lambda folder, files: pack_zip(folder, files, zipfile.ZIP_STORED),
    "zip bzip2": lambda folder, files: pack_zip(folder, files, zipfile.ZIP_BZIP2),
    "tar": pack_tar,
    "tar.gz": compressed(".tar.gz", gzip.compress),
    "tgz": compressed(".tgz", gzip.compress),
    "tar.bz2": compressed(".tar.bz2", bz2.compress),
    "tar.xz": compressed(".tar.xz", lzma.compress),
    "a name that lies": compressed(".zip", gzip.compress),
}


def content(archive: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    with unpacked(archive) as (folder, remarks):
        inside = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert not folder.exists()
    return inside, remarks


@pytest.mark.parametrize("how", PACKS)
def test_however_it_was_packed(how: str, tmp_path: Path) -> None:
    archive = PACKS[how](tmp_path, FILES)
    assert content(archive) == (FILES, ())
    assert name_of(archive) == "hand-in"


@pytest.mark.parametrize("how", ["zip", "tar.gz"])
def test_the_folder_that_was_packed_is_the_submission(how: str, tmp_path: Path) -> None:
    files = {f"Ada Lovelace/{name}": data for name, data in FILES.items()}
    beside = {"__MACOSX/Ada Lovelace/._producer.py": b"x"}
    assert content(PACKS[how](tmp_path, files | beside)) == (FILES, ())


def test_names_with_backslashes_are_folders(tmp_path: Path) -> None:
    assert content(pack_tar(tmp_path, {"deep\\er\\values.yaml": b"a: 1\n", "b": b""}))[0] == {
        "deep/er/values.yaml": b"a: 1\n",
        "b": b"",
    }


def test_what_can_be_run_stays_so(tmp_path: Path) -> None:
    archive = tmp_path / "hand-in.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, mode in (("run.sh", 0o755), ("other.sh", 0o4644)):
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFREG | mode) << 16
            packed.writestr(member, "#!/bin/sh\n")
    with unpacked(archive) as (folder, _):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"run.sh": 0o755, "other.sh": 0o644}


@pytest.mark.parametrize("how", ["zip", "tar", "tar.gz"])
@pytest.mark.parametrize("name", ["../out", "a/../../out", "/tmp/out", "\\\\server\\out", "C:\\out", "..\\out"])
def test_names_that_lead_out_are_left_out(how: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    inside, remarks = content(PACKS[how](tmp_path / "in", {name: b"owned", "producer.py": b""}))
    assert inside == {"producer.py": b""}
    assert len(remarks) == 1
    assert "a name that leads out of the folder" in remarks[0]
    assert not list(tmp_path.rglob("out"))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device or pipe"),
        (tarfile.BLKTYPE, "a device or pipe"),
        (tarfile.FIFOTYPE, "a device or pipe"),
    ],
)
def test_links_and_devices_in_a_tar_are_left_out(kind: bytes, told: str, tmp_path: Path) -> None:
    archive = tmp_path / "hand-in.tar"
    with tarfile.open(archive, "w") as packed:
        member = tarfile.TarInfo("answers.toml")
        member.type, member.linkname = kind, "/etc/passwd"
        packed.addfile(member)
        through = tarfile.TarInfo("answers.toml/inner")
        packed.addfile(through)
    inside, remarks = content(archive)
    assert inside == {"inner": b""}  # a folder of its own, through no link
    assert told in remarks[0]
    assert "answers.toml" in remarks[0]


def test_a_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    archive = tmp_path / "hand-in.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        member = zipfile.ZipInfo("home")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(member, "/root")
        packed.writestr("home/evil", "x")
        packed.writestr("b", "x")
    inside, remarks = content(archive)
    assert inside == {"home/evil": b"x", "b": b"x"}
    assert remarks == ("left out of the archive, a link: home",)


@pytest.mark.parametrize("order", [["a", "a/b"], ["a/b", "a"]])
def test_a_file_in_place_of_a_folder_costs_one_of_them(order: list[str], tmp_path: Path) -> None:
    archive = pack_tar(tmp_path, {**dict.fromkeys(order, b"x"), "c": b""})
    inside, remarks = content(archive)
    assert inside == {order[0]: b"x", "c": b""}
    assert "cannot be made (" in remarks[0]
    assert order[1] in remarks[0]


def test_the_last_of_two_files_of_one_name_counts_as_when_it_is_unpacked_by_hand(tmp_path: Path) -> None:
    archive = tmp_path / "hand-in.tar"
    with tarfile.open(archive, "w") as packed:
        for data in (b"first, longer", b"last"):
            member = tarfile.TarInfo("producer.py")
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    assert content(archive)[0] == {"producer.py": b"last"}


def bomb_zip(folder: Path) -> Path:
    path = folder / "hand-in.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("zeros", "w", force_zip64=True) as file,
    ):
        for _ in range(unpacking.MAX_UNPACKED_BYTES // 2**20 + 1):
            file.write(bytes(2**20))
    return path


def bomb_gz(folder: Path) -> Path:
    path = folder / "hand-in.tar.gz"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(unpacking.MAX_UNPACKED_BYTES // 2**20 + 1):
            file.write(bytes(2**20))
    return path


def many_zip(folder: Path) -> Path:
    return pack_zip(folder, {f"f{n}": b"" for n in range(unpacking.MAX_ENTRIES + 1)}, zipfile.ZIP_STORED)


def many_tar(folder: Path) -> Path:
    return pack_tar(folder, {f"f{n}": b"" for n in range(unpacking.MAX_ENTRIES + 1)})


@pytest.mark.parametrize(
    ("make", "told"),
    [(bomb_zip, "256 MiB"), (bomb_gz, "256 MiB"), (many_zip, "50000 entries"), (many_tar, "50000 entries")],
)
def test_bombs_are_refused(
    make: Callable[[Path], Path], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with pytest.raises(SubmissionError, match=told), unpacked(archive):
        raise AssertionError("it was unpacked")
    assert not list(scratch.iterdir())


def test_a_zips_list_of_entries_is_not_read_if_it_is_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = pack_zip(tmp_path, FILES)
    data = bytearray(archive.read_bytes())
    struct.pack_into("<I", data, data.rfind(b"PK\5\6") + 12, unpacking.MAX_DIRECTORY_BYTES + 1)
    archive.write_bytes(data)
    monkeypatch.setattr(unpacking.zipfile, "ZipFile", None)
    with pytest.raises(SubmissionError, match="50000 entries"), unpacked(archive):
        raise AssertionError("it was unpacked")


def protected(folder: Path) -> Path:
    path = pack_zip(folder, FILES)
    data = bytearray(path.read_bytes())
    for at in (data.find(b"PK\3\4") + 6, data.find(b"PK\1\2") + 8):
        data[at] |= 1
    path.write_bytes(data)
    return path


def cut_off(how: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = PACKS[how](folder, {"noise": bytes(range(256)) * 200} | FILES)
        path.write_bytes(path.read_bytes()[:-40])
        return path

    return make


def written(name: str, data: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def nested(folder: Path) -> Path:
    (folder / "x").mkdir()
    inner = pack_zip(folder / "x", FILES)
    shutil.move(inner, folder / "inner.zip")
    return pack_zip(folder, {"inner.zip": (folder / "inner.zip").read_bytes()})


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (protected, "protected by a password"),
        (cut_off("zip"), "no archive that can be read|broken or cut off"),
        (cut_off("tar.gz"), "broken or cut off"),
        (cut_off("tar.xz"), "broken or cut off"),
        (written("hand-in.rar", b"Rar!\x1a\x07\x01\x00" + bytes(100)), r"no archive that can be read here\. Hand in a"),
        (written("producer.py", b"print(1)"), "no archive that can be read here"),
        (written("hand-in.zip", b""), "no archive that can be read here"),
        (written("hand-in.gz", gzip.compress(b"no tar in it" * 100)), "broken or cut off"),
        (nested, r"holds only another archive, inner\.zip\. Hand in the inner one\."),
    ],
)
def test_what_cannot_be_unpacked_is_told_with_the_remedy(
    make: Callable[[Path], Path], told: str, tmp_path: Path
) -> None:
    archive = make(tmp_path)
    with pytest.raises(SubmissionError, match=told) as error, unpacked(archive):
        raise AssertionError("it was unpacked")
    assert str(archive) in str(error.value)


def test_an_archive_is_graded_as_its_folder_would_be(tmp_path: Path) -> None:
    archive = pack_zip(tmp_path, {f"ada/{name}": data for name, data in FILES.items()} | {"ada/../../x": b""})
    loaded = load(archive, tmp_path / "staged")
    assert loaded.name == "hand-in"
    assert loaded.files == ("deep/er/values.yaml", "producer.py")
    assert any("leads out" in remark for remark in loaded.remarks)
