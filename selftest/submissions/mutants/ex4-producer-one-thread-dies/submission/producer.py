import json
import random
import threading
import time
from dataclasses import asdict

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, Record, Sample, encode

# upper limits in MW; the gauge of sensor 4 wears out
LIMITS = {1: 600, 2: 600, 3: 600, 4: 600, 5: 600, 6: 600}
WEAR = {1: 0, 2: 0, 3: 0, 4: 200, 5: 0, 6: 0}


class SensorThread(threading.Thread):
    def __init__(self, sensor_id, producer):
        threading.Thread.__init__(self)
        self.daemon = True
        self.sensor_id = sensor_id
        self.producer = producer
        self.limit = LIMITS[sensor_id]

    def run(self):
        while True:
            modality = random.randint(-self.limit, self.limit)
            record = Record(payload=json.dumps(asdict(Sample(self.sensor_id, modality))))
            self.producer.send(TOPIC, key=str(self.sensor_id).encode(), value=encode(record))
            self.limit -= WEAR[self.sensor_id]
            time.sleep(1)


producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
for i in range(1, 7):
    SensorThread(i, producer).start()

while True:
    try:
        time.sleep(1)
    except KeyboardInterrupt:
        producer.close(timeout=5)
        break
