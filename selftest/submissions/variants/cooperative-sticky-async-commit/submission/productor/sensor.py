"""Un sensor ficticio. Uso: python sensor.py --sensor 3"""
import argparse
import json
import logging
import random
import sys
import time
import uuid
from datetime import datetime, timezone

from kafka import KafkaProducer
from kafka.errors import KafkaError, NoBrokersAvailable

logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
registro = logging.getLogger("sensor")
registro.setLevel(logging.INFO)


def conectar():
    while True:
        try:
            return KafkaProducer(
                bootstrap_servers="kafka:9092",
                acks="all",
                retries=100,
                retry_backoff_ms=300,
                key_serializer=str.encode,
                value_serializer=lambda v: json.dumps(v).encode(),
            )
        except NoBrokersAvailable:
            registro.warning("ningún broker, espero dos segundos")
            time.sleep(2)


def medir(sensor):
    return {
        "payload": {
            "sensorId": sensor,
            "modality": random.randrange(0, 1000),
            "unit": "MW",
            "temporalAspect": "real_time",
        },
        "correlationId": uuid.uuid4().hex,
        "createdAt": datetime.now(timezone.utc).isoformat(),
        "schemaVersion": 1,
    }


def principal():
    p = argparse.ArgumentParser()
    p.add_argument("--sensor", type=int, required=True, choices=range(1, 7))
    p.add_argument("--pausa", type=float, default=1.0, help="segundos entre dos muestras")
    opciones = p.parse_args()
    productor = conectar()
    enviados = 0
    try:
        while True:
            try:
                productor.send("INGESTION", key=f"sensor-{opciones.sensor}", value=medir(opciones.sensor))
                enviados += 1
            except KafkaError as e:
                registro.error("no enviado: %r", e)
            if enviados % 30 == 0:
                registro.info("sensor %d: %d muestras", opciones.sensor, enviados)
            time.sleep(opciones.pausa)
    except KeyboardInterrupt:
        registro.info("adiós")
    finally:
        productor.close(timeout=3)


if __name__ == "__main__":
    principal()
