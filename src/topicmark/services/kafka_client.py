"""What the grader asks a Kafka cluster about itself, through kafka-python's admin client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.protocol.admin import DescribeQuorumRequest

__all__ = ["KafkaError", "Membership", "admin", "membership"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A cluster as one broker sees it. ``leader`` is the id of the quorum's leader, -1 if there is none."""

    cluster_id: str
    brokers: frozenset[int]
    voters: frozenset[int]
    leader: int


@contextmanager
def admin(bootstrap: str, *, within_s: float = 5.0) -> Iterator[Any]:
    """An admin client on ``bootstrap``, closed at the end. Raises ``KafkaError`` if nobody answers in time."""
    within_ms = max(200, int(within_s * 1000))
    client = KafkaAdminClient(
        bootstrap_servers=bootstrap,
        bootstrap_timeout_ms=within_ms,
        request_timeout_ms=within_ms,
        reconnect_backoff_ms=20,
        reconnect_backoff_max_ms=200,
    )
    try:
        yield client
    finally:
        client.close()


def membership(client: Any) -> Membership:
    """Brokers, voters and leader. Raises ``KafkaError``, also while there is no leader to ask."""
    cluster = client.describe_cluster()
    quorum = _quorum(client)
    return Membership(
        cluster_id=cluster["cluster_id"],
        brokers=frozenset(broker["broker_id"] for broker in cluster["brokers"]),
        voters=frozenset(voter["replica_id"] for voter in quorum["current_voters"]),
        leader=quorum["leader_id"],
    )


def _quorum(client: Any) -> Any:
    """The metadata log's only partition. Not by ``describe_metadata_quorum``: kafka-python 3.0.12 ends there with a
    ``KeyError`` on brokers before 3.9, whose answers (version 1) have no ``error_message``."""
    topic = DescribeQuorumRequest.TopicData
    request = DescribeQuorumRequest(
        topics=[topic(topic_name="__cluster_metadata", partitions=[topic.PartitionData(partition_index=0)])]
    )
    manager = client._manager
    answer = manager.run(manager.send, request)
    if answer.error_code:
        raise KafkaError(f"DescribeQuorum: error {answer.error_code}")
    partition = answer.to_dict()["topics"][0]["partitions"][0]
    if partition["error_code"]:
        raise KafkaError(f"DescribeQuorum: error {partition['error_code']}")
    return partition
