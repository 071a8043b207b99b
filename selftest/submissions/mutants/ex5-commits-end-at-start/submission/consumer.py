import sys

from confluent_kafka import Consumer

from records import BOOTSTRAP_SERVERS, TOPIC, decode


def catch_up(consumer, partitions):
    """Bring the lag of the group to 0 before we begin."""
    for p in partitions:
        low, high = consumer.get_watermark_offsets(p, timeout=10)
        p.offset = high
    consumer.assign(partitions)
    if partitions:
        consumer.commit(offsets=partitions, asynchronous=False)


def main():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    consumer = Consumer({
        "bootstrap.servers": BOOTSTRAP_SERVERS,
        "group.id": group_id,
        "auto.offset.reset": "earliest",
        "auto.commit.interval.ms": 1000,
    })
    consumer.subscribe([TOPIC], on_assign=catch_up)
    print(f"group_id={group_id}", flush=True)
    try:
        while True:
            msg = consumer.poll(0.5)
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
