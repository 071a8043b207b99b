"""Download the pinned jars by coordinate, verify them by content, keep them in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
import tenacity
from jgo.maven import MavenContext, PythonResolver
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from topicmark.model import LabFault
from topicmark.provision import jarset
from topicmark.provision.cache import cache_dir, locked
from topicmark.provision.jarset import Jar

_AT_ONCE = 8
_ATTEMPTS = 4
_TIMEOUT_S = 60
_HASH_CHUNK_BYTES = 1 << 20


class _TransferError(Exception):
    """The transfer broke off or the server answered with an error: worth another attempt."""


def jars(set_name: str) -> list[Path]:
    """Where the jars of the set lie (or will lie), in class-path order. Raises ``KeyError`` for an unknown set."""
    cache = cache_dir()
    return [jar.on_classpath(cache) for jar in jarset.sets()[set_name].jars]


def fetch(sets: Iterable[str], progress: bool = False, *, rehash: bool = False) -> None:
    """Make every jar of the sets present and verified; download what is missing, eight at once.

    A jar whose size and time are those of its last full check is trusted; with ``rehash`` each is hashed again.
    A cached jar that changed is fetched anew. Two runs at once are safe, and a run that was broken off goes on
    where it was, jar by jar. ``progress`` shows one bar over all bytes on stderr.
    Raises ``LabFault`` with a remedy: nothing to be had from the network, or content that is not the pinned one.
    """
    wanted = list(dict.fromkeys(jar for name in sets for jar in jarset.sets()[name].jars))
    if not unverified(wanted, rehash=rehash):
        return
    with locked("jars"):
        missing = unverified(wanted)
        if not missing:
            return
        downloads = cache_dir() / "downloads"
        shutil.rmtree(downloads, ignore_errors=True)  # left by a run that died; the lock says that it is ours
        downloads.mkdir()
        with _bar(missing, shown=progress) as advance, ThreadPoolExecutor(_AT_ONCE) as pool:
            work = [pool.submit(_download, jar, downloads, advance) for jar in missing]
            try:
                for one in work:
                    one.result()
            finally:
                for one in work:
                    one.cancel()
        shutil.rmtree(downloads, ignore_errors=True)
        still = unverified(missing)
    if still:
        raise LabFault(
            f"{still[0].filename} changed while it was being checked",
            service="provision",
            remedy=f"Is something else writing to {cache_dir()}? Run the set-up again.",
        )


def unverified(wanted: Iterable[Jar], *, rehash: bool = False) -> list[Jar]:
    """Those that are absent or are not the pinned content. Hashes only what changed since its last check."""
    cache = cache_dir()
    stamps = _Stamps(cache / "jars" / "verified.json")
    bad = [jar for jar in wanted if not stamps.vouch(jar, jar.place(cache), rehash=rehash)]
    stamps.save()
    return bad


class _Stamps:
    """Size and modification time of every jar at the moment when its content was last found right."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changed = False
        try:
            self._known: dict[str, list[int]] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}

    def vouch(self, jar: Jar, place: Path, *, rehash: bool) -> bool:
        try:
            status = place.stat()
        except FileNotFoundError:
            return False
        stamp = [status.st_size, status.st_mtime_ns]
        if not rehash and self._known.get(jar.sha256) == stamp:
            return True
        self._changed = True
        if status.st_size != jar.size or sha256(place) != jar.sha256:
            self._known.pop(jar.sha256, None)
            return False
        self._known[jar.sha256] = stamp
        return True

    def save(self) -> None:
        if not self._changed:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._file.parent, delete=False, encoding="utf-8") as fresh:
            json.dump(self._known, fresh)
        Path(fresh.name).replace(self._file)


def sha256(file: Path) -> str:
    """The content's SHA-256 in lower-case hex. Raises ``OSError``."""
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _download(jar: Jar, downloads: Path, advance: Callable[[int], None]) -> None:
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_TransferError),
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_exponential_jitter(multiplier=0.5, max=8),
        reraise=True,
    )
    try:
        retrying(_attempt, jar, downloads, advance)
    except _TransferError as error:
        raise LabFault(
            f"cannot download {jar.coordinate}: {error}",
            service="provision",
            remedy="Is the network up, and is a proxy needed (HTTPS_PROXY)? What is complete is kept: run it again.",
        ) from error


def _attempt(jar: Jar, downloads: Path, advance: Callable[[int], None]) -> None:
    counted = 0

    def count(chunk_bytes: int) -> None:
        nonlocal counted
        counted += chunk_bytes
        advance(chunk_bytes)

    with tempfile.TemporaryDirectory(dir=downloads) as private:
        try:
            file = _transfer(jar, Path(private), count)
            if file.stat().st_size < jar.size:
                raise _TransferError(f"{file.stat().st_size} of {jar.size} bytes arrived")
        except (requests.RequestException, RuntimeError, _TransferError) as error:
            advance(-counted)
            raise _TransferError(str(error) or type(error).__name__) from error
        found = sha256(file)
        if found != jar.sha256:
            raise LabFault(
                f"{jar.coordinate}: expected SHA-256 {jar.sha256}, found {found} ({file.stat().st_size} bytes)",
                service="provision",
                remedy="The file is not the one that was pinned, and is not used. A proxy may have changed it: try "
                "another network. If the pin itself is wrong, run python -m topicmark.provision.lock and review it.",
            )
        place = jar.place(cache_dir())
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
    advance(jar.size - counted)


def _transfer(jar: Jar, folder: Path, count: Callable[[int], None]) -> Path:
    @contextlib.contextmanager
    def report(_filename: str, _total_bytes: int) -> Iterator[Callable[[int], None]]:
        yield count

    context = MavenContext(resolver=PythonResolver(progress_callback=report), repo_cache=folder, timeout=_TIMEOUT_S)
    component: Any = context.project(jar.group, jar.artifact).at_version(jar.version)
    return Path(component.artifact(jar.classifier, jar.type).resolve())


@contextlib.contextmanager
def _bar(missing: list[Jar], *, shown: bool) -> Iterator[Callable[[int], None]]:
    logging.getLogger("jgo").setLevel(logging.ERROR)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as progress:
        task = progress.add_task(f"{len(missing)} jars", total=sum(jar.size for jar in missing))
        yield lambda chunk_bytes: progress.update(task, advance=chunk_bytes)
