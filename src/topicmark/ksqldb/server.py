"""The REST API of ksqlDB on HTTP/1.1 (recordings ksql-1 to ksql-3)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web
from confluent_kafka import KafkaException

from topicmark.ksqldb import DESCRIPTION, EMULATED_VERSION
from topicmark.ksqldb.broker import out_of_reach
from topicmark.ksqldb.engine import Engine
from topicmark.ksqldb.errors import FAILED, NOT_FOUND, SERVER_ERROR, KsqlError, RequestError, UntypedError
from topicmark.ksqldb.settings import is_valid
from topicmark.ksqldb.transient import Printing, RowQuery, open_query

_JSON = "application/json"
_V1 = "application/vnd.ksql.v1+json"
_DELIMITED = "application/vnd.ksqlapi.delimited.v1"
_ACCEPTED = ("*/*", "application/*", _JSON, _V1, _DELIMITED, "application/vnd.ksql.v1+protobuf")
_POOL = 24
_log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def error_body(error: KsqlError) -> dict[str, Any]:
    if isinstance(error, RequestError):
        return {"@type": "generic_error", "error_code": error.code, "message": error.message}
    return {
        "@type": "statement_error",
        "error_code": error.code,
        "message": error.message,
        "statementText": error.text or "",
        "entities": [],
    }


class Server:
    """Handlers over one engine. Blocking work runs in threads."""

    def __init__(self, engine: Engine, cluster_id: str) -> None:
        self.engine, self.cluster_id = engine, cluster_id
        self._pool = ThreadPoolExecutor(_POOL, thread_name_prefix="request")
        self._open: dict[str, RowQuery | Printing] = {}

    def application(self) -> web.Application:
        app = web.Application(client_max_size=8 * 2**20, middlewares=[_negotiated])
        app.on_response_prepare.append(_plain_headers)
        get: dict[str, Handler] = {
            "/": self._root, "/info": self._info, "/healthcheck": self._health, "/status": self._statuses,
            "/status/{command:[^/]+/[^/]+/[^/]+}": self._status, "/is_valid_property/{name}": self._valid_property,
            "/clusterStatus": self._cluster_status, "/v1/metadata": self._metadata,
            "/v1/metadata/id": self._metadata_id, "/chc/ready": self._ready, "/chc/live": self._ready,
        }  # fmt: skip
        post: dict[str, Handler] = {
            "/ksql": self._ksql, "/query": self._query, "/query-stream": self._query,
            "/close-query": self._close_query, "/inserts-stream": self._inserts,
        }  # fmt: skip
        app.add_routes([web.get(path, handler) for path, handler in get.items()])
        app.add_routes([web.post(path, handler) for path, handler in post.items()])
        return app

    def close(self) -> None:
        for query in list(self._open.values()):
            query.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    # -- small ones -----------------------------------------------------------------------------------------------

    async def _root(self, _: web.Request) -> web.Response:
        return web.Response(status=307, headers={"location": "/info"})

    async def _info(self, _: web.Request) -> web.Response:
        told = {
            "version": EMULATED_VERSION,
            "kafkaClusterId": self.cluster_id,
            "ksqlServiceId": self.engine.service_id,
            "serverStatus": "RUNNING",
            "embedded": DESCRIPTION,
        }
        return _answer({"KsqlServerInfo": told})

    async def _health(self, _: web.Request) -> web.Response:
        try:
            await self._run(self.engine.broker.topics)
            kafka = True
        except KafkaException:
            kafka = False
        healthy = {"metastore": True, "kafka": kafka, "commandRunner": True}
        details = {name: {"isHealthy": value} for name, value in healthy.items()}
        return _answer({"isHealthy": kafka, "details": details})

    async def _cluster_status(self, _: web.Request) -> web.Response:
        return web.Response(status=404, content_type=_JSON)

    async def _ready(self, _: web.Request) -> web.Response:
        return _answer({})

    def _cluster(self) -> dict[str, Any]:
        clusters = {"kafka-cluster": self.cluster_id, "ksql-cluster": self.engine.service_id}
        return {"scope": {"path": [], "clusters": clusters}, "id": ""}

    async def _metadata(self, _: web.Request) -> web.Response:
        return _answer({"version": EMULATED_VERSION, "clusterId": self._cluster()})

    async def _metadata_id(self, _: web.Request) -> web.Response:
        return _answer(self._cluster())

    async def _statuses(self, _: web.Request) -> web.Response:
        return _answer({"commandStatuses": self.engine.statuses})

    async def _status(self, request: web.Request) -> web.Response:
        command = request.match_info["command"]
        found = self.engine.statuses.get(command)
        if found is None:
            raise RequestError("Command not found", NOT_FOUND)
        message = "Stream created" if command.endswith("/create") else "Statement executed"
        return _answer({"status": found, "message": message, "queryId": None})

    async def _valid_property(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if not is_valid(name):
            raise RequestError(
                "One or more properties overrides set locally are prohibited by the KSQL server (use UNSET to reset"
                f" their default value): [{name}]"
            )
        return _answer(True)

    async def _inserts(self, _: web.Request) -> web.Response:
        raise UntypedError("This endpoint is only available when using HTTP2", 40004)

    # -- statements -----------------------------------------------------------------------------------------------

    def _require_able(self) -> None:
        if why := self.engine.failure:
            raise RequestError(f"{FAILED}: {why}", SERVER_ERROR)

    async def _ksql(self, request: web.Request) -> web.Response:
        self._require_able()
        body = await _body(request)
        text = str(body.get("ksql") or "")
        try:
            self._check_sequence(body.get("commandSequenceNumber"))
            return _answer(await self._run(self.engine.execute, text, body.get("streamsProperties") or {}))
        except KsqlError as error:
            error.text = error.text or text
            raise

    def _check_sequence(self, wanted: Any) -> None:
        """Statements run before they are answered: a number beyond the last can never be reached."""
        if wanted is not None and int(wanted) >= self.engine.log.following:
            raise RequestError(
                f"Timed out while waiting for a previous command to execute. command sequence number: {wanted}",
                50301,
            )

    # -- queries --------------------------------------------------------------------------------------------------

    async def _query(self, request: web.Request) -> web.StreamResponse:
        self._require_able()
        text = ""
        try:
            body = await _body(request)
            if request.path == "/query":
                text, properties = str(body.get("ksql") or ""), body.get("streamsProperties")
                if not text:
                    raise RequestError('"ksql" field must be populated')
            else:
                if "sql" not in body:
                    raise RequestError(
                        "Invalid JSON in request: Missing required creator property 'sql' (index 0)\n at [Source: "
                        f'(byte[])"{(await request.text())}"; line: 1, column: 2] (through reference chain: '
                        'io.confluent.ksql.rest.entity.QueryStreamArgs["sql"])'
                    )
                text, properties = str(body["sql"]), body.get("properties")
            query = await self._run(open_query, self.engine, text, properties or {}, request.path)
        except KsqlError as error:
            error.text = error.text or text
            return await _query_error(error, request)
        return await self._stream(request, query, _pieces(query, request))

    async def _stream(
        self, request: web.Request, query: RowQuery | Printing, pieces: tuple[str, str, str]
    ) -> web.StreamResponse:
        """``pieces``: what stands before the rows, around each and after them."""
        response = web.StreamResponse()
        if isinstance(query, Printing):
            response.content_type = _JSON
        response.enable_chunked_encoding()
        start, around, end = pieces
        self._open[query.id] = query
        try:
            await response.prepare(request)
            await response.write(start.encode())
            while not query.done:
                if rows := await self._run(query.poll):
                    await response.write("".join([around.format(row) for row in rows]).encode())
                if request.transport is None or request.transport.is_closing():
                    break
            await response.write(end.format(dump(query.final)).encode())
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client went away
        finally:
            self._open.pop(query.id, None)
            await asyncio.shield(self._run(query.close))
        return response

    async def _close_query(self, request: web.Request) -> web.Response:
        body = await _body(request)
        query = self._open.get(str(body.get("queryId")))
        if query is None:
            raise UntypedError(f"No query with id {body.get('queryId')}")
        query.done = True
        return web.Response()


def _pieces(query: RowQuery | Printing, request: web.Request) -> tuple[str, str, str]:
    """By what the client accepts: rows as objects in one array, rows in one array, or a row a line."""
    if isinstance(query, Printing):
        return "", "{}\n", ""
    accept = request.headers.get("Accept", "")
    names, kinds = [name for name, _ in query.columns], [str(kind) for _, kind in query.columns]
    heading = dump({"queryId": query.id, "columnNames": names, "columnTypes": kinds})
    if _V1 in accept:
        header = {"queryId": query.id, "schema": ", ".join(f"`{name}` {kind}" for name, kind in query.columns)}
        return f"[{dump({'header': header})},\n", '{{"row":{{"columns":[{}]}}}},\n', '{{"finalMessage":{}}}]\n'
    if _JSON in accept and request.path == "/query-stream":
        return "[" + heading, ",[{}]", "]"
    return heading + "\n", "[{}]\n", ""


def _answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=dump(value).encode(), status=status, content_type=_JSON)


async def _query_error(error: KsqlError, request: web.Request) -> web.StreamResponse:
    """``/query-stream`` sends its errors in chunks; so does ``/query`` for what it finds after the source is known."""
    if request.path == "/query" and not error.late:
        return _answer(error_body(error), error.code // 100)
    response = web.StreamResponse(status=error.code // 100)
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(dump(error_body(error)).encode())
    await response.write_eof()
    return response


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises ``RequestError`` in Jackson's words where they are known."""
    data = await request.read()
    if not data:
        raise UntypedError(
            'Cannot invoke "io.vertx.core.buffer.Buffer.getBytes()" because "buffer" is null', SERVER_ERROR
        )
    try:
        found = json.loads(data)
    except ValueError as error:
        raise UntypedError(_invalid_json(data, error)) from None
    if not isinstance(found, dict):
        raise UntypedError("Invalid JSON in request: Cannot deserialize value")
    return found


def _invalid_json(data: bytes, error: ValueError) -> str:
    shown = data.decode("utf-8", "replace")
    problem = str(error)
    if isinstance(error, json.JSONDecodeError) and error.msg.startswith("Expecting property name"):
        char = shown[error.pos : error.pos + 1]
        where = f"line: {error.lineno}, column: {error.colno + 1}"
        return (
            f"Invalid JSON in request: Unexpected character ('{char}' (code {ord(char) if char else 0})): was expecting"
            f' double-quote to start field name\n at [Source: (byte[])"{shown}"; {where}]'
        )
    return f"Invalid JSON in request: {problem}"


@web.middleware
async def _negotiated(request: web.Request, handler: Handler) -> web.StreamResponse:
    accept = request.headers.get("Accept")
    if accept and not any(part.split(";")[0].strip() in _ACCEPTED for part in accept.split(",")):
        return web.Response(status=406)
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed:
        return web.Response(status=405)
    except web.HTTPNotFound:
        page = "<html><body><h1>Resource not found</h1></body></html>"
        return web.Response(text=page, status=404, content_type="text/html", charset="utf-8")
    except KsqlError as error:
        response = _answer(error_body(error), error.code // 100)
        if isinstance(error, UntypedError):
            response.headers["X-Untyped"] = "1"
        return response
    except KafkaException as error:
        failed = f"{FAILED}: " if out_of_reach(error) else ""
        return _answer(error_body(RequestError(f"{failed}Kafka: {error}", SERVER_ERROR)), 500)
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 (a fault of ours is answered as one, and the server goes on)
        _log.exception("%s %s", request.method, request.path)
        return _answer(error_body(RequestError(f"{FAILED}: {error!r}", SERVER_ERROR)), 500)


async def _plain_headers(request: web.Request, response: web.StreamResponse) -> None:
    """ksqlDB sends no Server and no Date; a content type only with its own JSON answers."""
    del request
    headers = response.headers
    for name in ("Server", "Date"):
        headers.popall(name, None)
    untyped = headers.popall("X-Untyped", None)
    if untyped or headers.get("Content-Type") == "application/octet-stream":
        headers.popall("Content-Type", None)
    elif headers.get("Content-Type", "").startswith(_JSON):
        headers["Content-Type"] = _JSON
