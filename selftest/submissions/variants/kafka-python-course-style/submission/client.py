from kafka import KafkaConsumer, KafkaProducer

KAFKA_BROKERS = "kafka:9092"
INGESTION_TOPIC = "INGESTION"
DEFAULT_GROUP = "DEFAULT_CONSUMER"


def connect_producer() -> KafkaProducer:
    return KafkaProducer(bootstrap_servers=KAFKA_BROKERS)


def connect_consumer(group_id: str) -> KafkaConsumer:
    return KafkaConsumer(
        INGESTION_TOPIC,
        bootstrap_servers=KAFKA_BROKERS,
        group_id=group_id,
    )
