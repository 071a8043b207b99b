"""Exercise 5 - the group id is set in settings.ini"""
import configparser
from pathlib import Path

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

config = configparser.ConfigParser()
config.read(Path(__file__).with_name("settings.ini"))
group_id = config.get("kafka", "group", fallback="DEFAULT_CONSUMER")


def main():
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    print(f"Consuming {TOPIC} ...", flush=True)
    try:
        for message in consumer:
            print(f"partition={message.partition} offset={message.offset} {decode(message.value)}", flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
