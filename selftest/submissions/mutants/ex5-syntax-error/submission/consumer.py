import sys

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
print "group_id=%s" % group_id

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BOOTSTRAP_SERVERS,
    group_id=group_id,
    auto_offset_reset="earliest",
)
for message in consumer:
    print decode(message.value)
