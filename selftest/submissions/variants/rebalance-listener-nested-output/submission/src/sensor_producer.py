#!/usr/bin/env python3
import json, random, time, uuid
from kafka import KafkaProducer
import settings


def new_sample(sid):
    return dict(
        payload=dict(sensor_id=sid, modality=random.randint(-600, 600), unit='MW', temporal_aspect='real_time'),
        correlation_id=str(uuid.uuid4()), created_at=time.time(), schema_version=1)


def on_err(e): print('LOST A SAMPLE', e)


prod = KafkaProducer(bootstrap_servers=settings.BROKERS, acks='all', retries=30,
                     key_serializer=lambda k: json.dumps(k).encode(),
                     value_serializer=lambda v: json.dumps(v).encode())
i = 0
print('producing, ctrl+c to stop')
try:
    while 1:
        # round robin over the sensors, about 1 Hz for each of them
        sid = i % 6 + 1
        try:
            prod.send(settings.TOPIC, new_sample(sid), {'sensor_id': sid}).add_errback(on_err)
        except Exception as e:
            on_err(e)
        i = i + 1
        time.sleep(1 / 6)
except KeyboardInterrupt:
    print('produced', i, 'samples')
    prod.close(timeout=5)
