import os

from kafka import KafkaConsumer

GROUP_ID = os.environ.get("GROUP_ID", "DEFAULT_CONSUMER")

consumer = KafkaConsumer(
    "INGESTION",
    bootstrap_servers=["kafka:9092"],
    group_id=GROUP_ID,
    auto_offset_reset="earliest",
    auto_commit_interval_ms=1000,
)
print("Consuming as", GROUP_ID, flush=True)
try:
    for m in consumer:
        print(m.value.decode(), flush=True)
except KeyboardInterrupt:
    print("stopped")
finally:
    consumer.close()
