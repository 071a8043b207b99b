"""The sandbox's contract, for programs in containers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selftest.contract.test_sandbox import *  # noqa: F403
from selftest.contract.test_sandbox import MIB
from topicmark.sandbox import Endpoint, Level, Limits, Sandbox


@pytest.fixture(scope="module")
def holding() -> str:
    return "container"


@pytest.fixture(scope="module")
def sandbox(endpoints: list[Endpoint], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("output")
    limits = Limits(wall_s=60, memory_bytes=200 * MIB, processes=40, output_bytes=MIB, scratch_bytes=32 * MIB)
    with Sandbox(level=Level.CONTAINER, endpoints=endpoints, folder=folder, limits=limits, marker="contract") as box:
        yield box
