"""An engine of the tests' own: Debian's ``dockerd``, with its data beside the labs', so that images are built once.

Never one that somebody else uses: the stand-in images would take the place of the real ones there.
``TOPICMARK_TEST_DOCKER_HOST`` names one that may be used; it keeps the images.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import requests

from selftest.docker import images
from topicmark.provision.cache import locked
from topicmark.services.subnet import state_dir
from topicmark.waiting import eventually

CHOSEN = "TOPICMARK_TEST_DOCKER_HOST"
USUAL_SOCKET = Path("/var/run/docker.sock")
_START_S = 60
_STOP_S = 60
ENVIRONMENT = {
    # this machine may be a container itself; then testcontainers would look for the lab at its gateway
    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
    "TESTCONTAINERS_HOST_OVERRIDE": "localhost",
    "TESTCONTAINERS_RYUK_DISABLED": "true",
}


def why_not() -> str:
    """Why no engine can be had here; empty if one can."""
    if os.environ.get(CHOSEN):
        return ""
    if reason := images.possible():
        return reason
    if USUAL_SOCKET.exists() and _answers(f"unix://{USUAL_SOCKET}"):
        return f"somebody's engine runs here already, and the stand-ins would replace its images; {CHOSEN} names one"
    return ""


@contextmanager
def running() -> Iterator[str]:
    """Its address; the engine ends with the block."""
    if chosen := os.environ.get(CHOSEN):
        yield chosen
        return
    root = state_dir() / "docker-engine"
    with locked("docker-engine"), tempfile.TemporaryDirectory(prefix="topicmark-docker-") as folder:
        address = f"unix://{folder}/docker.sock"
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                ["dockerd", "--data-root", str(root), "--exec-root", f"{folder}/exec", "--host", address,
                 "--pidfile", f"{folder}/pid"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            eventually(
                lambda: _answers(address) or process.poll() is not None, bool, within=_START_S, describe="dockerd"
            )
            assert process.poll() is None, (Path(folder) / "log").read_text(errors="replace")[-2000:]
            yield address
        finally:
            process.terminate()
            process.wait(_STOP_S)


def _answers(address: str) -> bool:
    try:
        docker.DockerClient(base_url=address, timeout=5).ping()
    except (docker.errors.DockerException, requests.RequestException):
        return False
    return True
