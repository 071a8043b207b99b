"""What is in a topic, read to its end however slow the machine is."""

from __future__ import annotations

from contextlib import closing

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from topicmark.observe.cluster import ClusterView
from topicmark.waiting import eventually

_READ_S = 60


def await_known(bootstrap: str, topic: str) -> None:
    """Wait until every broker knows the new topic: one that does not would make it for who uses it."""
    with closing(ClusterView(bootstrap)) as view:
        eventually(
            lambda: view.topic(topic), lambda facts: facts is not None, within=20, describe=f"{topic} at every broker"
        )


def read_all(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """The records that are in the topic now, each partition's in order."""
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")) as consumer:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[ConsumerRecord] = []

        def left() -> dict[TopicPartition, int]:
            for records in consumer.poll(200).values():
                found.extend(records)
            behind = {partition: end - consumer.position(partition) for partition, end in ends.items()}
            return {partition: count for partition, count in behind.items() if count > 0}

        eventually(left, lambda behind: not behind, within=_READ_S, describe=f"{topic} read to its end")
    return found
