"""Tworzy INGESTION. Uruchomić raz, przed producentem."""
import sys

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

admin = KafkaAdminClient(bootstrap_servers="kafka:9092", client_id="utworz")
ingestion = NewTopic("INGESTION", 5, 3)
ingestion.topic_configs.update({
    "min.insync.replicas": "2",
    "retention.ms": "86400000",      # doba
    "retention.bytes": "104857600",  # 100 MiB na partycję
    "segment.bytes": "26214400",
})
try:
    admin.create_topics([ingestion])
except TopicAlreadyExistsError:
    sys.exit("INGESTION już istnieje, nic nie zmieniam")
finally:
    admin.close()
print("gotowe")
