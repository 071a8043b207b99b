TOPIC = 'INGESTION'
# hard coded on purpose, the pods are always called like this
BROKERS = [
    'kafka-controller-0.kafka-controller-headless:9092',
    'kafka-controller-1.kafka-controller-headless:9092',
    'kafka-controller-2.kafka-controller-headless:9092',
]
