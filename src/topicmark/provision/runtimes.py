"""Python runtimes for student programs: environments of their own, apart from the grader's, made once and kept.

An environment is built so that it works where a sandbox shows it (``/opt/python``), not where the cache keeps it.
Nothing that was installed is ever run outside a sandbox: pip starts before the packages arrive and only unpacks wheels.
"""

from __future__ import annotations

import hashlib
import os
import py_compile
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

from topicmark.model import LabFault
from topicmark.provision.cache import cache_dir, locked
from topicmark.sandbox.spec import Mount

SHOWN_AT = Path("/opt/python")
DEFAULT_TIMEOUT_S = 600.0
MAX_REQUIREMENTS_CHARS = 64 * 1024
_MAX_REQUIREMENTS = 200
_MAX_LINE_CHARS = 1000
_MAX_OUTPUT_BYTES = 64 * 1024
_LAYOUT = "2"  # part of every key: raise it when what an environment looks like changes
_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"

_REQUIREMENT = re.compile(  # of text in which blanks are single: nothing here may match many of them in two ways
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,100}[A-Za-z0-9])? ?(?:\[[A-Za-z0-9._, -]{0,200}\])? ?\(? ?"
    r"(?:(?:===|==|~=|!=|<=|>=|<|>) ?[A-Za-z0-9.*+!_-]{1,80}(?: ?,)? ?)*\)? ?(?:;[^@/\\]{0,300})?"
)
_CLIENTS = (
    "kafka-python",
    "kafka-python-ng",
    "confluent-kafka",
    "aiokafka",
    "faust-streaming",
    "quixstreams",
    "pykafka",
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """An environment in the cache. ``python`` and ``prefix`` are paths outside, ``base_prefix`` the interpreter's."""

    python: Path
    prefix: Path
    base_prefix: Path
    key: str
    remarks: tuple[str, ...] = ()

    def mounts(self) -> tuple[Mount, ...]:
        """What a sandbox shows: the environment at ``/opt/python``, the interpreter where it is (``/usr`` is there)."""
        shown = [Mount(self.prefix, SHOWN_AT)]
        if not self.base_prefix.is_relative_to("/usr"):
            shown.append(Mount(self.base_prefix, self.base_prefix))
        return tuple(shown)

    def path(self) -> tuple[str, ...]:
        """Folders for the front of ``PATH`` in a sandbox that shows ``mounts()``."""
        return (str(SHOWN_AT / "bin"),)

    def host_path(self) -> tuple[str, ...]:
        """The same without mounts. Scripts made by pip do not work there, ``python`` and ``python -m`` do."""
        return (str(self.prefix / "bin"),)


@dataclass(frozen=True, slots=True)
class RuntimeFailure:
    """Requirements that could not be installed. ``reason`` is for the student, ``output`` the end of what pip said.

    ``ours`` is true if it is not the student's doing (no network, a full disk, time).
    """

    reason: str
    output: str = ""
    ours: bool = False


def default(progress: Callable[[str], None]) -> Runtime:
    """The environment without requirements: kafka-python 2.x, confluent-kafka, aiokafka and small things.

    Raises ``LabFault`` if it cannot be made.
    """
    text = _data("runtime-default.txt")
    options = ("--require-hashes",)
    what = "the default Python packages"
    made = _environment(text, options, DEFAULT_TIMEOUT_S, progress, what, finish=_take_two_fields)
    if isinstance(made, RuntimeFailure):
        remedy = "Check the network and pip's settings (pip config list), then run ./topicmark doctor."
        raise LabFault(made.reason, service="python", log=made.output, remedy=remedy)
    return made


def for_requirements(
    text: str, progress: Callable[[str], None], *, timeout_s: float = 300.0
) -> Runtime | RuntimeFailure:
    """An environment with a student's requirements, wheels only. The same text gives the same environment.

    Only names with versions are taken: no options, addresses or paths. ``RuntimeFailure`` says what stood in the way.
    """
    plain = _plain_requirements(text)
    if isinstance(plain, RuntimeFailure):
        return plain
    names = [_named(line) for line in plain]
    made = _environment("\n".join(plain) + "\n", (), timeout_s, progress, "the packages of requirements.txt")
    if isinstance(made, RuntimeFailure):
        return made
    return Runtime(made.python, made.prefix, made.base_prefix, made.key, _remarks(made.prefix, names))


def known(text: str) -> bool:
    """Whether an environment for these requirements is in the cache already, made for somebody who was trusted."""
    plain = _plain_requirements(text)
    if isinstance(plain, RuntimeFailure):
        return False
    return (cache_dir() / "runtimes" / _key("\n".join(plain) + "\n")).is_dir()


def _data(name: str) -> str:
    return resources.files("topicmark.provision").joinpath(name).read_text(encoding="utf-8")


def _named(requirement: str) -> str:
    """The package of a requirement, in its normal spelling."""
    return _normal(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def _plain_requirements(text: str) -> list[str] | RuntimeFailure:
    if len(text) > MAX_REQUIREMENTS_CHARS:
        return RuntimeFailure(f"requirements.txt is longer than {MAX_REQUIREMENTS_CHARS // 1024} KiB.")
    kept: list[str] = []
    joined = re.sub(r"\\\r?\n", " ", text.removeprefix("\ufeff"))
    for number, line in enumerate(joined.splitlines(), 1):
        wanted = re.sub(r"(^|\s)#.*$", "", line).strip()
        wanted = " ".join(re.sub(r"\s--hash[= ]\S+", "", wanted).split())
        if not wanted:
            continue
        if len(wanted) > _MAX_LINE_CHARS or not _REQUIREMENT.fullmatch(wanted):
            shown = wanted[:80].encode("unicode_escape").decode()
            return RuntimeFailure(
                f"requirements.txt:{number}: {shown!r} is not taken. Write names and versions only "
                "(kafka-python==2.0.2): no options, addresses or paths."
            )
        kept.append(wanted)
    if len(kept) > _MAX_REQUIREMENTS:
        return RuntimeFailure(f"requirements.txt names more than {_MAX_REQUIREMENTS} packages.")
    return kept


def _key(requirements: str) -> str:
    seed = "\0".join((_LAYOUT, sys.version, str(_base_interpreter()), requirements))
    return hashlib.sha256(seed.encode()).hexdigest()[:20]


def _environment(
    requirements: str,
    options: Sequence[str],
    timeout_s: float,
    progress: Callable[[str], None],
    what: str,
    finish: Callable[[Path], None] | None = None,
) -> Runtime | RuntimeFailure:
    """The environment for this text, from the cache or made now. Two runs at once make it once."""
    base = _base_interpreter()
    base_prefix = Path(sys.base_prefix).resolve()
    key = _key(requirements)
    folder = cache_dir() / "runtimes"
    prefix = folder / key
    found = Runtime(prefix / "bin" / "python", prefix, base_prefix, key)
    if prefix.is_dir():
        return found
    folder.mkdir(parents=True, exist_ok=True)
    with locked(f"runtime-{key}"):
        if prefix.is_dir():
            return found
        progress(f"installing {what}")
        with tempfile.TemporaryDirectory(prefix=f".{key}-", dir=folder) as scratch:
            fresh = Path(scratch) / "prefix"
            _make(fresh, base)
            failure = _install(fresh, requirements, options, timeout_s, Path(scratch))
            if failure is not None:
                return failure
            _make_relocatable(fresh, base)
            if finish is not None:
                finish(fresh)
            fresh.rename(prefix)
    return found


def _base_interpreter() -> Path:
    """The interpreter that the grader's own environment was made with."""
    named = Path(sys.base_prefix) / "bin" / _PYTHON
    base = named if named.exists() else Path(getattr(sys, "_base_executable", sys.executable))
    return base.resolve()


def _make(prefix: Path, base: Path) -> None:
    """An empty environment: what ``venv`` makes, less its scripts."""
    (prefix / "bin").mkdir(parents=True)
    (prefix / "lib" / _PYTHON / "site-packages").mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {sys.version.split()[0]}\n",
        encoding="utf-8",
    )
    for name in ("python", "python3", _PYTHON):
        (prefix / "bin" / name).symlink_to(base)


def _install(
    prefix: Path, requirements: str, options: Sequence[str], timeout_s: float, scratch: Path
) -> RuntimeFailure | None:
    if not requirements.strip():
        return None
    listed, log = scratch / "requirements.txt", scratch / "pip.log"
    listed.write_text(requirements, encoding="utf-8")
    home = scratch / "home"
    home.mkdir()
    argv = [
        *(sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python"), "install"),
        *("--only-binary", ":all:", "--no-input", "--no-warn-script-location"),
        *("--disable-pip-version-check", "--progress-bar", "off", *options, "-r", str(listed)),
    ]
    env = {**os.environ, "TMPDIR": str(scratch), "PYTHONNOUSERSITE": "1", "PIP_REQUIRE_VIRTUALENV": "0"}
    for name in (
        "PYTHONPATH",
        "PYTHONHOME",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_USER",
        "PIP_NO_BINARY",
        "PIP_REQUIREMENT",
    ):
        env.pop(name, None)
    with log.open("wb") as output:
        child = subprocess.Popen(
            argv, cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            status = child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            said = _tail(log)
            return RuntimeFailure(f"installing the packages took longer than {timeout_s:.0f} s.", said, ours=True)
        finally:
            _end(child)
    return None if status == 0 else _explain(_tail(log))


def _end(child: subprocess.Popen[bytes]) -> None:
    """The installer and what it started, gone."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _MAX_OUTPUT_BYTES))
        return file.read(_MAX_OUTPUT_BYTES).decode("utf-8", "replace")


def _explain(output: str) -> RuntimeFailure:
    """What pip's output means."""
    missing = re.search(r"No matching distribution found for ([^\n]{1,120})", output)
    if re.search(r"ResolutionImpossible|conflicting dependencies", output):
        return RuntimeFailure("the versions in requirements.txt contradict one another.", output)
    if re.search(r"No space left|Permission denied|Read-only file system", output):
        return RuntimeFailure("the packages could not be written.", output, ours=True)
    if (
        missing
        and re.search(r"from versions: none", output)
        and re.search(r"Retrying|ConnectionError|Temporary failure", output)
    ):
        return RuntimeFailure("the package index could not be reached.", output, ours=True)
    if missing:
        reason = f"there is no wheel of {missing[1].strip()} for {_PYTHON} here."
        return RuntimeFailure(reason + " Name another version, or leave it out if the programs do not need it.", output)
    if re.search(r"ConnectionError|NewConnectionError|Temporary failure|Read timed out|ProxyError|SSLError", output):
        return RuntimeFailure("the package index could not be reached.", output, ours=True)
    lines = [line for line in output.splitlines() if line.startswith("ERROR:")]
    return RuntimeFailure(
        f"pip refused requirements.txt: {lines[-1][6:].strip()[:200] if lines else 'no reason given'}", output
    )


def _make_relocatable(prefix: Path, base: Path) -> None:
    """Make it work at ``/opt/python``: first lines of scripts; the interpreter as it was whatever a wheel brought."""
    scripts = prefix / "bin"
    for name in ("python", "python3", _PYTHON):
        link = scripts / name
        if not link.is_symlink():
            shutil.rmtree(link) if link.is_dir() else link.unlink(missing_ok=True)
            link.symlink_to(base)
    (prefix / "pyvenv.cfg").unlink(missing_ok=True)
    (prefix / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {sys.version.split()[0]}\n",
        encoding="utf-8",
    )
    there = str(scripts / "python").encode()
    here = str(SHOWN_AT / "bin" / "python").encode()
    for script in sorted(scripts.iterdir()):
        if script.is_symlink() or not script.is_file():
            continue
        data = script.read_bytes()
        head, rest = data[:2048], data[2048:]
        if head.startswith(b"#!") and there in head:
            script.write_bytes(head.replace(there, here) + rest)


def _take_two_fields(prefix: Path) -> None:
    """Let ``OffsetAndMetadata(offset, metadata)`` work in kafka-python 2.3, as it does in 2.0, in -ng and in 3.

    Programs written for those commit offsets that way; 2.1 to 2.3 alone insist on a third field.
    """
    structs = prefix / "lib" / _PYTHON / "site-packages" / "kafka" / "structs.py"
    with structs.open("a", encoding="utf-8") as file:
        file.write("\n# Topicmark: the leader epoch may be left out, as in 2.0 and 3.\n")
        file.write("OffsetAndMetadata.__new__.__defaults__ = (-1,)\n")
    py_compile.compile(str(structs), dfile=str(SHOWN_AT / structs.relative_to(prefix)))


def _remarks(prefix: Path, names: Sequence[str]) -> tuple[str, ...]:
    """What is odd about a student's packages. Reads their metadata only."""
    site = prefix / "lib" / _PYTHON / "site-packages"
    installed = {_normal(each.name) for each in metadata.distributions(path=[str(site)])}
    remarks: list[str] = []
    if {"kafka-python", "kafka-python-ng"} <= installed:
        remarks.append(
            "requirements.txt brings kafka-python and kafka-python-ng: both install the package `kafka`, "
            "and whichever comes last wins. Keep one."
        )
    if "kafka" in names:
        remarks.append(
            "requirements.txt names `kafka`, an old release of another name; kafka-python is the one to name."
        )
    if not installed & {*_CLIENTS, "kafka"}:
        remarks.append(
            "requirements.txt names no Kafka client, so the programs find none: add kafka-python, or delete the file."
        )
    return tuple(remarks)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
