"""One sandbox of full strength for a whole file, for each way of making namespaces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftest.contract.sandbox.programs import (
    HEADLESS,
    MIB,
    Runs,
    Server,
)
from topicmark.sandbox import Endpoint, Level, Limits, Sandbox, detect
from topicmark.sandbox import program as sandbox_program
from topicmark.sandbox.bubblewrap import Holding


@pytest.fixture(scope="module")
def brokers() -> Iterator[list[Server]]:
    servers = [Server(f"127.88.1.{number}", f"broker-{number}") for number in (1, 2)]
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def endpoints(brokers: list[Server]) -> list[Endpoint]:
    everybody = [(server.host, server.port) for server in brokers]
    return [
        Endpoint("bootstrap", ["kafka"], 9092, everybody, on_localhost=True),
        Endpoint("broker-1", ["controller-1"], 9092, everybody[:1], patterns=[HEADLESS]),
        Endpoint("registry", ["registry"], 8081, [("127.88.1.1", 1)]),
    ]


HOLDINGS = {"user namespace": Holding(as_root=False, for_root=os.geteuid() == 0)}
if os.geteuid() == 0:
    HOLDINGS["as root"] = Holding(as_root=True)


@pytest.fixture(scope="module", params=HOLDINGS)
def holding(request: pytest.FixtureRequest) -> Iterator[Holding]:
    """Both ways of making namespaces, if this user has both. Fails, never skips, where there is none."""
    level, why = detect()
    assert level is Level.NAMESPACES, why
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox_program, "holding", lambda: HOLDINGS[request.param])
        yield HOLDINGS[request.param]


@pytest.fixture(scope="module")
def sandbox(holding: Holding, endpoints: list[Endpoint], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    level = Level.NAMESPACES
    folder = tmp_path_factory.mktemp("output")
    limits = Limits(wall_s=60, memory_bytes=200 * MIB, processes=40, output_bytes=MIB, scratch_bytes=32 * MIB)
    with Sandbox(level=level, endpoints=endpoints, folder=folder, limits=limits, marker="contract") as box:
        assert box.remarks == ()
        yield box


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Runs:
    tree = tmp_path / "submission"
    tree.mkdir()
    return Runs(sandbox, tree)
