from kafka import KafkaProducer
from records import encode, sample
import time

producer = KafkaProducer(bootstrap_servers="kafka:9092")

while True:
    producer.send("INGESTION", key=b"6", value=encode(sample(6)))
    time.sleep(1)
