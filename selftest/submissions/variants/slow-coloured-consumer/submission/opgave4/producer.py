"""Seks sensorer måler fire gange i sekundet; målingerne sendes i små bundter."""
import json
import random
import time
import uuid
from datetime import datetime

from kafka import KafkaProducer

ANTAL_SENSORER = 6
BUNDT = 4  # målinger pr. sensor i hvert bundt


def lav_maaling(sensor):
    return {
        "sensor_id": sensor,
        "modality": random.randint(0, 10_000),
        "unit": "kWh",
        "temporal_aspect": "real_time",
        "correlation_id": str(uuid.uuid4()),
        "created_at": datetime.now().isoformat(),
        "schema_version": 1,
        "note": "målt på taget",
    }


def main():
    producer = KafkaProducer(
        bootstrap_servers=["kafka:9092"],
        acks="all",
        linger_ms=200,
        batch_size=64 * 1024,
        compression_type="gzip",
        retries=25,
        max_in_flight_requests_per_connection=1,  # rækkefølgen skal holde, også når der sendes igen
    )
    bundter = {sensor: [] for sensor in range(1, ANTAL_SENSORER + 1)}
    while True:
        for sensor, bundt in bundter.items():
            bundt.append(lav_maaling(sensor))
            if len(bundt) < BUNDT:
                continue
            for maaling in bundt:
                try:
                    producer.send(
                        "INGESTION",
                        key=f"sensor_{sensor}".encode(),
                        value=json.dumps(maaling, ensure_ascii=False).encode("utf-8"),
                    )
                except Exception as fejl:
                    print("Fejl:", fejl)
            bundt.clear()
        time.sleep(0.25)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Farvel")
