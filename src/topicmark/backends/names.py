"""The course's host names, and where in a lab they lead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

IN_ANY_NAMESPACE = r"(\.[a-z0-9-]+(\.svc(\.cluster\.local)?)?)?"
"""What may stand behind a service's name: a namespace, with or without the cluster's domain."""

PORTS = {"registry": 8081, "connect": 8083, "ksqldb": 8088}
SERVICES = {
    "registry": "kafka-schema-registry",
    "connect": "kafka-connect",
    "ksqldb": "kafka-ksqldb-server",
}
"""The Service of each component, as everything in the course calls it."""

_HOSTS = "|".join(("kafka", "kafka-controller-headless", "namenode", *map(re.escape, SERVICES.values())))
_NAMED = re.compile(rf"(?<![\w-])(?:{_HOSTS})\.([a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?)(?![\w-])")
_NO_NAMESPACES = frozenset({"svc", "yaml", "yml", "properties", "json", "sh"})
_MOST_NAMESPACES = 20
_MOST_BYTES = 256 * 1024


def namespaces(tree: Path, files: Iterable[str]) -> tuple[str, ...]:
    """Namespaces that a submission's files name behind a service: a JVM knows hosts by a file without patterns."""
    found = {"default": None}
    for file in files:
        path = tree / file
        try:
            text = path.read_text("utf-8", "replace") if path.stat().st_size <= _MOST_BYTES else ""
        except OSError:
            continue
        found.update(dict.fromkeys(_NAMED.findall(text)))
    return tuple(name for name in found if name not in _NO_NAMESPACES)[:_MOST_NAMESPACES]


def in_namespaces(names: Mapping[str, str], spaces: Sequence[str]) -> dict[str, str]:
    """Each name as it is spoken within its namespace, and with each of the namespaces ``spaces`` behind it."""
    return {spoken: address for name, address in names.items() for spoken in _spoken(name, spaces)}


def _spoken(name: str, spaces: Sequence[str]) -> Iterator[str]:
    yield name
    for space in spaces:
        yield from (f"{name}.{space}", f"{name}.{space}.svc", f"{name}.{space}.svc.cluster.local")


def is_number(host: str) -> bool:
    """Whether a host is given by its address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
