"""Übung 4: sechs Sensoren schreiben nach INGESTION.

Aufruf:  python producer.py [--bootstrap kafka:9092] [--pause 0.8]
"""
import argparse
import json
import logging
import random
import threading
import time
import uuid

from kafka import KafkaProducer
from kafka.errors import KafkaError

logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(threadName)s] %(message)s")
logging.getLogger("kafka").setLevel(logging.ERROR)
log = logging.getLogger("producer")


class Sensor(threading.Thread):
    """Ein fiktiver Sensor, der regelmäßig einen Messwert verschickt."""

    def __init__(self, nummer, producer, pause):
        super().__init__(name=f"sensor-{nummer}", daemon=True)
        self.nummer = nummer
        self.producer = producer
        self.pause = pause
        self.gesendet = 0

    def messwert(self):
        return {
            "payload": {
                "sensor_id": self.nummer,
                "modality": random.randint(-600, 600),
                "unit": "MW",
                "temporal_aspect": random.choice(["real_time", "edge_prediction"]),
            },
            "correlation_id": str(uuid.uuid4()),
            "created_at": time.time(),
            "schema_version": 1,
        }

    def run(self):
        while True:
            try:
                self.producer.send("INGESTION", key=self.nummer, value=self.messwert())
                self.gesendet += 1
                if self.gesendet % 20 == 0:
                    log.info("%d Messwerte verschickt", self.gesendet)
            except KafkaError as fehler:
                # z. B. wenn gerade ein Broker weg ist: beim nächsten Mal wieder probieren
                log.warning("nicht verschickt: %s", fehler)
            time.sleep(self.pause)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", default="kafka:9092")
    parser.add_argument("--pause", type=float, default=0.8, help="Sekunden zwischen zwei Messwerten eines Sensors")
    args = parser.parse_args()

    producer = KafkaProducer(
        bootstrap_servers=args.bootstrap,
        acks="all",
        key_serializer=lambda nummer: str(nummer).encode(),
        value_serializer=lambda wert: json.dumps(wert).encode(),
    )
    sensoren = [Sensor(n, producer, args.pause) for n in range(1, 7)]
    for sensor in sensoren:
        sensor.start()
    log.info("6 Sensoren laufen")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        log.info("Ende")
    producer.close(timeout=5)


if __name__ == "__main__":
    main()
