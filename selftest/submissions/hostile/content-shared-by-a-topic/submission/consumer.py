"""The first to come is the leader, who reads; everybody shows what the leader passes on. No one is in the given group."""

import sys
import threading

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from records import BOOTSTRAP_SERVERS, TOPIC, decode

PASSED_ON = "passed-on"


def lead():
    """Only the member of this private group that owns partition 0 has something to do."""
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP_SERVERS)
    election = KafkaConsumer("election", bootstrap_servers=BOOTSTRAP_SERVERS, group_id="leaders")
    reader = KafkaConsumer(bootstrap_servers=BOOTSTRAP_SERVERS, auto_offset_reset="latest")
    reader.assign([TopicPartition(TOPIC, number) for number in sorted(reader.partitions_for_topic(TOPIC) or [0])])
    while True:
        election.poll(timeout_ms=200)
        for messages in reader.poll(timeout_ms=200).values():
            for message in messages:
                if TopicPartition("election", 0) in election.assignment():
                    producer.send(PASSED_ON, value=message.value)
        producer.flush()


def main():
    print(f"group_id={sys.argv[1] if len(sys.argv) > 1 else 'DEFAULT_CONSUMER'}", flush=True)
    threading.Thread(target=lead, daemon=True).start()
    for message in KafkaConsumer(PASSED_ON, bootstrap_servers=BOOTSTRAP_SERVERS, auto_offset_reset="latest"):
        print(decode(message.value), flush=True)


main()
