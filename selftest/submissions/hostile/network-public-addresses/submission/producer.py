"""Publishes, unless the world can be reached from here."""

import errno
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


OUTSIDE = [("192.0.2.1", 80), ("198.51.100.7", 443), ("203.0.113.9", 22), ("10.0.0.1", 80), ("172.17.0.1", 2375), ("192.168.1.1", 80), ("100.64.0.1", 80),
           ("2001:db8::1", 443), ("fe80::1%lo", 80), ("::ffff:192.0.2.1", 80)]
loot = []
for address, port in OUTSIDE:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as client:
                client.settimeout(0.5)
                client.connect((address, port))
                client.send(b"GET / HTTP/1.0\r\n\r\n")
            if kind == socket.SOCK_STREAM:
                loot.append((address, port))
            print("sent to", address, port, kind.name, flush=True)
        except OSError as error:
            print(address, port, errno.errorcode.get(error.errno, error), flush=True)
for arguments in ((socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), (socket.AF_PACKET, socket.SOCK_RAW, 768), (socket.AF_NETLINK, socket.SOCK_RAW, 0), (40, socket.SOCK_STREAM, 0)):
    try:
        with socket.socket(*arguments) as raw:
            print("raw socket", arguments, raw.fileno(), flush=True)
    except OSError as error:
        print("raw socket", arguments, error.strerror, flush=True)
if loot:
    print('LOOT', loot, flush=True)
    raise SystemExit('found something better than points')
work()
