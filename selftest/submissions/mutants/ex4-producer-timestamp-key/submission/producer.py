"""Six sensors, one thread each."""

import threading
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


class Sensor(threading.Thread):
    def __init__(self, sensor_id, producer):
        super().__init__(name=f"sensor-{sensor_id}", daemon=True)
        self.sensor_id = sensor_id
        self.producer = producer

    def run(self):
        while True:
            record = sample(self.sensor_id)
            self.producer.send(TOPIC, key=str(record.created_at).encode(), value=encode(record))
            time.sleep(1)


if __name__ == "__main__":
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    sensors = [Sensor(i, producer) for i in range(1, 7)]
    for s in sensors:
        s.start()
    try:
        for s in sensors:
            s.join()
    except KeyboardInterrupt:
        producer.close(timeout=5)
