import asyncio
import json
import signal
import sys

from aiokafka import AIOKafkaConsumer

GROUP_PREFIX = "my-"


async def consume(group_id: str) -> None:
    consumer = AIOKafkaConsumer(
        "INGESTION",
        bootstrap_servers="kafka:9092",
        group_id=GROUP_PREFIX + group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    await consumer.start()
    try:
        async for msg in consumer:
            print(json.loads(msg.value), flush=True)
    finally:
        await consumer.stop()


async def main() -> None:
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    task = asyncio.ensure_future(consume(group_id))
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass


asyncio.run(main())
