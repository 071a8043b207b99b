import json
import sys

from kafka import KafkaConsumer

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
consumer = KafkaConsumer(
    "INGESTION",
    bootstrap_servers="kafka:9092",
    group_id=group_id,
    value_deserializer=json.loads,
    auto_offset_reset="latest",
    auto_commit_interval_ms=1000,
)
print("group_id:", group_id, flush=True)

try:
    for message in consumer:
        r = message.value
        print(r["timestamp"], r["sensor_id"], r["modality"], r["unit"], r["correlation_id"], flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
