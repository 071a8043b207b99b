# TODO pulire un po'
import json
import os
import sys

from kafka import KafkaConsumer

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'settings.json')) as f:
    settings = json.load(f)['kafka']

try:
    group = settings['groupId']
except KeyError:
    print('groupId is missing in settings.json')
    sys.exit(2)

consumer = KafkaConsumer(
    'INGESTION',
    bootstrap_servers='kafka.kafka.svc.cluster.local:9092',
    group_id=group,
    auto_commit_interval_ms=1000,
    value_deserializer=lambda b: json.loads(b),
)

while True:
    try:
        for m in consumer:
            v = m.value
            print('sensor', v['sensor_id'], '->', v['value'], v['unit'], 'at', v['created_at'])
    except KeyboardInterrupt:
        sys.exit(0)
    except Exception as e:
        # rete instabile, si riprova
        print('error', e)
