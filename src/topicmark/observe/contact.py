"""How a client gets to a server: directly, or by a proxy that knows names which do not resolve here.

In text, as everything that names a server has it: ``kafka:9092,kafka:9093`` or
``kafka:9092,kafka:9093 via http://127.0.0.1:40001``; ``http://namenode:9870 via http://127.0.0.1:40001``.
"""

from __future__ import annotations

from typing import Any

from kafka import KafkaConsumer

_VIA = " via "


def by_way_of(server: str, proxy_url: str) -> str:
    """The server, reached by that proxy."""
    return f"{server}{_VIA}{proxy_url}"


def parted(text: str) -> tuple[str, str | None]:
    """The server and the proxy's URL, if there is one."""
    server, _, proxy_url = text.partition(_VIA)
    return server, proxy_url or None


def of_brokers(bootstrap: str) -> dict[str, Any]:
    """What any client of kafka-python is told: ``bootstrap_servers``, and ``proxy_url`` where there is one."""
    server, proxy_url = parted(bootstrap)
    told: dict[str, Any] = {"bootstrap_servers": server.split(",")}
    return told | ({"proxy_url": proxy_url} if proxy_url else {})


def make_no_topics(consumer: KafkaConsumer) -> None:
    """What it asks of topics that it reads makes none of them anew that was deleted. Its own setting for that,
    ``allow_auto_create_topics``, does not get to where it counts (kafka-python 3.0.12)."""
    consumer._cluster.config["allow_auto_create_topics"] = False
