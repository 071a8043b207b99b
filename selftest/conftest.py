"""Options of the grader's own tests, and the engine that those of the docker backend share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from selftest.part import PART, is_chosen

if TYPE_CHECKING:
    from pathlib import Path

    import docker

    from selftest.kubernetes.cluster import FakeCluster


def pytest_addoption(parser: pytest.Parser) -> None:
    """See each help text."""
    parser.addoption("--connect-plugins", metavar="DIR", help="run the sink's suite against this plugin folder")
    parser.addoption("--crashes", type=int, default=5, help="how often the sink's crash test kills the worker")


def pytest_configure(config: pytest.Config) -> None:
    """Marks by which tests are chosen."""
    config.addinivalue_line("markers", "docker: needs a Docker engine of the tests' own; chosen by -m docker, -n0")
    config.addinivalue_line("markers", f"divided: one of many that take long; {PART}=2/12 runs a twelfth of them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is divided and in another part; the summary counts it as deselected."""
    left_out = [one for one in items if one.get_closest_marker("divided") and not is_chosen(one.nodeid)]
    items[:] = [one for one in items if one not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[FakeCluster]:
    """An empty cluster of Kubernetes, its kubectl first on the PATH. Other kinds of clusters are the tests' own."""
    from selftest.kubernetes.cluster import fake_cluster  # its parts take a while, and most tests need none of them

    with fake_cluster(tmp_path / "a folder; with 'quotes'") as made:
        yield made


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[docker.DockerClient]:
    """A client of an engine that has the images; the environment names it to everything the tests start. Where there
    can be none, whoever asks for it is skipped, with the reason."""
    import docker  # takes a while, and most tests need none of it

    from selftest.docker import images, own_engine

    if reason := own_engine.why_not():
        pytest.skip(f"no Docker engine for tests: {reason}")
    with own_engine.running() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", address)
        for name, value in own_engine.ENVIRONMENT.items():
            patch.setenv(name, value)
        client = docker.DockerClient(base_url=address, timeout=600)
        images.build(client)
        yield client
        client.close()
