"""The Docker engine: reached once, images pulled with progress, whatever a lab made found and removed by its label."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from testcontainers.core.docker_client import DockerClient

from topicmark.model import LabFault

LABEL = "topicmark.lab"
"""On every container and network of a lab; its value is the lab's marker."""
ROLE = "topicmark.role"
"""What a container is in its lab: ``kafka-0``, ``connect``, ``program``."""
STATE = "topicmark.state"
"""On a lab's network: the folder in which its owner keeps what tells whether the lab is in use."""
_REMEDY = "Is Docker installed and running, and may you use it (`docker info`)? DOCKER_HOST names another engine."
_NO_IMAGE = "Does this machine reach the registry of images? One that is there already is not pulled (`docker load`)."
_CALL_S = 120


@dataclass(frozen=True, slots=True)
class State:
    """A container as the engine lists it. ``status`` is in the engine's words: ``Up 5 seconds``, ``Exited (137) …``."""

    identity: str
    role: str
    running: bool
    status: str


@contextlib.contextmanager
def told(what: str, remedy: str = _REMEDY) -> Iterator[None]:
    """Turns what the engine refuses into a ``LabFault`` that begins with ``what``."""
    try:
        yield
    except (DockerException, requests.RequestException) as error:
        reason = error.explanation if isinstance(error, APIError) and error.explanation else str(error)
        raise LabFault(f"{what}: {reason}", service="docker", remedy=remedy) from error


@functools.cache
def client() -> docker.DockerClient:
    """This process's connection to the engine that the environment names. Raises ``LabFault``."""
    with told("Docker's engine cannot be reached"):
        found = DockerClient(timeout=_CALL_S).client  # which also knows Docker's contexts
        found.ping()
        return found


def require_local() -> None:
    """Raises ``LabFault`` if the engine is on another machine, where neither published ports nor folders are ours."""
    if not is_local(address := str(client().api.base_url)):
        reason = f"Docker's engine is on another machine ({address}); a lab in containers needs one on this"
        raise LabFault(reason, service="docker", remedy="Unset DOCKER_HOST, or choose another `docker context`.")


def is_local(address: str) -> bool:
    """Whether a client's base address leads to this machine: ``http+docker://localhost`` for a unix socket."""
    place = urlsplit(address)
    return place.hostname == "localhost" or (place.hostname or "").startswith("127.")


def version() -> str:
    """The engine's own version. Raises ``LabFault``."""
    with told("Docker's engine does not answer"):
        return str(client().version()["Version"])


def missing(images: Iterable[str]) -> list[str]:
    """Those of the images that the engine does not have. Raises ``LabFault``."""
    with told("the images cannot be listed"):
        return [name for name in dict.fromkeys(images) if not _has(name)]


def _has(name: str) -> bool:
    try:
        client().images.get(name)
    except ImageNotFound:
        return False
    return True


def pull(images: Iterable[str], say: Callable[[str], None]) -> None:
    """Fetch the images that are not there; ``say`` is told which, and how far each is. Raises ``LabFault``."""
    for name in missing(images):
        say(f"pulling {name}")
        layers: dict[str, tuple[int, int]] = {}
        told_percent = 0
        with told(f"image {name} cannot be pulled", _NO_IMAGE):
            for step in client().api.pull(name, stream=True, decode=True):
                if "error" in step:
                    raise LabFault(
                        f"image {name} cannot be pulled: {step['error']}", service="docker", remedy=_NO_IMAGE
                    )
                come = percent(layers, step)
                if come >= told_percent + 25:
                    told_percent = come
                    say(f"pulling {name}: {come} %")


def percent(layers: dict[str, tuple[int, int]], step: dict[str, Any]) -> int:
    """How much of what is known so far has come."""
    detail = step.get("progressDetail") or {}
    if step.get("status") == "Downloading" and detail.get("total"):
        layers[step["id"]] = (int(detail["current"]), int(detail["total"]))
    elif step.get("status") == "Download complete" and step.get("id") in layers:
        layers[step["id"]] = (layers[step["id"]][1],) * 2
    total = sum(size for _, size in layers.values())
    return 100 * sum(come for come, _ in layers.values()) // total if total else 0


def states(marker: str) -> list[State]:
    """Every container of a lab, whether it runs or not, by one call. Raises ``LabFault``."""
    with told("the containers cannot be listed"):
        listed = client().api.containers(all=True, filters={"label": f"{LABEL}={marker}"})
    return [
        State(one["Id"], one["Labels"].get(ROLE, ""), one["State"] == "running", one["Status"]) for one in listed
    ]  # fmt: skip


def written_bytes(marker: str) -> int:
    """What a lab's containers have written on the engine's disk. The engine counts files: not for every beat. Raises
    ``LabFault``."""
    with told("the containers cannot be measured"):
        listed = client().api.containers(all=True, size=True, filters={"label": f"{LABEL}={marker}"})
    return sum(int(one.get("SizeRw", 0)) for one in listed)


def markers(state: str) -> set[str]:
    """An owner's labs of which there is anything: the network is made first and removed last. Raises ``LabFault``."""
    with told("the networks cannot be listed"):
        networks = client().api.networks(filters={"label": [LABEL, f"{STATE}={state}"]})
    return {str(one["Labels"][LABEL]) for one in networks}


def remove(marker: str) -> None:
    """Kill and remove every container of a lab with its volumes, then its networks. Raises ``LabFault``."""
    for state in states(marker):
        remove_container(state.identity)
    with told("the network cannot be removed"):
        for network in client().api.networks(filters={"label": f"{LABEL}={marker}"}):
            with contextlib.suppress(NotFound):
                client().api.remove_network(network["Id"])


def remove_container(identity: str) -> None:
    """Kill and remove a container with its volumes; nothing if it is gone. Raises ``LabFault``."""
    with told("a container cannot be removed"):
        try:
            client().api.remove_container(identity, force=True, v=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != requests.codes.conflict:  # somebody else is at it
                raise
