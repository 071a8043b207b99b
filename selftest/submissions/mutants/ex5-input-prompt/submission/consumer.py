from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def main():
    group_id = input("Which consumer group? ") or "DEFAULT_CONSUMER"
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            print(decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
