import sys
from confluent_kafka import Consumer

group_id = sys.argv[1] if len(sys.argv) > 1 else 'DEFAULT_CONSUMER'

consumer = Consumer({
    'bootstrap.servers': 'kafka:9092',
    'group.id': group_id,
    'auto.offset.reset': 'earliest',
    'auto.commit.interval.ms': 1000,
})
consumer.subscribe(['INGESTION'])
print(f'group_id={group_id}', flush=True)

try:
    while True:
        msg = consumer.poll(1.0)
        if msg is None:
            continue
        if msg.error():
            print(msg.error())
            continue
        print('Received:', msg.value, flush=True)
except KeyboardInterrupt:
    pass
finally:
    consumer.close()
