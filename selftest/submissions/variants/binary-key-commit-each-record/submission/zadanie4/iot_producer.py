#!/usr/bin/env python3
"""Sześć czujników, każdy w swoim wątku. Klucz: numer czujnika jako int32 big-endian."""
import json
import os
import random
import struct
import threading
import time
import uuid

from kafka import KafkaProducer

BOOTSTRAP = os.environ.get("KAFKA_BOOTSTRAP", "kafka:9092").split(",")
KONIEC = threading.Event()


class Czujnik(threading.Thread):
    def __init__(self, producent, numer):
        super().__init__(name=f"czujnik-{numer}")
        self.producent = producent
        self.numer = numer
        self.klucz = struct.pack(">i", numer)

    def probka(self):
        return {
            "payload": {
                "sensor_id": str(self.numer),
                "modality": random.randint(0, 5000),
                "unit": "m³/h",
                "temporal_aspect": "real_time",
            },
            "correlation_id": str(uuid.uuid1()),
            "created_at": int(time.time() * 1000),
            "schema_version": 2,
        }

    def run(self):
        while not KONIEC.is_set():
            try:
                tresc = json.dumps(self.probka(), ensure_ascii=False).encode("utf-8")
                self.producent.send("INGESTION", key=self.klucz, value=tresc)
            except Exception as blad:  # broker chwilowo niedostępny: próbujemy dalej
                print(f"{self.name}: {blad!r}")
            KONIEC.wait(random.uniform(0.5, 1.5))


if __name__ == "__main__":
    producent = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", retries=1000)
    czujniki = [Czujnik(producent, n + 1) for n in range(6)]
    for c in czujniki:
        c.start()
    try:
        for c in czujniki:
            c.join()
    except KeyboardInterrupt:
        KONIEC.set()
        for c in czujniki:
            c.join(2)
    producent.close(timeout=4)
