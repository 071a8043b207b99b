"""Creates INGESTION if needed and lets six sensors publish to it."""
import threading
import time

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def ensure_topic():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP_SERVERS)
    try:
        admin.create_topics([
            NewTopic(TOPIC, num_partitions=6, replication_factor=1,
                     topic_configs={"retention.ms": "604800000", "retention.bytes": "1073741824"})
        ])
    except TopicAlreadyExistsError:
        pass
    finally:
        admin.close()


def sensor(sensor_id, producer):
    while True:
        producer.send(TOPIC, key=str(sensor_id).encode(), value=encode(sample(sensor_id)))
        time.sleep(1)


if __name__ == "__main__":
    ensure_topic()
    kafka_producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    for i in range(1, 7):
        threading.Thread(target=sensor, args=(i, kafka_producer), daemon=True).start()
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        kafka_producer.close(timeout=5)
