import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print(f"group_id={group_id}", flush=True)

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id=group_id,
    auto_offset_reset="latest",
    auto_commit_interval_ms=1000,
)

last = [None] * 5  # the newest records
n = 0
try:
    for message in consumer:
        last[n] = decode(message.value)
        print(last[n], flush=True)
        n += 1
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
