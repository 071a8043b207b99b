"""A clean machine for a package's entry script, as a platform has it: Debian's smallest root with Python, in a
container without further rights or a network, with the platform's limits.

What the platform's set-up would have fetched is bound in: the cache, and this machine's Python packages in the place of
the ``.venv`` that the set-up makes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docker

from selftest.docker import images
from topicmark.provision.cache import cache_dir
from topicmark.waiting import eventually

CGROUPS = Path("/sys/fs/cgroup")
_IMAGE = "topicmark-clean"
_PACKAGES = "python3,python3-venv,bash,ca-certificates,git"
_ROOTFS_WITHIN_S = 400


@dataclass(frozen=True)
class Ended:
    """How a script ended, with what it printed; the most memory and tasks (threads) that it had at once."""

    code: int
    output: str
    most_memory_bytes: int
    most_tasks: int


@dataclass
class CleanRoot:
    """``folders`` are shown in it under other names (outside to inside), and may be written."""

    client: docker.DockerClient
    folders: Mapping[Path, str] = field(default_factory=dict)
    memory_bytes: int = 2 << 30
    tasks: int = 1024
    is_machine: bool = False
    """Whether it may do all that a machine of one's own may: make namespaces, above all."""

    def run(self, argv: Sequence[str], *, within_s: float, env: Mapping[str, str] | None = None) -> Ended:
        """Run ``argv`` as root and wait for its end. Raises ``requests.ReadTimeout`` after ``within_s``."""
        shown = {str(path): {"bind": inside, "mode": "rw"} for path, inside in self.folders.items()}
        prefixes = {Path(sys.prefix), Path(sys.base_prefix)}
        here = [cache_dir(), *(one for one in prefixes if not one.is_relative_to("/usr"))]
        shown |= {str(path): {"bind": str(path), "mode": "rw" if path == cache_dir() else "ro"} for path in here}
        container = self.client.containers.run(
            image(self.client),
            list(argv),
            detach=True,
            network_mode="none",
            mem_limit=self.memory_bytes,
            memswap_limit=self.memory_bytes,
            pids_limit=self.tasks,
            volumes=shown,
            environment={**(env or {})},
            init=True,
            cap_add=["SYS_ADMIN", "NET_ADMIN"] if self.is_machine else [],
            security_opt=["seccomp=unconfined"] if self.is_machine else [],
            working_dir="/",
        )
        peak = _Peak(str(container.id))
        try:
            eventually(
                lambda: peak.look() or not _runs(container), bool, within=within_s, describe=f"the end of {argv[0]}"
            )
            code = container.wait(timeout=60)["StatusCode"]
            return Ended(code, container.logs().decode("utf-8", "replace"), peak.memory_bytes, peak.tasks)
        finally:
            container.remove(force=True)


@dataclass
class _Peak:
    """The most that a container was seen to use; 0 where its control groups cannot be read."""

    container: str
    memory_bytes: int = 0
    tasks: int = 0

    def look(self) -> bool:
        """Look once; False, so that a wait can do it by the way."""
        self.memory_bytes = max(self.memory_bytes, self._read("memory", "memory.max_usage_in_bytes"))
        self.tasks = max(self.tasks, self._read("pids", "pids.current"))
        return False

    def _read(self, controller: str, name: str) -> int:
        for folder in (CGROUPS / controller / "docker", CGROUPS / "docker"):
            try:
                return int((folder / self.container / name).read_text())
            except (OSError, ValueError):
                continue
        return 0


def _runs(container: docker.models.containers.Container) -> bool:
    container.reload()
    return bool(container.status in ("created", "running"))


def image(client: docker.DockerClient) -> str:
    """The image's name; it is made if need be, in a minute."""
    name = f"{_IMAGE}:{images.suite()}-2"
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        with tempfile.TemporaryDirectory(prefix="topicmark-clean-") as folder:
            rootfs = Path(folder) / "rootfs.tar"
            subprocess.run(
                ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}",
                 # this machine's Python may be root's; a platform's is the system's, which all can read
                 '--customize-hook=chmod 755 "$1/root"', images.suite(), str(rootfs)],
                check=True,
                timeout=_ROOTFS_WITHIN_S,
            )  # fmt: skip
            repository, tag = name.split(":")
            client.api.import_image_from_file(str(rootfs), repository=repository, tag=tag)
    return name


def stand_in_for_venv(project: Path) -> None:
    """What ``./topicmark fetch`` would have made in ``project``: this machine's packages, the project's code."""
    folder = project / ".venv" / "bin"
    folder.mkdir(parents=True)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="${{0%/.venv/bin/python}}/src" exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    told = subprocess.run(
        ["sh", "-c", "cat requirements.txt pyproject.toml | cksum | tr ' ' -"],
        cwd=project, check=True, capture_output=True, text=True,
    )  # fmt: skip
    (project / ".venv" / f".requirements.txt.{told.stdout.strip()}").touch()
