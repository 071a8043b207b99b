from kafka.admin import KafkaAdminClient, NewTopic

admin = KafkaAdminClient(bootstrap_servers=["kafka:9092"], client_id="group-3")

topic = NewTopic(
    name="INGESTION",
    num_partitions=6,
    replication_factor=4,
    topic_configs={
        "min.insync.replicas": "2",
        "retention.ms": "604800000",
        "retention.bytes": "1073741824",
    },
)

admin.create_topics(new_topics=[topic], validate_only=False)
print("topic created")
admin.close()
