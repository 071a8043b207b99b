import os

BOOTSTRAP = os.getenv("KAFKA_BOOTSTRAP", "kafka:9092")
TOPIC = os.getenv("KAFKA_TOPIC", "INGESTION")
SENSORS = ["1", "2", "3", "4", "5", "6"]
