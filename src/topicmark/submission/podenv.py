"""The environment of a container, as the kubelet makes it: ``envFrom``, ``env``, references, ``$(NAME)``."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence

from topicmark.submission import yamltree
from topicmark.submission.resources import Resource
from topicmark.submission.words import listed
from topicmark.submission.yamltree import Items, Scalar, Table, YamlProblem

_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_MAX_VALUE_CHARS = 32_000
_REFERENCE = re.compile(r"\$(?:\$|\(([^()]*)\))")
_SOURCES = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}


def environment(
    container: Table, where: str, near: Sequence[Resource], facts: Mapping[str, str], remarks: list[str]
) -> dict[str, str]:
    """The variables of a container, the last of duplicates.

    ``near`` are the resources in which ConfigMaps and Secrets are looked for; ``facts`` answers ``fieldRef`` by
    path. What is not there is left out with a remark. Raises ``YamlProblem`` for what Kubernetes refuses.
    """
    found: dict[str, str] = {}
    for source, place in yamltree.children(container, "envFrom", f"{where}.envFrom"):
        found |= _from(source, place, near, remarks)
    given: dict[str, int] = {}
    for entry, place in _entries(container, f"{where}.env"):
        name = yamltree.text(entry, "name", f"{place}.name")
        if not name:
            raise YamlProblem(
                entry.line, f"{place}.name is not there.", "Each variable is `- name: …` with a `value:`."
            )
        if not _NAME.fullmatch(name):
            what = f"{place}.name is {listed([name])!r}, which is no name of a variable."
            raise YamlProblem(entry.line_of("name"), what)
        if name in given:
            remarks.append(f"{name} is given twice (lines {given[name]} and {entry.line}); Kubernetes takes the last.")
        given[name] = entry.line
        value = _value(entry, f"{place}", name, found, near, facts, remarks)
        if value is not None:
            found[name] = value
    return found


def expand(text: str, known: Mapping[str, str]) -> str:
    """``$(NAME)`` replaced if the name is known, ``$$`` made one."""
    return _REFERENCE.sub(lambda match: "$" if match[1] is None else known.get(match[1], match[0]), text)


def _entries(container: Table, where: str) -> Iterator[tuple[Table, str]]:
    node = container.pairs.get("env")
    if isinstance(node, Table):
        remedy = "Write `- name: NAME` and below it `value: …` for each variable."
        raise YamlProblem(node.line, f"{where} must be a list of names and values, not `NAME: value` pairs.", remedy)
    if isinstance(node, Items) and any(isinstance(each, Scalar) and "=" in each.text for each in node.values):
        remedy = "Write `- name: NAME` and below it `value: …` for each variable."
        raise YamlProblem(node.line, f"{where} must be a list of names and values, not of NAME=value.", remedy)
    yield from yamltree.children(container, "env", where)


def _value(
    entry: Table,
    where: str,
    name: str,
    known: Mapping[str, str],
    near: Sequence[Resource],
    facts: Mapping[str, str],
    remarks: list[str],
) -> str | None:
    """The value of one variable; ``None`` if it cannot be known from these files."""
    node = entry.pairs.get("value")
    if isinstance(node, Scalar) and node.kind in ("number", "boolean"):
        what = f"{name} has the {node.kind} {listed([node.text])} as its value, and Kubernetes takes only a text there."
        raise YamlProblem(node.line, what, f'Quote it: value: "{listed([node.text])}".')
    value = yamltree.text(entry, "value", f"{where}.value")
    source = yamltree.child(entry, "valueFrom", f"{where}.valueFrom")
    if source is None:
        expanded = expand(value, known)
        if len(expanded) > _MAX_VALUE_CHARS:  # A: $(B)$(B), B: $(C)$(C) and so on doubles each time
            raise YamlProblem(entry.line, f"{name} is longer than {_MAX_VALUE_CHARS} characters.")
        return expanded
    if value:
        raise YamlProblem(source.line, f"{name} has both value and valueFrom.", "Keep one of them.")
    for key, kind in _SOURCES.items():
        reference = yamltree.child(source, key, f"{where}.valueFrom.{key}")
        if reference is not None:
            return _referenced(reference, f"{where}.valueFrom.{key}", kind, name, near, remarks)
    field = yamltree.child(source, "fieldRef", f"{where}.valueFrom.fieldRef")
    path = yamltree.text(field, "fieldPath", f"{where}.valueFrom.fieldRef.fieldPath") if field is not None else ""
    label = re.fullmatch(r"metadata\.labels\['([^']+)'\]", path)
    known_field = facts.get(f"metadata.labels.{label[1]}" if label else path)
    if known_field is None:
        remarks.append(f"line {source.line}: {name} is left out; its value is known on a cluster only.")
    return known_field


def _referenced(
    reference: Table, where: str, kind: str, name: str, near: Sequence[Resource], remarks: list[str]
) -> str | None:
    target = yamltree.text(reference, "name", f"{where}.name")
    key = yamltree.text(reference, "key", f"{where}.key")
    if not key:
        raise YamlProblem(reference.line, f"{where}.key is not there.", f"Name the key of the {kind}.")
    content = data(kind, target, near)
    if content is None:
        remarks.append(f"line {reference.line}: {name} is left out; the {kind} {listed([target])} is not in the files.")
        return None
    if key not in content:
        if _is_optional(reference):
            return None
        what = f"{name} is the key {listed([key])} of the {kind} {listed([target])}, which has no such key."
        raise YamlProblem(reference.line, what, f"Its keys: {listed(content)}.")
    return content[key]


def _from(source: Table, where: str, near: Sequence[Resource], remarks: list[str]) -> dict[str, str]:
    prefix = yamltree.text(source, "prefix", f"{where}.prefix")
    for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        reference = yamltree.child(source, key, f"{where}.{key}")
        if reference is None:
            continue
        target = yamltree.text(reference, "name", f"{where}.{key}.name")
        content = data(kind, target, near)
        if content is None:
            what = f"line {reference.line}: the variables of the {kind} {listed([target])} are left out"
            remarks.append(f"{what}; it is not in the files.")
            return {}
        return {prefix + name: value for name, value in content.items() if _NAME.fullmatch(prefix + name)}
    raise YamlProblem(source.line, f"{where} names neither configMapRef nor secretRef.", "")


def data(kind: str, name: str, near: Sequence[Resource]) -> dict[str, str] | None:
    """The data of the last ConfigMap or Secret of that name; ``None`` if there is none."""
    found = [each for each in near if each.kind == kind and each.name == name]
    if not found:
        return None
    table = found[-1].table
    if kind == "ConfigMap":
        return yamltree.pairs(table, "data", "data")
    decoded = {key: _decoded(table, key, text) for key, text in yamltree.pairs(table, "data", "data").items()}
    return decoded | yamltree.pairs(table, "stringData", "stringData")


def _decoded(table: Table, key: str, text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        what = f"data.{listed([key])} of the Secret is not base64 of a text."
        raise YamlProblem(table.line_of("data"), what, "Put plain text below stringData.") from None


def _is_optional(reference: Table) -> bool:
    node = reference.pairs.get("optional")
    return isinstance(node, Scalar) and node.kind == "boolean" and node.text.lower() == "true"
