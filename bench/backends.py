"""How long a cluster takes to start, by backend: ``python bench/backends.py --rounds 3``.

Embedded, in containers, and beside them the single broker of testcontainers' own ``KafkaContainer`` (KRaft), taking
turns. Ready: a client sees all brokers, and a leader. The images are stand-ins under the official names (see
``selftest/docker``), all of the same jars: what is compared is how a cluster is put together and started, not whose
image is smaller. Needs root, and Debian's docker.io and mmdebstrap.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tarfile
import time
from collections.abc import Callable
from contextlib import closing

import docker
from kafka.errors import KafkaError
from start import seen, spread
from testcontainers.community.kafka import KafkaContainer

from selftest.docker import images, own_engine
from topicmark.backends import docker as containers
from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.needs import Needs
from topicmark.provision import toolchain
from topicmark.sandbox import Level
from topicmark.waiting import eventually

IMAGE = "confluentinc/cp-kafka:7.6.0"
SCRIPTS = {"/etc/confluent/docker/configure": "configure", "/etc/confluent/docker/launch": "launch",
           "/usr/local/bin/kafka-storage": "storage"}  # fmt: skip
SEEN_WITHIN_S = 60


def peer_image(client: docker.DockerClient) -> None:
    """What ``KafkaContainer`` looks for in its image, over the stand-in's code."""
    lines = [
        f"FROM {images.BASE}:code",
        "RUN mkdir -p /etc/confluent/docker && touch /etc/confluent/docker/bash-config",
    ]
    for place, word in SCRIPTS.items():
        script = f'#!/bin/sh\\n{sys.executable} {images.PLACE}/cp_kafka.py {word} "$@"\\n'  # lines are added to it
        lines.append(f"RUN printf '{script}' > {place} && chmod +x {place}")
    content = "\n".join(lines).encode()
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            info = tarfile.TarInfo("Dockerfile")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        file.seek(0)
        client.images.build(fileobj=file, custom_context=True, tag=IMAGE, rm=True, network_mode="none")


def embedded() -> float:
    began = time.monotonic()
    lab = EmbeddedLab.new(level=Level.NAMESPACES, needs=Needs())
    try:
        lab.start()
        return time.monotonic() - began
    finally:
        lab.take_down()


def in_containers() -> float:
    began = time.monotonic()
    lab = containers.started(Needs(), {})
    try:
        return time.monotonic() - began
    finally:
        lab.take_down()


def kafka_container() -> float:
    began = time.monotonic()
    with KafkaContainer(IMAGE).with_kraft() as peer:
        eventually(
            lambda: seen(peer.get_bootstrap_server()), lambda count: count == 1, within=SEEN_WITHIN_S,
            describe="one broker", retry_on=(KafkaError,),
        )  # fmt: skip
        return time.monotonic() - began


CASES: dict[str, Callable[[], float]] = {
    "embedded, three brokers": embedded,
    "docker, three brokers": in_containers,
    "KafkaContainer, one broker": kafka_container,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if reason := own_engine.why_not():
        raise SystemExit(f"no Docker engine for this: {reason}")
    toolchain.ensure(progress=True)
    took: dict[str, list[float]] = {name: [] for name in CASES}
    with own_engine.running() as address:
        os.environ.update(own_engine.ENVIRONMENT, DOCKER_HOST=address)
        with closing(docker.DockerClient(base_url=address, timeout=600)) as client:
            images.build(client)
            peer_image(client)
        containers.prepare(Needs(), print)
        for _ in range(chosen.rounds):
            for name, case in CASES.items():
                took[name].append(case())
    for name, values in took.items():
        spread(name, values, "s")
    peer = took["KafkaContainer, one broker"]
    for name in ("embedded, three brokers", "docker, three brokers"):
        spread(f"{name.split(',')[0]} / KafkaContainer", [a / b for a, b in zip(took[name], peer, strict=True)], "")


if __name__ == "__main__":
    main()
