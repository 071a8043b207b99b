# Opgave 5: laeser INGESTION. group_id staar i config.ini ved siden af programmet.
import configparser
import json
import os
import signal
import sys

from kafka import KafkaConsumer
from kafka.errors import KafkaError

HER = os.path.dirname(os.path.abspath(__file__))

koerer = True


def stop(signum, frame):
    global koerer
    koerer = False


def laes_config():
    config = configparser.ConfigParser()
    config.read(os.path.join(HER, "config.ini"))
    if not config.get("kafka", "group_id", fallback="").strip():
        sys.exit("FEJL: der mangler en group_id under [kafka] i config.ini")
    return config["kafka"]


def main():
    kafka = laes_config()
    signal.signal(signal.SIGINT, stop)

    consumer = KafkaConsumer(
        kafka.get("topic", "INGESTION"),
        bootstrap_servers=kafka.get("brokers", "kafka:9092").split(","),
        group_id=kafka["group_id"].strip(),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    print("group_id:", kafka["group_id"].strip(), flush=True)

    antal = 0
    while koerer:
        # en ad gangen, saa commit altid daekker praecis det der er skrevet ud
        for beskeder in consumer.poll(timeout_ms=500, max_records=1).values():
            for besked in beskeder:
                antal += 1
                maaling = json.loads(besked.value)
                print("maaling nr.", antal, "partition", besked.partition, json.dumps(maaling), flush=True)
                try:
                    consumer.commit()
                except KafkaError as e:
                    print("commit gik galt:", e, file=sys.stderr)

    consumer.close()
    print("laest i alt:", antal)


if __name__ == "__main__":
    main()
