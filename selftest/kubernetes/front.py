"""What a real API server says otherwise than kmock does, in front of it: so that the real kubectl can talk to both.

Discovery, refusals in the server's own words, access reviews, label selectors, kinds of what is listed, and namespaces
(kmock takes the word for a part of a path), which take what is in them along. No watches, and no streams into pods.
Sources: the API reference of Kubernetes, and what kubectl 1.32 asks for with ``-v=9``.
"""

from __future__ import annotations

import json
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_MADE_AT = "2026-01-01T00:00:00Z"
_VERSION = {"major": "1", "minor": "31", "gitVersion": "v1.31.0-fake", "platform": "linux/amd64"}
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_SHORT = {"pods": ["po"], "services": ["svc"], "namespaces": ["ns"], "configmaps": ["cm"], "deployments": ["deploy"]}
_USER = "student"
NOT_LOGGED_IN = "log in"
"""Among what is forbidden: the server does not know the user."""
Answer = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of object that the server knows. ``kept`` is its path prefix in kmock, with its plural."""

    group: str
    plural: str
    name: str
    namespaced: bool
    kept: str

    @property
    def version(self) -> str:
        """``v1``, ``apps/v1``."""
        return f"{self.group}/v1" if self.group else "v1"


@dataclass(frozen=True)
class Asked:
    """A request to the path of a kind."""

    kind: Kind
    namespace: str | None
    name: str | None
    part: str

    def inside(self) -> str:
        """Its path in kmock."""
        where = f"/namespaces/{self.namespace}" if self.namespace else ""
        prefix, _, plural = self.kind.kept.rpartition("/")
        return f"{prefix}{where}/{plural}" + (f"/{self.name}" if self.name else "")

    def whole(self) -> str:
        """The resource as RBAC names it."""
        return self.kind.plural + (f"/{self.part}" if self.part else "")


class Front:
    """``inner`` is kmock's address. ``forbidden`` holds what the user may not, as ``create pods/portforward``."""

    def __init__(
        self, inner: str, kinds: Sequence[Kind], forbidden: Sequence[str], empty: Callable[[str], None]
    ) -> None:
        self._inner = inner
        self._kinds = kinds
        self._forbidden = forbidden
        self._empty = empty
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> tuple[web.AppRunner, str]:
        """Serve on a free port of loopback; the runner is to be cleaned up with ``stop``."""
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self, runner: web.AppRunner) -> None:
        await runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _serve(self, request: web.Request) -> web.Response:
        path = request.path.rstrip("/")
        if NOT_LOGGED_IN in self._forbidden:
            return _refusal(401, "Unauthorized", "Unauthorized")
        if path == _REVIEWS and request.method == "POST":
            return web.json_response(self._review(json.loads(await request.text())), status=201)
        if (told := self._told(path)) is not None:
            return web.json_response(told)
        asked = self._parse(path)
        if asked is None:
            return _refusal(404, "NotFound", "the server could not find the requested resource")
        verb = "list" if request.method == "GET" and asked.name is None else _VERBS.get(request.method, "get")
        if asked.part == "portforward":
            verb = "create"
        if f"{verb} {asked.whole()}" in self._forbidden:
            return self._forbid(verb, asked)
        if asked.part == "log" and (await self._ask("GET", asked.inside(), None))[0] == 200:
            return web.Response(text=f"last words of {asked.name}\n")
        return await self._passed_on(request, asked)

    # What is asked of the objects

    async def _passed_on(self, request: web.Request, asked: Asked) -> web.Response:
        text = await request.text()
        body = json.loads(text) if text and request.method in ("POST", "PUT", "PATCH") else None
        if request.method == "POST" and isinstance(body, dict):
            if asked.namespace and not await self._has_namespace(asked.namespace):
                return _refusal(404, "NotFound", f'namespaces "{asked.namespace}" not found', asked)
            _complete(body, asked)
        status, answer = await self._ask(request.method, asked.inside(), body)
        name = asked.name or str((body or {}).get("metadata", {}).get("name"))
        if status == 404:
            return _refusal(404, "NotFound", f'{_qualified(asked.kind)} "{name}" not found', asked)
        if status == 409:
            return _refusal(409, "AlreadyExists", f'{_qualified(asked.kind)} "{name}" already exists', asked)
        if request.method == "DELETE" and asked.kind.plural == "namespaces" and status == 200:
            self._empty(name)
        if request.method == "GET" and asked.name is None and status == 200:
            return web.json_response(_listed(answer, asked.kind, request.query_string))
        if status >= 300:
            return web.json_response(answer, status=status)
        return web.json_response(_named(answer, asked.kind), status=201 if request.method == "POST" else status)

    async def _has_namespace(self, name: str) -> bool:
        """Whether there is one, or anything in it: the tests put pods where they like."""
        space = next(kind for kind in self._kinds if kind.plural == "namespaces")
        if name == "default" or (await self._ask("GET", Asked(space, None, name, "").inside(), None))[0] == 200:
            return True
        for kind in self._kinds:
            if kind.namespaced:
                _, answer = await self._ask("GET", Asked(kind, name, None, "").inside(), None)
                if answer.get("items"):
                    return True
        return False

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, Answer]:
        assert self._session is not None
        async with self._session.request(method, self._inner + path, json=body) as answer:
            return answer.status, await answer.json(content_type=None)

    def _parse(self, path: str) -> Asked | None:
        words = path.strip("/").split("/")
        group, rest = ("", words[2:]) if words[0] == "api" else ("/".join(words[1:2]), words[3:])
        namespace = None
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        plural, name, part = (*rest, "", "", "")[:3]
        found = next((kind for kind in self._kinds if (kind.group, kind.plural) == (group, plural)), None)
        return None if found is None else Asked(found, namespace, name or None, part)

    def _forbid(self, verb: str, asked: Asked) -> web.Response:
        where = f' in the namespace "{asked.namespace}"' if asked.namespace else " at the cluster scope"
        name = f' "{asked.name}"' if asked.name else ""
        message = (
            f'{_qualified(asked.kind)}{name} is forbidden: User "{_USER}" cannot {verb} resource "{asked.whole()}" '
            f'in API group "{asked.kind.group}"{where}'
        )
        return _refusal(403, "Forbidden", message, asked)

    # What is asked of the server

    def _review(self, review: Answer) -> Answer:
        asked = review["spec"]["resourceAttributes"]
        whole = asked["resource"] + (f"/{asked['subresource']}" if asked.get("subresource") else "")
        return {**review, "status": {"allowed": f"{asked['verb']} {whole}" not in self._forbidden}}

    def _told(self, path: str) -> Answer | None:
        versions = sorted({kind.version for kind in self._kinds} | {"authorization.k8s.io/v1"})
        if path == "/version":
            return _VERSION
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(v) for v in versions if "/" in v]}
        for version in versions:
            prefix = f"apis/{version}" if "/" in version else f"api/{version}"
            kinds = [kind for kind in self._kinds if kind.version == version]
            if path == f"/{prefix}":
                return _discovered(version, kinds)
            if path == f"/openapi/v3/{prefix}":
                return _described(version, kinds)
        if path == "/openapi/v3":
            places = (f"apis/{version}" if "/" in version else f"api/{version}" for version in versions)
            return {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}"} for place in places}}
        return None


def _group(version: str) -> Answer:
    told = {"groupVersion": version, "version": version.rpartition("/")[2]}
    return {"name": version.partition("/")[0], "versions": [told], "preferredVersion": told}


def _discovered(version: str, kinds: Iterable[Kind]) -> Answer:
    found = [
        {
            "name": kind.plural,
            "singularName": kind.name.lower(),
            "shortNames": _SHORT.get(kind.plural, []),
            "kind": kind.name,
            "namespaced": kind.namespaced,
            "verbs": ["create", "delete", "get", "list", "patch", "update"],
        }
        for kind in kinds
    ]
    if version.startswith("authorization"):
        found = [
            {"name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "namespaced": False,
             "kind": "SelfSubjectAccessReview", "verbs": ["create"]}
        ]  # fmt: skip
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


def _described(version: str, kinds: Iterable[Kind]) -> Answer:
    """As much of the OpenAPI document as kubectl reads to learn that the server checks the fields it is sent."""
    paths = {}
    for kind in kinds:
        known = {"group": kind.group, "version": "v1", "kind": kind.name}
        checks = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
        operation = {"x-kubernetes-group-version-kind": known, "parameters": [checks], "responses": {}}
        paths[f"/{kind.version}/{kind.plural}/{{name}}"] = {"patch": operation}
    return {"openapi": "3.0.0", "info": {"title": "fake", "version": "v1"}, "paths": paths, "components": {}}


def _complete(item: Answer, asked: Asked) -> None:
    """What the server adds to an object that is created."""
    meta = item.setdefault("metadata", {})
    if asked.namespace:
        meta["namespace"] = asked.namespace
    if asked.kind.plural == "services":
        number = zlib.crc32(meta["name"].encode())
        item["spec"].setdefault("clusterIP", f"10.97.{number >> 8 & 255}.{number & 255}")
    meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": _MADE_AT, "resourceVersion": "1"}


def _named(item: Answer, kind: Kind) -> Answer:
    return {"apiVersion": kind.version, "kind": kind.name, **item}


def _listed(answer: Answer, kind: Kind, query: str) -> Answer:
    asked = parse_qs(query)
    wanted = dict(one.split("=", 1) for text in asked.get("labelSelector", []) for one in text.split(","))
    items = [
        _named(one, kind)
        for one in answer["items"]
        if wanted.items() <= ((one.get("metadata") or {}).get("labels") or {}).items()
    ]
    told = {"kind": f"{kind.name}List", "apiVersion": kind.version}
    return {**told, "metadata": {"resourceVersion": "1"}, "items": items}


def _qualified(kind: Kind) -> str:
    """``pods``, ``deployments.apps``: how the server calls them in what it says."""
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural


def _refusal(code: int, reason: str, message: str, asked: Asked | None = None) -> web.Response:
    details: Mapping[str, Any] = {}
    if asked is not None:
        details = {"name": asked.name, "group": asked.kind.group, "kind": asked.kind.plural}
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code}
    return web.json_response({**body, "reason": reason, "message": message, "details": details}, status=code)
