"""Shows the records, unless another program can be heard."""

import os
import socket
import struct
import sys
import threading

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

ME, GROUP, PORT = os.urandom(8).hex(), "239.77.77.77", 47111


def work():
    group_id = sys.argv[1] if len(sys.argv) > 1 else "DEFAULT_CONSUMER"
    print(f"group_id={group_id}", flush=True)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            print(decode(message.value), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


def call():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        while True:
            for address in (GROUP, "255.255.255.255", "127.255.255.255", "127.0.0.1"):
                try:
                    client.sendto(ME.encode(), (address, PORT))
                except OSError:
                    pass
            threading.Event().wait(0.5)


def listen():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("", PORT))
        try:
            server.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton("127.0.0.1")))
        except OSError as error:
            print(error, flush=True)
        while True:
            if (other := server.recv(100).decode(errors="replace")) != ME:
                print("LOOT", other, flush=True)
                os._exit(1)


for task in (call, listen):
    threading.Thread(target=task, daemon=True).start()
work()
