"""Shows what the buoys report, then ends."""

import json

from kafka import KafkaConsumer
from kafka.errors import KafkaError

consumer = KafkaConsumer("swell", bootstrap_servers="harbour:9092", auto_offset_reset="earliest", consumer_timeout_ms=5000)
try:
    for record in consumer:
        print(json.loads(record.value))
except KafkaError as error:
    print("no broker answers:", error)
