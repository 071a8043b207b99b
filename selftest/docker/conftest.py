"""Tests of the docker backend: against an engine of their own, with stand-ins for the official images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from selftest.docker import images, own_engine

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, where there can be no engine."""
    reason = own_engine.why_not()
    for item in items:
        if reason and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason=f"no Docker engine for tests: {reason}"))


@pytest.fixture(scope="session", autouse=True)
def docker_engine() -> Iterator[docker.DockerClient]:
    """A client of the engine, which has the images; the environment names it to everything the tests start."""
    with own_engine.running() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", address)
        for name, value in own_engine.ENVIRONMENT.items():
            patch.setenv(name, value)
        client = docker.DockerClient(base_url=address, timeout=600)
        images.build(client)
        yield client
        client.close()
