import json, random, time, uuid
from kafka import KafkaProducer

SENSOR_ID = 1

producer = KafkaProducer(bootstrap_servers=['kafka:9092'])

while True:
    payload = {'sensor_id': SENSOR_ID, 'modality': random.randint(-600, 600), 'unit': 'MW', 'temporal_aspect': 'real_time'}
    message = {
        'payload': json.dumps(payload),
        'correlation_id': str(uuid.uuid4()),
        'created_at': time.time(),
        'schema_version': 1,
    }
    producer.send('INGESTION', key=str(SENSOR_ID).encode(), value=json.dumps(message).encode())
    time.sleep(2)
