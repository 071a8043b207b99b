#!/usr/bin/env bash
set -eu
# eerst kaal aanmaken, daarna de eigenschappen erop zetten
kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION --partitions 3 --replication-factor 3

kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name INGESTION \
  --add-config min.insync.replicas=2,retention.ms=604800000,retention.bytes=2147483648
