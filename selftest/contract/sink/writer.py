"""A topic, a connector for it, and what of the topic is in HDFS."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from selftest.contract.sink.stack import PLUGIN, Hdfs, Worker
from topicmark.observe.membership import admin
from topicmark.waiting import eventually

WRITTEN_S = 40
_NAME = re.compile(r".*/([^/]+)\+(\d+)\+(\d+)\+(\d+)\.(\w+)$")


@dataclass(frozen=True, order=True)
class Committed:
    """One committed file by its name, and its lines."""

    partition: int
    first: int
    last: int
    path: str
    lines: tuple[str, ...]


class Sink:
    """The exercise's connector configuration on a topic of its own."""

    def __init__(self, bootstrap: str, hdfs: Hdfs, worker: Worker, topic: str, partitions: int = 3) -> None:
        self.bootstrap, self.hdfs, self.worker = bootstrap, hdfs, worker
        self.topic = topic
        self.name = f"sink-{topic}"
        self.partitions = partitions
        self._posted: list[str] = []
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0)
        self.make_topic(topic, partitions)

    def make_topic(self, topic: str, partitions: int) -> None:
        with admin(self.bootstrap) as client:
            client.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)])

    def config(self, **changes: str | None) -> dict[str, str]:
        """The exercise's configuration; ``_`` stands for a dot in the names of ``changes``, None takes a key out."""
        config: dict[str, str | None] = {
            "connector.class": PLUGIN,
            "tasks.max": "3",
            "topics": self.topic,
            "hdfs.url": self.hdfs.url,
            "flush.size": "3",
            "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
            "key.converter.schemas.enable": "false",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "key.converter.schema.registry.url": "http://kafka-schema-registry.kafka:8081",
            "value.converter.schemas.enable": "false",
            "value.converter.schema.registry.url": "http://kafka-schema-registry.kafka:8081",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "retry.backoff.ms": "500",
        }
        config |= {key.replace("_", "."): value for key, value in changes.items()}
        return {key: value for key, value in config.items() if value is not None}

    def post(self, name: str | None = None, **changes: str | None) -> str:
        """Post it and wait until connector and tasks run; its name."""
        name = name or self.name
        answer = self.worker.post("/connectors", {"name": name, "config": self.config(**changes)})
        assert answer.status_code == 201, answer.text
        self._posted.append(name)
        eventually(
            lambda: self.worker.states(name), lambda states: len(states) > 1 and set(states) == {"RUNNING"},
            within=30, describe="connector and tasks RUNNING", watch=self.worker.alive,
        )  # fmt: skip
        return name

    def delete(self, name: str | None = None) -> None:
        """Delete it and wait until its consumers are gone."""
        name = name or self.name
        assert self.worker.delete(f"/connectors/{name}").status_code == 204
        self._posted.remove(name)
        eventually(lambda: self.members(name), lambda members: members == [], within=30, describe="no consumer left")

    def send(self, partition: int, *values: Any, topic: str | None = None) -> None:
        """Values to one partition: bytes as they are, everything else as JSON."""
        for value in values:
            raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
            self._producer.send(topic or self.topic, value=raw, key=b"k", partition=partition)
        self._producer.flush(20)

    def committed(self, topic: str | None = None, root: str = "/topics") -> list[Committed]:
        """Every committed file with its content, in the order of partitions and offsets."""
        found = []
        for path in self.hdfs.files(f"{root}/{topic or self.topic}"):
            name = _NAME.match(path)
            assert name is not None, path
            lines = self.hdfs.read(path).decode().splitlines()
            found.append(Committed(int(name[2]), int(name[3]), int(name[4]), path, tuple(lines)))
        return sorted(found)

    def ranges(self, topic: str | None = None, root: str = "/topics") -> list[tuple[int, int, int]]:
        """Partition, first and last offset of each committed file."""
        names = (_NAME.match(path) for path in self.hdfs.files(f"{root}/{topic or self.topic}"))
        return sorted((int(name[2]), int(name[3]), int(name[4])) for name in names if name)

    def lines_of(self, partition: int, first: int, last: int) -> list[str]:
        """Of one committed file with the usual layout."""
        name = f"{self.topic}+{partition}+{first:010d}+{last:010d}.json"
        return self.hdfs.read(f"/topics/{self.topic}/partition={partition}/{name}").decode().splitlines()

    def await_ranges(self, *expected: tuple[int, int, int], topic: str | None = None, root: str = "/topics") -> None:
        eventually(
            lambda: self.ranges(topic, root), lambda seen: seen == sorted(expected), within=WRITTEN_S,
            describe=f"files {expected}", watch=self.worker.alive,
        )  # fmt: skip

    def await_failed(self, name: str | None = None) -> str:
        """The first failed task's trace."""
        status = eventually(
            lambda: self.worker.status(name or self.name),
            lambda seen: any(task["state"] == "FAILED" for task in seen.get("tasks", ())),
            within=30, describe="a failed task", watch=self.worker.alive,
        )  # fmt: skip
        return next(str(task["trace"]) for task in status["tasks"] if task["state"] == "FAILED")

    def offsets(self, name: str | None = None) -> dict[int, int]:
        """The group's committed offsets by partition, without the 0 that Connect may commit where it began."""
        group = f"connect-{name or self.name}"
        with admin(self.bootstrap) as client:
            found = client.list_group_offsets({group: None})[group]
        return {
            partition.partition: data.offset for partition, data in found.items()
            if isinstance(partition, TopicPartition) and data.offset > 0
        }  # fmt: skip

    def members(self, name: str | None = None) -> list[str]:
        """Client ids of the group's members, sorted."""
        group = f"connect-{name or self.name}"
        with admin(self.bootstrap) as client:
            members = client.describe_groups([group])[group]["members"]
        return sorted(str(member["client_id"]) for member in members)

    def close(self) -> None:
        for name in self._posted:
            self.worker.delete(f"/connectors/{name}")
        self._producer.close()
