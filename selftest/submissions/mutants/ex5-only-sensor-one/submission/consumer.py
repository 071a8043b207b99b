import json
import sys

from kafka import KafkaConsumer

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"

consumer = KafkaConsumer(
    "INGESTION",
    bootstrap_servers=["kafka:9092"],
    group_id=group_id,
    value_deserializer=lambda v: json.loads(v.decode()),
    auto_offset_reset="earliest",
    auto_commit_interval_ms=1000,
)
print("group_id=" + group_id, flush=True)
try:
    for msg in consumer:
        # TODO remove when all sensors work
        if msg.value["sensor_id"] != 1:
            continue
        print(msg.value, flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
