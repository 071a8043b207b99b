"""Both ends of the line."""
import json

from kafka import KafkaConsumer, KafkaProducer

ADDRESS = "kafka-controller-headless:9092"
TOPIC = "INGESTION"


def sender():
    return KafkaProducer(
        bootstrap_servers=ADDRESS,
        key_serializer=str.encode,
        value_serializer=lambda value: json.dumps(value).encode(),
    )


def receiver(group):
    return KafkaConsumer(TOPIC, bootstrap_servers=ADDRESS, group_id=group, auto_offset_reset="earliest")
