"""Programs in containers: the part of the sandbox's contract that depends on how they are held."""

from __future__ import annotations

import os
from collections.abc import Iterator

import docker
import pytest

from selftest.contract.sandbox import test_end, test_files, test_limits, test_network
from selftest.contract.sandbox.conftest import brokers, endpoints, run  # noqa: F401  fixtures
from selftest.contract.sandbox.test_files import public_path  # noqa: F401  fixture
from topicmark.containers import engine
from topicmark.sandbox import Command, Endpoint, Level, Limits, Sandbox

pytestmark = pytest.mark.docker

MARKER = f"contract-{os.getpid()}"

test_unedited_names_reach_the_lab = test_network.test_unedited_names_reach_the_lab
test_nothing_else_is_reached = test_network.test_nothing_else_is_reached
test_only_the_scratch_can_be_written = test_files.test_only_the_scratch_can_be_written
test_scratch_size_and_file_count_hold = test_files.test_scratch_size_and_file_count_hold
test_mounts_are_shown_read_only = test_files.test_mounts_are_shown_read_only
test_privileges_are_gone = test_files.test_privileges_are_gone
test_a_signal_is_told_from_an_exit_code = test_end.test_a_signal_is_told_from_an_exit_code
test_sigint_is_not_inherited_as_ignored = test_end.test_sigint_is_not_inherited_as_ignored
test_a_program_that_ignores_signals_dies = test_end.test_a_program_that_ignores_signals_dies
test_daemons_die_too = test_end.test_daemons_die_too
test_a_fork_bomb_is_ended = test_limits.test_a_fork_bomb_is_ended
test_a_memory_hog_is_ended = test_limits.test_a_memory_hog_is_ended


@pytest.fixture(scope="module")
def sandbox(endpoints: list[Endpoint], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:  # noqa: F811
    limits = Limits(wall_s=60, memory_bytes=200 * 2**20, processes=40, output_bytes=2**20, scratch_bytes=32 * 2**20)
    folder = tmp_path_factory.mktemp("output")
    with Sandbox(level=Level.CONTAINER, endpoints=endpoints, folder=folder, limits=limits, marker=MARKER) as box:
        yield box


def test_what_ended_leaves_no_container(
    docker_engine: docker.DockerClient,
    endpoints: list[Endpoint],  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    marker, folder = f"{MARKER}-ended", tmp_path_factory.mktemp("ended")
    tree = tmp_path_factory.mktemp("tree")
    with Sandbox(level=Level.CONTAINER, endpoints=endpoints, folder=folder, marker=marker) as box:
        box.start(Command(["true"]), tree, "true").wait(20)
        box.start(Command(["sleep", "1000"]), tree, "sleep")
        assert any(state.running for state in engine.states(marker))

    assert engine.states(marker) == []
