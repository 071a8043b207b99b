"""Factories for the Kafka clients, so that the addresses are written down only once."""
from data_model import Envelope
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient

SERVERS = [
    f"kafka-controller-{i}.kafka-controller-headless.student07.svc.cluster.local:9092" for i in range(3)
]
DEFAULT_TOPIC = "INGESTION"
DEFAULT_CONSUMER = "DEFAULT_CONSUMER"


def make_admin() -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=SERVERS)


def make_producer() -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=SERVERS,
        acks="all",
        retries=20,
        key_serializer=lambda sensor_id: str(sensor_id).encode(),
        value_serializer=Envelope.to_bytes,
    )


def make_consumer(group_id: str) -> KafkaConsumer:
    return KafkaConsumer(
        DEFAULT_TOPIC,
        bootstrap_servers=SERVERS,
        group_id=group_id,
        value_deserializer=Envelope.from_bytes,
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        auto_commit_interval_ms=2000,
    )
