"""Exercise 1's Helm values, read as Helm and the Bitnami chart kafka 30.0.4 read them.

Defaults and keys are those of the chart (bitnami/charts, tag ``kafka/30.0.4``, ``values.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from topicmark.submission.artefacts import Problem
from topicmark.submission.words import listed
from topicmark.submission.yamltree import YamlProblem, explained, refuse_conflict

MAX_CHARS = 256 * 1024  # the chart's own values.yaml, comments and all, is about half of this
_MAX_NODES = 20_000
_RETIRED = re.compile(r"(?:(?:registry-1\.|index\.)?docker\.io/)?bitnami/")
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
_OLD_KEYS = {
    "replicaCount": "controller.replicaCount",
    "auth": "listeners.client.protocol",
}
_PORTS = {"client": 9092, "controller": 9093, "interbroker": 9094}
_PROPERTY = re.compile(r"([A-Za-z0-9_.-]+)\s*[=:]\s*(.*)")


@dataclass(frozen=True, slots=True)
class Values:
    """What the values say, with the chart's defaults where they say nothing. ``properties`` are broker settings."""

    name: str
    client_protocol: str = "SASL_PLAINTEXT"
    controllers: int = 3
    controller_only: bool = False
    brokers: int = 0
    kraft: bool = True
    zookeeper: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    image: str = "docker.io/bitnami/kafka:3.8.0-debian-12-r3"
    ports: Mapping[str, int] = field(default_factory=lambda: dict(_PORTS))
    """Container port by listener: ``client``, ``controller``, ``interbroker``."""
    remarks: tuple[str, ...] = ()

    def shared_ports(self) -> list[str]:
        """Listeners that are given the same port, in words. Kafka refuses to start with them."""
        users: dict[int, list[str]] = {}
        for listener, port in self.ports.items():
            users.setdefault(port, []).append(f"listeners.{listener}")
        return [f"{' and '.join(names)} both on port {port}" for port, names in users.items() if len(names) > 1]

    def image_remark(self) -> str | None:
        """Why the image can no longer be pulled, and what to name instead; ``None`` if it can."""
        return retired(self.image)


def retired(image: str) -> str | None:
    """Why an image can no longer be pulled, and what to name instead; ``None`` if it can.

    Versioned tags of ``docker.io/bitnami`` went to ``bitnamilegacy`` in August and September 2025
    (bitnami/containers#83267); Kafka is not among the images that stayed.
    """
    if not _RETIRED.match(image):
        return None
    return (
        f"the image {image} is retired: Bitnami has moved its versioned tags to docker.io/bitnamilegacy, and "
        "a new cluster cannot pull it. Set image.repository to bitnamilegacy/kafka."
    )


def parse(text: str, name: str) -> Values | Problem:
    """Read a values file. ``name`` is the file's name, for messages; a ``Problem`` carries the line."""
    try:
        reader = _Reader(text)
        return reader.values(name)
    except YamlProblem as wrong:
        return Problem(f"{name}:{wrong.line}", wrong.what, wrong.remedy)
    except (RecursionError, ValueError, OverflowError):
        return Problem(name, "cannot be read as YAML: too deeply nested, or a value out of range.")


class _Reader:
    """One reading of one file: the mapping of its first document, and remarks on the way."""

    def __init__(self, text: str) -> None:
        self.remarks: list[str] = []
        self._budget = _MAX_NODES
        self.top = self._first_document(text)

    def _first_document(self, text: str) -> yaml.MappingNode | None:
        if len(text) > MAX_CHARS:
            raise YamlProblem(1, f"is longer than {MAX_CHARS // 1024} KiB.")
        refuse_conflict(text)
        documents: Iterator[yaml.Node] = yaml.compose_all(text, Loader=yaml.SafeLoader)
        try:
            first = next(documents, None)
        except yaml.MarkedYAMLError as error:
            raise explained(error, text) from None
        except yaml.YAMLError as error:
            raise YamlProblem(1, f"is not valid YAML: {' '.join(str(error).split())[:200]}.") from None
        try:
            more = next(documents, None) is not None
        except yaml.YAMLError:
            more = True
        if more:
            self.remarks.append("the file holds several YAML documents; Helm reads the first and ignores the others.")
        if first is None or _is_null(first):
            return None
        if not isinstance(first, yaml.MappingNode):
            raise YamlProblem(_line(first), "holds no `key: value` pairs at its top level, so it is no values file.")
        return first

    def values(self, name: str) -> Values:
        """The chart's view of the file."""
        top = self._pairs(self.top, "") if self.top is not None else {}
        for old, new in _OLD_KEYS.items():
            if old in top:
                self.remarks.append(f"line {_line(top[old])}: chart 30.0.4 does not read {old}; it reads {new}.")
        listeners = self._child(top, "listeners")
        client = self._child(listeners, "client", "listeners.")
        controller, broker = self._child(top, "controller"), self._child(top, "broker")
        kraft, zookeeper = self._child(top, "kraft"), self._child(top, "zookeeper")
        protocol = self._text(client, "protocol", "listeners.client.protocol", "SASL_PLAINTEXT")
        properties: dict[str, str] = {}
        for prefix, table in (("", top), ("controller.", controller), ("broker.", broker)):
            for key in ("config", "extraConfig", "extraConfigYaml"):
                if key in table:
                    properties |= self._properties(table[key], prefix + key)
        return Values(
            name=name,
            client_protocol=protocol.upper(),
            controllers=self._count(controller, "controller.replicaCount", 3),
            controller_only=self._flag(controller, "controllerOnly", "controller.controllerOnly", False),
            brokers=self._count(broker, "broker.replicaCount", 0),
            kraft=self._flag(kraft, "enabled", "kraft.enabled", True),
            zookeeper=self._flag(zookeeper, "enabled", "zookeeper.enabled", False),
            properties=properties,
            image=self._image(top),
            ports={name: self._port(listeners, name, default) for name, default in _PORTS.items()},
            remarks=tuple(self.remarks),
        )

    def _port(self, listeners: Mapping[str, yaml.Node], name: str, default: int) -> int:
        listener = self._child(listeners, name, "listeners.") if name in listeners else {}
        return self._count(listener, f"listeners.{name}.containerPort", default)

    def _image(self, top: Mapping[str, yaml.Node]) -> str:
        image, everywhere = self._child(top, "image"), self._child(top, "global")
        registry = self._text(image, "registry", "image.registry", "docker.io")
        registry = self._text(everywhere, "imageRegistry", "global.imageRegistry", "") or registry
        repository = self._text(image, "repository", "image.repository", "bitnami/kafka")
        tag = self._text(image, "tag", "image.tag", "3.8.0-debian-12-r3")
        digest = self._text(image, "digest", "image.digest", "")
        return f"{registry}/{repository}@{digest}" if digest else f"{registry}/{repository}:{tag}"

    def _pairs(self, node: yaml.MappingNode, where: str) -> dict[str, yaml.Node]:
        """The pairs of a mapping, the last of duplicates, merged mappings (``<<``) below its own."""
        own: dict[str, yaml.Node] = {}
        merged: dict[str, yaml.Node] = {}
        for key, value in node.value:
            self._budget -= 1
            if self._budget < 0:
                raise YamlProblem(_line(node), "holds more than anybody writes by hand.")
            if key.tag == "tag:yaml.org,2002:merge":
                for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    self._budget -= 1
                    if isinstance(source, yaml.MappingNode) and self._budget > 0:
                        for name, inherited in self._pairs(source, where).items():
                            merged.setdefault(name, inherited)
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise YamlProblem(_line(key), "has a key that is not a plain word.")
            if key.value in own:
                first, last = _line(own[key.value]), _line(value)
                self.remarks.append(
                    f"{where}{key.value} is given twice (lines {first} and {last}); Helm takes the last."
                )
            own[key.value] = value
        return {**merged, **own}

    def _child(self, table: Mapping[str, yaml.Node], key: str, where: str = "") -> dict[str, yaml.Node]:
        node = table.get(key)
        if node is None:
            return {}
        if _is_null(node):
            remedy = f"Indent its settings below it, or delete the line `{key}:`."
            raise YamlProblem(_line(node), f"{where}{key} is empty, which takes the chart's own settings away.", remedy)
        if not isinstance(node, yaml.MappingNode):
            raise YamlProblem(_line(node), f"{where}{key} must hold `key: value` pairs.", "Indent them below it.")
        return self._pairs(node, f"{where}{key}.")

    def _text(self, table: Mapping[str, yaml.Node], key: str, full: str, default: str) -> str:
        node = table.get(key)
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode):
            raise YamlProblem(_line(node), f"{full} must be a text.")
        if _is_null(node):
            raise YamlProblem(_line(node), f"{full} is empty.", f"Give it a value, or delete the line `{key}:`.")
        return str(node.value).strip()

    def _count(self, table: Mapping[str, yaml.Node], full: str, default: int) -> int:
        text = self._text(table, full.rpartition(".")[2], full, str(default))
        if not re.fullmatch(r"\d{1,6}(\.0+)?", text):
            node = table[full.rpartition(".")[2]]
            raise YamlProblem(
                _line(node), f"{full} must be a whole number, not {listed([text])!r}.", f"The default is {default}."
            )
        return int(text.partition(".")[0])

    def _flag(self, table: Mapping[str, yaml.Node], key: str, full: str, default: bool) -> bool:
        node = table.get(key)
        text = self._text(table, key, full, "true" if default else "false").lower()
        if text in _TRUE or text in _FALSE:
            quoted = isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str"
            if quoted and text in _FALSE and node is not None:
                self.remarks.append(f"line {_line(node)}: {full} is the text {text!r}, which Helm takes for true.")
                return True
            return text in _TRUE
        raise YamlProblem(_line(node) if node else 1, f"{full} must be true or false, not {listed([text])!r}.")

    def _properties(self, node: yaml.Node, where: str) -> dict[str, str]:
        """Broker settings from lines of text (``a.b=1``) or a mapping, nested or with dotted keys."""
        if _is_null(node):
            return {}
        if isinstance(node, yaml.MappingNode):
            return dict(self._flat(node, "", where))
        if not isinstance(node, yaml.ScalarNode):
            raise YamlProblem(_line(node), f"{where} must be a text or `key: value` pairs.")
        found: dict[str, str] = {}
        for line in str(node.value).splitlines()[:2000]:
            if not line.strip() or line.lstrip().startswith(("#", "!")):
                continue
            match = _PROPERTY.fullmatch(line.strip())
            if match:
                found[match[1]] = match[2]
            else:
                self.remarks.append(f"{where}: the line {listed([line.strip()])!r} is no `key=value`.")
        return found

    def _flat(self, node: yaml.MappingNode, prefix: str, where: str) -> Iterator[tuple[str, str]]:
        for key, value in self._pairs(node, f"{where}.").items():
            if isinstance(value, yaml.MappingNode):
                yield from self._flat(value, f"{prefix}{key}.", where)
            elif isinstance(value, yaml.SequenceNode):
                yield (
                    prefix + key,
                    ",".join(each.value for each in value.value[:100] if isinstance(each, yaml.ScalarNode)),
                )
            else:
                yield prefix + key, "" if _is_null(value) else str(value.value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
