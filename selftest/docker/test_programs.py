"""Programs in containers: the part of the sandbox's contract that depends on how they are held."""

from __future__ import annotations

import os
from collections.abc import Iterator

import docker
import pytest

from selftest.contract import test_sandbox as contract
from selftest.contract.test_sandbox import brokers, endpoints, public_path, run  # noqa: F401  fixtures
from topicmark.containers import engine
from topicmark.sandbox import Endpoint, Level, Limits, Sandbox

MARKER = f"contract-{os.getpid()}"

test_unedited_names_reach_the_lab = contract.test_unedited_names_reach_the_lab
test_nothing_else_is_reached = contract.test_nothing_else_is_reached
test_only_the_scratch_can_be_written = contract.test_only_the_scratch_can_be_written
test_scratch_size_and_file_count_hold = contract.test_scratch_size_and_file_count_hold
test_mounts_are_shown_read_only = contract.test_mounts_are_shown_read_only
test_privileges_are_gone = contract.test_privileges_are_gone
test_a_signal_is_told_from_an_exit_code = contract.test_a_signal_is_told_from_an_exit_code
test_sigint_is_not_inherited_as_ignored = contract.test_sigint_is_not_inherited_as_ignored
test_a_program_that_ignores_signals_dies = contract.test_a_program_that_ignores_signals_dies
test_daemons_die_too = contract.test_daemons_die_too
test_a_fork_bomb_is_ended = contract.test_a_fork_bomb_is_ended
test_a_memory_hog_is_ended = contract.test_a_memory_hog_is_ended


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
        box.start(contract.Command(["true"]), tree, "true").wait(20)
        box.start(contract.Command(["sleep", "1000"]), tree, "sleep")
        assert any(state.running for state in engine.states(marker))

    assert engine.states(marker) == []
