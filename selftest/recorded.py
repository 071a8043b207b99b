"""The recordings of the real ksqlDB 7.3.1, as requests and answers, and what two answers may differ in."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "contract" / "recordings"
_BLOCK = re.compile(r"^\$ (curl .*?)\n(HTTP/.*?)\n\[curl rc=(\d+)\]", re.MULTILINE | re.DOTALL)
_PRINTED = re.compile(
    r"rowtime: (\d+/\d+/\d+ \d+:\d+:\d+\.\d+) Z, key: (\d), value: (\{.*\}), partition: (\d)$", re.MULTILINE
)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. ``cut``: the client hung up after a while, the answer has no end."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    data: str | None
    http2: bool
    status: int
    answer_headers: dict[str, str]
    body: str
    cut: bool


@dataclass(frozen=True)
class Fed:
    """A record of INGESTION as it lay in the topic."""

    rowtime: str
    key: bytes
    value: bytes
    partition: int


def exchanges(file: str) -> list[Exchange]:
    text = (FOLDER / file).read_text(encoding="utf-8")
    return [_exchange(f"{file}-{index}", *found) for index, found in enumerate(_BLOCK.findall(text))]


def _exchange(name: str, command: str, answer: str, code: str) -> Exchange:
    words = shlex.split(command)
    headers, data, method, url = {}, None, "GET", ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            key, _, value = next(rest).partition(": ")
            headers[key] = value
        elif word == "-d":
            data = next(rest)
        elif word == "-X":
            method = next(rest)
        elif word.startswith("http"):
            url = word
    head, _, body = answer.partition("\n\n")
    status, *lines = head.splitlines()
    answer_headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines)}
    path = "/" + url.split("/", 3)[3]
    return Exchange(
        name, method, path, headers, data, "--http2-prior-knowledge" in words, int(status.split()[1]),
        answer_headers, body, code == "28",
    )  # fmt: skip


def ingestion() -> list[Fed]:
    """All records that the recorded server printed of INGESTION, in the order in which they were produced."""
    text = (FOLDER / "ksql-2-queries.txt").read_text(encoding="utf-8")
    block = next(body for command, body, _ in _BLOCK.findall(text) if '"PRINT INGESTION FROM BEGINNING;"' in command)
    found = [Fed(when, key.encode(), value.encode(), int(part)) for when, key, value, part in _PRINTED.findall(block)]
    return sorted(found, key=lambda fed: json.loads(fed.value)["created_at"])


_LOOSE = [
    (re.compile(r"transient_(\w+?)_\d{6,}"), r"transient_\1_N"),
    (re.compile(r'"kafkaClusterId":"[^"]+"'), '"kafkaClusterId":"C"'),
    (re.compile(r'"kafka-cluster":"[^"]+"'), '"kafka-cluster":"C"'),
    (re.compile(r',"embedded":"[^"]+"'), ""),
    (re.compile(r'"127\.[\d.]+:\d+"'), '"HOST"'),
    (re.compile(r"messages-per-sec: +[\d.]+"), "messages-per-sec: N"),
    (re.compile(r"last-message: [\dTZ:.-]+"), "last-message: T"),
    (
        re.compile(r'"name":"messages-per-sec","host":"HOST","value":[\d.E-]+'),
        '"name":"messages-per-sec","host":"HOST"',
    ),
    (re.compile(r'"timestamp":\d+'), '"timestamp":0'),
    (re.compile(r"rowtime: [\d/]+ [\d:.]+ Z"), "rowtime: T"),
]
_ANY_ORDER = ("streams", "readQueries", "topics", "queries", "sourceDescriptions", "functions", "tasksMetadata")


def comparable(body: str, *, lines: bool = False) -> Any:
    """The answer without what differs from run to run; its lists in any order where ksqlDB's order is a hash table's.

    ``lines``: rows of a query or of PRINT, whose order across partitions is open.
    """
    for pattern, instead in _LOOSE:
        body = pattern.sub(instead, body)
    if lines:
        first, *others = [line for line in body.splitlines() if line]
        return [first, *sorted(others)]
    try:
        return _sorted(json.loads(body))
    except ValueError:
        return body


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        if "commandStatuses" in value:
            return {"commandStatuses": dict(sorted(value["commandStatuses"].items()))}
        if "consumer-messages-per-sec" in value.get("statistics", ""):  # how much was read is not told here
            value = {**value, "statistics": "", "clusterStatistics": []}
        return {
            key: sorted((_sorted(one) for one in held), key=json.dumps)
            if key in _ANY_ORDER and isinstance(held, list)
            else _sorted(held)
            for key, held in value.items()
        }
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def difference(expected: Any, seen: Any, path: str = "$") -> str | None:
    """Where two comparable answers first differ, or None."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        if list(expected) != list(seen):
            return f"{path}: expected the fields {list(expected)}, saw {list(seen)}"
        pairs = [(expected[key], seen[key], f"{path}.{key}") for key in expected]
    elif isinstance(expected, list) and isinstance(seen, list):
        if len(expected) != len(seen):
            return f"{path}: expected {len(expected)}, saw {len(seen)}: {expected} {seen}"
        pairs = [(one, other, f"{path}[{at}]") for at, (one, other) in enumerate(zip(expected, seen, strict=True))]
    else:
        return None if expected == seen else f"{path}: expected {expected!r}, saw {seen!r}"
    return next((found for one, other, at in pairs if (found := difference(one, other, at))), None)
