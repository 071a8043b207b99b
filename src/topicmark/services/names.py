"""Files for the JVMs of a lab: the host names that they can resolve, and properties."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_hosts(file: Path, names: Mapping[str, str], own_address: str) -> str:
    """Write ``names`` (name to address, or to several with spaces between) and return the JVM option. What is not in
    it does not resolve, as on a cluster. ``localhost`` is ``own_address``: what a pod calls localhost is itself."""
    lines = [f"{own_address} localhost"]
    lines += [f"{address} {name}" for name, addresses in names.items() for address in addresses.split()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"-Djdk.net.hosts.file={file}"


def rendered(settings: Mapping[str, str]) -> str:
    """A Java properties file."""
    return "".join(f"{_escaped_key(key)}={_escaped(value)}\n" for key, value in settings.items())


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    text = f"\\{text}" if text.startswith((" ", "\t")) else text
    return text if text.isascii() else "".join(c if c.isascii() else _code_units(c) for c in text)


def _escaped_key(key: str) -> str:
    return "".join(f"\\{char}" if char in "=:#! " else char for char in _escaped(key))


def _code_units(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
