"""Exercise 2 without a browser."""

import json

from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

TOPIC = "test-redpanda"
admin = KafkaAdminClient(bootstrap_servers="kafka:9092")
admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
producer = KafkaProducer(
    bootstrap_servers="kafka:9092",
    key_serializer=lambda key: key.to_bytes(4, "big"),
    value_serializer=lambda value: json.dumps(value, indent=1).encode(),
    compression_type="gzip",
)
where = producer.send(TOPIC, key=1, value={"id": 1, "status": "it works"}).get(timeout=30)
print("produced:", where.partition, where.offset)
print("deleted:", admin.delete_records({TopicPartition(TOPIC, where.partition): where.offset + 1}))
