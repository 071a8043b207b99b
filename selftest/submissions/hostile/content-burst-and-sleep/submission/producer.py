"""An hour of records at once, and a long rest."""

import dataclasses
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all", linger_ms=50)
start = time.time()
for second in range(3600):
    for sensor in range(1, 7):
        record = dataclasses.replace(sample(sensor), created_at=start + second)
        producer.send(TOPIC, key=str(sensor).encode(), value=encode(record), timestamp_ms=int((start + second) * 1000))
producer.flush()
while True:
    time.sleep(3600)
