"""Usage: grid_consumer.py SETTINGS"""
import argparse
import configparser
import sys

from confluent_kafka import Consumer, KafkaException

cli = argparse.ArgumentParser()
cli.add_argument("settings_file", help="an .ini with [kafka] and [reading]")
cli.add_argument("--quiet", action="store_true")
options = cli.parse_args()

settings = configparser.ConfigParser()
if not settings.read(options.settings_file):
    sys.exit(f"there is no {options.settings_file}")

reader = Consumer({**settings["kafka"]})
reader.subscribe([settings["reading"]["topic"]])
try:
    while True:
        for message in reader.consume(20, timeout=0.5):
            if message.error():
                raise KafkaException(message.error())
            if not options.quiet:
                print(message.partition(), message.offset(), message.value().decode(), sep="\t", flush=True)
except KeyboardInterrupt:
    pass
finally:
    reader.close()
