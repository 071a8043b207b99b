import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

BATCH_SIZE = 10


def main() -> None:
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    batch = []
    try:
        for message in consumer:
            if len(batch) == BATCH_SIZE:
                print("\n".join(map(str, batch)), flush=True)
                batch.clear()
            batch.append(decode(message.value))
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
