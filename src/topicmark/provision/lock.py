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

from topicmark.provision.archives import ARCHIVE, main_jar
from topicmark.provision.jarset import LOCK_FILE, Jar, JarSet, read

_HEAD = """\
# Every jar that a lab needs, pinned by content. `roots` and `without` are written by hand, `jars` by
# `python -m topicmark.provision.lock`. `without` names group:artifact (* allowed) that nothing needs at run time.
"""


def resolve(wanted: JarSet, repo_cache: Path) -> JarSet:
    """The set with its jars resolved, downloaded to ``repo_cache`` and hashed. Raises what jgo raises.

    A root ``group:artifact:version:classifier:tar.gz`` is an archive that has all it depends on.
    """
    context = MavenContext(repo_cache=repo_cache, timeout=60)
    archives = [root.split(":") for root in wanted.roots if root.endswith(f":{ARCHIVE}")]
    plain = [context.create_dependency(root) for root in wanted.roots if not root.endswith(f":{ARCHIVE}")]
    roots, others = context.resolver.resolve(plain) if plain else ([], [])
    kept: dict[tuple[str, str, str], Any] = {}
    for group, artifact, version, classifier, packaging in archives:
        component = context.project(group, artifact).at_version(version)
        kept[group, artifact, classifier] = component.artifact(classifier, packaging)
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
    file = Path(artifact.resolve())
    content = file.read_bytes()
    return Jar(
        group=artifact.groupId,
        artifact=artifact.artifactId,
        version=artifact.version,
        classifier=artifact.classifier or "",
        type=artifact.packaging,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        main=main_jar(file) if artifact.packaging == ARCHIVE else "",
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
        if jar.main:
            fields["main"] = jar.main
        text = ", ".join(f'{key} = "{value}"' for key, value in fields.items())
        lines.append(f'  {{ {text}, size = {jar.size}, sha256 = "{jar.sha256}" }},')
    return "\n".join([*lines, "]"]) + "\n"


def _render_list(key: str, values: tuple[str, ...]) -> list[str]:
    return [f"{key} = [", *(f'  "{value}",' for value in values), "]"]


if __name__ == "__main__":
    sys.exit(main())
