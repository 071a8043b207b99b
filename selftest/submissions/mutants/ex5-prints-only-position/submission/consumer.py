import asyncio
import os
import signal

from aiokafka import AIOKafkaConsumer


async def consume():
    consumer = AIOKafkaConsumer(
        "INGESTION",
        bootstrap_servers="kafka:9092",
        group_id=os.environ.get("KAFKA_GROUP_ID", "DEFAULT_CONSUMER"),
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    await consumer.start()
    try:
        async for msg in consumer:
            print("consumed:", msg.topic, msg.partition, msg.offset, msg.key, flush=True)
    finally:
        await consumer.stop()


async def main():
    task = asyncio.create_task(consume())
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        print("stopped")


asyncio.run(main())
