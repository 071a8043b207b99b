from client import DEFAULT_TOPIC, make_admin
from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError

ONE_DAY_MS = 24 * 60 * 60 * 1000

if __name__ == "__main__":
    admin = make_admin()
    try:
        admin.create_topics(
            [
                NewTopic(
                    name=DEFAULT_TOPIC,
                    num_partitions=3,
                    replication_factor=3,
                    topic_configs={
                        "min.insync.replicas": "2",
                        "retention.ms": str(14 * ONE_DAY_MS),
                        "retention.bytes": str(512 * 1024 * 1024),
                    },
                )
            ]
        )
        print(f"created {DEFAULT_TOPIC}")
    except TopicAlreadyExistsError:
        print(f"{DEFAULT_TOPIC} is already there")
    finally:
        admin.close()
