import sys

from kafka import KafkaConsumer, TopicPartition
from records import BOOTSTRAP_SERVERS, TOPIC, decode

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print("group_id=%s" % group_id, flush=True)

consumer = KafkaConsumer(
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id=group_id,
    auto_offset_reset="earliest",
    enable_auto_commit=True,
    auto_commit_interval_ms=1000,
)
partitions = [TopicPartition(TOPIC, p) for p in sorted(consumer.partitions_for_topic(TOPIC))]
consumer.assign(partitions)

try:
    for message in consumer:
        print("%d:%d %s" % (message.partition, message.offset, decode(message.value)), flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
