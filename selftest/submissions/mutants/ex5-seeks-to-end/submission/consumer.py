import sys

from kafka import ConsumerRebalanceListener, KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode


class OnlyNew(ConsumerRebalanceListener):
    """we only want live data"""

    def __init__(self, consumer):
        self.consumer = consumer

    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        if assigned:
            self.consumer.seek_to_end(*assigned)


group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP_SERVERS, group_id=group_id, auto_commit_interval_ms=1000)
consumer.subscribe([TOPIC], listener=OnlyNew(consumer))
print(f"group_id={group_id}", flush=True)

try:
    for message in consumer:
        print(decode(message.value), flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
