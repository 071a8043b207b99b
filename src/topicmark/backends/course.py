"""The containers' environment in the course's own manifests: what stands in for a student's that does not run."""

from __future__ import annotations

from collections.abc import Mapping

_BROKERS = "kafka:9092"
_AVRO = "io.confluent.connect.avro.AvroConverter"
_REGISTRY = "http://kafka-schema-registry:8081"

ENVIRONMENT: Mapping[str, Mapping[str, str]] = {
    "registry": {
        "SCHEMA_REGISTRY_HOST_NAME": "kafka-schema-registry",
        "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": f"PLAINTEXT://{_BROKERS}",
        "SCHEMA_REGISTRY_LISTENERS": "http://0.0.0.0:8081",
    },
    "connect": {
        "CONNECT_BOOTSTRAP_SERVERS": _BROKERS,
        "CONNECT_REST_ADVERTISED_HOST_NAME": "kafka-connect",
        "CONNECT_GROUP_ID": "kafka-connect-group",
        "CONNECT_CONFIG_STORAGE_TOPIC": "_connect-configs",
        "CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR": "1",
        "CONNECT_OFFSET_STORAGE_TOPIC": "_connect-offsets",
        "CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR": "1",
        "CONNECT_STATUS_STORAGE_TOPIC": "_connect-status",
        "CONNECT_STATUS_STORAGE_REPLICATION_FACTOR": "1",
        # as on the course's cluster (FACTS 3.4): a sink that names no converters of its own cannot read JSON there
        "CONNECT_KEY_CONVERTER": _AVRO,
        "CONNECT_KEY_CONVERTER_SCHEMA_REGISTRY_URL": _REGISTRY,
        "CONNECT_VALUE_CONVERTER": _AVRO,
        "CONNECT_VALUE_CONVERTER_SCHEMA_REGISTRY_URL": _REGISTRY,
        "HADOOP_USER_NAME": "root",
    },
    "ksqldb": {
        "KSQL_BOOTSTRAP_SERVERS": _BROKERS,
        "KSQL_LISTENERS": "http://0.0.0.0:8088",
        "KSQL_KSQL_SERVICE_ID": "kafka-ksqldb-group-id-01",
        "KSQL_KSQL_LOGGING_PROCESSING_STREAM_AUTO_CREATE": "true",
        "KSQL_KSQL_LOGGING_PROCESSING_TOPIC_AUTO_CREATE": "true",
    },
}
