"""ksqlDB seen through its REST interface (facts: recordings of 7.3.1), and a session such as its client keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from topicmark.model import LabFault

MEDIA_TYPE = "application/vnd.ksql.v1+json"
NOT_HERE = "not supported by the embedded ksqlDB"
"""Part of every refusal of what only the real ksqlDB can do."""
FAILED = "the embedded ksqlDB failed"
"""In every error that is its own doing."""
_REQUEST_S = 60.0
_SET = re.compile(r"\s*SET\s+'((?:[^']|'')+)'\s*=\s*'((?:[^']|'')*)'\s*;?\s*", re.IGNORECASE)
_UNSET = re.compile(r"\s*UNSET\s+'((?:[^']|'')+)'\s*;?\s*", re.IGNORECASE)
_DEFINE = re.compile(r"\s*DEFINE\s+(\w+)\s*=\s*'((?:[^']|'')*)'\s*;?\s*", re.IGNORECASE)
_UNDEFINE = re.compile(r"\s*UNDEFINE\s+(\w+)\s*;?\s*", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_COMMENTS = re.compile(r"--[^\n]*|/\*[\s\S]*?\*/")


@dataclass(frozen=True, slots=True)
class Declined:
    """ksqlDB said no: HTTP ``status``, its own ``code`` (40001, …; 0 if none) and ``message``."""

    status: int
    code: int
    message: str

    @property
    def not_here(self) -> bool:
        """Whether the embedded ksqlDB cannot do it, though the real one may."""
        return NOT_HERE in self.message


@dataclass(frozen=True, slots=True)
class ServerInfo:
    version: str
    cluster_id: str
    service_id: str
    status: str


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """``name`` as ksqlDB keeps it: upper case unless it was quoted."""

    name: str
    topic: str
    value_format: str


@dataclass(frozen=True, slots=True)
class QueryInfo:
    """A persistent query. ``sinks`` are the streams that it fills; ``state`` is ``RUNNING``, ``ERROR``, …"""

    id: str
    sinks: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gave: column names, and a tuple of values a row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class KsqlView:
    """Asks the server at ``url`` (``http://host:8088``). An HTTP error is an answer (``Declined``); no answer at all,
    or a failure of the embedded one itself, is ``LabFault``."""

    def __init__(self, url: str, *, request_s: float = _REQUEST_S) -> None:
        self.url = url.rstrip("/")
        self._request_s = request_s
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the user's has nothing to do with a lab
        self._session.headers["Accept"] = MEDIA_TYPE

    def info(self) -> ServerInfo | Declined:
        """``GET /info``."""
        answer = self._ask("GET", "/info")
        if isinstance(answer, Declined):
            return answer
        said = answer["KsqlServerInfo"]
        return ServerInfo(
            str(said["version"]), str(said["kafkaClusterId"]), str(said["ksqlServiceId"]), str(said["serverStatus"])
        )

    def run(
        self,
        text: str,
        properties: Mapping[str, str] | None = None,
        after: int | None = None,
    ) -> list[Mapping[str, Any]] | Declined:
        """Statements by ``POST /ksql``: one entity each. ``after`` is the command number that must have been carried
        out first."""
        body: dict[str, Any] = {"ksql": text, "streamsProperties": dict(properties or {})}
        if after is not None:
            body["commandSequenceNumber"] = after
        answer = self._ask("POST", "/ksql", body)
        return answer if isinstance(answer, Declined) else [dict(entity) for entity in answer]

    def streams(self) -> tuple[StreamInfo, ...] | Declined:
        """``SHOW STREAMS``."""
        answer = self.run("SHOW STREAMS;")
        if isinstance(answer, Declined):
            return answer
        return tuple(StreamInfo(s["name"], s["topic"], s["valueFormat"]) for s in answer[0]["streams"])

    def tables(self) -> tuple[str, ...] | Declined:
        """Names in ``SHOW TABLES``."""
        answer = self.run("SHOW TABLES;")
        return answer if isinstance(answer, Declined) else tuple(str(table["name"]) for table in answer[0]["tables"])

    def queries(self) -> tuple[QueryInfo, ...] | Declined:
        """The persistent ones of ``SHOW QUERIES``."""
        answer = self.run("SHOW QUERIES;")
        if isinstance(answer, Declined):
            return answer
        return tuple(
            QueryInfo(str(q["id"]), tuple(q["sinks"]), str(q["state"]))
            for q in answer[0]["queries"]
            if q["queryType"] == "PERSISTENT"
        )

    def rows(self, stream: str) -> Rows | Declined:
        """All rows of a stream up to now: a pull query."""
        body = {"ksql": f"SELECT * FROM {quoted(stream)};", "streamsProperties": {}}  # noqa: S608 — quoted
        answer = self._ask("POST", "/query", body)
        if isinstance(answer, Declined):
            return answer
        columns: tuple[str, ...] = ()
        rows: list[tuple[Any, ...]] = []
        for part in answer:
            if "header" in part:
                columns = _column_names(part["header"]["schema"])
            elif "row" in part:
                rows.append(tuple(part["row"]["columns"]))
            elif "errorMessage" in part:
                said = part["errorMessage"]
                return _declined(200, said, str(said.get("message")))
        return Rows(columns, tuple(rows))

    def terminate_all_but(self, kept: Collection[str]) -> None:
        """End every persistent query but those with these ids, so that nothing reads or writes on."""
        if not kept:
            self.run("TERMINATE ALL;")
            return
        found = self.queries()
        for query in () if isinstance(found, Declined) else found:
            if query.id not in kept:
                self.run(f"TERMINATE {query.id};")

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        try:
            answer = self._session.request(method, self.url + path, json=body, timeout=(5, self._request_s))
            text = answer.text
        except requests.RequestException as error:
            raise LabFault(f"{method} {path}: {error}", service="ksqldb") from error
        try:
            content = json.loads(text) if text.strip() else None
        except ValueError:
            content = None
        if answer.ok and content is not None:
            return content
        said = content if isinstance(content, Mapping) else {}
        return _declined(answer.status_code, said, str(said.get("message") or text.strip()))


@dataclass
class KsqlSession:
    """What ksqlDB's client keeps between statements: properties, variables, and the last command's number."""

    view: KsqlView
    properties: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    _after: int | None = None

    def run(self, text: str) -> Declined | None:
        """One statement as typed at the prompt; None if it was taken. Queries that only look are left out: they change
        nothing, and may never end."""
        bare = _COMMENTS.sub(" ", text).strip()
        if self._keeps(bare) or re.match(r"(?i)(SELECT|PRINT)\b", bare):
            return None
        text = _VARIABLE.sub(lambda found: self.variables.get(found[1], found[0]), text)
        answer = self.view.run(text, self.properties, self._after)
        if isinstance(answer, Declined):
            return answer
        numbers = [int(entity["commandSequenceNumber"]) for entity in answer if "commandSequenceNumber" in entity]
        self._after = max(numbers, default=self._after)
        for entity in answer:
            status = entity.get("commandStatus") or {}
            if status.get("status") == "ERROR":
                return Declined(200, 0, str(status.get("message")))
        return None

    def _keeps(self, text: str) -> bool:
        if found := _SET.fullmatch(text):
            self.properties[found[1]] = found[2].replace("''", "'")
        elif found := _UNSET.fullmatch(text):
            self.properties.pop(found[1], None)
        elif found := _DEFINE.fullmatch(text):
            self.variables[found[1]] = found[2].replace("''", "'")
        elif found := _UNDEFINE.fullmatch(text):
            self.variables.pop(found[1], None)
        return found is not None


def _declined(status: int, said: Mapping[str, Any], message: str) -> Declined:
    if message.startswith(FAILED):
        raise LabFault(message, service="ksqldb")
    return Declined(status, int(said.get("error_code") or 0), message)


def quoted(name: str) -> str:
    """A name as ksqlDB takes it letter by letter."""
    return "`" + name.replace("`", "``") + "`"


def _column_names(schema: str) -> tuple[str, ...]:
    """Of ``\\`A\\` STRING, \\`B\\` STRUCT<\\`C\\` INTEGER>``: the outer names."""
    names: list[str] = []
    depth, at = 0, 0
    expecting = True
    while at < len(schema):
        char = schema[at]
        if char == "`":
            end = at + 1
            while schema[end : end + 1] != "`" or schema[end + 1 : end + 2] == "`":
                end += 2 if schema[end] == "`" else 1
            if expecting and depth == 0:
                names.append(schema[at + 1 : end].replace("``", "`"))
                expecting = False
            at = end
        elif char in "<(":
            depth += 1
        elif char in ">)":
            depth -= 1
        elif char == "," and depth == 0:
            expecting = True
        at += 1
    return tuple(names)
