"""The files that a container finds in its file system because a volume puts a ConfigMap or a Secret there."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Sequence

from topicmark.submission import yamltree
from topicmark.submission.podenv import data
from topicmark.submission.resources import Resource
from topicmark.submission.words import listed
from topicmark.submission.yamltree import Table, YamlProblem

_KINDS = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"))


def mounted(
    pod: Table, container: Table, where: str, near: Sequence[Resource], claims: Collection[str], remarks: list[str]
) -> dict[str, str]:
    """Texts by path in the container. ``where`` is the container's place in words; ``claims`` are the volumes that a
    StatefulSet's claim templates make. What is not among ``near`` is left out with a remark. Raises ``YamlProblem``
    for a mount of a volume that the pod does not have.
    """
    place = where.rpartition(".")[0]
    volumes = {
        yamltree.text(volume, "name", f"{at}.name"): (volume, at)
        for volume, at in yamltree.children(pod, "volumes", f"{place}.volumes")
    }
    found: dict[str, str] = {}
    for mount, at in yamltree.children(container, "volumeMounts", f"{where}.volumeMounts"):
        name = yamltree.text(mount, "name", f"{at}.name")
        path = yamltree.text(mount, "mountPath", f"{at}.mountPath")
        if not path:
            raise YamlProblem(mount.line, f"{at}.mountPath is not there.", "Say where the volume is to be seen.")
        if name not in volumes:
            if name in claims:
                continue
            what = f"{at} names the volume {listed([name])!r}, which the pod does not have."
            raise YamlProblem(mount.line_of("name"), what, f"Its volumes: {listed(volumes) or 'none'}.")
        files = _files(*volumes[name], near, remarks)
        part = yamltree.text(mount, "subPath", f"{at}.subPath")
        if part:
            found |= {posixpath.normpath(path): files[part]} if part in files else {}
        else:
            found |= {posixpath.normpath(posixpath.join(path, file)): text for file, text in files.items()}
    return found


def _files(volume: Table, at: str, near: Sequence[Resource], remarks: list[str]) -> dict[str, str]:
    """What is in a volume, by file name; nothing in one of another kind."""
    for key, kind, called in _KINDS:
        source = yamltree.child(volume, key, f"{at}.{key}")
        if source is None:
            continue
        target = yamltree.text(source, called, f"{at}.{key}.{called}")
        content = data(kind, target, near)
        if content is None:
            remarks.append(f"line {source.line}: the {kind} {listed([target])} of a volume is not in the files.")
            return {}
        items = yamltree.children(source, "items", f"{at}.{key}.items")
        if not items:
            return content
        chosen: dict[str, str] = {}
        for item, place in items:
            wanted = yamltree.text(item, "key", f"{place}.key")
            if wanted in content:
                chosen[yamltree.text(item, "path", f"{place}.path")] = content[wanted]
            else:
                remarks.append(f"line {item.line}: the {kind} {listed([target])} has no key {listed([wanted])}.")
        return chosen
    return {}
