"""Creates INGESTION (confluent-kafka)."""
import sys

from confluent_kafka.admin import AdminClient, NewTopic


def main():
    admin = AdminClient({"bootstrap.servers": "kafka:9092"})
    new_topic = NewTopic(
        "INGESTION",
        num_partitions=6,
        replication_factor=3,
        config={"min.insync.replicas": "2", "retention.bytes": "1073741824"},
    )
    for name, future in admin.create_topics([new_topic]).items():
        try:
            future.result()
            print(f"created {name}")
        except Exception as e:
            sys.exit(f"could not create {name}: {e}")


if __name__ == "__main__":
    main()
