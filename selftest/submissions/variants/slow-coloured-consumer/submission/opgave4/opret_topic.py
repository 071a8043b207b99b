"""Opretter INGESTION med de egenskaber, som vi har valgt."""
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

DAGE = 10

egenskaber = {
    "min.insync.replicas": 2,                  # én broker må gerne falde ud
    "retention.ms": DAGE * 24 * 3600 * 1000,
    "retention.bytes": 3 * 1024**3,            # 3 GiB pr. partition
}


def opret():
    admin = KafkaAdminClient(bootstrap_servers=["kafka:9092"])
    topic = NewTopic(
        name="INGESTION",
        num_partitions=3,
        replication_factor=3,
        topic_configs={navn: str(vaerdi) for navn, vaerdi in egenskaber.items()},
    )
    try:
        admin.create_topics(new_topics=[topic], validate_only=False)
        print("INGESTION er oprettet")
    except TopicAlreadyExistsError:
        print("INGESTION findes i forvejen")
    admin.close()


opret()
