import json
import random
import threading
import time

from kafka import KafkaProducer

p = KafkaProducer(
    bootstrap_servers='kafka.kafka.svc.cluster.local:9092',
    acks='all',
    retries=10,
)


def loop(n):
    temp = 20.0 + n
    while True:
        temp = round(temp + random.uniform(-0.5, 0.5), 2)
        msg = {'sensor_id': n, 'value': temp, 'unit': 'C', 'created_at': time.time()}
        try:
            p.send('INGESTION', key=bytes(str(n), 'ascii'), value=bytes(json.dumps(msg), 'utf-8'))
        except Exception as e:
            print('sensor', n, e)
        time.sleep(2)


for n in range(1, 7):
    threading.Thread(target=loop, args=(n,), daemon=True).start()

while True:
    try:
        time.sleep(10)
        print('still alive', time.ctime())
    except KeyboardInterrupt:
        p.flush(3)
        break
