"""Redpanda Console's settings, as its container would read them: a YAML file, and over it the environment.

From redpanda-data/console v2.7.0, backend/pkg/config: a variable is a key in upper case with ``_`` for each level, a
comma in it makes a list, blanks stay; the file is named by ``CONFIG_FILEPATH`` or ``--config.filepath``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from topicmark.submission import images, yamltree
from topicmark.submission.kubernetes import Component
from topicmark.submission.words import listed
from topicmark.submission.yamltree import Items, Node, Scalar, Table, YamlProblem

PORT = 8080
INLINE = "CONSOLE_CONFIG_FILE"
DEFAULT_BROKER_PORT = 9092
_MOST = 20
_FLAG = re.compile(r"--?config\.filepath(?:=|\s+)[\"']?([^\s\"';&|]+)")
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?")
_URL = re.compile(r"https?://([A-Za-z0-9_.-]+)(?::(\d{1,5}))?(?:/.*)?")
_YES = frozenset({"1", "t", "true", "on", "yes", "y"})
_URLS = (
    ("schemaregistry", ("kafka.schemaregistry.urls", "schemaregistry.urls")),
    ("connect", ("connect.clusters.url", "kafkaconnect.clusters.url")),
)


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the console would do. ``problem`` says why it would end at once, empty if it starts.

    ``brokers`` as written, ``source`` where they stand; ``demands`` is the protection that it insists on (``TLS``,
    ``SASL``), ``port`` where it listens; ``urls`` are those of other services that are switched on.
    """

    brokers: tuple[str, ...] = ()
    source: str = "KAFKA_BROKERS"
    demands: tuple[str, ...] = ()
    port: int = PORT
    urls: tuple[str, ...] = ()
    problem: str = ""
    remarks: tuple[str, ...] = ()


def address(broker: str) -> tuple[str, int] | None:
    """Host and port of a broker as the console reads it; None if it is none."""
    match = _ADDRESS.fullmatch(broker)
    return (match[1].strip("[]"), int(match[2] or DEFAULT_BROKER_PORT)) if match else None


def url_address(url: str) -> tuple[str, int] | None:
    """Host and port of a URL; None if it is none that the console can use."""
    match = _URL.fullmatch(url.strip())
    return (match[1], int(match[2] or (443 if url.strip().startswith("https") else 80))) if match else None


def settings(console: Component) -> ConsoleSettings:
    """The settings that the container of the manifest gives to the program in it."""
    remarks = [words for words in (images.retired_console(console.image),) if words]
    try:
        known, file = _from_file(console, remarks)
    except YamlProblem as wrong:
        return ConsoleSettings(problem=f"its configuration {wrong.what}", remarks=tuple(remarks))
    if isinstance(known, str):
        return ConsoleSettings(problem=known, remarks=tuple(remarks))
    by_variable: dict[str, list[str]] = {}
    for name, value in console.env.items():
        by_variable[name.lower().replace("_", ".")] = value.split(",") if "," in value else [value]
    source = "KAFKA_BROKERS" if "kafka.brokers" in by_variable or not file else f"kafka.brokers in {file}"
    known = {**known, **by_variable}
    urls = [url for role, keys in _URLS for key in keys if _is_on(known, role, key) for url in known.get(key, ())]
    port = (known.get("server.listenport") or [str(PORT)])[-1]
    if not re.fullmatch(r"\d{1,5}", port):
        return ConsoleSettings(problem=f"server.listenPort is {listed([port])}, no number", remarks=tuple(remarks))
    return ConsoleSettings(
        brokers=tuple(broker for broker in known.get("kafka.brokers", ()) if broker)[:_MOST],
        source=source,
        demands=tuple(name for name in ("TLS", "SASL") if _says_yes(known, f"kafka.{name.lower()}.enabled")),
        port=int(port),
        urls=tuple(url for url in urls if url)[:_MOST],
        remarks=tuple(remarks),
    )


def _is_on(known: Mapping[str, list[str]], role: str, key: str) -> bool:
    """In 2.x these are off unless ``enabled`` is set; where nothing is said a URL alone is taken for the wish."""
    switches = [name for name in (f"kafka.{role}.enabled", f"{role}.enabled", f"kafka{role}.enabled") if name in known]
    return key in known and (not switches or any(_says_yes(known, name) for name in switches))


def _says_yes(known: Mapping[str, list[str]], key: str) -> bool:
    return bool(known.get(key)) and known[key][-1].strip().lower() in _YES


def _from_file(console: Component, remarks: list[str]) -> tuple[dict[str, list[str]] | str, str]:
    """The keys of the configuration file with their values, and what the file is called; or why there is none."""
    words = " ".join((*console.command, *console.args))
    flags = _FLAG.findall(words)
    path = flags[-1] if flags else console.env.get("CONFIG_FILEPATH", "")
    writes = INLINE in words and INLINE in console.env
    if INLINE in console.env and not writes:
        remarks.append(f"{INLINE} is read by nobody: no command of the container writes it into a file.")
    if not path:
        for unread in console.files:
            remarks.append(f"{unread} is mounted, and neither CONFIG_FILEPATH nor --config.filepath names it.")
        return {}, ""
    text = console.files.get(posixpath.normpath(path))
    if text is None and writes:
        return _keys(console.env[INLINE]), INLINE
    if text is None:
        return f"it is to read {listed([path])}, and nothing puts a file there", ""
    return _keys(text), posixpath.basename(path)


def _keys(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in yamltree.documents(text)[:1]:
        if not isinstance(node, Table):
            raise YamlProblem(node.line, "has no `key: value` pairs at its top level.")
        _flatten(node, "", found)
    return found


def _flatten(node: Node, key: str, found: dict[str, list[str]]) -> None:
    if isinstance(node, Scalar):
        if node.kind != "null":
            found.setdefault(key, []).append(node.text)
    elif isinstance(node, Items):
        for each in node.values:
            _flatten(each, key, found)
    else:
        for name, each in node.pairs.items():
            _flatten(each, f"{key}.{name}".strip(".").lower(), found)
