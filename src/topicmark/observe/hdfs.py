"""What is in a file system of HDFS, read over WebHDFS with fsspec's client (``docs/decisions/0005-hdfs-client.md``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from fsspec.implementations.webhdfs import WebHDFS

from topicmark.model import LabFault
from topicmark.observe.contact import parted
from topicmark.waiting import Deadline

_USER = "root"
_STATE_BEAN = "Hadoop:service=NameNode,name=FSNamesystemState"
_REMEDY = "Is the namenode up, and are its datanodes reachable from here?"


@dataclass(frozen=True, slots=True)
class HdfsEntry:
    """A file or folder. ``path`` is absolute; ``mode`` as ``0o644``; a folder's length and replication are 0.

    The length of a file that is being written is that of its complete blocks: 0 for most.
    """

    path: str
    is_folder: bool
    length_bytes: int
    replication: int
    mode: int
    modified_ms: int


@dataclass(frozen=True, slots=True)
class HdfsHealth:
    """What the namenode says of itself: ``is_operational`` is False in safe mode."""

    is_operational: bool
    live_datanodes: int
    remaining_bytes: int


class HdfsView:
    """The file system behind ``http://host:port``, as its superuser; reads and writes go to the datanodes directly, or
    by way of a proxy (``observe/contact.py``).

    No call waits longer than ``within_s`` for a connection or for the next bytes. Each raises
    ``LabFault(service="hdfs")`` if HDFS does not answer or cannot do it, and ``ValueError`` for what is no path of
    HDFS. Not safe for use by several threads.
    """

    def __init__(self, webhdfs_url: str, *, within_s: float = 10.0) -> None:
        server, proxy_url = parted(webhdfs_url)
        place = urlsplit(server)
        if place.scheme != "http" or place.hostname is None:
            raise ValueError(f"{webhdfs_url!r}: expected http://host:port of a namenode")
        self.url = f"http://{place.netloc}"
        self._session = _BoundedSession(within_s, proxy_url)
        self._files = WebHDFS(
            place.hostname, place.port or 9870, user=_USER, skip_instance_cache=True, use_listings_cache=False
        )
        self._files.session = self._session

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder. Not by fsspec's own ``exists``, which takes every error for a no."""
        if _is_unknowable(path):
            return False
        with self._asking(path):
            try:
                self._files.info(path)
            except FileNotFoundError:
                return False
        return True

    def tree(self, path: str = "/", *, levels: int | None = None, within: Deadline | None = None) -> list[HdfsEntry]:
        """All that is below a folder, sorted by path, without the folder itself; a file is its own tree. Not further
        down than ``levels``, if that is given; ``LabFault`` if there is so much that it takes longer than ``within``.

        Empty if there is nothing at ``path``. What vanishes during the look is left out.
        """
        if _is_unknowable(path):
            return []
        with self._asking(path):
            try:
                top = self._files.info(path)
            except FileNotFoundError:
                return []
            found = list(self._below(path, levels, within)) if top["type"] == "directory" else [_entry(path, top)]
        return sorted(found, key=lambda entry: entry.path)

    def read(self, path: str) -> bytes:
        """The whole content, also what a writer has flushed but not closed yet.

        Raises ``FileNotFoundError`` if there is no such file (a folder is none).
        """
        with self._asking(path):
            # not by fsspec's open: it asks for the length first (0 for an open file) and ignores a datanode's status
            answer: requests.Response = self._files._call("OPEN", path=path)
        return answer.content

    def write(self, path: str, content: bytes, *, replication: int = 3) -> None:
        """Create or replace a file, its folders as needed; returns once it is closed."""
        with self._asking(path):
            # not by fsspec's open, which creates an empty file and appends to it
            self._send("CREATE", "put", path, content, overwrite="true", replication=replication)

    def append(self, path: str, content: bytes) -> None:
        """Add to the end of a file. Raises ``FileNotFoundError`` if there is none."""
        with self._asking(path):
            self._send("APPEND", "post", path, content)

    def delete(self, path: str, *, recursive: bool = False) -> bool:
        """Whether there was something to delete. A folder that is not empty needs ``recursive``."""
        with self._asking(path):
            answer = self._files._call("DELETE", "delete", path=path, recursive=str(recursive).lower())
            return bool(answer.json()["boolean"])

    def replicas(self, path: str) -> int:
        """On how many datanodes that live the file is: of its blocks, the one with the fewest. 0 if it has none.

        Raises ``FileNotFoundError``.
        """
        with self._asking(path):
            answer = self._files._call("GETFILEBLOCKLOCATIONS", path=path).json()
            return min((len(block["hosts"]) for block in answer["BlockLocations"]["BlockLocation"]), default=0)

    def health(self) -> HdfsHealth:
        """The namenode's own view of the file system."""
        with self._asking("/jmx"):
            answer = self._session.get(f"{self.url}/jmx", params={"qry": _STATE_BEAN})
            answer.raise_for_status()
            beans = answer.json()["beans"]
        if not beans:
            raise LabFault("the namenode is not active yet", service="hdfs")
        state = beans[0]
        return HdfsHealth(
            is_operational=state["FSState"] == "Operational",
            live_datanodes=state["NumLiveDataNodes"],
            remaining_bytes=state["CapacityRemaining"],
        )

    def close(self) -> None:
        """Close the connections. The view may be used again."""
        self._session.close()

    def _below(self, folder: str, levels: int | None, within: Deadline | None) -> Iterator[HdfsEntry]:
        if within is not None and within.passed:
            raise LabFault("it takes too long to list all that is there", service="hdfs")
        try:
            listing = self._files.ls(folder, detail=True)
        except FileNotFoundError:
            return
        for status in listing:
            yield _entry(status["name"], status)
            if status["type"] == "directory" and (levels is None or levels > 1):
                yield from self._below(status["name"], None if levels is None else levels - 1, within)

    def _send(self, operation: str, method: str, path: str, content: bytes, **options: object) -> None:
        """The namenode names a datanode, and only that one gets the content."""
        asked = self._files._call(operation, method, path=path, redirect=False, **options)
        answer = self._session.request(
            method, asked.headers["Location"], data=content, headers={"Content-Type": "application/octet-stream"}
        )
        if not answer.ok:
            reason = f"{operation} {path}: {_remote_message(answer)}"
            raise LabFault(reason, service="hdfs", log=answer.text[-2000:], remedy=_REMEDY)

    @contextmanager
    def _asking(self, path: str) -> Iterator[None]:
        if not path.startswith("/"):
            raise ValueError(f"{path!r}: a path of HDFS begins with /")
        try:
            yield
        except (FileNotFoundError, LabFault):
            raise
        except requests.RequestException as error:  # also an OSError and, for JSON, a ValueError
            reason = f"no answer about {path} from {self.url}: {error}"
            raise LabFault(reason, service="hdfs", remedy=_REMEDY) from error
        except (RuntimeError, PermissionError, KeyError) as error:
            raise LabFault(f"{path}: {error}", service="hdfs", remedy=_REMEDY) from error


class _BoundedSession(requests.Session):
    """Every request has a time limit, and none goes through a proxy of the environment."""

    def __init__(self, within_s: float, proxy_url: str | None = None) -> None:
        super().__init__()
        self.proxies = {"http": proxy_url} if proxy_url else {}
        self.trust_env = False
        self._within_s = within_s

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        options.setdefault("timeout", self._within_s)
        return super().request(*arguments, **options)


def _is_unknowable(path: str) -> bool:
    """HDFS has no folder above or beside itself: it refuses such names (Hadoop's ``DFSUtil.isValidName``), and on the
    way there ``requests`` would make another path of them."""
    return not {".", ".."}.isdisjoint(path.split("/"))


def _entry(path: str, status: dict[str, Any]) -> HdfsEntry:
    return HdfsEntry(
        path=path,
        is_folder=status["type"] == "directory",
        length_bytes=status["length"],
        replication=status["replication"],
        mode=int(status["permission"], 8),
        modified_ms=status["modificationTime"],
    )


def _remote_message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["RemoteException"]["message"]).splitlines()[0]
    except (ValueError, KeyError, IndexError):
        return f"status {answer.status_code}"
