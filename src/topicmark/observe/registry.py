"""A schema registry seen through Confluent's REST interface (facts: recordings of 7.3.1, and its list of errors)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from topicmark.model import LabFault

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
_REQUEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """The registry said no: HTTP ``status``, its own ``code`` (40401, 409, 42201, …; 0 if none) and ``message``."""

    status: int
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class StoredSchema:
    """A version of a subject. ``type`` is ``AVRO``, ``JSON`` or ``PROTOBUF``."""

    subject: str
    version: int
    id: int
    schema: str
    type: str


class RegistryView:
    """Asks the registry at ``url`` (``http://host:8081``). An HTTP error is an answer (``Rejected``); no answer at all
    is ``LabFault``."""

    def __init__(self, url: str, *, request_s: float = _REQUEST_S) -> None:
        self.url = url.rstrip("/")
        self._request_s = request_s
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the user's has nothing to do with a lab

    def root(self) -> Any:
        """``GET /``: ``{}`` from a registry."""
        return self._ask("GET", "/")

    def cluster_id(self) -> str | Rejected:
        """The id of the Kafka cluster that it uses. ``GET /v1/metadata/id``."""
        answer = self._ask("GET", "/v1/metadata/id")
        return answer if isinstance(answer, Rejected) else str(answer["scope"]["clusters"]["kafka-cluster"])

    def version(self) -> str | Rejected:
        """What it calls itself; ours names Apicurio. ``GET /v1/metadata/version``."""
        answer = self._ask("GET", "/v1/metadata/version")
        return answer if isinstance(answer, Rejected) else str(answer["version"])

    def subjects(self) -> tuple[str, ...] | Rejected:
        """``GET /subjects``."""
        answer = self._ask("GET", "/subjects")
        return answer if isinstance(answer, Rejected) else tuple(sorted(map(str, answer)))

    def versions(self, subject: str) -> tuple[int, ...] | Rejected:
        """``GET /subjects/<subject>/versions``."""
        answer = self._ask("GET", f"/subjects/{_part(subject)}/versions")
        return answer if isinstance(answer, Rejected) else tuple(map(int, answer))

    def register(self, subject: str, schema: str, *, type: str = "AVRO") -> int | Rejected:  # noqa: A002  its name there
        """The schema's id, new or known. ``POST /subjects/<subject>/versions``."""
        answer = self._ask("POST", f"/subjects/{_part(subject)}/versions", _body(schema, type))
        return answer if isinstance(answer, Rejected) else int(answer["id"])

    def schema(self, schema_id: int) -> str | Rejected:
        """``GET /schemas/ids/<id>``."""
        answer = self._ask("GET", f"/schemas/ids/{schema_id}")
        return answer if isinstance(answer, Rejected) else str(answer["schema"])

    def stored(self, subject: str, version: int | str = "latest") -> StoredSchema | Rejected:
        """``GET /subjects/<subject>/versions/<version>``."""
        answer = self._ask("GET", f"/subjects/{_part(subject)}/versions/{_part(str(version))}")
        if isinstance(answer, Rejected):
            return answer
        return StoredSchema(
            subject=str(answer["subject"]), version=int(answer["version"]), id=int(answer["id"]),
            schema=str(answer["schema"]), type=str(answer.get("schemaType", "AVRO")),
        )  # fmt: skip

    def compatible(self, subject: str, schema: str, version: int | str = "latest") -> bool | Rejected:
        """``POST /compatibility/subjects/<subject>/versions/<version>``."""
        path = f"/compatibility/subjects/{_part(subject)}/versions/{_part(str(version))}"
        answer = self._ask("POST", path, _body(schema, "AVRO"))
        return answer if isinstance(answer, Rejected) else bool(answer["is_compatible"])

    def level(self, subject: str | None = None) -> str | Rejected:
        """The compatibility level, of all or of one subject. ``GET /config``."""
        answer = self._ask("GET", "/config" + (f"/{_part(subject)}" if subject else ""))
        return answer if isinstance(answer, Rejected) else str(answer["compatibilityLevel"])

    def set_level(self, level: str, subject: str | None = None) -> Rejected | None:
        """``PUT /config``; None when done."""
        path = "/config" + (f"/{_part(subject)}" if subject else "")
        answer = self._ask("PUT", path, {"compatibility": level})
        return answer if isinstance(answer, Rejected) else None

    def delete(self, subject: str, *, for_good: bool = False) -> tuple[int, ...] | Rejected:
        """Its versions. ``DELETE /subjects/<subject>``; ``for_good`` once that was done."""
        answer = self._ask("DELETE", f"/subjects/{_part(subject)}{'?permanent=true' if for_good else ''}")
        return answer if isinstance(answer, Rejected) else tuple(map(int, answer))

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        try:
            answer = self._session.request(
                method, self.url + path, json=body, headers={"Content-Type": MEDIA_TYPE}, timeout=(5, self._request_s)
            )
        except requests.RequestException as error:
            raise LabFault(f"{method} {path}: {error}", service="registry") from error
        try:
            content = answer.json()
        except ValueError:
            content = None
        if answer.ok:
            return content
        told = content if isinstance(content, Mapping) else {}
        return Rejected(answer.status_code, int(told.get("error_code") or 0), str(told.get("message") or answer.text))


def _body(schema: str, kind: str) -> dict[str, str]:
    return {"schema": schema} if kind == "AVRO" else {"schema": schema, "schemaType": kind}


def _part(text: str) -> str:
    return quote(text, safe="")
