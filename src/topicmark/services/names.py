"""The only host names that a JVM of the lab can resolve, as the file that ``-Djdk.net.hosts.file`` names."""

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


def escaped(value: str) -> str:
    """As the value of a Java properties file."""
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    text = f"\\{text}" if text.startswith((" ", "\t")) else text
    return text if text.isascii() else "".join(c if c.isascii() else _code_units(c) for c in text)


def _code_units(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
