"""Things both programs need: where Kafka is, and the topic."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

SERVERS = [
    "kafka-controller-0.kafka-controller-headless.mhansen.svc.cluster.local:9092",
    "kafka-controller-1.kafka-controller-headless.mhansen.svc.cluster.local:9092",
    "kafka-controller-2.kafka-controller-headless.mhansen.svc.cluster.local:9092",
]
TOPIC = "INGESTION"


async def ensure_topic() -> None:
    """Create INGESTION with our properties unless somebody did that before."""
    admin = AIOKafkaAdminClient(bootstrap_servers=SERVERS)
    await admin.start()
    try:
        if TOPIC in await admin.list_topics():
            return
        await admin.create_topics(
            [
                NewTopic(
                    name=TOPIC,
                    num_partitions=3,
                    replication_factor=3,
                    topic_configs={
                        "min.insync.replicas": "2",
                        "retention.ms": "86400000",  # one day
                        "retention.bytes": "268435456",  # 256 MiB
                    },
                )
            ]
        )
    finally:
        await admin.close()
