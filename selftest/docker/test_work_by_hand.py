"""A lab in containers for work by hand. Against stand-in images."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from selftest.by_hand import STEPS, Home
from topicmark.containers import engine


@pytest.mark.parametrize("graded_on", ["embedded", "docker"])
def test_from_up_to_down(graded_on: str, tmp_path: Path, docker_engine: docker.DockerClient) -> None:
    home = Home(tmp_path)
    try:
        up = home.run("up", "--backend", "docker")
        assert up.returncode == 0, up.stdout + up.stderr
        assert "in containers" in up.stdout
        assert "free" in home.run("status").stdout

        typed = home.run("shell", "sh", "-c", STEPS)
        assert typed.returncode == 0, typed.stdout + typed.stderr
        graded = home.grade("ex2", "--backend", graded_on)

        assert set(graded.outcomes.values()) == {"passed"}, graded.told()
        assert "yours" in home.run("status").stdout
    finally:
        down = home.run("down")
    assert "1 taken down" in down.stdout
    assert not docker_engine.containers.list(all=True, filters={"label": engine.LABEL})
    assert not docker_engine.networks.list(filters={"label": engine.LABEL})
