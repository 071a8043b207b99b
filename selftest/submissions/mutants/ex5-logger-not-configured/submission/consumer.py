"""Consumer for exercise 5."""
import argparse
import logging

from kafka import KafkaConsumer
from records import BOOTSTRAP_SERVERS, TOPIC, decode

logger = logging.getLogger("consumer")


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("group_id", nargs="?", default="DEFAULT_CONSUMER")
    return parser.parse_args()


def run(group_id: str) -> None:
    logger.info("group_id=%s", group_id)
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=BOOTSTRAP_SERVERS,
        group_id=group_id,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=1000,
    )
    try:
        for message in consumer:
            logger.info("%s", decode(message.value))
    except KeyboardInterrupt:
        logger.info("stopped")
    finally:
        consumer.close()


if __name__ == "__main__":
    run(parse_args().group_id)
