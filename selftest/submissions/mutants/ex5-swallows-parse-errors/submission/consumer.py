import json
import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print("group_id =", group_id, flush=True)

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id=group_id,
    auto_offset_reset="earliest",
    auto_commit_interval_ms=1000,
)

try:
    for message in consumer:
        try:
            record = json.loads(message.value)
            print(f"sensor {record['sensor_id']}: {record['modality']} {record['unit']}", flush=True)
        except Exception:
            print("skipping bad record", flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
