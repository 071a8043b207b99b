"""What a sandbox is asked for, as data. Knows nothing of how it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """How strongly a program is held."""

    NAMESPACES = "namespaces"
    """bubblewrap: own user, pid, mount, ipc, uts and network namespaces."""
    CONTAINER = "container"
    """A container of Docker's engine for each program, as much closed in as by bubblewrap."""
    POD = "pod"
    """A pod for each program, beside the services of a lab on a cluster."""
    CONTAINED = "contained"
    """No namespaces but those of the container that the grader runs in, which was made for this one run: as weak, but
    as a user of their own, and the container's own host names lead to the lab."""
    WEAK = "weak"
    """Resource limits and a scrubbed environment only. Used only if allowed, and named in every report."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One service of the lab as programs see it.

    ``names`` are exact host names; ``port`` is the port inside the sandbox; ``targets`` are (host, port)
    outside, tried in turn until one accepts, beginning at a rotating place.
    """

    label: str
    names: Sequence[str]
    port: int
    targets: Sequence[tuple[str, int]]
    patterns: Sequence[str] = ()
    """Regular expressions (full match, case-insensitive) of further host names, answered by the sandbox's DNS."""
    on_localhost: bool = False
    """Also listen on 127.0.0.1 and ::1, as a port-forward would."""
    literal: str | None = None
    """An address of 127.0.0.0/8 at which programs look for it by number; then it has no names."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A host folder or file shown read-only at ``target``."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """Per program run. The tree of processes as a whole, unless said otherwise."""

    wall_s: float = 600.0
    memory_bytes: int = 1024 * 2**20
    processes: int = 256
    open_files: int = 1024
    output_bytes: int = 8 * 2**20
    scratch_bytes: int = 256 * 2**20
    """Of the home folder, in which the submission lies; /tmp and /dev/shm have at most 64 MiB each on top."""
    files: int = 50_000
    """Files and folders in the scratch folders together."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: an argv list, a working folder relative to the submission, environment, files to write first.

    ``files`` maps paths relative to ``workdir`` to their text.
    """

    argv: Sequence[str]
    workdir: str = "."
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    until_last: bool = False
    """Whether the run lasts until the last process has ended (a script that starts programs in the background and
    returns), not only the first. The exit code is the first one's either way."""
