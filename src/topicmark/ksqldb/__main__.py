"""``python -m topicmark.ksqldb``: the server. It ends when its standard input does, unless ``--detached``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from aiohttp import web

from topicmark.ksqldb import DESCRIPTION, EMULATED_VERSION, parser
from topicmark.ksqldb.broker import Broker
from topicmark.ksqldb.engine import Engine
from topicmark.ksqldb.server import Server


def main() -> None:
    arguments = argparse.ArgumentParser(prog="topicmark.ksqldb", description=DESCRIPTION)
    arguments.add_argument("--bootstrap", default="127.0.0.1:9092", help="Kafka brokers, host:port,…")
    arguments.add_argument("--listen", default="127.0.0.1:8088", help="host:port")
    arguments.add_argument("--service-id", default="kafka-ksqldb-group-id-01")
    arguments.add_argument("--cache", type=Path, help="a folder to keep the parser's tables in")
    arguments.add_argument("--detached", action="store_true", help="go on when standard input ends")
    arguments.add_argument("--verbose", action="store_true", help="log every record that is left out")
    arguments.add_argument("--version", action="version", version=f"{DESCRIPTION} (as ksqlDB {EMULATED_VERSION})")
    given = arguments.parse_args()
    logging.basicConfig(
        level=logging.INFO if given.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    if given.cache is not None:
        given.cache.mkdir(parents=True, exist_ok=True)
        parser.warm(given.cache / f"grammar-{sys.version_info[0]}{sys.version_info[1]}.tables")
    host, _, port = given.listen.rpartition(":")
    asyncio.run(_serve(given.bootstrap, host, int(port), given.service_id, detached=given.detached))


async def _serve(bootstrap: str, host: str, port: int, service_id: str, *, detached: bool) -> None:
    broker = Broker(bootstrap)
    engine = Engine(broker, service_id, f"{host}:{port}")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if not detached:
        threading.Thread(target=_watch_stdin, daemon=True).start()
    cluster_id, _ = await asyncio.gather(asyncio.to_thread(broker.cluster_id), asyncio.to_thread(engine.start))
    server = Server(engine, cluster_id)
    runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    print(f"listening on {host}:{port}", flush=True)  # noqa: T201 (its log)
    await ended.wait()
    server.close()
    await runner.cleanup()
    with contextlib.suppress(Exception):
        await asyncio.to_thread(engine.stop)
    os._exit(0)


def _watch_stdin() -> None:
    """The pipe that the parent holds: its end is ours, however the parent ended."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
