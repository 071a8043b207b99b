"""How a sandbox sees the lab: which inside address each endpoint has, and under which names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from topicmark.sandbox.spec import Endpoint

HOSTNAME = "student-pc"
_MAX_ADDRESSES = 250


@dataclass(frozen=True, slots=True)
class Network:
    """``listeners`` are [endpoint index, inside address, port]; ``names`` and ``patterns`` lead to inside addresses."""

    endpoints: Sequence[Endpoint]
    listeners: Sequence[tuple[int, str, int]]
    names: dict[str, str]
    patterns: Sequence[tuple[str, str]]

    @property
    def hosts(self) -> str:
        """The text of ``/etc/hosts``."""
        lines = [f"127.0.0.1 localhost {HOSTNAME}", "::1 localhost ip6-localhost"]
        by_address: dict[str, list[str]] = {}
        for name, address in self.names.items():
            by_address.setdefault(address, []).append(name)
        lines += [f"{address} {' '.join(names)}" for address, names in by_address.items()]
        return "\n".join(lines) + "\n"

    def order(self, listeners: Sequence[int], *, dns: bool) -> dict[str, Any]:
        """The gateway's order for a sandbox that opened these listeners (endpoint indices)."""
        return {
            "routes": [{"label": one.label, "targets": [list(t) for t in one.targets]} for one in self.endpoints],
            "listeners": list(listeners),
            "dns": dns,
            "names": self.names,
            "patterns": [list(pair) for pair in self.patterns],
        }


def plan(endpoints: Sequence[Endpoint]) -> Network:
    """Give each endpoint its own address 127.0.1.N; endpoints that share a name share an address.

    Raises ``ValueError`` if two endpoints would need the same address and port, or if there are more than 250.
    """
    groups: list[list[int]] = []
    literals = [(index, one.literal) for index, one in enumerate(endpoints) if one.literal is not None]
    taken_addresses = {address for _, address in literals}
    for index, endpoint in enumerate(endpoints):
        if endpoint.literal is not None:
            continue
        spoken = _spoken(endpoint)
        same = [group for group in groups if any(spoken & _spoken(endpoints[member]) for member in group)]
        groups = [group for group in groups if group not in same]
        groups.append([member for group in same for member in group] + [index])
    groups.sort(key=min)
    if len(groups) > _MAX_ADDRESSES:
        raise ValueError(f"{len(groups)} endpoints with names of their own; {_MAX_ADDRESSES} are possible")

    listeners: list[tuple[int, str, int]] = []
    names: dict[str, str] = {}
    patterns: list[tuple[str, str]] = []
    free = (address for number in range(1, 255) if (address := f"127.0.1.{number}") not in taken_addresses)
    listeners += [(index, address, endpoints[index].port) for index, address in literals]
    for group, address in zip(groups, free, strict=False):
        for index in sorted(group):
            endpoint = endpoints[index]
            listeners.append((index, address, endpoint.port))
            if endpoint.on_localhost:
                listeners += [(index, "127.0.0.1", endpoint.port), (index, "::1", endpoint.port)]
            names.update((name, address) for name in endpoint.names if name.lower() != "localhost")
            for pattern in endpoint.patterns:
                re.compile(pattern)
                patterns.append((pattern, address))
    taken: dict[tuple[str, int], int] = {}
    for index, address, port in listeners:
        other = taken.setdefault((address, port), index)
        if other != index:
            labels = f"{endpoints[other].label!r} and {endpoints[index].label!r}"
            raise ValueError(f"endpoints {labels} both need {address}:{port} in the sandbox")
    return Network(tuple(endpoints), tuple(listeners), names, tuple(patterns))


def _spoken(endpoint: Endpoint) -> set[str]:
    return {name.lower() for name in endpoint.names} | {f"pattern {pattern}" for pattern in endpoint.patterns}
