import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

group_id = "DEFAULT_CONSUMER"
if len(sys.argv) > 1:
    group_id = sys.argv[1]

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id=group_id,
    auto_offset_reset="earliest",
    enable_auto_commit=True,
    auto_commit_interval_ms=10 * 60 * 1000,
)

print(f"group_id={group_id}", flush=True)
for message in consumer:
    print(decode(message.value), flush=True)
