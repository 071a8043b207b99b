import json
import time
from dataclasses import asdict

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, sample

producer = KafkaProducer(bootstrap_servers=[BOOTSTRAP_SERVERS])

while True:
    for sensor_id in range(1, 7):
        message = json.dumps(asdict(sample(sensor_id)))
        producer.send(TOPIC, key=str(sensor_id).encode(), value=message)
    time.sleep(1)
