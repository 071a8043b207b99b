"""``manifests/versions.toml`` as data: which image, and which embedded part, every backend runs for each service."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "manifests" / "versions.toml"
"""In the repository, not in the package: the manifests beside it are held to it."""

_TEXTS = ("image", "tag")
_LISTS = ("embedded", "fetched")


class VersionsError(ValueError):
    """The table cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The versions of one service.

    ``image`` and ``tag`` are empty if it runs in no container. ``embedded``: the Maven coordinates (``group:artifact:
    version[:classifier]``) and PyPI requirements (``name==version``) that stand for it in the embedded lab.
    ``fetched``: what its pod fetches at a start.
    """

    name: str
    image: str = ""
    tag: str = ""
    embedded: tuple[str, ...] = ()
    fetched: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """``image:tag``, as a container engine takes it. Raises ``VersionsError`` if it runs in no container."""
        if not self.image:
            raise VersionsError(f"{FILE}: {self.name} has no image")
        return f"{self.image}:{self.tag}"


def read(file: Path = FILE) -> dict[str, Pin]:
    """The table by service, in the file's order. Raises ``VersionsError``."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise VersionsError(f"{file} cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise VersionsError(f"{file} is no TOML: {error}") from None
    return {name: _pin(file, name, entry) for name, entry in table.items()}


@cache
def pins() -> Mapping[str, Pin]:
    """The project's own table, read once. Raises ``VersionsError``."""
    return read()


def image(name: str) -> str:
    """``image:tag`` of a service (``kafka``, ``hdfs``, …). Raises ``VersionsError``."""
    if name not in pins():
        raise VersionsError(f"{FILE}: there is no [{name}]; there are {', '.join(pins())}")
    return pins()[name].reference


def _pin(file: Path, name: str, entry: object) -> Pin:
    if not isinstance(entry, dict):
        raise VersionsError(f"{file}: {name} must be a table")
    for key in entry:
        if key not in (*_TEXTS, *_LISTS):
            raise VersionsError(f"{file}: {name}.{key} is unknown; known are {', '.join((*_TEXTS, *_LISTS))}")
    texts = {key: _text(file, f"{name}.{key}", entry[key]) for key in _TEXTS if key in entry}
    if len(texts) == 1:
        raise VersionsError(f"{file}: {name} needs both image and tag, or neither")
    if texts.get("tag") == "latest":
        raise VersionsError(f"{file}: {name}.tag is latest, which is no version")
    if ":" in texts.get("image", "").rpartition("/")[2]:
        raise VersionsError(f"{file}: {name}.image has a tag in it; write it as {name}.tag")
    lists = {key: _list(file, f"{name}.{key}", entry.get(key, [])) for key in _LISTS}
    return Pin(name, texts.get("image", ""), texts.get("tag", ""), lists["embedded"], lists["fetched"])


def _text(file: Path, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise VersionsError(f"{file}: {key} must be a text that is not empty")
    return value


def _list(file: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise VersionsError(f"{file}: {key} must be a list of texts")
    return tuple(_text(file, f"{key}[{place}]", each) for place, each in enumerate(value))
