import sys
from kafka import KafkaConsumer

consumer = KafkaConsumer(
    "INGESTION",
    bootstrap_servers="kafka:9092",
    group_id=sys.argv[1] if len(sys.argv) > 1 else "consumer-1",
    auto_offset_reset="earliest",
    auto_commit_interval_ms=1000,
)

try:
    for msg in consumer:
        print(msg.value.decode("utf-8"), flush=True)
except KeyboardInterrupt:
    pass
consumer.close()
