"""A place for labs of each backend in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selftest.backends import Ground, Way, opened, ways
from topicmark.backends.base import Lab


@pytest.fixture(scope="module", params=ways())
def way(request: pytest.FixtureRequest) -> Way:
    made: Way = request.param
    return made


@pytest.fixture(scope="module")
def ground(way: Way, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with opened(way, request, tmp_path_factory.mktemp(way.name)) as made:
        yield made


@pytest.fixture(scope="module")
def lab(ground: Ground) -> Iterator[Lab]:
    """One that several tests look at, and leave as it is."""
    with ground.lab() as made:
        yield made
