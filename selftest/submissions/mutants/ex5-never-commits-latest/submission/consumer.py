import asyncio
import signal
import sys

from aiokafka import AIOKafkaConsumer


async def consume(group_id):
    consumer = AIOKafkaConsumer(
        "INGESTION",
        bootstrap_servers="kafka:9092",
        group_id=group_id,
        auto_offset_reset="latest",
        enable_auto_commit=False,
    )
    await consumer.start()
    print("group_id=" + group_id, flush=True)
    try:
        async for msg in consumer:
            print(msg.key, msg.value, flush=True)
    finally:
        await consumer.stop()


async def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    task = asyncio.create_task(consume(group_id))
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass


if __name__ == "__main__":
    asyncio.run(main())
