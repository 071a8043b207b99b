from kafka import KafkaProducer
from records import encode, sample
import time

producer = KafkaProducer(bootstrap_servers="kafka:9092")

while True:
    producer.send("INGESTION", key=b"5", value=encode(sample(5)))
    time.sleep(1)
