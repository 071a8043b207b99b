import os
import time

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

# the config map may come later than the pod
group_id = os.getenv("GROUP_ID")
while not group_id:
    time.sleep(1)
    group_id = os.getenv("GROUP_ID")

print("group_id=" + group_id, flush=True)
consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
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
