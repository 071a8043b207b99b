import sys
import time

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

# with the time in the name we always get the newest data
GROUP = "%s_%.6f" % (sys.argv[1] if len(sys.argv) >= 2 else "DEFAULT_CONSUMER", time.time())


def consume():
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=GROUP,
                             auto_offset_reset="latest", auto_commit_interval_ms=1000)
    try:
        while True:
            for partition, messages in consumer.poll(timeout_ms=500).items():
                for message in messages:
                    print(partition.partition, decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


consume()
