"""Query tests in ksqlDB's published format: ``query-validation-tests/*.json``, and ours in ``cases/``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OWN = Path(__file__).parent / "cases"
_BEYOND = re.compile(
    r"\b(TABLE|GROUP\s+BY|JOIN|WINDOW|EXPLODE|CUBE_EXPLODE|ASSERT|CREATE\s+TYPE|DROP\s+TYPE|CONNECTOR|HEADERS?\s*[(,)]|"
    r"AVRO|PROTOBUF(_NOSR)?|JSON_SR|EMIT\s+FINAL)\b|=>",
    re.IGNORECASE,
)
_TEST_ONLY = re.compile(r"\b(test_udf|bad_test_udf|whencondition|whenresult|test_udtf|toStruct)\b", re.IGNORECASE)
_FORMATS = ("JSON", "KAFKA", "DELIMITED", "NONE")


@dataclass(frozen=True)
class Record:
    """``key`` and ``value`` as the JSON of the case; numbers as ``decimal.Decimal``."""

    topic: str
    key: Any
    value: Any
    timestamp: int | None


@dataclass(frozen=True)
class Case:
    """One test. ``error``: a part of the message that the statements must be refused with, None if they must run."""

    file: str
    name: str
    statements: tuple[str, ...]
    inputs: tuple[Record, ...]
    outputs: tuple[Record, ...]
    topics: tuple[dict[str, Any], ...]
    properties: dict[str, Any]
    error: str | None
    expects_error: bool
    sources: tuple[dict[str, Any], ...] = field(default=())

    @property
    def text(self) -> str:
        return "\n".join(self.statements)

    def beyond(self) -> str | None:
        """Why it is outside the stateless JSON, KAFKA and DELIMITED cases, or None."""
        bare = re.sub(
            r"'([^']|'')*'", lambda found: found.group(0) if found.group(0)[1:-1].isupper() else "''", self.text
        )
        if found := _BEYOND.search(bare):
            return found.group(0)
        if found := _TEST_ONLY.search(self.text):
            return found.group(0)
        if any("valueSchema" in topic or "keySchema" in topic for topic in self.topics):
            return "a schema in a registry"
        return None


def load(folder: Path) -> Iterator[Case]:
    """Every case of every ``*.json`` below ``folder``, those for several formats once for each that is known here."""
    for file in sorted(folder.rglob("*.json")):
        try:
            told = json.loads(
                _without_comments(file.read_text(encoding="utf-8")), parse_float=_number, parse_int=_number
            )
        except ValueError:
            continue
        for test in told.get("tests", []):
            if test.get("enabled", True) is False or "statements" not in test:
                continue
            for form in [form for form in test.get("format", [None]) if form is None or form in _FORMATS]:
                for config in test.get("config", [None]):
                    yield _case(file, test, form, config)


def _number(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def _without_comments(text: str) -> str:
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def _case(file: Path, test: dict[str, Any], form: str | None, config: str | None) -> Case:
    def filled(text: str) -> str:
        text = text.replace("{CONFIG}", config) if config else text
        return text.replace("{FORMAT}", form) if form else text

    expected = test.get("expectedException")
    return Case(
        file.name,
        test["name"] + (f" - {form}" if form and len(test.get("format", [])) > 1 else ""),
        tuple(filled(statement) for statement in test["statements"]),
        tuple(_record(record) for record in test.get("inputs", test.get("input", []))),
        tuple(_record(record) for record in test.get("outputs", test.get("output", []))),
        tuple(topic if isinstance(topic, dict) else {"name": topic} for topic in test.get("topics", [])),
        {name: filled(held) if isinstance(held, str) else held for name, held in test.get("properties", {}).items()},
        filled(expected["message"]) if expected and expected.get("message") else None,
        expected is not None,
        tuple(test.get("post", {}).get("sources", [])),
    )


def _record(told: dict[str, Any]) -> Record:
    timestamp = told.get("timestamp")
    return Record(told["topic"], told.get("key"), told.get("value"), None if timestamp is None else int(timestamp))
