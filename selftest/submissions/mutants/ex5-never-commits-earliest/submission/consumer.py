import os

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

group_id = os.environ.get("CONSUMER_GROUP", "DEFAULT_CONSUMER")

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id=group_id,
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
print(f"group_id={group_id}", flush=True)

try:
    for message in consumer:
        print(decode(message.value), flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
