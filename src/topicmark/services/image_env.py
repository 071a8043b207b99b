"""How Confluent's images make a service's settings from a container's environment.

From the images' public scripts: ``configure`` of ``kafka-connect-base`` and ``schema-registry``, and the rule for
names in ``confluent-docker-utils``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class Unstartable(ValueError):
    """The container ends before its service starts; the message is what it says then."""


class UnusableHere(ValueError):
    """A lab cannot honour this setting, or must not."""


def properties(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Every variable that begins with ``prefix``, by property name: the rest in lower case, with ``___`` for ``-``,
    ``__`` for ``_`` and ``_`` for a dot."""
    return {
        _property_name(name.removeprefix(prefix)): value
        for name, value in environment.items()
        if name.startswith(prefix) and name != prefix
    }


def require(environment: Mapping[str, str], names: Sequence[str]) -> None:
    """Raises ``Unstartable`` that names the first of ``names`` that is missing or empty."""
    for name in names:
        if not environment.get(name):
            raise Unstartable(f"{name} is required.")


@dataclass(frozen=True, slots=True)
class Listener:
    """``host`` is empty for all interfaces."""

    scheme: str
    host: str
    port: int

    @property
    def everywhere(self) -> bool:
        return self.host in ("", "0.0.0.0", "[::]", "::")  # noqa: S104  what a student wrote, not what is bound

    @property
    def pod_only(self) -> bool:
        """Whether nobody outside the container can reach it."""
        return self.host == "localhost" or self.host.startswith("127.")


def first_listener(text: str) -> Listener:
    """The first of ``scheme://host:port,…``. Raises ``Unstartable`` if it is none."""
    first = text.split(",")[0].strip()
    scheme, _, rest = first.partition("://")
    host, _, port = rest.rpartition(":")
    if not scheme or not port.isdigit() or not 0 < int(port) < 65536:
        raise Unstartable(f"{first!r} is not a listener of the form http://host:port")
    return Listener(scheme.lower(), host, int(port))


def _property_name(name: str) -> str:
    return name.lower().replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")
