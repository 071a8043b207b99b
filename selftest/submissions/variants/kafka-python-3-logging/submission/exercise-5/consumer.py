"""Übung 5: liest INGESTION und schreibt jeden Datensatz als JSON ins Log.

Aufruf:  python consumer.py --group-id <name>
"""
import argparse
import json
import logging

from kafka import KafkaConsumer

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
logging.getLogger("kafka").setLevel(logging.ERROR)
log = logging.getLogger("consumer")


def argumente():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group-id", required=True, help="Name der Consumer-Gruppe")
    parser.add_argument("--bootstrap", default="kafka:9092")
    return parser.parse_args()


def main():
    args = argumente()
    log.info("group_id=%s", args.group_id)

    consumer = KafkaConsumer(
        "INGESTION",
        bootstrap_servers=args.bootstrap,
        group_id=args.group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        auto_commit_interval_ms=2000,
        value_deserializer=json.loads,
    )
    try:
        for nachricht in consumer:
            log.info(json.dumps(nachricht.value))
    except KeyboardInterrupt:
        log.info("Ende")
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
