import sys

from kafka import KafkaConsumer
from records import TOPIC, decode

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print(f"group_id={group_id}", flush=True)

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=["localhost:9092"],
    group_id=group_id,
    auto_offset_reset="earliest",
    auto_commit_interval_ms=1000,
)
try:
    for message in consumer:
        print(decode(message.value), flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
