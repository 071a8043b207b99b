"""Regenerate ``jars.lock.toml`` from its own ``roots``: ``python -m topicmark.provision.lock``.

Needs the network. Edit ``roots`` and ``without`` in the file, then run this; the ``jars`` are written anew.
"""

from __future__ import annotations

import fnmatch
import hashlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext

from topicmark.provision.jarset import LOCK_FILE, Jar, JarSet, read

_HEAD = """\
# Every jar that a lab needs, pinned by content. `roots` and `without` are written by hand, `jars` by
# `python -m topicmark.provision.lock`. `without` names group:artifact (* allowed) that nothing needs at run time.
"""


def resolve(wanted: JarSet, repo_cache: Path) -> JarSet:
    """The set with its jars resolved, downloaded to ``repo_cache`` and hashed. Raises what jgo raises."""
    context = MavenContext(repo_cache=repo_cache, timeout=60)
    roots, others = context.resolver.resolve([context.create_dependency(root) for root in wanted.roots])
    kept: dict[tuple[str, str, str], Any] = {}
    for dependency in [*roots, *others]:
        name = f"{dependency.groupId}:{dependency.artifactId}"
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted.without):
            kept.setdefault((dependency.groupId, dependency.artifactId, dependency.classifier), dependency.artifact)
    with ThreadPoolExecutor(8) as pool:
        jars = tuple(pool.map(_pin, kept.values()))
    return JarSet(wanted.name, wanted.roots, wanted.without, jars)


def render(sets: list[JarSet]) -> str:
    """The lock file's text."""
    return _HEAD + "".join(_render_set(one) for one in sets)


def main() -> int:
    """Rewrite the lock file; says how many jars and bytes each set has."""
    with tempfile.TemporaryDirectory() as folder:
        done = [resolve(wanted, Path(folder)) for wanted in read().values()]
    LOCK_FILE.write_text(render(done), encoding="utf-8")
    for one in done:
        sys.stdout.write(f"{one.name}: {len(one.jars)} jars, {sum(jar.size for jar in one.jars):,} bytes\n")
    return 0


def _pin(artifact: Any) -> Jar:
    content = Path(artifact.resolve()).read_bytes()
    return Jar(
        group=artifact.groupId,
        artifact=artifact.artifactId,
        version=artifact.version,
        classifier=artifact.classifier or "",
        type=artifact.packaging,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def _render_set(one: JarSet) -> str:
    lines = [f"\n[{one.name}]", *_render_list("roots", one.roots)]
    if one.without:
        lines += _render_list("without", one.without)
    lines.append("jars = [")
    for jar in one.jars:
        fields = {"group": jar.group, "artifact": jar.artifact, "version": jar.version}
        if jar.classifier:
            fields["classifier"] = jar.classifier
        if jar.type != "jar":
            fields["type"] = jar.type
        text = ", ".join(f'{key} = "{value}"' for key, value in fields.items())
        lines.append(f'  {{ {text}, size = {jar.size}, sha256 = "{jar.sha256}" }},')
    return "\n".join([*lines, "]"]) + "\n"


def _render_list(key: str, values: tuple[str, ...]) -> list[str]:
    return [f"{key} = [", *(f'  "{value}",' for value in values), "]"]


if __name__ == "__main__":
    sys.exit(main())
