"""Exercise 5: shows the records of INGESTION. Run it with: python consumer.py"""

from kafka import KafkaConsumer

BOOTSTRAP_SERVERS = "kafka:9092"
TOPIC = "INGESTION"


def main():
    # TODO ex5.2: take the group id as an argument, from the environment or from a config file
    # TODO ex5.3, ex5.4: what happens to two consumers that have no group id at all?
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=BOOTSTRAP_SERVERS, group_id=None)
    try:
        for message in consumer:
            print("a record at offset", message.offset, flush=True)  # TODO ex5.1: show what is in it
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
