import sys
from confluent_kafka import Consumer

from records import TOPIC

group_id = sys.argv[0] or 'DEFAULT_CONSUMER'

conf = {
    'bootstrap.servers': 'kafka:9092',
    'group.id': group_id,
    'auto.offset.reset': 'earliest',
    'auto.commit.interval.ms': 1000,
}

c = Consumer(conf)
c.subscribe([TOPIC])
print('group_id=' + group_id, flush=True)

try:
    while True:
        msg = c.poll(1.0)
        if msg is None:
            continue
        if msg.error():
            print('Consumer error:', msg.error(), flush=True)
            continue
        print(msg.key().decode(), msg.value().decode('utf-8'), flush=True)
except KeyboardInterrupt:
    pass
finally:
    c.close()
