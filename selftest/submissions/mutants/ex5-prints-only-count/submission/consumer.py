import sys

from kafka import KafkaConsumer

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"

consumer = KafkaConsumer(
    "INGESTION",
    bootstrap_servers="kafka:9092",
    group_id=group_id,
    auto_offset_reset="earliest",
    auto_commit_interval_ms=1000,
)

count = 0
try:
    for message in consumer:
        count += 1
        print("Messages received:", count, flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
