"""How the tests get at each backend. A new backend is a module in here and a line in ``WAYS``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from selftest.backends import attached, docker, embedded, kubernetes
from selftest.backends.way import Ground, Way

WAYS: tuple[Way, ...] = (
    embedded.FRESH,
    embedded.KEPT,
    attached.WAY,
    docker.WAY,
    kubernetes.REPLAYED,
    kubernetes.OBSERVED,
)


def ways(*besides: Way) -> list[object]:
    """Each of them as a parameter of a fixture, but for those named."""
    return [pytest.param(way, id=way.name, marks=way.marks) for way in WAYS if way not in besides]


@contextmanager
def opened(way: Way, request: pytest.FixtureRequest, folder: Path, *, complete: bool = False) -> Iterator[Ground]:
    """The way's ground in a folder of its own, with what it asks of the fixtures. ``complete``: for whole grades."""
    for fixture in way.fixtures:
        request.getfixturevalue(fixture)
    make = way.complete if complete and way.complete is not None else way.ground
    with make(folder) as ground:
        yield ground


__all__ = ["Ground", "WAYS", "Way", "opened", "ways"]
