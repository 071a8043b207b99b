"""Tests of the docker backend: against an engine of their own, with stand-ins for the official images."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def on_the_engine(docker_engine: object) -> None:
    """Each of them needs it, or is skipped with the reason."""
