import random
import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample

PARTITIONS = 3


def publish(sensor_id):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    while True:
        producer.send(
            TOPIC,
            key=str(sensor_id).encode("utf-8"),
            value=encode(sample(sensor_id)),
            partition=random.randrange(PARTITIONS),  # spread the load
        )
        time.sleep(1)


threads = []
for i in range(1, 7):
    t = threading.Thread(target=publish, args=[i], daemon=True)
    t.start()
    threads.append(t)

try:
    for t in threads:
        t.join()
except KeyboardInterrupt:
    print("stopping")
