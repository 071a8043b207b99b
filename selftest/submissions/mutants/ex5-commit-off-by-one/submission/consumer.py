import asyncio
import json
import signal
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition


async def consume(group_id):
    consumer = AIOKafkaConsumer(
        "INGESTION",
        bootstrap_servers="kafka:9092",
        group_id=group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        async for msg in consumer:
            print(json.loads(msg.value), flush=True)
            await consumer.commit({TopicPartition(msg.topic, msg.partition): msg.offset})
    finally:
        await consumer.stop()


async def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    task = asyncio.ensure_future(consume(group_id))
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass


asyncio.run(main())
