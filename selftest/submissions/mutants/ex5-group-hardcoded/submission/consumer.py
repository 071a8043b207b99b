import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

if len(sys.argv) > 1:
    group_id = sys.argv[1]
else:
    group_id = "DEFAULT_CONSUMER"
print(f"group_id={group_id}", flush=True)

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id="my-group",
    auto_offset_reset="earliest",
    enable_auto_commit=True,
    auto_commit_interval_ms=1000,
)

try:
    for message in consumer:
        print(decode(message.value), flush=True)
except KeyboardInterrupt:
    print("bye")
finally:
    consumer.close()
