"""Properties of a request: what SET and ``streamsProperties`` may say, and what of it has an effect here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from topicmark.ksqldb.errors import SERVER_ERROR, KsqlError, Unsupported

RESET = "auto.offset.reset"
VALUE_DEFAULT = "ksql.persistence.default.format.value"
KEY_DEFAULT = "ksql.persistence.default.format.key"
TOPIC_PREFIX = "ksql.output.topic.name.prefix"
SINK_PARTITIONS = "ksql.sink.partitions"
SINK_REPLICAS = "ksql.sink.replicas"
WRAP = "ksql.persistence.wrap.single.values"
_EFFECTIVE = (RESET, VALUE_DEFAULT, KEY_DEFAULT, TOPIC_PREFIX, SINK_PARTITIONS, SINK_REPLICAS, WRAP)
_FIXED = ("ksql.service.id", "bootstrap.servers", "ksql.streams.bootstrap.servers", "application.id")
# known to ksqlDB, and without effect on what a query of the embedded one gives
_HARMLESS = (
    "processing.guarantee", "cache.max.bytes.buffering", "commit.interval.ms", "num.stream.threads", "max.poll.records",
    "session.timeout.ms", "fetch.min.bytes", "linger.ms", "batch.size", "buffer.memory", "statestore.cache.max.bytes",
    "ksql.query.pull.table.scan.enabled", "ksql.query.push.v2.enabled", "ksql.any.key.name.enabled",
    "ksql.key.format.enabled", "acks", "retries", "max.request.size", "request.timeout.ms", "max.poll.interval.ms",
)  # fmt: skip
# known by this value and no other
_DEFAULTS = {
    "ksql.new.query.planner.enabled": "false", "ksql.nested.error.set.null": "true",
    "ksql.functions.substring.legacy.args": "false",
}  # fmt: skip
_MEANINGFUL = (
    "ksql.timestamp.throw.on.invalid", "ksql.suppress.enabled",
    "timestamp.extractor",
)  # fmt: skip


def plain(name: str) -> str:
    """The name without the prefixes that say which client of ksqlDB a property is for."""
    bare = name.removeprefix("ksql.streams.")
    return bare.removeprefix("consumer.") if bare == "consumer.auto.offset.reset" else bare


@dataclass
class Settings:
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: dict[str, Any], text: str) -> Settings:
        """From a request. Raises ``KsqlError`` with the first statement's text, as ksqlDB does."""
        settings = cls()
        for name, value in given.items():
            try:
                settings.set(name, str(value).lower() if isinstance(value, bool) else str(value))
            except KsqlError as error:
                error.text = text
                raise
        return settings

    def set(self, name: str, value: str | None) -> None:
        """None unsets. Raises ``KsqlError`` for names that ksqlDB does not know, ``Unsupported`` for those that would
        matter."""
        key = plain(name)
        if value is None:
            self.values.pop(key, None)
            return
        if key in _MEANINGFUL or _DEFAULTS.get(key, value.lower()) != value.lower():
            raise Unsupported(f"the property {name} is")
        if key not in _EFFECTIVE and key not in _HARMLESS and key not in _DEFAULTS:
            if key.startswith("ksql."):
                raise Unsupported(f"the property {name} is")
            raise KsqlError(
                f"Not recognizable as ksql, streams, consumer, or producer property: '{name}'", code=SERVER_ERROR
            )
        if key == RESET and value.lower() not in ("earliest", "latest"):
            raise KsqlError(
                f"Invalid value {value} for property {name}: String must be one of: latest, earliest, none, null"
                if value.lower() != "none"
                else f"Invalid value none for configuration {RESET}"
            )
        self.values[key] = value.lower() if key == RESET else value

    @property
    def earliest(self) -> bool:
        return self.values.get(RESET) == "earliest"

    @property
    def wraps(self) -> bool:
        """Whether a single value column is written as a field of an object."""
        return self.values.get(WRAP, "true").lower() != "false"

    def defaults(self) -> dict[str, str]:
        return {KEY_DEFAULT: "KAFKA", **self.values}

    def kept(self) -> dict[str, str]:
        """What a command must remember."""
        return {name: value for name, value in self.values.items() if name in _EFFECTIVE}


def is_valid(name: str) -> bool:
    """Whether a client may set it (``/is_valid_property``)."""
    return plain(name) not in _FIXED and name not in _FIXED
