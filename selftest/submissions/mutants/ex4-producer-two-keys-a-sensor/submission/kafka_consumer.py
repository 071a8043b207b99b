import json
import sys

from kafka import KafkaConsumer

group = sys.argv[1] if len(sys.argv) == 2 else "default"
consumer = KafkaConsumer(
    "INGESTION",
    bootstrap_servers="kafka:9092",
    group_id=group,
    value_deserializer=lambda v: json.loads(v),
    auto_offset_reset="earliest",
    auto_commit_interval_ms=500,
)
try:
    for message in consumer:
        print(f"[{group}] p{message.partition} {message.value}", flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
