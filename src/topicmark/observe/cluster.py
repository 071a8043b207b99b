"""Kafka seen through its admin protocol: topics, groups, offsets."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kafka import TopicPartition
from kafka.admin import (
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    MemberToRemove,
    OffsetSpec,
)
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
    for_code,
)
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment
from kafka.protocol.metadata import MetadataRequest

from topicmark.model import LabFault
from topicmark.observe.contact import of_brokers
from topicmark.waiting import WaitExpired, eventually

Answer = TypeVar("Answer")

REQUEST_TIMEOUT_S = 10.0
_LEADERS_S = 20.0
_AGREE_S = 10.0
_COORDINATOR_S = 20.0
_COVERING_GROUPS = 40  # names enough for every one of a lab's few offsets partitions
_MOVING = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
_CONSUMERS = ("consumer", "")  # none at all if a program only keeps its offsets there
_INTERNAL_TOPICS = frozenset({"__consumer_offsets", "__transaction_state"})


@dataclass(frozen=True, slots=True)
class ConfigEntry:
    """``source`` as Kafka names it: ``DYNAMIC_TOPIC_CONFIG``, ``STATIC_BROKER_CONFIG``, ``DEFAULT_CONFIG``, …"""

    value: str
    source: str

    @property
    def chosen(self) -> bool:
        """Set by somebody: on the topic or on the brokers, not left at Kafka's default."""
        return self.source != "DEFAULT_CONFIG"


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    id: int
    leader: int | None
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic as the brokers describe it."""

    name: str
    partitions: tuple[PartitionFacts, ...]
    configs: Mapping[str, ConfigEntry]

    @property
    def replication_factor(self) -> int:
        return len(self.partitions[0].replicas) if self.partitions else 0

    def is_default(self, partitions: int, replication_factor: int) -> bool:
        """Whether nothing about it differs from what a broker makes by itself with these defaults."""
        shape = (len(self.partitions), self.replication_factor)
        untouched = not any(entry.source == "DYNAMIC_TOPIC_CONFIG" for entry in self.configs.values())
        return untouched and shape == (partitions, replication_factor)

    @property
    def min_in_sync_replicas(self) -> int:
        return int(self.configs["min.insync.replicas"].value)

    @property
    def retention_ms(self) -> ConfigEntry:
        return self.configs["retention.ms"]

    @property
    def retention_bytes(self) -> ConfigEntry:
        return self.configs["retention.bytes"]

    def as_evidence(self) -> dict[str, Any]:
        names = ("min.insync.replicas", "retention.ms", "retention.bytes", "cleanup.policy")
        return {
            "partitions": len(self.partitions),
            "replication_factor": self.replication_factor,
            "configs": {name: f"{self.configs[name].value} ({self.configs[name].source})" for name in names},
        }


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    partitions: Mapping[str, tuple[int, ...]]
    """Assigned partitions by topic."""

    @property
    def idle(self) -> bool:
        return not any(self.partitions.values())


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A consumer group; ``state`` as Kafka names it (``Stable``, ``Empty``, ``Dead``, ``PreparingRebalance``, …)."""

    id: str
    state: str
    protocol_type: str
    members: tuple[Member, ...]

    @property
    def joined(self) -> bool:
        """Whether it has or had members that subscribe. A group that only keeps offsets for a program which assigns
        its partitions by hand has no protocol."""
        return bool(self.members) or self.protocol_type == "consumer"

    @property
    def stable(self) -> bool:
        return self.state == "Stable"

    def owners(self, topic: str) -> dict[int, list[str]]:
        """Member ids by partition of ``topic``."""
        owners: dict[int, list[str]] = {}
        for member in self.members:
            for partition in member.partitions.get(topic, ()):
                owners.setdefault(partition, []).append(member.id)
        return owners

    def as_evidence(self) -> dict[str, Any]:
        return {
            "group": self.id,
            "state": self.state,
            "members": [
                {"member": member.id, "partitions": {t: list(p) for t, p in member.partitions.items()}}
                for member in self.members
            ],
        }


class ClusterView:
    """Asks the brokers through the grader's own listener. Safe to share between threads.

    Raises ``kafka.errors.KafkaError`` when the brokers do not answer; callers treat that as the lab's fault.
    """

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin: KafkaAdminClient | None = None
        self._lock = threading.Lock()

    @property
    def admin(self) -> KafkaAdminClient:
        with self._lock:
            if self._admin is None:
                self._admin = KafkaAdminClient(
                    **of_brokers(self.bootstrap),
                    client_id="topicmark-observer",
                    request_timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
                    bootstrap_timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
                    reconnect_backoff_max_ms=500,
                    metadata_max_age_ms=3000,
                )
            return self._admin

    def close(self) -> None:
        with self._lock:
            if self._admin is not None:
                self._admin.close()
                self._admin = None

    # Cluster

    def cluster_id(self) -> str:
        return str(self.admin.describe_cluster()["cluster_id"])

    def brokers(self) -> list[int]:
        """Ids of the brokers that are alive."""
        return sorted(int(broker["broker_id"]) for broker in self.admin.describe_cluster()["brokers"])

    def silent(self, brokers: Iterable[int]) -> list[int]:
        """Those of these brokers that do not answer, each asked for itself. Takes ``REQUEST_TIMEOUT_S`` for each that
        is reached and says nothing."""

        def answers(broker: int) -> bool:
            try:
                self._metadata_of(broker, [])
            except KafkaError:
                return False
            return True

        return [broker for broker in sorted(brokers) if not answers(broker)]

    def addresses(self) -> dict[int, tuple[str, int]]:
        """By broker that is alive: host and port that it advertises to whoever asks as this view does."""
        found = self.admin.describe_cluster()["brokers"]
        return {int(broker["broker_id"]): (str(broker["host"]), int(broker["port"])) for broker in found}

    def broker_settings(self, broker: int) -> dict[str, str]:
        """A broker's settings, the defaults among them."""
        resource = ConfigResource(ConfigResourceType.BROKER, str(broker))
        found = self.admin.describe_configs([resource], config_filter="all")["broker"]
        return {str(name): str(entry["value"]) for name, entry in found[str(broker)].items()}

    # Topics

    def topics(self) -> list[str]:
        """All topics that any broker knows, Kafka's internal ones left out."""
        known = {topic["name"] for view in self._metadata(None) for topic in view if topic["error_code"] == 0}
        return sorted(known - _INTERNAL_TOPICS)

    def lives(self) -> dict[str, str]:
        """Kafka's id of each topic, as ``topics``: another one once it was deleted and made again."""
        known = {
            str(t["name"]): str(t["topic_id"]) for view in self._metadata(None) for t in view if not t["error_code"]
        }
        return {name: life for name, life in sorted(known.items()) if name not in _INTERNAL_TOPICS}

    def ends(self, topics: Collection[str]) -> dict[str, dict[int, int]]:
        """Log end offset by partition, of those of the topics that are there."""
        partitions = {
            TopicPartition(str(topic["name"]), int(one["partition_index"])): OffsetSpec.LATEST
            for view in self._metadata(None)
            for topic in view
            if not topic["error_code"] and topic["name"] in topics
            for one in topic["partitions"]
        }
        found: dict[str, dict[int, int]] = {}
        for tp, value in (self.admin.list_partition_offsets(partitions) if partitions else {}).items():
            found.setdefault(tp.topic, {})[tp.partition] = int(value.offset)
        return found

    def topic(self, name: str) -> TopicFacts | None:
        """The topic, or None if no broker knows it. Waits while they differ, as they do for a moment after a change:
        a client may ask any of them. ``WaitExpired`` if they go on differing."""

        def known(views: list[list[dict[str, Any]]]) -> list[bool]:
            return [bool(view and view[0]["error_code"] == 0 and view[0]["partitions"]) for view in views]

        views = eventually(
            lambda: self._metadata([name]),
            lambda views: all(known(views)) or not any(known(views)),
            within=_AGREE_S,
            describe=f"the brokers to agree on {name}",
        )
        if not all(known(views)):
            return None
        configs = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="all")
        partitions = tuple(
            PartitionFacts(
                id=int(p["partition_index"]),
                leader=int(p["leader_id"]) if int(p["leader_id"]) >= 0 else None,
                replicas=tuple(p["replica_nodes"]),
                in_sync=tuple(p["isr_nodes"]),
            )
            for p in sorted(views[0][0]["partitions"], key=lambda p: int(p["partition_index"]))
        )
        entries = configs["topic"][name].items()
        return TopicFacts(
            name=name,
            partitions=partitions,
            configs={key: ConfigEntry(str(v["value"]), str(v["config_source"])) for key, v in entries},
        )

    def _metadata(self, names: Sequence[str] | None) -> list[list[dict[str, Any]]]:
        """What each broker that is alive says of these topics (None: all)."""
        return [self._metadata_of(broker, names) for broker in self.brokers()]

    def _metadata_of(self, broker: int, names: Sequence[str] | None) -> list[dict[str, Any]]:
        """What one broker says. kafka-python's public calls ask any of them, so this sends the request itself."""
        topic = MetadataRequest.MetadataRequestTopic
        wanted = None if names is None else [topic(name=name) for name in names]
        manager, request = self.admin._manager, MetadataRequest(topics=wanted, allow_auto_topic_creation=False)
        found: list[dict[str, Any]] = manager.run(manager.send, request, broker).to_dict()["topics"]
        return found

    def create_topic(self, name: str, partitions: int, replication_factor: int, config: Mapping[str, str]) -> None:
        """Create it and wait until every partition has a leader.

        Raises the broker's refusal (``InvalidReplicationFactorError``, ``TopicAlreadyExistsError``, …), and
        ``WaitExpired`` if no leaders are found.
        """
        self.admin.create_topics(
            {name: {"num_partitions": partitions, "replication_factor": replication_factor, "configs": dict(config)}}
        )
        eventually(
            lambda: self.topic(name),
            lambda topic: topic is not None and all(p.leader is not None for p in topic.partitions),
            within=_LEADERS_S,
            describe=f"leaders for {name}",
            retry_on=(KafkaError,),
        )

    def delete_topic(self, name: str) -> None:
        """Ask for the deletion; the topic is gone a moment later."""
        if name in self.topics():
            self.admin.delete_topics([name])

    def end_offsets(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """Log end offset by partition."""
        wanted = {TopicPartition(topic, p): OffsetSpec.LATEST for p in partitions}
        found = self.admin.list_partition_offsets(wanted) if wanted else {}
        return {tp.partition: int(value.offset) for tp, value in found.items()}

    def begin_offsets(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """Log start offset by partition: the first record that is still there, or would be."""
        wanted = {TopicPartition(topic, p): OffsetSpec.EARLIEST for p in partitions}
        found = self.admin.list_partition_offsets(wanted) if wanted else {}
        return {tp.partition: int(value.offset) for tp, value in found.items()}

    # Groups

    def groups(self) -> list[str]:
        """Consumer groups. Connect's workers form groups of another kind, which a consumer's client cannot read."""
        found = _asked(lambda: self.admin.list_groups())
        return sorted(str(group["group_id"]) for group in found if group["protocol_type"] in _CONSUMERS)

    def all_groups(self) -> frozenset[str]:
        """Groups of every kind, those of Connect's workers among them."""
        return frozenset(str(group["group_id"]) for group in _asked(lambda: self.admin.list_groups()))

    def delete_group(self, group_id: str) -> None:
        """Raises the coordinator's refusal: ``NonEmptyGroupError`` if it has members."""
        _asked(lambda: self.admin.delete_groups([group_id]))

    def group(self, group_id: str) -> GroupFacts:
        """The group; state ``Dead`` and no members if the brokers do not know it."""
        return self._described([group_id])[0]

    def groups_with_members(self, besides: Collection[str] = ()) -> list[GroupFacts]:
        """``besides`` are groups that are none of the student's."""
        ids = [group for group in self.groups() if group not in besides]
        return [group for group in self._described(ids) if group.members] if ids else []

    def _described(self, ids: list[str]) -> list[GroupFacts]:
        def described() -> list[GroupFacts]:
            told = self._told_by_coordinators(ids)
            return [_group_facts(told[group_id][1]) for group_id in ids]

        return _asked(described)

    def _told_by_coordinators(self, ids: Sequence[str]) -> dict[str, tuple[int, Any]]:
        """By group, its coordinator, and what that one says of it, as it came.

        Every broker is asked, and those that are no coordinator say so. kafka-python would ask who it is once and for
        all; and a broker that has not heard of its successor yet goes on, with members of its own. Raises one of
        ``_MOVING`` while there is none, or more than one.
        """
        manager = self.admin._manager
        refused: dict[str, tuple[int, Any]] = {}
        found: dict[str, tuple[int, Any]] = {}
        for broker in self.brokers():
            answer = manager.run(manager.send, self.admin._describe_groups_request(list(ids)), broker)
            for one in answer.groups:
                if for_code(one.error_code) in _MOVING:
                    continue
                if one.error_code:  # as any broker would
                    refused.setdefault(one.group_id, (broker, one))
                elif one.group_id in found:
                    other, _ = found[one.group_id]
                    raise NotCoordinatorError(f"brokers {other} and {broker} both coordinate {one.group_id}")
                else:
                    found[one.group_id] = broker, one
        found = {**refused, **found}
        if missing := [group_id for group_id in ids if group_id not in found]:
            raise CoordinatorNotAvailableError(f"nobody coordinates {missing[0]}")
        return found

    def committed(self, group_id: str, topic: str) -> dict[int, int]:
        """Committed offset by partition; partitions without a commit are absent."""
        manager = self.admin._manager

        def fetched() -> dict[TopicPartition, Any]:
            ((broker, _),) = self._told_by_coordinators([group_id]).values()
            ((_, request),) = self.admin._list_group_offsets_requests({group_id: None})
            answer = manager.run(manager.send, request, broker)
            return dict(self.admin._list_group_offsets_process_response(answer, group_id=group_id).get(group_id, {}))

        offsets = _asked(fetched)
        return {tp.partition: int(o.offset) for tp, o in offsets.items() if tp.topic == topic and o.offset >= 0}

    def await_coordinators(self) -> None:
        """Until every group has a coordinator that answers. The first question makes ``__consumer_offsets``; a client
        that comes while its partitions are still being opened is told NOT_COORDINATOR, and some give up then."""
        groups = [f"topicmark-{number}" for number in range(_COVERING_GROUPS)]
        _asked(lambda: self.admin._manager.run(self.admin._find_coordinator_ids, groups))
        self._described(groups)

    def evict(self, group_id: str) -> int:
        """Remove members whose programs have ended without leaving, so that nobody waits for their sessions to
        run out. Returns how many there were. Only for groups whose programs are known to be gone."""
        members = self._members(group_id)
        if members:
            gone = [MemberToRemove(member_id=member, group_instance_id=instance) for member, instance in members]
            try:
                self.admin.remove_group_members(group_id, gone)
            except KafkaError:
                return 0
        return len(members)

    def _members(self, group_id: str) -> list[tuple[str, str | None]]:
        """Ids and instance ids of a group's members, whatever kind of group it is."""

        def described() -> list[tuple[str, str | None]]:
            ((_, group),) = self._told_by_coordinators([group_id]).values()
            return [(str(member.member_id), member.group_instance_id) for member in group.members]

        return _asked(described)


def _asked(question: Callable[[], Answer]) -> Answer:
    """Ask a group coordinator, again while there is none: it comes with the first question, or moves. ``LabFault`` if
    it never comes: nothing that anybody handed in is to blame for that."""
    try:
        return eventually(
            question,
            lambda _: True,
            within=_COORDINATOR_S,
            describe="a group coordinator",
            retry_on=_MOVING,
        )
    except WaitExpired as expired:
        raise LabFault(str(expired), service="kafka") from expired


def _group_facts(described: Any) -> GroupFacts:
    return GroupFacts(
        id=str(described.group_id),
        state=str(described.group_state),
        protocol_type=str(described.protocol_type),
        members=tuple(Member(str(one.member_id), _assigned(one.member_assignment)) for one in described.members),
    )


def _assigned(told: bytes | None) -> dict[str, tuple[int, ...]]:
    """Partitions by topic, as the group's leader wrote it: a program of whoever hands in, so it may be anything. What
    cannot be read assigns nothing."""
    try:
        assignment = ConsumerProtocolAssignment.decode(told) if told else None
    except (ValueError, struct.error):
        return {}
    parts = assignment.assigned_partitions if assignment is not None else []
    return {str(one.topic): tuple(sorted(one.partitions)) for one in parts}
