"""What a statement does to the world, and the same for trying it out: nothing happens, but it looks as if it had."""

from __future__ import annotations

from topicmark.ksqldb.broker import Broker, Topic
from topicmark.ksqldb.catalogue import Catalogue
from topicmark.ksqldb.commands import Command, CommandLog
from topicmark.ksqldb.errors import KsqlError
from topicmark.ksqldb.queries import PersistentQuery


class Effects:
    """Kafka, the command topic and threads."""

    def __init__(self, broker: Broker, log: CommandLog) -> None:
        self.catalogue = Catalogue()
        self.running: dict[str, PersistentQuery] = {}
        self.broker, self._log = broker, log

    def topics(self) -> dict[str, Topic]:
        return self.broker.topics()

    def topic(self, name: str) -> Topic | None:
        return self.broker.find(name)

    def create_topic(self, name: str, partitions: int, replicas: int, config: dict[str, str]) -> None:
        self.broker.create(name, partitions, replicas, config)

    def delete_topic(self, name: str) -> None:
        self.broker.delete(name)

    @property
    def following(self) -> int:
        return self._log.following

    def command(self, statement: str, properties: dict[str, str]) -> Command:
        return self._log.append(statement, properties)

    def start(self, query: PersistentQuery) -> None:
        query.prepare()
        query.start()
        self.running[query.id] = query

    def stop(self, query_id: str) -> None:
        query = self.running.pop(query_id, None)
        if query is not None:
            query.stop()

    def insert(self, topic: str, key: bytes | None, value: bytes | None, timestamp_ms: int | None) -> None:
        failed: list[object] = []
        stamp = {} if timestamp_ms is None else {"timestamp": timestamp_ms}
        self.broker.producer.produce(
            topic, value, key, on_delivery=lambda error, _: failed.append(error) if error else None, **stamp
        )
        if self.broker.producer.flush(20) or failed:
            raise KsqlError(f"Failed to insert values into '{topic}'. {failed[0] if failed else 'Timed out.'}")


class Rehearsal(Effects):
    """The sandbox: a copy of the catalogue, and topics that only seem to be made."""

    def __init__(self, real: Effects, topics: dict[str, Topic]) -> None:
        self.catalogue = real.catalogue.copy()
        self._topics = dict(topics)
        self._real = real
        self._following = real.following

    def topics(self) -> dict[str, Topic]:
        return self._topics

    def topic(self, name: str) -> Topic | None:
        if name not in self._topics and (found := self._real.topic(name)):
            self._topics[name] = found
        return self._topics.get(name)

    def create_topic(self, name: str, partitions: int, replicas: int, config: dict[str, str]) -> None:
        del config
        self._topics[name] = Topic(name, (replicas,) * partitions)

    def delete_topic(self, name: str) -> None:
        self._topics.pop(name, None)

    @property
    def following(self) -> int:
        return self._following

    def command(self, statement: str, properties: dict[str, str]) -> Command:
        self._following += 2
        return Command(self._following - 2, statement, properties)

    def start(self, query: PersistentQuery) -> None:
        """A rehearsal starts nothing."""

    def stop(self, query_id: str) -> None:
        """A rehearsal stops nothing."""

    def insert(self, topic: str, key: bytes | None, value: bytes | None, timestamp_ms: int | None) -> None:
        """A rehearsal writes nothing."""


class Replay(Effects):
    """A restart: commands are already written and topics made; queries start when all commands are read."""

    def __init__(self, real: Effects, command: Command) -> None:
        self.catalogue, self.running, self.broker = real.catalogue, real.running, real.broker
        self._command = command

    def create_topic(self, name: str, partitions: int, replicas: int, config: dict[str, str]) -> None:
        if name not in self.topics():
            super().create_topic(name, partitions, replicas, config)

    def delete_topic(self, name: str) -> None:
        """Was deleted when the command was given; what has the name now is another topic."""

    @property
    def following(self) -> int:
        return self._command.sequence

    def command(self, statement: str, properties: dict[str, str]) -> Command:
        del statement, properties
        return self._command

    def start(self, query: PersistentQuery) -> None:
        self.running[query.id] = query

    def stop(self, query_id: str) -> None:
        self.running.pop(query_id, None)
