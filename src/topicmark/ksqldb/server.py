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
from topicmark.ksqldb.engine import Engine
from topicmark.ksqldb.errors import BAD_REQUEST, NOT_FOUND, SERVER_ERROR, KsqlError, RequestError
from topicmark.ksqldb.settings import is_valid
from topicmark.ksqldb.transient import Printing, RowQuery, header_schema
from topicmark.ksqldb.watching import open_query

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
        self._open: dict[str, RowQuery] = {}

    def application(self) -> web.Application:
        app = web.Application(client_max_size=8 * 2**20, middlewares=[_negotiated])
        app.on_response_prepare.append(_plain_headers)
        app.router.add_get("/", self._root)
        app.router.add_get("/info", self._info)
        app.router.add_get("/healthcheck", self._health)
        app.router.add_get("/clusterStatus", self._cluster_status)
        app.router.add_post("/ksql", self._ksql)
        app.router.add_post("/query", self._query)
        app.router.add_post("/query-stream", self._query_stream)
        app.router.add_post("/close-query", self._close_query)
        app.router.add_post("/inserts-stream", self._inserts)
        app.router.add_get("/status", self._statuses)
        app.router.add_get("/status/{kind}/{name}/{action}", self._status)
        app.router.add_get("/is_valid_property/{name}", self._valid_property)
        app.router.add_get("/v1/metadata", self._metadata)
        app.router.add_get("/v1/metadata/id", self._metadata_id)
        app.router.add_get("/chc/ready", self._ready)
        app.router.add_get("/chc/live", self._ready)
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
        return _answer(
            {
                "KsqlServerInfo": {
                    "version": EMULATED_VERSION,
                    "kafkaClusterId": self.cluster_id,
                    "ksqlServiceId": self.engine.service_id,
                    "serverStatus": "RUNNING",
                    "embedded": DESCRIPTION,
                }
            }
        )

    async def _health(self, _: web.Request) -> web.Response:
        try:
            await self._run(self.engine.broker.topics)
            kafka = True
        except KafkaException:
            kafka = False
        details = {name: {"isHealthy": kafka if name == "kafka" else True} for name in
                   ("metastore", "kafka", "commandRunner")}  # fmt: skip
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
        path = request.match_info
        found = self.engine.statuses.get(f"{path['kind']}/{path['name']}/{path['action']}")
        if found is None:
            return _error(RequestError("Command not found", NOT_FOUND))
        message = "Stream created" if path["action"] == "create" else "Statement executed"
        return _answer({"status": found, "message": message, "queryId": None})

    async def _valid_property(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if is_valid(name):
            return _answer(True)
        return _error(
            RequestError(
                "One or more properties overrides set locally are prohibited by the KSQL server (use UNSET to reset"
                f" their default value): [{name}]"
            )
        )

    async def _inserts(self, _: web.Request) -> web.Response:
        return _error(RequestError("This endpoint is only available when using HTTP2", 40004), typed=False)

    # -- statements -----------------------------------------------------------------------------------------------

    async def _ksql(self, request: web.Request) -> web.Response:
        try:
            body = await _body(request)
        except RequestError as error:
            return _error(error, typed=False)
        text = str(body.get("ksql") or "")
        try:
            await self._caught_up(body.get("commandSequenceNumber"))
            return _answer(await self._run(self.engine.execute, text, body.get("streamsProperties") or {}))
        except KsqlError as error:
            error.text = error.text or text
            return _error(error)

    async def _caught_up(self, wanted: Any) -> None:
        """Statements run before they are answered: a number beyond the last can never be reached."""
        if wanted is not None and int(wanted) >= self.engine.log.following:
            raise RequestError(
                f"Timed out while waiting for a previous command to execute. command sequence number: {wanted}",
                50301,
            )

    # -- queries --------------------------------------------------------------------------------------------------

    async def _query(self, request: web.Request) -> web.StreamResponse:
        text = ""
        try:
            body = await _body(request)
            text = str(body.get("ksql") or "")
            if not text:
                raise RequestError('"ksql" field must be populated')
            query = await self._run(open_query, self.engine, text, body.get("streamsProperties") or {}, "/query")
        except KsqlError as error:
            return await _query_error(error, text, "/query", request)
        if isinstance(query, Printing):
            return await self._print(request, query)
        if _V1 in request.headers.get("Accept", ""):
            return await self._rows(request, query)
        return await self._lines(request, query)

    async def _query_stream(self, request: web.Request) -> web.StreamResponse:
        text = ""
        try:
            body = await _body(request)
            if "sql" not in body:
                raise RequestError(
                    "Invalid JSON in request: Missing required creator property 'sql' (index 0)\n at [Source: (byte[])"
                    f'"{(await request.text())}"; line: 1, column: 2] (through reference chain: '
                    'io.confluent.ksql.rest.entity.QueryStreamArgs["sql"])'
                )
            text = str(body["sql"])
            query = await self._run(open_query, self.engine, text, body.get("properties") or {}, "/query-stream")
        except KsqlError as error:
            return await _query_error(error, text, "/query-stream", request)
        accept = request.headers.get("Accept", "")
        if _V1 in accept:
            return await self._rows(request, query)
        if _JSON in accept:
            return await self._array(request, query)
        return await self._lines(request, query)

    async def _rows(self, request: web.Request, query: RowQuery) -> web.StreamResponse:
        """The rows in objects, in one JSON array that is sent piece by piece."""
        header = {"queryId": query.id, "schema": header_schema(query.columns)}
        pieces = _Pieces(f"[{dump({'header': header})},\n", '{{"row":{{"columns":[{}]}}}},\n', "")
        return await self._stream(request, query, pieces, final=True)

    async def _lines(self, request: web.Request, query: RowQuery) -> web.StreamResponse:
        return await self._stream(request, query, _Pieces(_heading(query) + "\n", "[{}]\n", ""))

    async def _array(self, request: web.Request, query: RowQuery) -> web.StreamResponse:
        return await self._stream(request, query, _Pieces("[" + _heading(query), ",[{}]", "]"))

    async def _stream(
        self, request: web.Request, query: RowQuery, pieces: _Pieces, *, final: bool = False
    ) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        self._open[query.id] = query
        try:
            await response.prepare(request)
            await response.write(pieces.start.encode())
            while not query.done:
                rows = await self._run(query.poll)
                if rows:
                    await response.write("".join([pieces.row.format(row) for row in rows]).encode())
                elif request.transport is None or request.transport.is_closing():
                    break
            await response.write(((dump({"finalMessage": query.final}) + "]\n") if final else pieces.end).encode())
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client went away
        finally:
            self._open.pop(query.id, None)
            await asyncio.shield(self._run(query.close))
        return response

    async def _print(self, request: web.Request, printing: Printing) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = _JSON
        response.enable_chunked_encoding()
        try:
            await response.prepare(request)
            while not printing.done:
                await response.write((await self._run(printing.poll)).encode())
                if request.transport is None or request.transport.is_closing():
                    break
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client went away
        finally:
            await asyncio.shield(self._run(printing.close))
        return response

    async def _close_query(self, request: web.Request) -> web.Response:
        try:
            body = await _body(request)
        except RequestError as error:
            return _error(error, typed=False)
        query = self._open.get(str(body.get("queryId")))
        if query is None:
            return _error(RequestError(f"No query with id {body.get('queryId')}"), typed=False)
        query.done = True
        return web.Response()


class _Pieces:
    """What stands before the rows, around each and after them."""

    def __init__(self, start: str, row: str, end: str) -> None:
        self.start, self.row, self.end = start, row, end


def _heading(query: RowQuery) -> str:
    names, kinds = [name for name, _ in query.columns], [str(kind) for _, kind in query.columns]
    return dump({"queryId": query.id, "columnNames": names, "columnTypes": kinds})


def _answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=dump(value).encode(), status=status, content_type=_JSON)


def _error(error: KsqlError, *, typed: bool = True) -> web.Response:
    body = dump(error_body(error)).encode()
    response = web.Response(body=body, status=error.code // 100, content_type=_JSON)
    if not typed:
        response.headers["X-Untyped"] = "1"
    return response


async def _query_error(error: KsqlError, text: str, endpoint: str, request: web.Request) -> web.StreamResponse:
    """``/query-stream`` sends its errors in chunks; so does ``/query`` for what it finds after the source is known."""
    error.text = error.text or text
    if endpoint == "/query" and not getattr(error, "late", False):
        return _error(error)
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
        raise RequestError(
            'Cannot invoke "io.vertx.core.buffer.Buffer.getBytes()" because "buffer" is null', SERVER_ERROR
        )
    try:
        found = json.loads(data)
    except ValueError as error:
        raise RequestError(_invalid_json(data, error), BAD_REQUEST) from None
    if not isinstance(found, dict):
        raise RequestError("Invalid JSON in request: Cannot deserialize value")
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
    except KafkaException as error:
        return _error(RequestError(f"Kafka: {error}", SERVER_ERROR))
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 (a fault of ours is answered as one, and the server goes on)
        _log.exception("%s %s", request.method, request.path)
        return _error(RequestError(f"the embedded ksqlDB failed: {error!r}", SERVER_ERROR))


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
