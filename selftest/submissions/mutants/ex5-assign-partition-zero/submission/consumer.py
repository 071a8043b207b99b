import sys

from confluent_kafka import Consumer, TopicPartition

from records import BOOTSTRAP_SERVERS, TOPIC, decode


def main():
    group = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    consumer = Consumer({
        "bootstrap.servers": BOOTSTRAP_SERVERS,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "auto.commit.interval.ms": 1000,
    })
    consumer.assign([TopicPartition(TOPIC, 0)])
    print(f"group_id={group}", flush=True)
    try:
        while True:
            msg = consumer.poll(1.0)
            if msg is None:
                continue
            if msg.error():
                print(msg.error(), flush=True)
                continue
            print(decode(msg.value()), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
