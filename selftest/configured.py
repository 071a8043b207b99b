"""What Connect and the registry are tested on: brokers, and environments that differ from the course's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from selftest.processes import marked
from topicmark.services.kafka import KafkaCluster, KafkaSpec
from topicmark.services.process import ProcessService
from topicmark.services.refusal import Refusal
from topicmark.services.subnet import claim

READY_S = 60
Service = TypeVar("Service", bound=ProcessService)
Changes = Mapping[str, str | None]
"""Variables of the environment: another value, or None for none."""


@contextmanager
def brokers(folder: Path, hosts: range) -> Iterator[KafkaCluster]:
    """A cluster of the course, ready, on a subnet on which ``hosts`` are free."""
    with claim(hosts) as subnet:
        cluster = KafkaCluster(KafkaSpec(subnet.prefix), folder, marker="selftest")
        cluster.start()
        try:
            cluster.await_ready(READY_S)
            yield cluster
        finally:
            cluster.stop()


def changed(environment: Mapping[str, str], changes: Changes) -> dict[str, str]:
    return {key: value for key, value in {**environment, **changes}.items() if value is not None}


def host_names(kafka: KafkaCluster) -> dict[str, str]:
    """What the course calls the brokers."""
    names = {kafka.spec.host_name(broker): kafka.spec.address(broker) for broker in kafka.spec.brokers}
    return {"kafka": kafka.spec.address(0), **names}


@contextmanager
def launcher(
    folder: Path,
    hosts: range,
    ports: tuple[int, ...],
    describe: Callable[[Changes, str], Any | Refusal],
    service: Callable[..., Service],
) -> Iterator[Callable[..., Service]]:
    """Start services of the course's environment with changes, on a subnet of their own; everything is gone after it.

    ``describe`` makes the settings of changes and a subnet.
    """
    made: list[Service] = []
    with claim(hosts, ports) as subnet:

        def start(changes: Changes, **options: Any) -> Service:
            spec = describe(changes, subnet.prefix)
            assert not isinstance(spec, Refusal), spec
            one = service(spec, folder / f"service-{len(made)}", marker=str(folder), **options)
            made.append(one)
            one.start()
            return one

        try:
            yield start
        finally:
            for one in made:
                one.stop()
    assert marked(str(folder)) == set()
