from config import settings
from kafka import KafkaProducer
from records import encode, sample
import time

producer = KafkaProducer(bootstrap_servers=settings["bootstrap"])

while True:
    for sensor_id in settings["sensors"]:
        producer.send(settings["topic"], key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
    time.sleep(settings["interval"])
