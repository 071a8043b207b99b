"""Who belongs to a Kafka cluster, as each of its brokers sees it (DescribeCluster, DescribeQuorum)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.protocol.admin import DescribeClusterRequest, DescribeQuorumRequest

from topicmark.observe.contact import of_brokers

__all__ = ["KafkaError", "Membership", "admin", "membership", "shared_view"]


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
        **of_brokers(bootstrap),
        bootstrap_timeout_ms=within_ms,
        request_timeout_ms=within_ms,
        reconnect_backoff_ms=20,
        reconnect_backoff_max_ms=200,
    )
    try:
        yield client
    finally:
        client.close()


def membership(client: Any, broker: int | None = None) -> Membership:
    """Brokers, voters and leader, as ``broker`` sees them (None: any). Raises ``KafkaError``, also while there is no
    leader to ask or the client has not heard of that broker."""
    cluster = _send(client, DescribeClusterRequest(include_cluster_authorized_operations=False), broker)
    topic = DescribeQuorumRequest.TopicData
    metadata_log = topic(topic_name="__cluster_metadata", partitions=[topic.PartitionData(partition_index=0)])
    answer = _send(client, DescribeQuorumRequest(topics=[metadata_log]), broker)
    quorum = answer["topics"][0]["partitions"][0]
    if quorum["error_code"]:
        raise KafkaError(f"DescribeQuorum: error {quorum['error_code']}")
    return Membership(
        cluster_id=cluster["cluster_id"],
        brokers=frozenset(broker["broker_id"] for broker in cluster["brokers"]),
        voters=frozenset(voter["replica_id"] for voter in quorum["current_voters"]),
        leader=quorum["leader_id"],
    )


def shared_view(listeners: Mapping[int, str], voters: Collection[int]) -> Membership:
    """The one view that all running brokers share; ``listeners`` are theirs (``host:port``), by id. Raises
    ``KafkaError`` while their views differ, or one sees other brokers or voters, or no leader."""
    seen: Membership | None = None
    if not listeners:
        raise KafkaError("no broker is running")
    with admin(",".join(listeners.values())) as client:
        for broker in listeners:
            seen = membership(client, broker)
            if seen.brokers != set(listeners) or seen.voters != set(voters) or seen.leader < 0:
                raise KafkaError(f"broker {broker} sees {seen}")
    assert seen is not None
    return seen


def _send(client: Any, request: Any, broker: int | None) -> Any:
    """The answer as a dict. Not by the client's own ``describe_…``: they ask whichever broker they like, wherever they
    were bootstrapped, and ``describe_metadata_quorum`` of kafka-python 3.0.12 ends with a ``KeyError`` on brokers
    before 3.9, whose answers (version 1) have no ``error_message``."""
    manager = client._manager

    async def ask() -> Any:
        return await manager.send(request, node_id=broker)

    answer = manager.run(ask)
    if answer.error_code:
        raise KafkaError(f"{type(request).__name__}: error {answer.error_code}")
    return answer.to_dict()
