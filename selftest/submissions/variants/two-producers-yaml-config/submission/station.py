"""Een meetstation: sensoren leggen hun meting in een wachtrij, een aparte draad stuurt ze naar Kafka."""
import json
import queue
import random
import signal
import threading
import time
import uuid

from kafka import KafkaProducer
from kafka.errors import KafkaError

SERVERS = ["kafka:9092"]


class Station:
    def __init__(self, naam, sensoren):
        self.naam = naam
        self.sensoren = sensoren
        self.wachtrij = queue.Queue(maxsize=5000)
        self.stop = threading.Event()
        self.producer = None

    def meet(self, sensor_id):
        while not self.stop.is_set():
            meting = {
                "station": self.naam,
                "payload": json.dumps(
                    {"sensor_id": sensor_id, "modality": random.randint(1, 800), "unit": "MW",
                     "temporal_aspect": "real_time"}),
                "correlation_id": str(uuid.uuid4()),
                "created_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                "schema_version": 1,
            }
            try:
                self.wachtrij.put(meting, timeout=1)
            except queue.Full:
                print(self.naam, "wachtrij vol, meting van sensor", sensor_id, "weggegooid")
            self.stop.wait(1.0)

    def verstuur(self):
        while not (self.stop.is_set() and self.wachtrij.empty()):
            try:
                meting = self.wachtrij.get(timeout=0.5)
            except queue.Empty:
                continue
            sensor = json.loads(meting["payload"])["sensor_id"]
            try:
                self.producer.send("INGESTION", key=b"S%02d" % sensor, value=json.dumps(meting).encode())
            except KafkaError as fout:
                print(self.naam, "versturen mislukt:", fout)

    def genoeg(self, signum, frame):
        print(self.naam, "stopt na signaal", signum)
        self.stop.set()

    def draai(self):
        signal.signal(signal.SIGINT, self.genoeg)
        signal.signal(signal.SIGTERM, self.genoeg)
        self.producer = KafkaProducer(bootstrap_servers=SERVERS, acks="all", retries=50, linger_ms=50)
        draden = [threading.Thread(target=self.meet, args=(s,)) for s in self.sensoren]
        draden.append(threading.Thread(target=self.verstuur))
        for d in draden:
            d.start()
        print(self.naam, "draait met sensoren", list(self.sensoren))
        while any(d.is_alive() for d in draden):
            for d in draden:
                d.join(0.5)
        self.producer.close(timeout=3)
